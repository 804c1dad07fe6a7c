"""`evalkit advise`: which designs the data and the roll-out allow, before one is chosen."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.planning.advise import Advice
    from evalkit.study.schemas.design_study import DesignStudy
    from evalkit.study.schemas.plan_a_study import PlanAStudy
    from evalkit.study.schemas.staff_wellbeing import StaffWellbeing

_PATH_HELP = "The parameter file of a study or of a plan."
_SAID = {"cannot tell": "cannot be told"}


def advise(path: Annotated[Path, typer.Argument(help=_PATH_HELP)]) -> None:
    """Say which designs the data and the roll-out allow, what each needs, what none can show."""
    from evalkit.study.parameters import load_parameters
    from evalkit.study.schemas.design_study import DesignStudy
    from evalkit.study.schemas.plan_a_study import PlanAStudy
    from evalkit.study.schemas.staff_wellbeing import StaffWellbeing

    parameters = load_parameters(path)
    if isinstance(parameters, DesignStudy):
        _echo(_on_design(parameters))
    elif isinstance(parameters, PlanAStudy):
        _echo(_on_plan(parameters))
    elif isinstance(parameters, StaffWellbeing):
        _echo(_on_lagged_panel(parameters))
    else:
        typer.echo(
            f"{parameters.study}: a study of the notebook {parameters.notebook}, which asks of the "
            "data themselves. No intervention is named, so no design is chosen there and there is "
            f"nothing to advise on. Run it: evalkit run {path}"
        )


def _echo(lines: Iterator[str]) -> None:
    from evalkit.planning.advise import NONE_CAN_SHOW

    for line in lines:
        typer.echo(line)
    typer.echo("\nNo design can show:")
    for line in NONE_CAN_SHOW:
        typer.echo(f"  {line}")


def _on_design(parameters: "DesignStudy") -> Iterator[str]:
    from evalkit.planning.advise import advise

    table = _read_table(parameters)
    source = "the roll-out, without data" if table is None else "the data and the roll-out"
    yield f"{parameters.study}: from {source} that the parameters name"
    for one in advise(table, parameters):
        yield from _lines(one)


def _on_plan(plan: "PlanAStudy") -> Iterator[str]:
    from evalkit.planning.plan_tables import advise_on_plan

    yield f"{plan.study}: from what the plan assumes, without data; it plans {plan.design}"
    for one in advise_on_plan(plan):
        yield from _lines(one)


def _on_lagged_panel(parameters: "StaffWellbeing") -> Iterator[str]:
    """Say what two sources joined into a panel can show, and which designs it would allow."""
    from evalkit.planning.advise import weigh_designs
    from evalkit.planning.layout_facts import find_facts_of_panel

    panel = _read_panel(parameters)
    facts = find_facts_of_panel(panel, parameters)
    held = (
        "whose data are not there yet"
        if panel is None
        else f"{facts.units} units seen in both, over {facts.periods} periods"
    )
    lag = parameters.exposure_lag
    yield (
        f"{parameters.study}: a lagged panel of two sources, {parameters.exposure_name} of staff "
        f"and {parameters.outcome_name} of patients, {held}"
    )
    yield (
        "  can show: whether, within the same units, patients' results move with staff's of "
        f"{lag} {'period' if lag == 1 else 'periods'} before, and whether they do the other way"
    )
    yield (
        "  cannot show: cause. No intervention starts in it, and whatever moves both within units "
        "and is not measured is in what is seen"
    )
    yield "\nDesigns, if its panel were all there is:"
    for one in weigh_designs(facts):
        yield from _lines(one)


def _read_panel(parameters: "StaffWellbeing") -> "pd.DataFrame | None":
    """Read both sources and join them; None where the study names a file that is not there yet."""
    from evalkit.data import make_panel, read_sources

    if not all(_is_there(file) for file in (parameters.staff_file, parameters.patient_file)):
        return None
    return make_panel(read_sources(parameters), parameters)


def _read_table(parameters: "DesignStudy") -> "pd.DataFrame | None":
    """Read the study's data; None where the study names a file that is not there yet."""
    from evalkit.data import make_table, read_sources

    if not _is_there(parameters.data_file):
        return None
    return make_table(read_sources(parameters), parameters)


def _is_there(written: str | None) -> bool:
    """Say whether a file is there; a connection, where none is named, is tried in any case."""
    from evalkit.errors import EnvironmentFault
    from evalkit.project import project_root, resolve_data_path

    try:
        return written is None or resolve_data_path(written, project_root()).exists()
    except EnvironmentFault:  # the folder of real data is named nowhere
        return False


def _lines(one: "Advice") -> Iterator[str]:
    yield f"\n{one.design}: {_SAID.get(one.allowed, one.allowed)}"
    yield f"  asks: {one.question}"
    for words, needs in (
        ("met", one.met),
        ("needs", one.unmet),
        ("little power, a wide interval or no claim without", one.reservations),
        ("to find out", one.unknown),
        ("cannot show", (one.cannot_show,)),
    ):
        if needs:
            yield f"  {words}: {'; '.join(needs)}"
