"""`evalkit export`: the released report as files, to be sent or put on a shared drive."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.decide import LookEarly, look_by_plan


class Form(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    XLSX = "xlsx"
    DOCX = "docx"
    SUMMARY = "summary"


def export(
    study: Annotated[str, typer.Argument(help="Name of a released study.")],
    form: Annotated[
        list[Form] | None,
        typer.Option("--format", help="What to write; may be repeated. Default: all of them."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; default reports/exports/STUDY.")
    ] = None,
    released: Annotated[
        Path | None, typer.Option(help="Folder of released studies; default reports/released.")
    ] = None,
    look_early: LookEarly = None,
) -> None:
    """Write a released report as a page, a spreadsheet, a Word document and a printed summary."""
    from evalkit.exports.export import export_study
    from evalkit.project import project_root

    look_by_plan(study, look_early)
    home = released or project_root() / "reports" / "released"
    folder = out or project_root() / "reports" / "exports" / study
    chosen = [one.value for one in dict.fromkeys(form or Form)]
    for path in export_study(home.resolve(), study, chosen, folder):
        typer.echo(f"{path} ({path.stat().st_size / 1000:.0f} KB)")
    typer.echo("Every number in these files was read back and is a released one.")
