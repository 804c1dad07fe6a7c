"""The test of pre-trends: its two ways, its power, and the trap of a test that has none."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.checks.judging import Estimate
from evalkit.checks.pre_trends import check_pre_trends, joint_p_value, smallest_slope_found
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
DRAWS = 20000
MONTE_CARLO = 4 * np.sqrt(0.8 * 0.2 / DRAWS)
"""Four standard errors of a share of 0.8 in DRAWS draws."""


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
    assert values["moved_by_it"] == pytest.approx(8 * values["slope"], abs=8 * 0.005 + 0.005)


def test_one_lead_by_hand() -> None:
    """One lead, one away, error 2: the slope is 2 times the sum of two normal quantiles."""
    slope = smallest_slope_found(np.array([1.0]), np.array([[4.0]]), np.inf, 0.05)
    by_hand = 2 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    assert slope == pytest.approx(by_hand, rel=1e-4)


def test_joint_p_by_hand() -> None:
    """Two unrelated leads of one error each: chi-squared of 2; with df 10, F of 2 and 9 x 9/20."""
    leads, covariance = np.array([1.0, 1.0]), np.eye(2)
    assert joint_p_value(leads, covariance, np.inf) == pytest.approx(stats.chi2.sf(2, 2))
    assert joint_p_value(leads, covariance, 10) == pytest.approx(stats.f.sf(2 * 9 / 20, 2, 9))


def test_power_is_four_in_five() -> None:
    """Leads drawn with the slope that is said to be found are found in 80% of draws."""
    rng = np.random.default_rng(1)
    shift, df, size = np.array([-3.0, -2.0, -1.0]), 20, 3
    covariance = np.array([[2.0, 1, 1], [1, 2, 1], [1, 1, 2]])
    slope = smallest_slope_found(shift, covariance, df, 0.05)
    leads = rng.multivariate_normal(slope * shift, covariance, DRAWS)
    scale = stats.wishart(df, covariance / df).rvs(DRAWS, random_state=rng)
    wald = np.einsum("ni,nij,nj->n", leads, np.linalg.inv(scale), leads)
    p_values = stats.f.sf(wald * (df - size + 1) / (df * size), size, df - size + 1)
    assert np.mean(p_values < 0.05) == pytest.approx(0.8, abs=MONTE_CARLO)
