"""The test of pre-trends: its two ways, its power, and the trap of a test that has none."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.checks.judging import Estimate
from evalkit.checks.pre_trends import check_pre_trends, fit_trend, found_slope, joint_p_value
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
WORLDS = 40
SUM_OF_QUANTILES = 0.03
"""The sum of two quantiles of t stands for the exact noncentral t, which has no closed form."""

MOST_PASSES = 6
"""If one in ten passed, 7 or more of 40 would pass once in ten times; it is fewer."""


def without_covariance(estimate: Estimate) -> Estimate:
    """Return the design as if it did not show how its leads move together."""

    def plain(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
        found = estimate(table, parameters)
        return Result(found.design, found.estimates, found.primary, found.permits_cause)

    return plain


@pytest.mark.parametrize("with_covariance", [True, False])
@pytest.mark.parametrize(
    ("world", "verdict"),
    [
        ({"seed": 2}, "passes"),
        ({"seed": 2, "trend": 0.06}, "concern"),
        ({"seed": 3, "noise": 1.5, "units": 12, "treated": 6}, "cannot tell"),
    ],
)
def test_verdicts(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
    world: dict[str, float],
    verdict: str,
    with_covariance: bool,
) -> None:
    """Parallel groups pass, a trend is a concern, and a test without power cannot tell."""
    estimate = small if with_covariance else without_covariance(small)
    table = make(**world)
    check = check_pre_trends(table, estimate(table, parameters), parameters, estimate)
    assert check.verdict == verdict
    numbers_stand(check)


def test_trap_trend_too_small_to_be_seen(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A true trend that makes the whole answer, in noisy data, is never passed."""
    verdicts = []
    for seed in range(20):
        table = make(seed, effect=0.0, trend=0.05, noise=1.5, units=12, treated=6)
        result = small(table, parameters)
        verdicts.append(check_pre_trends(table, result, parameters, small).verdict)
    assert "passes" not in verdicts
    assert "cannot tell" in verdicts


def test_one_period_before_cannot_tell(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """With one period before the start nothing is seen of how groups moved."""
    table = make()
    table = table[table["time"] >= 7]
    check = check_pre_trends(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "too few periods" in check.finding


def test_bias_is_of_the_design_itself(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Means of 8 periods after and 8 before are 8 apart: a slope moves the answer by 8 slopes."""
    table = make()
    check = check_pre_trends(table, small(table, parameters), parameters, small)
    values = check.table.set_index("name")["value"]
    assert values["moved_by_it"] == pytest.approx(8 * values["trend_found"], abs=9 * 0.005)


def test_slope_by_hand() -> None:
    """Differences -4, -1 at two and one before 0: centred by -1, slope (4 + 0) / (2 + 0) = 2."""
    slope, error = fit_trend(np.array([-4.0, -1.0]), np.eye(2), np.array([-2.0, -1.0]))
    assert slope == pytest.approx(2.0)
    assert error == pytest.approx(0.5)


def test_slope_of_consecutive_changes() -> None:
    """Where differences are changes since the period before, a slope of one moves all by one."""
    slope, _ = fit_trend(np.full(3, 0.7), np.eye(3), np.ones(3))
    assert slope == pytest.approx(0.7)


def test_joint_p_by_hand() -> None:
    """Two unrelated leads of one error each: chi-squared of 2; with df 10, F of 2 and 9 x 9/20."""
    leads, covariance = np.array([1.0, 1.0]), np.eye(2)
    assert joint_p_value(leads, covariance, np.inf) == pytest.approx(stats.chi2.sf(2, 2))
    assert joint_p_value(leads, covariance, 10) == pytest.approx(stats.f.sf(2 * 9 / 20, 2, 9))


@pytest.mark.parametrize(("df", "tail"), [(10, 0.025), (18, 0.0125), (np.inf, 0.025)])
def test_slope_found_is_found_four_times_in_five(df: float, tail: float) -> None:
    """By noncentral t the power at the slope that is said to be found is 0.8."""
    away, critical = found_slope(1.0, df, tail), stats.t.isf(tail, df)
    power = stats.nct.sf(critical, df, away) if np.isfinite(df) else stats.norm.sf(critical - away)
    assert power == pytest.approx(0.8, abs=SUM_OF_QUANTILES)


def test_trap_trend_makes_the_whole_answer(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Where a trend that a test of all differences often misses is the answer, few pass."""
    verdicts = []
    for seed in range(WORLDS):
        table = make(200 + seed, effect=0.0, trend=0.035, noise=0.4, units=30, treated=15)
        result = small(table, parameters)
        verdicts.append(check_pre_trends(table, result, parameters, small).verdict)
    assert verdicts.count("passes") <= MOST_PASSES
