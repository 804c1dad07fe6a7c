"""The adviser: which designs data and roll-out allow, by facts that can be counted."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.planning.advise import ORDER, advise
from evalkit.planning.layout_facts import Facts, find_facts
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.stepped_wedge import SteppedWedge

Make = Callable[..., pd.DataFrame]


def allowed(table: pd.DataFrame | None, parameters: DesignStudy) -> dict[str, str]:
    """Return what is said of each design."""
    return {one.design: one.allowed for one in advise(table, parameters)}


def with_start_times(table: pd.DataFrame, starts: dict[str, float]) -> pd.DataFrame:
    """Return the table with these starts by unit."""
    first = table["unit"].map(starts).astype(float)
    return table.assign(first_treated=first, treated=table["time"] >= first)


def test_facts_by_hand(make: Make, parameters: DifferenceInDifferences) -> None:
    """Forty units, 16 periods, 20 start in the ninth: 8 before, 8 from it on."""
    facts = find_facts(make(), parameters)
    assert facts == Facts(
        units=40,
        clusters=40,
        periods=16,
        before=8,
        after=8,
        before_each=8,
        with_it=20,
        without=20,
        clusters_with=20,
        clusters_without=20,
        rows_with=320,
        rows_without=320,
        donors=20,
        gaps=0,
        starts=1,
        starts_inside=1,
        dose_moves=False,
        threshold=False,
        mediator=False,
        measured_causes=0,
    )


def test_every_design_is_weighed(make: Make, parameters: DifferenceInDifferences) -> None:
    """Each design of the workbench gets advice, the allowed ones first, and has its limit said."""
    advice = advise(make(), parameters)
    designs = {name for name, schema in SCHEMAS.items() if issubclass(schema, DesignStudy)}
    assert {one.design for one in advice} == designs
    ranks = [ORDER.index(one.allowed) for one in advice]
    assert ranks == sorted(ranks)
    assert all(one.cannot_show for one in advice)


def test_one_start_in_half_of_units(make: Make, parameters: DifferenceInDifferences) -> None:
    """One start with others to compare: these three, and weakly what gains by several starts."""
    said = allowed(make(), parameters)
    for design in ("difference_in_differences", "synthetic_control", "before_after"):
        assert said[design] == "allowed", design
    assert said["staggered_adoption"] == "allowed, with reservations"
    assert said["regression_discontinuity"] == "not allowed"
    assert said["weighted_comparison"] == "not allowed"


def test_everybody_started_at_once(make: Make, parameters: DifferenceInDifferences) -> None:
    """Nobody to compare with: only the series itself is left."""
    table = make(treated=40)
    said = allowed(table, parameters)
    assert said["difference_in_differences"] == "not allowed"
    assert said["interrupted_time_series"] == "allowed, with reservations"
    needs = {one.design: one.unmet for one in advise(table, parameters)}
    assert (
        "units that have the intervention and units that never do"
        in (needs["difference_in_differences"])
    )


def test_starts_by_lot(make: Make, parameters: DifferenceInDifferences) -> None:
    """Several starts in an order by lot allow a stepped wedge; not by lot, without a claim."""
    table = make(units=12, treated=12)
    table = with_start_times(
        table, {name: 4.0 + 2 * (at // 3) for at, name in enumerate(table["unit"].unique())}
    )
    shared = parameters.model_dump(exclude={"start_period", "notebook"})
    for lot, verdict in (
        ("random", "allowed"),
        ("not_random", "allowed, with reservations"),
    ):
        fields = {name: shared[name] for name in SteppedWedge.model_fields if name in shared}
        wedge = SteppedWedge(**fields, notebook="stepped_wedge", allocation=lot)
        said = allowed(table, wedge)
        assert said["stepped_wedge"] == verdict
        assert said["staggered_adoption"] == "allowed"
        assert said["difference_in_differences"] == "not allowed"


def test_few_periods_before(make: Make, parameters: DifferenceInDifferences) -> None:
    """One period before the start shows nothing of the groups' own courses, and that is said."""
    table = make()
    short = table[table["time"] >= 7]
    advice = {one.design: one for one in advise(short, parameters)}
    differences = advice["difference_in_differences"]
    assert differences.allowed == "allowed, with reservations"
    assert differences.reservations == ("2 periods or more before the start",)
    assert advice["synthetic_control"].allowed == "not allowed"


@pytest.mark.parametrize(("moves", "said"), [(True, "allowed"), (False, "not allowed")])
def test_dose(make: Make, parameters: DifferenceInDifferences, moves: bool, said: str) -> None:
    """A dose must move within units, and not in all of them alike."""
    table = make()
    own = pd.factorize(table["unit"])[0] % 3
    table["dose"] = np.where(moves, own * table["time"], own + table["time"])
    assert allowed(table, parameters)["dose_response"] == said


def test_before_data_are_seen(parameters: DifferenceInDifferences) -> None:
    """Without data what the roll-out excludes is excluded, and the rest is to be found out."""
    said = allowed(None, parameters)
    assert said["staggered_adoption"] == "cannot tell"
    assert said["regression_discontinuity"] == "cannot tell"
    assert said["difference_in_differences"] == "cannot tell"
    told = {one.design: one for one in advise(None, parameters)}["difference_in_differences"]
    assert any("10 clusters or more" in line for line in told.unknown)
    assert list(told.met) == ["one start for all that have the intervention"]
