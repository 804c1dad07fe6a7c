"""`evalkit data`: look at what a file holds before a study is written on it."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look at data before a study uses them.")


@app.callback()
def data() -> None:
    """Keep `describe` a command of its own, beside those still to come."""


@app.command()
def describe(
    file: Annotated[Path, typer.Argument(help="A CSV, TSV, XLSX, ODS or Parquet file.")],
) -> None:
    """Say what a file holds and what a study would miss, without showing a value."""
    from evalkit.data.describe import describe_file

    for line in describe_file(file):
        typer.echo(line)
