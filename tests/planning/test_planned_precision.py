"""Formulae of a plan: by hand, and against others that must agree with them."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from evalkit.planning.panel_precision import panel_precision
from evalkit.planning.planned_precision import (
    FORMULAS,
    covariance_of,
    find_design_effect,
    find_number,
    find_precision,
    least_units,
)

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


def test_a_stepped_roll_out_is_that_of_hussey_and_hughes() -> None:
    """Their closed formula for lasting clusters, written out: five wards a step in four steps."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.03, "cac": 1.0}
    plan = make_plan("stepped_wedge", periods=6, drift_correlation=0.0, **shares)
    exposure = np.arange(6) >= 2 + np.repeat(np.arange(4), 5)[:, None]
    cell, cluster = 4 * 0.97 / 60, 4 * 0.03
    u, w, v = exposure.sum(), np.sum(exposure.sum(axis=0) ** 2), np.sum(exposure.sum(axis=1) ** 2)
    top = 20 * cell * (cell + 6 * cluster)
    bottom = (20 * u - w) * cell + (u**2 + 20 * 6 * u - 6 * w - 20 * v) * cluster
    found = find_precision(plan, 20)
    assert found is not None
    assert found.std_error**2 == pytest.approx(top / bottom, rel=SAME)
    assert found.df == 18


@pytest.mark.parametrize(("before", "apart"), [(1, 1), (2, 1), (1, 3)])
def test_design_effect_of_a_stepped_wedge(before: int, apart: int) -> None:
    """The published formula, which leaves out the number of measurements (Woertman 2013)."""
    people, icc, steps = 30, 0.05, 5
    shares = {"unit_sd": None, "drift_sd": None, "icc": icc, "cac": 1.0, "person_sd": 1.0}
    roll_out = {"periods_before": before, "steps": steps, "periods_per_step": apart}
    periods = before + steps * apart
    plan = make_plan("stepped_wedge", people=people, periods=periods, **shares, **roll_out)
    top = 1 + icc * (steps * apart * people + before * people - 1)
    bottom = 1 + icc * (steps * apart * people / 2 + before * people - 1)
    published = top / bottom * 3 * (1 - icc) / (2 * apart * (steps - 1 / steps))
    assert find_design_effect(plan, 20) == pytest.approx(periods * published, rel=SAME)


def test_published_design_effect() -> None:
    """Five steps of 30 people and ICC .05, one measurement before: .4764 a measurement."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.05, "cac": 1.0, "person_sd": 1.0}
    roll_out = {"periods_before": 1, "steps": 5, "periods": 6}
    plan = make_plan("stepped_wedge", people=30, **shares, **roll_out)
    found = find_design_effect(plan, 20)
    assert found is not None
    assert found / 6 == pytest.approx(0.4764, abs=5e-5)


@pytest.mark.parametrize("lasts", [1.0, 0.7])
def test_design_effect_of_a_trial_with_one_measurement_before(lasts: float) -> None:
    """Twice (1 + (m - 1) ICC) (1 - r^2): as many answers before as after (Hooper 2016)."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.05, "cac": lasts, "person_sd": 1.0}
    roll_out = {"periods": 2, "periods_before": 1, "steps": 1, "treated_units": 10}
    forgets = {"drift_correlation": 0.0}
    plan = make_plan("stepped_wedge", people=30, **shares, **roll_out, **forgets)
    alike = 30 * 0.05 * lasts / (1 + 29 * 0.05)
    expected = 2 * (1 + 29 * 0.05) * (1 - alike**2)
    assert find_design_effect(plan, 20) == pytest.approx(expected, rel=SAME)


def test_published_design_effect_in_parallel() -> None:
    """30 people, ICC .05, a measurement before that tells nothing: 2.45 for half of the answers."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.05, "cac": 0.0, "person_sd": 1.0}
    roll_out = {"periods": 2, "periods_before": 1, "steps": 1, "treated_units": 10}
    plan = make_plan("stepped_wedge", people=30, **shares, **roll_out, drift_correlation=0.0)
    found = find_design_effect(plan, 20)
    assert found is not None
    assert found / 2 == pytest.approx(2.45, abs=5e-3)


@pytest.mark.parametrize("design", ["before_after", "dose_response", "mediation"])
def test_no_design_effect_where_units_are_not_compared(design: str) -> None:
    """A lot over single people would be another question."""
    assert find_design_effect(make_plan(design), 20) is None


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
