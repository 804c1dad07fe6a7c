"""How sure a joint difference is: degrees of freedom and spread by outcome, arm by arm."""

import numpy as np
import pytest
from scipy import stats

from evalkit.fits.joint_differences import JointDifferences, fit_joint_differences

WITH, WITHOUT = np.array([3.0, 4, 5, 9]), np.array([0.0, 2, 4, 4, 4, 1])
BY_CHANCE = 0.03
"""A standard deviation of 20,000 draws is off by half a per cent; six of those."""


def differ(with_: np.ndarray, without: np.ndarray, draws: int = 99) -> JointDifferences:
    """Return the difference of clusters of one person each, a cost of one arm beside it."""
    treated = np.repeat([1.0, 0.0], [len(with_), len(without)])
    outcomes = {"score": np.concatenate([with_, without])}
    outcomes["cost"] = outcomes["score"] * treated
    rng = np.random.default_rng(1)
    return fit_joint_differences(outcomes, treated, np.arange(len(treated)), rng, draws=draws)


def test_degrees_of_freedom_are_welchs_where_both_arms_vary() -> None:
    """Of clusters of one person they are those of Welch's t-test in independent software."""
    found = differ(WITH, WITHOUT)
    welch = stats.ttest_ind(WITH, WITHOUT, equal_var=False)
    assert found.df({"score": 1.0}) == pytest.approx(welch.df)


def test_degrees_of_freedom_by_hand() -> None:
    """Variances 1/3 and 4/3 of three clusters each: (5/3)^2 over (1/9 + 16/9) / 2 is 50/17."""
    found = differ(np.array([3.0, 4, 5]), np.array([0.0, 2, 4]))
    assert found.df({"score": 1.0}) == pytest.approx(50 / 17)


def test_what_one_arm_bears_has_the_degrees_of_freedom_of_that_arm() -> None:
    """Four clusters bear the cost, six none: three degrees of freedom and not eight."""
    assert differ(WITH, WITHOUT).df({"cost": 1.0}) == pytest.approx(3.0)


def test_weighted_sum_has_degrees_of_freedom_of_its_own() -> None:
    """What is left of the score without the cost varies in the other arm alone: five."""
    assert differ(WITH, WITHOUT).df({"score": 1.0, "cost": -1.0}) == pytest.approx(5.0)


def test_spread_is_that_of_unequal_arms() -> None:
    """The redrawn spread is the standard error of two samples of unequal size, for each sum."""
    found = differ(WITH, WITHOUT, draws=20_000)
    of_arms = [WITH.var(ddof=1) / 4, WITHOUT.var(ddof=1) / 6]
    for weights, variance in (
        ({"score": 1.0}, sum(of_arms)),
        ({"cost": 1.0}, of_arms[0]),
        ({"score": 1.0, "cost": -1.0}, of_arms[1]),
    ):
        spread = found.redrawn(weights).std(ddof=1)
        assert spread == pytest.approx(np.sqrt(variance), rel=BY_CHANCE)


def test_interval_of_a_cost_of_a_small_arm_covers() -> None:
    """Where five clusters of twenty bear a cost, nine in ten 95% intervals or more hold it."""
    rng, held, runs = np.random.default_rng(7), 0, 400
    for _ in range(runs):
        found = differ(rng.normal(20, 5, 5), rng.normal(0, 5, 15), draws=999)
        _, low, high = found.interval({"cost": 1.0}, 0.95)
        held += low <= 20 <= high
    assert 0.91 <= held / runs <= 0.98
