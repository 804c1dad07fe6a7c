"""Placebo dates, outcomes and units: each passes, worries and cannot tell where it should."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.arms import with_false_start
from evalkit.checks.judging import Estimate, judge
from evalkit.checks.placebo_units import check_placebo_units
from evalkit.checks.placebos import check_placebo_date, check_placebo_outcomes
from evalkit.checks.spill_over import check_spill_over
from evalkit.results import Check
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]


class Named(DifferenceInDifferences):
    """A study that names outcomes which the intervention cannot move."""

    placebo_outcomes: list[str]


WORLDS = [
    ({"seed": 3}, "passes"),
    ({"seed": 3, "trend": 0.06}, "concern"),
    ({"seed": 3, "noise": 1.5, "units": 12, "treated": 6}, "cannot tell"),
]


@pytest.mark.parametrize(
    ("low", "high", "reach", "verdict"),
    [
        (-0.1, 0.2, 9.0, "passes"),
        (0.1, 0.2, 9.0, "passes"),
        (0.1, 0.5, 0.1, "concern"),
        (-0.5, -0.4, 0.1, "concern"),
        (-0.2, 0.5, 0.9, "passes"),
        (-0.2, 0.5, 1.1, "cannot tell"),
    ],
)
def test_rule(low: float, high: float, reach: float, verdict: str) -> None:
    """Harmless up to 0.3, matters from 1: small, there, found by a good test, or not known."""
    assert judge(low, high, reach, 0.3, 1.0) == verdict


def test_false_start_by_hand(make: Make, parameters: DifferenceInDifferences) -> None:
    """Eight periods before: the start is pretended in the fifth, and nothing after is kept."""
    table = make()
    pretended = with_false_start(table, parameters)
    assert pretended is not None
    moved, changed = pretended
    assert moved["time"].max() == 7
    assert set(moved["first_treated"].dropna()) == {4.0}
    assert changed.start_period == table.loc[table["time"] == 4, "period"].iloc[0]
    assert set(table["first_treated"].dropna()) == {8.0}


def test_false_start_of_staggered_starts(make: Make, parameters: DifferenceInDifferences) -> None:
    """Starts at 6 and 10 have 8 periods before as the middle: each is moved back by 4."""
    table = make()
    early = table["unit"] < "U010"
    starts = table["first_treated"].mask(early, 6.0).mask(~early & (table["unit"] < "U020"), 10.0)
    table = table.assign(first_treated=starts, treated=table["time"] >= starts)
    pretended = with_false_start(table, parameters)
    assert pretended is not None
    latest = pretended[0].groupby("first_treated")["time"].max()
    assert latest.to_dict() == {2.0: 5, 6.0: 9}


@pytest.mark.parametrize(("world", "verdict"), WORLDS)
def test_placebo_date(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
    world: dict[str, float],
    verdict: str,
) -> None:
    """Nothing at a false start passes; a difference worries; a weak test cannot tell."""
    table = make(**world)
    check = check_placebo_date(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_placebo_date_too_early(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """One period before the start leaves no room for another start."""
    table = make()
    check = check_placebo_date(
        table[table["time"] >= 7], small(table, parameters), parameters, small
    )
    assert check.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("noise", "moved", "verdict"),
    [(0.1, 0.0, "passes"), (0.1, 1.0, "concern"), (30.0, 0.0, "cannot tell")],
)
def test_placebo_outcomes(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
    noise: float,
    moved: float,
    verdict: str,
) -> None:
    """An outcome that stays passes, one that moves worries, one too noisy cannot tell."""
    table = make(units=24, treated=12, noise=2.0 if noise > 1 else 0.2)
    rng = np.random.default_rng(4)
    table["waiting"] = rng.normal(0, noise, len(table)) + moved * table["treated"]
    chosen = Named(**(parameters.model_dump() | {"placebo_outcomes": ["waiting"]}))
    check = check_placebo_outcomes(table, small(table, parameters), chosen, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_no_placebo_outcome_named(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Where the study names none, the check says so."""
    table = make()
    check = check_placebo_outcomes(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "No outcome is named" in check.finding


def make_unruly(make: Make, jumps: bool) -> pd.DataFrame:
    """Make 6 units with the offer and 24 without, some of which jump at the start by themselves."""
    table = make(5, units=30, treated=6, noise=0.1)
    if jumps:
        rng = np.random.default_rng(8)
        names = table["unit"].unique()[6:]
        jump = pd.Series(rng.normal(0, 2, len(names)), index=names)
        table["outcome"] += table["unit"].map(jump).fillna(0.0) * (table["time"] >= 8)
    return table


def test_placebo_units(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
) -> None:
    """A large estimate among quiet units passes; one that quiet units show too is a concern."""
    table = make_unruly(make, jumps=False)
    quiet = check_placebo_units(table, small(table, parameters), parameters, small)
    assert quiet.verdict == "passes"
    values = quiet.table.set_index("name")["value"]
    assert (values["as_large"], values["p_value"]) == (0, 1 / (1 + values["pretended_estimates"]))
    table = make_unruly(make, jumps=True)
    result = small(table, parameters)
    row = result.estimates.index[0]
    result.estimates.loc[row, ["conf_low", "conf_high"]] = [0.01, 0.9]
    loud = check_placebo_units(table, result, parameters, small)
    assert loud.verdict == "concern"
    numbers_stand(quiet)
    numbers_stand(loud)


def test_placebo_units_too_few(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Five units without it have ten pairs: no difference can stand out at one in twenty."""
    table = make(units=9, treated=4, noise=0.1)
    check = check_placebo_units(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "too few such units" in check.finding


@pytest.mark.parametrize(
    ("noise", "moved", "verdict"),
    [(0.2, 0.0, "passes"), (0.2, 0.8, "concern"), (2.5, 0.0, "cannot tell")],
)
def test_spill_over(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
    noise: float,
    moved: float,
    verdict: str,
) -> None:
    """Neighbours that stay pass, those that move worry, and noise cannot tell."""
    table = make(noise=noise)
    table["neighbour"] = table["unit"] >= "U030"
    table["outcome"] += moved * (table["neighbour"] & (table["time"] >= 8))
    check = check_spill_over(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_spill_over_unknown(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Without the role the check says which to map."""
    table = make()
    check = check_spill_over(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "map it as neighbour" in check.finding
