"""`evalkit data`: look at what a file holds, or sum it up, before a study is written on it."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Look at data, or sum them up, before a study.")


@app.callback()
def data() -> None:
    """Group the commands on data."""


@app.command()
def describe(
    file: Annotated[Path, typer.Argument(help="A CSV, TSV, XLSX, ODS or Parquet file.")],
) -> None:
    """Say what a file holds and what a study would miss, without showing a value."""
    from evalkit.data.describe import describe_file

    for line in describe_file(file):
        typer.echo(line)


@app.command()
def panel(
    parameters: Annotated[Path, typer.Argument(help="Parameter file with data_rows: people.")],
    to: Annotated[Path, typer.Argument(help="The file to write: .parquet or .csv.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file there.")] = False,
) -> None:
    """Sum up people's answers, however many, to a table small enough for the study."""
    from evalkit.data.summed_answers import sum_up_answers, write_summed
    from evalkit.study.parameters import load_parameters

    study = load_parameters(parameters)
    summed = sum_up_answers(study)
    write_summed(summed.frame, to, replace=replace)
    typer.echo(f"{summed.answers:,} answers summed up to {len(summed.frame):,} rows: {to}")
    typer.echo(f"{summed.unanswered:,} of them have no outcome, or no weight.")
    typer.echo("In a copy of the parameter file, write:")
    typer.echo("  data_file: the path of that file, from the project's folder")
    for name, value in summed.changes.items():
        typer.echo(f"  {name}: {'null' if value is None else value}")
    for role, column in summed.added.items():
        typer.echo(f"  {role}: {column}    (in data_columns)")
    for role in summed.dropped:
        typer.echo(f"  and take {role} out of data_columns: the averages are weighted")
