"""What a plan shows: columns, agreement with what was tried, and what else may do."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from evalkit.planning.plan_tables import (
    advise_on_plan,
    make_result,
    tabulate_assumptions,
    tabulate_designs,
    tabulate_intervals,
    tabulate_needs,
    tabulate_numbers,
    tabulate_power,
)
from evalkit.planning.planned_power import Trials, try_numbers
from evalkit.planning.planned_precision import find_precision
from evalkit.results import ESTIMATE_COLUMNS

_MADE = runpy.run_path(str(Path(__file__).with_name("made_plan.py")))
make_plan = _MADE["make_plan"]


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Try a plan of 20 wards, and of 12."""
    return try_numbers(make_plan())


def test_power_by_size_and_number(trials: Trials) -> None:
    """Each number has a row a size, with none first, and what is tried stands as a share of 100."""
    table = tabulate_power(trials)
    assert table["units"].to_list() == [12] * 4 + [20] * 4
    assert table["size"].to_list() == [0.0, 0.1, 0.2, 0.4] * 2
    own = table[(table["units"] == 20) & (table["size"] == 0.2)].iloc[0]
    assert own["power"] == 100 * trials.main.power(0.2).value
    formula = find_precision(trials.plan, 20)
    assert formula is not None
    assert own["power_by_formula"] == 100 * formula.power(0.2)
    none = table[table["size"] == 0.0]
    assert (none["power_by_formula"].round(9) == 5.0).all()
    assert none["power"].iloc[1] == 100 * trials.main.false_alarms().value


def test_numbers_and_intervals(trials: Trials) -> None:
    """What is found and the share that have it, by number; shares lie from 0 to 100."""
    numbers, intervals = tabulate_numbers(trials), tabulate_intervals(trials)
    assert numbers["treated_units"].to_list() == [6, 10]
    assert numbers["detectable"].iloc[1] == trials.main.detectable().value
    assert numbers["detectable"].is_monotonic_decreasing
    shares = intervals[["coverage", "false_alarms", "refused"]].to_numpy()
    assert ((shares >= 0) & (shares <= 100)).all()
    assert intervals["coverage"].iloc[1] + intervals["false_alarms"].iloc[1] == pytest.approx(100)


def test_no_columns_by_formula_where_there_is_none() -> None:
    """Mediation has none, and no table of other assumptions."""
    plan = make_plan("mediation", simulations=50, numbers_of_units=[20], effects=[0.1])
    trials = try_numbers(plan)
    for table in (tabulate_power(trials), tabulate_numbers(trials)):
        assert not [name for name in table if name.endswith("_by_formula")]
    assert tabulate_assumptions(plan).empty
    assert make_result(trials).estimates["method"].to_list() == ["simulation"]


def test_other_assumptions_move_what_is_found() -> None:
    """Fewer answers and longer ups and downs find less; the first row is the plan as it is."""
    plan = make_plan()
    table = tabulate_assumptions(plan).set_index("assumption")
    formula = find_precision(plan, 20)
    assert formula is not None
    assert table["detectable"].iloc[0] == formula.detectable_effect()
    assert table.loc["Half as many answers", "detectable"] > table["detectable"].iloc[0]
    assert table.loc["As many answers as one likes", "units_needed"] < table["units_needed"].iloc[0]


def test_shares_may_be_otherwise_too() -> None:
    """A plan in shares is asked what comes of half as lasting a one."""
    shares = {"unit_sd": None, "drift_sd": None, "icc": 0.03, "cac": 0.8}
    table = tabulate_assumptions(make_plan(**shares)).set_index("assumption")
    less = table.loc["Half as much of what tells units apart lasts", "detectable"]
    assert less > table.loc["As assumed", "detectable"]


def test_a_lot_is_weighed() -> None:
    """A stepped wedge is allowed with an order drawn by lot, without one with reservations."""
    weak = "allowed, with reservations"
    for allocation, allowed in (("random", "allowed"), ("not_random", weak)):
        plan = make_plan("stepped_wedge", allocation=allocation)
        found = {one.design: one.allowed for one in advise_on_plan(plan)}
        assert found["stepped_wedge"] == allowed


def test_every_design_is_listed_with_what_it_needs() -> None:
    """Ten designs, those allowed first; each need is met or not, or weakens."""
    designs, needs = tabulate_designs(make_plan()), tabulate_needs(make_plan())
    assert len(designs) == 10
    assert designs["design"].iloc[0] == "Difference in differences"
    assert "Before and after" in set(designs["design"])
    assert designs["allowed"].iloc[0] == "allowed"
    assert set(needs["design"]) == set(designs["design"])
    assert set(needs["state"]) == {"met", "not met", "weak without", "to be found out"}
    assert needs["need"].str.len().max() <= 200


def test_result_stands_by_its_own_trial(trials: Trials) -> None:
    """The primary row is the trial's, with its chance; the formula's stands beside it."""
    result = make_result(trials)
    assert set(ESTIMATE_COLUMNS) <= set(result.estimates)
    assert result.headline["estimate"] == trials.main.detectable().value
    assert result.headline["n"] == 60
    assert result.estimates["method"].to_list() == ["simulation", "formula"]
    assert np.isnan(result.estimates["std_error"].iloc[1])
    assert not result.permits_cause
