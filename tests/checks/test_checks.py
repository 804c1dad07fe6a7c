"""Each check can pass and can fail, and says which."""

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.order import check_order, order_not_seen, order_unknown
from evalkit.checks.robustness import check_between, check_clusters, check_influence
from evalkit.checks.variation import check_composition, check_matching, check_noise, check_variation
from evalkit.results import Result
from evalkit.study.schema import StaffWellbeing


def lags(estimate: float, error: float, p_value: float) -> Result:
    """Return the result of a lag model with the given sum of too-soon terms."""
    half = 1.98 * error
    table = pd.DataFrame(
        [
            {
                "term": "too_soon",
                "estimate": estimate,
                "std_error": error,
                "conf_low": estimate - half,
                "conf_high": estimate + half,
                "level": 0.95,
                "df": 129.0,
                "p_value": p_value,
            }
        ]
    )
    return Result("distributed_lags", table, {"term": "too_soon"})


PRIMARY = pd.Series({"estimate": 0.05, "conf_low": 0.03, "conf_high": 0.07, "clusters": 130})


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        (lags(0.0, 0.01, 0.9), "passes"),
        (lags(0.05, 0.01, 0.001), "concern"),
        (lags(0.0, 0.10, 0.9), "cannot tell"),
    ],
)
def test_order(model: Result, verdict: str) -> None:
    """Nothing too soon passes; something is a concern; a test too weak cannot tell."""
    assert check_order(model, PRIMARY).verdict == verdict


def test_same_period_shows_no_order() -> None:
    """Where staff and patients of one period are compared, no order is seen, whatever the leads."""
    for model in (None, lags(0.0, 0.01, 0.9), lags(0.05, 0.01, 0.001)):
        check = order_not_seen(model)
        assert check.verdict == "cannot tell"
        assert "compared in the same period" in check.finding


@pytest.mark.parametrize(("matched", "verdict"), [(24, "passes"), (6, "concern")])
def test_matching(matched: int, verdict: str) -> None:
    """A concern if most trusts of the smaller source are not found in the other."""
    coverage = pd.DataFrame(
        {
            "counted": "units",
            "found_in": ["staff only", "patients only", "both"],
            "count": [100, 25 - matched, matched],
        }
    )
    check = check_matching(coverage)
    assert check.verdict == verdict
    assert f"{matched} of 25 trusts" in check.finding


def test_order_untested_says_why() -> None:
    """Two periods: the check says so and is not passed over."""
    check = order_unknown(2, 5)
    assert check.verdict == "cannot tell"
    assert "the longest series has 2 periods" in check.finding


@pytest.mark.parametrize(
    ("estimates", "verdict"), [([0.045, 0.055], "passes"), ([0.01], "concern")]
)
def test_influence(estimates: list[float], verdict: str) -> None:
    """A concern if leaving one trust out takes the interval across zero."""
    left_out = pd.DataFrame({"estimate": estimates})
    assert check_influence(PRIMARY, left_out).verdict == verdict


@pytest.mark.parametrize(("between", "verdict"), [(0.06, "passes"), (0.30, "concern")])
def test_between(between: float, verdict: str) -> None:
    """A concern if trusts compared with each other tell another story."""
    table = pd.DataFrame(
        {
            "method": ["within_part", "between_part"],
            "estimate": [0.05, between],
            "std_error": [0.01, 0.03],
            "level": 0.95,
            "df": 129.0,
        }
    )
    assert check_between(Result("", table, {})).verdict == verdict


@pytest.mark.parametrize(("trusts", "verdict"), [(130, "passes"), (6, "concern")])
def test_clusters(trusts: int, verdict: str) -> None:
    """A concern below ten trusts."""
    assert check_clusters(pd.Series({"clusters": trusts})).verdict == verdict


def panel_of(spread: float, noise: float | None, periods: int = 6) -> pd.DataFrame:
    """Return 60 trusts whose exposure moves by `spread` within them, noise included."""
    rng = np.random.default_rng(2)
    unit = np.repeat([f"T{i:02d}" for i in range(60)], periods)
    time = np.tile(np.arange(periods), 60)
    return pd.DataFrame(
        {
            "unit": unit,
            "time": time,
            "exposure": 7 + rng.normal(0, spread, len(unit)),
            "exposure_variance": np.nan if noise is None else noise**2,
            "outcome": rng.normal(size=len(unit)),
            "outcome_variance": 0.1,
        }
    )


@pytest.mark.parametrize(
    ("spread", "verdict"), [(0.15, "passes"), (0.05, "concern"), (0.5, "concern")]
)
def test_variation(simple: StaffWellbeing, spread: float, verdict: str) -> None:
    """A concern if trusts move by less than half, or more than twice, the step of 0.15."""
    parameters = simple.model_copy(update={"exposure_step": 0.15})
    assert check_variation(panel_of(spread, 0.01), parameters).verdict == verdict


@pytest.mark.parametrize(
    ("noise", "verdict"), [(0.02, "passes"), (0.13, "concern"), (None, "cannot tell")]
)
def test_noise(simple: StaffWellbeing, noise: float | None, verdict: str) -> None:
    """A concern if most movement is noise; unknown noise cannot be told."""
    assert check_noise(panel_of(0.15, noise), simple).verdict == verdict


@pytest.mark.parametrize(("dropped", "verdict"), [(0, "passes"), (30, "concern")])
def test_composition(dropped: int, verdict: str) -> None:
    """A concern if fewer than four in five trusts are there throughout."""
    panel = panel_of(0.15, 0.01)
    gone = (panel["time"] == 0) & panel["unit"].isin(panel["unit"].unique()[:dropped])
    assert check_composition(panel[~gone]).verdict == verdict
