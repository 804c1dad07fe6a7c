"""Power of a plan by trial: shares by hand, agreement with formulae, and what is needed."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.planning.planned_power import (
    Intervals,
    Needed,
    Trials,
    Tried,
    find_estimate,
    find_needed,
    try_layout,
    try_numbers,
)
from evalkit.planning.planned_precision import find_number, find_precision
from evalkit.planning.planned_tables import Layout, lay_out
from evalkit.results import Result

_MADE = runpy.run_path(str(Path(__file__).with_name("made_plan.py")))
make_plan = _MADE["make_plan"]
ERRORS = 3
"""Monte Carlo standard errors by which a share may differ from its formula, seeds being fixed."""

nan = float("nan")


def tried_with(low: list[float], high: list[float], **changes: Any) -> Tried:
    """Return a trial whose intervals without an effect are these, and move with it."""
    layout = lay_out(make_plan(**changes))
    return Tried(layout, {0.0: Intervals(np.array(low), np.array(high))}, True)


def test_shares_by_hand() -> None:
    """Of five studies one sees what is not there, and one is refused."""
    tried = tried_with([-1.0, -0.5, 0.1, -2.0, nan], [1.0, 0.5, 0.4, 2.0, nan])
    assert tried.false_alarms().value == pytest.approx(1 / 4)
    assert tried.coverage(0.2).value == pytest.approx(3 / 4)
    assert tried.power(0.6).value == pytest.approx(2 / 5)
    assert tried.power(1.5).value == pytest.approx(3 / 5)
    assert tried.power(0.6).error == pytest.approx(np.sqrt(0.4 * 0.6 / 5))
    assert tried.refused == pytest.approx(0.2)
    assert tried.width() == pytest.approx(1.5)


def test_detectable_by_hand() -> None:
    """Lower ends from -1 to -10: eight of ten are above zero once 8 is added."""
    low = [-float(n) for n in range(1, 11)]
    tried = tried_with(low, [20.0] * 10)
    assert tried.detectable().value == 8.0
    assert tried.power(8.0 + 1e-9).value == pytest.approx(0.8)
    assert tried.detectable().error == pytest.approx((10 - 7) / 2)


def test_refusals_leave_nothing_found() -> None:
    """Where three of ten are refused, no size is found four times in five."""
    tried = tried_with([-1.0] * 7 + [nan] * 3, [1.0] * 7 + [nan] * 3)
    assert np.isnan(tried.detectable().value)


def test_sizes_tried_one_by_one_are_interpolated() -> None:
    """Power 0.5 at 0.1 and 1 at 0.2: 0.8 at 0.16."""
    sizes = {
        0.0: Intervals(np.full(10, -1.0), np.full(10, 1.0)),
        0.1: Intervals(np.repeat([-1.0, 1.0], 5), np.full(10, 2.0)),
        0.2: Intervals(np.full(10, 1.0), np.full(10, 2.0)),
    }
    tried = Tried(lay_out(make_plan()), sizes, False)
    assert tried.detectable().value == pytest.approx(0.16)


def test_power_agrees_with_the_formula() -> None:
    """Differences in differences on 20 wards: power and false alarms are those of t(18)."""
    plan = make_plan(simulations=300)
    tried = try_layout(lay_out(plan), find_estimate(plan))
    formula = find_precision(plan, 20)
    assert formula is not None
    assert tried.moves
    for size in (0.2, 0.4):
        expected = formula.power(size)
        error = np.sqrt(expected * (1 - expected) / 300)
        assert tried.power(size).value == pytest.approx(expected, abs=ERRORS * error)
    chance = ERRORS * np.sqrt(0.05 * 0.95 / 300)
    assert tried.false_alarms().value == pytest.approx(0.05, abs=chance)
    assert tried.coverage(0.2).value == pytest.approx(0.95, abs=chance)
    detectable = tried.detectable()
    assert detectable.value == pytest.approx(
        formula.detectable_effect(), abs=ERRORS * detectable.error
    )


def test_moving_with_the_effect_changes_nothing_but_time() -> None:
    """Estimating each size anew gives the shares that moved intervals give."""
    plan = make_plan(simulations=50)
    layout, estimate = lay_out(plan), find_estimate(plan)
    moved = try_layout(layout, estimate)

    def unmoved(table: pd.DataFrame, parameters: Any) -> Result:
        """Widen every interval that holds an effect by a hair, so that none moves exactly."""
        result = estimate(table, parameters)
        wider = result.estimates["conf_high"] + 1e-3 * table["outcome"].std()
        return replace(result, estimates=result.estimates.assign(conf_high=wider))

    anew = try_layout(layout, unmoved)
    assert (moved.moves, anew.moves) == (True, False)
    for size in (0.1, 0.2, 0.4):
        assert anew.power(size) == moved.power(size)


def test_mediation_is_estimated_size_by_size() -> None:
    """Its interval does not move with the effect; power rises with the size all the same."""
    plan = make_plan("mediation", simulations=50, effects=[0.05], numbers_of_units=[20])
    tried = try_numbers(plan).main
    assert not tried.moves
    powers = [tried.power(size).value for size in (0.0, 0.05, 0.2)]
    assert powers == sorted(powers)
    assert 0.0 < tried.detectable().value < 0.2


def trials_of(sizes: dict[int, float], important: float, **changes: Any) -> Trials:
    """Return trials in which each number of units finds exactly such a size."""
    plan = make_plan(
        units=max(sizes), treated_units=max(sizes) // 2, minimum_important_difference=important
    )
    own = plan.model_copy(update=changes)
    layout = lay_out(own)
    tried = [
        Tried(
            Layout(own, units, layout.starts, layout.table, layout.parameters),
            {0.0: Intervals(np.full(50, -size), np.full(50, size))},
            True,
        )
        for units, size in sizes.items()
    ]
    return Trials(own, tuple(tried))


def test_needed_is_interpolated_on_logarithmic_scales() -> None:
    """0.4 with 10 and 0.2 with 40 fall by the square root: 0.3 with 10 x (4/3)^2, so 18."""
    needed, trials = find_needed(trials_of({10: 0.4, 40: 0.2}, 0.3))
    assert (needed.units, needed.known) == (18, "tried")
    assert len(trials.tried) == 2


def test_the_fewest_tried_may_be_enough() -> None:
    """Where 10 find it already, at most 10 are needed."""
    needed, _ = find_needed(trials_of({10: 0.25, 40: 0.12}, 0.3))
    assert (needed.units, needed.known) == (10, "at_most")


def test_what_more_units_do_not_mend_is_said() -> None:
    """Where four times the units find hardly less, no number is foretold."""
    needed, trials = find_needed(trials_of({10: 0.40, 40: 0.39}, 0.2))
    assert needed.units is None
    assert needed.known == "none"
    assert len(trials.tried) == 2


def test_what_is_too_many_to_try_is_foretold() -> None:
    """0.02 where 40 find 0.2: 4,000 by the square root, and a tenth more."""
    needed, _ = find_needed(trials_of({10: 0.4, 40: 0.2}, 0.02))
    assert needed == Needed(4400, pytest.approx(nan, nan_ok=True), "foretold")


def test_a_larger_number_is_tried_where_none_is_enough() -> None:
    """From 12 and 20 wards the search goes on to about the number of the formula."""
    plan = make_plan(simulations=200)
    needed, trials = find_needed(try_numbers(plan))
    formula = find_number(plan)
    assert needed.known == "tried"
    assert needed.units == pytest.approx(formula, abs=ERRORS * needed.error)
    assert {one.units for one in trials.listed} == {12, 20}
    assert max(one.units for one in trials.tried) > 20


def test_a_design_that_refuses_all_is_said() -> None:
    """Four units in a stepped wedge are too few for it, which it says itself."""
    plan = make_plan("stepped_wedge", units=4, numbers_of_units=[4])
    with pytest.raises(AnalysisError, match=r"stepped_wedge refuses each of 60 .*It says"):
        try_numbers(plan)


def test_the_same_seed_tries_the_same() -> None:
    """Trials repeat with their seed, and differ with another."""
    first, again, other = (
        try_numbers(make_plan(simulations=50, numbers_of_units=[20], seed=seed)).main
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.at(0.2).low, again.at(0.2).low)
    assert first.width() != other.width()
