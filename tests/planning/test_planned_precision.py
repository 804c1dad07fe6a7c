"""Formulae of a plan: by hand, and against others that must agree with them."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from evalkit.planning.panel_precision import panel_precision
from evalkit.planning.planned_precision import (
    FORMULAS,
    covariance_of,
    find_number,
    find_precision,
    least_units,
)
from evalkit.planning.rollout_precision import Correlations, rollout_precision, stepped_rollout

_MADE = runpy.run_path(str(Path(__file__).with_name("made_plan.py")))
make_plan, OF_DESIGN = _MADE["make_plan"], _MADE["OF_DESIGN"]
SAME = 1e-9
"""Two ways to the same closed form: digits only."""


@pytest.mark.parametrize("design", OF_DESIGN)
def test_designs_with_a_formula_have_one_in_words(design: str) -> None:
    """Six designs have a formula; the others have none."""
    assert (find_precision(make_plan(design), 20) is not None) == (design in FORMULAS)


def test_before_and_after_by_hand() -> None:
    """Without drift and four periods each: sqrt((4 - 0.09) / 60 x (1/4 + 1/4) / 20), t(19)."""
    found = find_precision(make_plan("before_after", drift_sd=0.0), 20)
    assert found is not None
    assert found.std_error == pytest.approx(np.sqrt(3.91 / 60 * 0.5 / 20), abs=SAME)
    assert found.df == 19


def test_differences_are_those_of_the_panel() -> None:
    """Ten with and ten without, by the plan's own covariance."""
    plan = make_plan()
    found = find_precision(plan, 20)
    assert found == panel_precision(10, 10, covariance_of(plan), 4)


def test_a_stepped_roll_out_is_that_of_its_correlations() -> None:
    """Without memory, generalised least squares by ICC and CAC gives the same error."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.03, "cac": 0.7}
    plan = make_plan("stepped_wedge", periods=6, drift_correlation=0.0, **shares)
    found = find_precision(plan, 20)
    people = np.full((20, 6), 60.0)
    known = rollout_precision(stepped_rollout(4, 5, before=2), people, Correlations(2.0, 0.03, 0.7))
    assert found is not None
    assert found.std_error == pytest.approx(known.std_error, rel=SAME)
    assert found.df == known.df


def test_staggered_with_one_start_is_a_change_from_the_period_before() -> None:
    """By hand: one period before counts, so 1 + 1/4 of the noise, for ten against ten."""
    plan = make_plan(drift_sd=0.0)
    found = find_precision(plan, 20, "staggered_adoption")
    assert found is not None
    assert found.std_error == pytest.approx(np.sqrt(3.91 / 60 * 1.25 * (1 / 10 + 1 / 10)), abs=SAME)


def test_dose_by_hand() -> None:
    """Without drift: noise / (spread x sqrt((units - 1) x (periods - 1))), per step."""
    plan = make_plan("dose_response", drift_sd=0.0)
    found = find_precision(plan, 20)
    assert found is not None
    assert found.std_error == pytest.approx(np.sqrt(3.91 / 60 / (19 * 7)) / 0.5, abs=SAME)


def test_what_all_share_leaves_a_controlled_series_and_not_one_alone() -> None:
    """A shock of 0.1 a period widens the one series, and not its distance from a control."""
    design = "interrupted_time_series"
    for treated, moves in ((None, True), (10, False)):
        calm, shaken = (
            find_precision(make_plan(design, treated_units=treated, period_sd=sd), 20)
            for sd in (0.0, 0.1)
        )
        assert calm is not None
        assert shaken is not None
        assert (shaken.std_error > calm.std_error * 1.01) == moves


def test_a_shared_shock_has_no_formula_without_comparison() -> None:
    """What a period brings to all is in a change from before to after."""
    assert find_precision(make_plan("before_after", period_sd=0.05), 20) is None


def test_needed_number_is_the_smallest_that_is_enough() -> None:
    """With one unit fewer the power is too low."""
    plan = make_plan()
    number = find_number(plan)
    assert number is not None
    enough, short = (find_precision(plan, n) for n in (number, number - 1))
    assert enough is not None
    assert short is not None
    assert short.power(0.2) < 0.8 <= enough.power(0.2)


def test_no_number_where_there_is_none() -> None:
    """A design without formula, and a difference that none would find."""
    assert find_number(make_plan("mediation")) is None
    hopeless = make_plan("interrupted_time_series", treated_units=None, period_sd=0.5)
    assert find_number(hopeless) is None


def test_least_units_leave_no_group_empty() -> None:
    """One with and one without; four steps without any other."""
    assert least_units(make_plan()) == 2
    assert least_units(make_plan("stepped_wedge")) == 4
