"""Several tests and several intervals at once: by hand, against statsmodels, and coverage."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from evalkit.inference.multiplicity import adjust_holm, adjust_romano_wolf
from evalkit.inference.simultaneous import influence_covariance, sup_t

DRAWN = 0.03
"""A quantile from 9,999 draws is known to about a hundredth; three times that."""


def test_holm_by_hand() -> None:
    """0.01, 0.03 and 0.04: 3 x 0.01, then 2 x 0.03, then no smaller than that."""
    assert adjust_holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])


def test_holm_agrees_with_statsmodels() -> None:
    """Holm's adjustment equals statsmodels'."""
    p_values = np.random.default_rng(1).uniform(size=12) ** 2
    assert adjust_holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_romano_wolf_by_hand() -> None:
    """Of 3 draws one is as far out as 3, the largest; without it one is as far as 1.5."""
    draws = np.array([[0.5, 3.5], [1.0, -2.0], [-1.6, 0.2]])
    found = adjust_romano_wolf(np.array([1.5, -3.0]), draws)
    assert found.tolist() == [0.5, 0.5]


def test_romano_wolf_of_one_hypothesis() -> None:
    """With one hypothesis the adjusted p-value is the plain one."""
    draws = np.array([[1.0], [2.5], [-2.2], [0.1]])
    assert adjust_romano_wolf(np.array([2.0]), draws)[0] == pytest.approx(3 / 5)


def test_romano_wolf_uses_dependence() -> None:
    """Statistics that are one and the same need no adjustment; Holm would double it."""
    draws = np.random.default_rng(2).normal(size=(999, 1)).repeat(2, axis=1)
    found = adjust_romano_wolf(np.array([2.0, 2.0]), draws)
    plain = (1 + np.sum(np.abs(draws[:, 0]) >= 2)) / 1000
    assert found == pytest.approx([plain, plain])


def test_sup_t_of_one_is_the_normal_quantile() -> None:
    """For a single estimate the band is the ordinary interval."""
    found = sup_t(np.array([2.0]), np.eye(1), np.random.default_rng(0))
    assert found.critical == pytest.approx(1.96, abs=2 * DRAWN)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(2.0), abs=DRAWN / 3)


def test_sup_t_of_independent_estimates() -> None:
    """For four independent estimates it is Sidak's quantile, and with few df it is wider."""
    zeros, rng = np.zeros(4), np.random.default_rng(0)
    sidak = stats.norm.ppf(0.5 + 0.95**0.25 / 2)
    assert sup_t(zeros, np.eye(4), rng).critical == pytest.approx(sidak, abs=2 * DRAWN)
    assert sup_t(zeros, np.eye(4), rng, df=4).critical > sidak + 1


def test_sup_t_of_estimates_that_are_one() -> None:
    """Estimates that move as one need no wider band, and one without error is left out."""
    covariance = np.ones((3, 3))
    covariance[2] = covariance[:, 2] = 0.0
    found = sup_t(np.zeros(3), covariance, np.random.default_rng(0))
    assert found.critical == pytest.approx(1.96, abs=2 * DRAWN)


def test_influence_covariance_by_hand() -> None:
    """Influences 1, -1, 2, -2 in two clusters sum to 0 and 0; without clusters, squares add."""
    influence = np.array([[1.0], [-1.0], [2.0], [-2.0]])
    assert influence_covariance(influence)[0, 0] == 10
    assert influence_covariance(influence, np.array([0, 0, 1, 1]))[0, 0] == 0
