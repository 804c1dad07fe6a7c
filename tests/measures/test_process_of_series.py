"""The process chart of an interrupted series: limits from before, kinds in words."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.measures.process_of_series import POINTS, tabulate_process
from evalkit.study import load_parameters
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

ROOT = Path(__file__).resolve().parents[2]
START = 2023 * 12


@pytest.fixture(scope="module")
def parameters() -> InterruptedTimeSeries:
    """Return the embedded study of one trust."""
    loaded = load_parameters(ROOT / "parameters" / "interrupted_time_series_single.yml")
    assert isinstance(loaded, InterruptedTimeSeries)
    return loaded


def make(outcome: np.ndarray, before: int, **columns: Any) -> pd.DataFrame:
    """Lay out one unit's months, so that the start is 2023-01."""
    time = START - before + np.arange(len(outcome))
    made = {
        "unit": "A",
        "cluster": "A",
        "period": [f"{t // 12}-{t % 12 + 1:02d}" for t in time],
        "time": time,
        "outcome": outcome,
        "outcome_base": np.nan,
        "weight": 1.0,
        "first_treated": float(START),
        "treated": time >= START,
    }
    return pd.DataFrame(made | columns)


def test_limits_are_those_before_the_start(parameters: InterruptedTimeSeries) -> None:
    """Steps of 2 about 81 before: mean 81, limits 81 less and plus 2.66 times 2, held."""
    outcome = np.append(np.tile([82.0, 80.0], 8), np.full(8, 90.0))
    found = tabulate_process(make(outcome, 16), parameters)
    assert (found["mean"] == 81).all()
    assert found["lower"].to_numpy() == pytest.approx(81 - 5.32)
    assert found["upper"].to_numpy() == pytest.approx(81 + 5.32)
    assert found["kind"].tolist() == ["Usual variation"] * 16 + ["Unusual, for the better"] * 8


def test_lower_may_be_better(parameters: InterruptedTimeSeries) -> None:
    """Where lower is better the same points are for the worse."""
    outcome = np.append(np.tile([82.0, 80.0], 8), np.full(8, 90.0))
    lower = parameters.model_copy(update={"outcome_better": "lower"})
    assert set(tabulate_process(make(outcome, 16), lower)["kind"].iloc[16:]) == {
        "Unusual, for the worse"
    }


def test_percentages_and_rates_have_limits_by_their_base(parameters: InterruptedTimeSeries) -> None:
    """A period with more answers has narrower limits; counts are told per so many."""
    rng = np.random.default_rng(1)
    base = np.where(np.arange(24) % 2 == 0, 400.0, 1600.0)
    shares = 100 * rng.binomial(base.astype(int), 0.8) / base
    percent = tabulate_process(make(shares, 16, outcome_base=base), parameters)
    width = (percent["upper"] - percent["lower"]).to_numpy()
    assert width[0] == pytest.approx(2 * width[1])
    counted = parameters.model_copy(update={"outcome_kind": "count", "rate_per": 100.0})
    events = rng.poisson(0.05 * base).astype(float)
    rates = tabulate_process(make(events, 16, outcome_base=base), counted)
    assert rates["value"].to_numpy() == pytest.approx(100 * events / base)
    assert (rates["base"] == base).all()


def test_too_few_points_before_make_no_chart(parameters: InterruptedTimeSeries) -> None:
    """With 12 points before the start limits are uncertain: there is no chart."""
    rng = np.random.default_rng(2)
    assert tabulate_process(make(rng.normal(80, 1, 30), 12), parameters).empty
    assert set(tabulate_process(make(rng.normal(80, 1, 30), 13), parameters)["kind"]) <= set(
        POINTS.values()
    )
