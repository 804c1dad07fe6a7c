"""Every design of the workbench with its own checks, on a small world with an effect."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import CHECKS, MUST_PASS, check_all
from evalkit.results import Check
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

Make = Callable[..., pd.DataFrame]
QUARTER = "2020Q1"


def with_starts(table: pd.DataFrame, starts: np.ndarray) -> pd.DataFrame:
    """Let each unit start when `starts` says, and take the effect away from before."""
    first = pd.Series(starts, index=table["unit"].unique())
    own = table["unit"].map(first)
    return table.assign(first_treated=own, treated=table["time"] >= own)


def make_half(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 24 units of which half start at one time."""
    return make(units=24, treated=12), {"start_period": QUARTER}


def make_all(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 16 units that all start at one time."""
    return make(units=16, treated=16), {"start_period": QUARTER}


def make_steps(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 20 units of which five each start in the sixth and tenth period."""
    table = make(units=20, treated=0)
    starts = np.repeat([5.0, 9.0, np.nan, np.nan], 5)
    table = with_starts(table, starts)
    return table.assign(outcome=table["outcome"] + 0.5 * table["treated"]), {}


def make_lots(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 9 clusters that cross over in three steps, by lot."""
    table = with_starts(make(units=9, treated=0, periods=4), np.repeat([1.0, 2.0, 3.0], 3))
    table = table.assign(outcome=table["outcome"] + 0.5 * table["treated"])
    return table, {"allocation": "random"}


def make_series(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make one series of 36 periods that changes in the nineteenth, beside a control."""
    table = with_starts(make(units=2, treated=0, periods=36), np.array([18.0, np.nan]))
    table = table.assign(outcome=table["outcome"] + 1.0 * table["treated"])
    return table.assign(control=table["unit"] == "U001"), {"start_period": "2022Q3"}


def make_lone(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make one unit that starts in the thirteenth period, and twenty that move like it."""
    table = with_starts(
        make(units=21, treated=0, periods=24, noise=0.05), np.array([12.0] + [np.nan] * 20)
    )
    shared = np.random.default_rng(2).normal(0, 1.0, 24).cumsum()
    outcome = table["outcome"] + shared[table["time"]] + 0.6 * table["treated"]
    return table.assign(outcome=outcome), {"start_period": "2021Q1", "largest_misfit": 1.0}


def make_doses(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 20 units whose dose moves, each unit of it adding 0.4."""
    table = make(units=20, treated=0, periods=10).drop(columns=["first_treated", "treated"])
    dose = np.random.default_rng(3).normal(5, 1, len(table))
    table = table.assign(dose=dose, outcome=table["outcome"] + 0.4 * dose)
    return table, {"dose_name": "sessions", "dose_unit": "sessions", "dose_step": 1.0}


def make_carried(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 24 units whose exposure moves a mediator, and that the outcome, a period each."""
    table = make(units=24, treated=0, periods=12).drop(columns=["first_treated", "treated"])
    rng = np.random.default_rng(4)
    exposure = rng.normal(size=(24, 12))
    mediator = 0.6 * np.roll(exposure, 1, axis=1) + rng.normal(0, 0.5, (24, 12))
    outcome = 0.5 * np.roll(mediator, 1, axis=1).ravel() + rng.normal(0, 0.3, 288)
    table = table.assign(exposure=exposure.ravel(), mediator=mediator.ravel(), outcome=outcome)
    return table, {"exposure_name": "morale", "exposure_unit": "points", "mediator_name": "time"}


def make_people(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make 1,500 people in 30 units, some with an offer that goes by age, and by need above 20."""
    rng = np.random.default_rng(5)
    unit = rng.integers(0, 30, 1500).astype(str)
    age, need = rng.normal(size=1500), rng.normal(20, 5, 1500)
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "cluster": unit,
            "period": "2024",
            "time": 0,
            "outcome_base": np.nan,
            "weight": 1.0,
            "age": age,
            "running": need,
            "treated": rng.random(1500) < 1 / (1 + np.exp(-0.5 * age)),
            "outcome": 7 + 0.3 * age + 0.05 * need + rng.normal(size=1500),
        }
    ), {"data_rows": "people", "adjust_for": ["age"]}


def make_weighted(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make people whose offer, which goes by age, adds 0.5."""
    table, changes = make_people(make)
    return table.assign(outcome=table["outcome"] + 0.5 * table["treated"]), changes


def make_threshold(make: Make) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make people who gain 0.6 where their need is above 20."""
    table, changes = make_people(make)
    jump = table.assign(outcome=table["outcome"] + 0.6 * (table["running"] >= 20))
    more = {"threshold": 20.0, "offered_side": "above", "running_name": "need"}
    return jump.drop(columns=["treated"]), changes | more


CASES = {
    "before_after": make_all,
    "difference_in_differences": make_half,
    "staggered_adoption": make_steps,
    "interrupted_time_series": make_series,
    "stepped_wedge": make_lots,
    "synthetic_control": make_lone,
    "dose_response": make_doses,
    "mediation": make_carried,
    "regression_discontinuity": make_threshold,
    "weighted_comparison": make_weighted,
}


def study_of(design: str, shared: DesignStudy, changes: dict[str, Any]) -> DesignStudy:
    """Return parameters of a design, with what all designs share."""
    schema = SCHEMAS[design]
    assert issubclass(schema, DesignStudy)
    said = {k: v for k, v in shared.model_dump().items() if k in DesignStudy.model_fields}
    return schema(**(said | {"notebook": design, "draws": 199} | changes))


@pytest.mark.parametrize("design", CASES)
def test_checks_of_a_real_design(
    make: Make,
    parameters: DesignStudy,
    numbers_stand: Callable[[Check], None],
    design: str,
) -> None:
    """All checks run, all numbers stand, what must pass does, and the table is left alone."""
    table, changes = CASES[design](make)
    study = study_of(design, parameters, changes)
    estimate = import_module(f"evalkit.designs.{design}").estimate
    before = table.copy()
    checks = check_all(table, estimate(table, study), study, estimate)
    assert len(checks) == len(CHECKS[design])
    verdicts = {check.name: check.verdict for check in checks}
    assert {verdicts[name] for name in MUST_PASS[design]} <= {"passes"}, verdicts
    assert sum(verdict == "concern" for verdict in verdicts.values()) <= 1, verdicts
    for check in checks:
        numbers_stand(check)
        assert check.finding and check.power and check.consequence
    pd.testing.assert_frame_equal(table, before)
