"""Causes alike on average may differ in spread or together, and foretell a jump together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.likeness import check_likeness
from evalkit.checks.threshold import check_jumps_of_causes
from evalkit.designs import regression_discontinuity, weighted_comparison
from evalkit.results import Check
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[3]
Stand = Callable[[Check], None]
PEOPLE = 1500
EQUAL = 1e-6
"""Standard deviations: the weights are fitted until averages agree."""


def study(name: str, **changes: Any) -> DesignStudy:
    """Return an embedded study with some choices changed."""
    loaded = load_parameters(ROOT / "parameters" / f"{name}.yml")
    assert isinstance(loaded, DesignStudy)
    return loaded.model_copy(update={"subgroups": [], "placebo_outcomes": [], **changes})


def make_people(spread: float, together: float) -> pd.DataFrame:
    """Make people, half with it; their age spreads `spread` times as wide, and goes with need."""
    rng = np.random.default_rng(11)
    treated = np.arange(PEOPLE) % 2 == 0
    age = rng.normal(size=PEOPLE) * np.where(treated, spread, 1.0)
    need = together * treated * age + rng.normal(size=PEOPLE)
    unit = rng.integers(0, 50, PEOPLE).astype(str)
    return pd.DataFrame(
        {
            **dict.fromkeys(("unit", "unit_name", "cluster"), unit),
            **{"period": "2025", "time": 0, "weight": 1.0, "outcome_base": np.nan},
            **{"treated": treated, "age": age, "need": need},
            "outcome": 7 + 0.5 * age**2 + rng.normal(size=PEOPLE),
        }
    )


@pytest.mark.parametrize("method", ["overlap_weights", "entropy_balance"])
@pytest.mark.parametrize(
    ("spread", "together", "verdict", "furthest"),
    [(1.0, 0.0, "passes", ""), (2.0, 0.0, "concern", "age squared"), (1.0, 1.0, "concern", "")],
    ids=["alike", "wider", "goes together"],
)
def test_equal_averages_are_not_enough(
    numbers_stand: Stand, method: str, spread: float, together: float, verdict: str, furthest: str
) -> None:
    """Averages agree after weighting, and the check still sees spreads and products that do not."""
    chosen = study("weighted_comparison", method=method, adjust_for=["age", "need"])
    table = make_people(spread, together)
    result = weighted_comparison.estimate(table, chosen)
    assert result.tables["balance"]["difference_after"].abs().max() < EQUAL
    check = check_likeness(table, result, chosen, weighted_comparison.estimate)
    assert check.verdict == verdict
    assert furthest in check.finding
    numbers_stand(check)


def test_one_cause_with_two_values_is_alike_once_its_shares_are() -> None:
    """Its share is all there is to a yes or no, so that nothing else is asked for."""
    chosen = study("weighted_comparison", adjust_for=["alone"])
    table = make_people(1.0, 0.0)
    table["alone"] = (table["age"] + table["treated"] > 0).astype(float)
    result = weighted_comparison.estimate(table, chosen)
    check = check_likeness(table, result, chosen, weighted_comparison.estimate)
    assert check.verdict == "passes"


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize(("jump", "verdict"), [(0.0, "passes"), (0.1, "concern")])
def test_what_causes_foretell_is_asked_for(
    numbers_stand: Stand, jump: float, verdict: str, side: str
) -> None:
    """Twelve causes jump by little, none beyond chance by itself, and what they foretell does."""
    rng = np.random.default_rng(8)
    n, names = 8000, [f"cause_{i}" for i in range(12)]
    above = rng.uniform(0, 100, n)
    offered = above >= 50
    running = above if side == "above" else 100 - above
    causes = rng.normal(size=(n, len(names))) + jump * offered[:, None]
    unit = np.arange(n).astype(str)
    table = pd.DataFrame(causes, columns=names).assign(
        **dict.fromkeys(("unit", "unit_name", "cluster"), unit),
        **{"period": "2025", "time": 0, "weight": 1.0, "outcome_base": np.nan},
        running=running,
        outcome=7 + 0.5 * causes.sum(axis=1) + 0.5 * offered + rng.normal(0, 0.5, n),
    )
    chosen = study("regression_discontinuity", adjust_for=names, bandwidth=25.0, offered_side=side)
    result = regression_discontinuity.estimate(table, chosen)
    check = check_jumps_of_causes(table, result, chosen, regression_discontinuity.estimate)
    assert "Together they foretell" in check.finding
    assert check.verdict == verdict
    numbers_stand(check)
