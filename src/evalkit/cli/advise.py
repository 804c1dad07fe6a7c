"""`evalkit advise`: which designs the data and the roll-out allow, before one is chosen."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.planning.advise import Advice
    from evalkit.study.schemas.design_study import DesignStudy

_PATH_HELP = "The parameter file of a study, of whatever design."
_SAID = {"allowed": "allowed", "not allowed": "not allowed", "cannot tell": "cannot be told"}


def advise(path: Annotated[Path, typer.Argument(help=_PATH_HELP)]) -> None:
    """Say which designs the data and the roll-out allow, what each needs, what none can show."""
    from evalkit.planning.advise import NONE_CAN_SHOW, advise

    parameters = _load_design(path)
    table = _read_table(parameters)
    source = "the roll-out, without data" if table is None else "the data and the roll-out"
    typer.echo(f"{parameters.study}: from {source} that the parameters name")
    for one in advise(table, parameters):
        typer.echo("\n" + "\n".join(_lines(one)))
    typer.echo("\nNo design can show:")
    for line in NONE_CAN_SHOW:
        typer.echo(f"  {line}")


def _load_design(path: Path) -> "DesignStudy":
    from evalkit.errors import ParameterError
    from evalkit.study.parameters import load_parameters
    from evalkit.study.schemas.design_study import DesignStudy

    parameters = load_parameters(path)
    if not isinstance(parameters, DesignStudy):
        raise ParameterError(
            f"{path}: {parameters.notebook} is not the notebook of a design. Give the parameter "
            "file of a study of an intervention."
        )
    return parameters


def _read_table(parameters: "DesignStudy") -> "pd.DataFrame | None":
    """Read the study's data; None where the study names a file that is not there yet."""
    from evalkit.data import make_table, read_sources
    from evalkit.project import project_root, resolve_data_path

    written = parameters.data_file
    if written is not None and not resolve_data_path(written, project_root()).exists():
        return None
    return make_table(read_sources(parameters), parameters)


def _lines(one: "Advice") -> list[str]:
    lines = [f"{one.design}: {_SAID[one.allowed]}", f"  asks: {one.question}"]
    for words, needs in (
        ("met", one.met),
        ("needs", one.unmet),
        ("to find out", one.unknown),
        ("cannot show", (one.cannot_show,)),
    ):
        lines += [f"  {words}: {'; '.join(needs)}"] if needs else []
    return lines
