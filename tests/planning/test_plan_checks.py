"""What a plan's figures rest on: each verdict from made intervals, and numbers on record."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit.disclosure.numerals import numbers_in, unknown_numerals
from evalkit.planning.plan_checks import (
    check_coverage,
    check_false_alarms,
    check_formula,
    check_needs,
    check_plan,
    check_refusals,
)
from evalkit.planning.planned_power import Intervals, Trials, Tried, try_numbers
from evalkit.planning.planned_precision import find_precision
from evalkit.planning.planned_tables import lay_out

_MADE = runpy.run_path(str(Path(__file__).with_name("made_plan.py")))
make_plan = _MADE["make_plan"]
STUDIES = 200


def trials_with(
    alarms: int = 10, refused: int = 0, half: float = 1.0, design: str = "difference_in_differences"
) -> Trials:
    """Return a trial in which so many studies see what is not there, and so many are refused."""
    plan = make_plan(design, simulations=STUDIES)
    low = np.full(STUDIES, -half)
    low[:alarms] = 0.1
    low[STUDIES - refused :] = np.nan
    high = np.where(np.isnan(low), np.nan, low + 2 * half)
    return Trials(plan, (Tried(lay_out(plan), {0.0: Intervals(low, high)}, True),))


@pytest.mark.parametrize(
    ("alarms", "verdict", "blocks"),
    [(10, "passes", False), (16, "passes", False), (18, "concern", False), (30, "concern", True)],
)
def test_false_alarms(alarms: int, verdict: str, blocks: bool) -> None:
    """Of 200 up to 16 is chance (5% and two errors are 8.1%); more than 20 is twice too often."""
    check = check_false_alarms(trials_with(alarms))
    assert (check.verdict, check.blocks) == (verdict, blocks)


def test_too_few_studies_cannot_tell() -> None:
    """With 50 made-up studies twice too many false alarms would not be told from chance."""
    plan = make_plan(simulations=50)
    ends = Intervals(np.full(50, -1.0), np.full(50, 1.0))
    check = check_false_alarms(Trials(plan, (Tried(lay_out(plan), {0.0: ends}, True),)))
    assert check.verdict == "cannot tell"


@pytest.mark.parametrize(("alarms", "verdict"), [(10, "passes"), (30, "concern")])
def test_coverage(alarms: int, verdict: str) -> None:
    """The interval that sees what is not there does not hold what is."""
    check = check_coverage(trials_with(alarms))
    assert check.verdict == verdict
    assert not check.blocks


@pytest.mark.parametrize(("refused", "verdict"), [(0, "passes"), (10, "passes"), (11, "concern")])
def test_refusals(refused: int, verdict: str) -> None:
    """One in twenty may be refused."""
    assert check_refusals(trials_with(refused=refused)).verdict == verdict


def test_needs_are_those_of_the_advice() -> None:
    """Ten wards are enough for differences in differences; nine are not, and it is said."""
    assert check_needs(trials_with()).verdict == "passes"
    plan = make_plan(units=9, treated_units=4)
    check = check_needs(Trials(plan, trials_with().tried))
    assert check.verdict == "concern"
    assert check.finding == "Weak without: 10 clusters or more"


def test_a_formula_that_differs_is_a_concern() -> None:
    """A trial as wide as the formula agrees; one three times as wide does not."""
    formula = find_precision(make_plan(), 20)
    assert formula is not None
    found = formula.detectable_effect()
    assert check_formula(trials_with(0, half=found)).verdict == "passes"
    check = check_formula(trials_with(0, half=3 * found))
    assert check.verdict == "concern"


def test_without_a_formula_it_cannot_be_told() -> None:
    """Mediation was only tried; a trial that finds nothing cannot be set beside one either."""
    assert "was only tried" in check_formula(trials_with(design="mediation")).finding
    assert "beyond those tried" in check_formula(trials_with(refused=STUDIES // 2)).finding


def test_every_number_said_is_on_record() -> None:
    """Numbers in words stand in the check's table or among the parameters."""
    trials = try_numbers(make_plan(simulations=50, numbers_of_units=[20]))
    known = numbers_in(trials.plan.model_dump().values())
    for check in check_plan(trials):
        own: dict[str, Any] = {} if check.table.empty else dict(check.table.to_numpy())
        there = known | numbers_in(f"{value:g}" for value in own.values())
        assert unknown_numerals(f"{check.finding} {check.power}", there) == 0, check.name
