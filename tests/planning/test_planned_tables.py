"""Made-up tables of a plan: sizes, starts and roles are as the plan says, for every design."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.planning.planned_parameters import CAUSE, label_periods
from evalkit.planning.planned_power import find_estimate
from evalkit.planning.planned_tables import (
    assume,
    count_treated,
    lay_out,
    list_starts,
    make_up,
)

_MADE = runpy.run_path(str(Path(__file__).with_name("made_plan.py")))
make_plan, OF_DESIGN = _MADE["make_plan"], _MADE["OF_DESIGN"]
EXACT = 1e-6
"""Estimates of the same table with an effect added: digits lost in sums only."""

MOMENTS = 0.05
"""Correlation over 4,000 draws: three of its standard errors."""


@pytest.mark.parametrize("design", OF_DESIGN)
def test_every_design_can_be_asked_of_its_table(design: str) -> None:
    """The design estimates from the table; but for mediation, what is added is what is found."""
    plan = make_plan(design)
    layout, estimate = lay_out(plan), find_estimate(plan)
    for rng in np.random.default_rng(3).spawn(8):
        made = make_up(layout, rng)
        try:
            none = estimate(made.table, layout.parameters).headline
            some = estimate(made.with_effect(0.5), layout.parameters).headline
        except AnalysisError:
            continue
        break
    else:
        pytest.fail("each of eight tables was refused")
    assert len(made.table) == plan.units * plan.periods
    if design == "mediation":
        assert 0.3 < some["estimate"] < 0.8
    else:
        assert some["estimate"] - none["estimate"] == pytest.approx(0.5, abs=EXACT)


def test_starts_by_hand() -> None:
    """Six units in two steps of three periods, four of them starting: 2, 2, 5, 5, never, never."""
    plan = make_plan(
        "staggered_adoption", units=6, treated_units=4, periods_before=2, periods_per_step=3
    )
    expected = [2.0, 2.0, 5.0, 5.0, np.nan, np.nan]
    np.testing.assert_array_equal(list_starts(plan, 6), expected)
    table = lay_out(plan).table
    first = table.loc[table["treated"]].groupby("unit")["period"].min().to_list()
    assert first == ["2001Q3", "2001Q3", "2002Q2", "2002Q2"]


@pytest.mark.parametrize(("units", "treated"), [(4, 2), (5, 2), (40, 20), (3, 2), (2, 1)])
def test_other_numbers_keep_the_share(units: int, treated: int) -> None:
    """Half of the units have it, whatever their number, and at least one has it not."""
    assert count_treated(make_plan(), units) == treated


def test_periods_are_named_as_data_would() -> None:
    """Years, quarters and months."""
    names = {
        name: label_periods(make_plan(period_name=name, periods=8))
        for name in ("year", "quarter", "month")
    }
    assert names["year"][-1] == "2008"
    assert names["quarter"][:5] == ["2001Q1", "2001Q2", "2001Q3", "2001Q4", "2002Q1"]
    assert names["month"][-1] == "2001-08"


def test_spreads_and_shares_say_the_same() -> None:
    """By hand: 0.3 and 0.4 of 2 are an ICC of 0.0625, of which 0.36 lasts."""
    by_sds = assume(make_plan(unit_sd=0.3, drift_sd=0.4), 20)
    assert (by_sds.icc, by_sds.cluster_autocorrelation) == pytest.approx((0.0625, 0.36))
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.0625, "cac": 0.36}
    assert assume(make_plan(**shares), 20) == by_sds


def test_a_mediator_follows_its_exposure_a_period_later() -> None:
    """Within 4,000 units the mediator correlates with the exposure before by what is assumed."""
    plan = make_plan("mediation", units=2000, periods=3, mediator_correlation=0.4)
    made = make_up(lay_out(plan), np.random.default_rng(5))
    exposure = made.table["exposure"].to_numpy().reshape(2000, 3)
    mediator = made.table["mediator"].to_numpy().reshape(2000, 3)
    assert np.corrcoef(exposure[:, 0], mediator[:, 1])[0, 1] == pytest.approx(0.4, abs=2 * MOMENTS)
    assert np.corrcoef(exposure[:, 1], mediator[:, 1])[0, 1] == pytest.approx(0, abs=2 * MOMENTS)
    gain = made.gain.reshape(2000, 3)
    np.testing.assert_allclose(gain[:, 1:], mediator[:, :2] / (0.4 / 0.5 * 0.5))


def test_groups_differ_in_their_cause_as_assumed() -> None:
    """The mean of the measured cause is one standard deviation higher with it."""
    plan = make_plan("weighted_comparison", units=2000, treated_units=1000, group_difference=1.0)
    table = make_up(lay_out(plan), np.random.default_rng(6)).table.drop_duplicates("unit")
    means = table.groupby("treated")[CAUSE].mean()
    assert table["treated"].sum() == 1000
    assert means[True] - means[False] == pytest.approx(1.0, abs=3 * MOMENTS)


def test_as_many_lie_past_the_threshold_as_planned() -> None:
    """Of 600 places 250 are offered it, evenly spaced."""
    made = make_up(lay_out(make_plan("regression_discontinuity")), np.random.default_rng(7))
    running = np.sort(made.table["running"].to_numpy())
    assert made.gain.sum() == 250
    np.testing.assert_allclose(np.diff(running), 1 / 600)


def test_one_series_alone_can_be_planned() -> None:
    """An interrupted series of one unit has one unit and no control."""
    plan = make_plan("interrupted_time_series", units=1, treated_units=None, numbers_of_units=[1])
    table = make_up(lay_out(plan), np.random.default_rng(8)).table
    assert table["unit"].nunique() == 1
    assert "control" not in table


def test_the_same_seed_makes_the_same_table() -> None:
    """Two generators from one seed; and the layout is not changed by drawing from it."""
    layout = lay_out(make_plan())
    before = layout.table.copy()
    first, second = (make_up(layout, np.random.default_rng(9)).table for _ in range(2))
    assert first.equals(second)
    assert layout.table.equals(before)
