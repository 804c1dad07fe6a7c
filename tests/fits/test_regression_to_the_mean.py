"""Regression to the mean: published constants, simulation, and what it does not depend on."""

import numpy as np
import pytest
from scipy import stats

from evalkit.fits.regression_to_the_mean import (
    expect_regression,
    normal_tail,
    share_within,
    whole_variance,
    within_variance,
)


@pytest.mark.parametrize(("share", "mean"), [(0.5, 0.7979), (0.2, 1.3998), (0.05, 2.0627)])
def test_mean_of_a_normal_tail(share: float, mean: float) -> None:
    """Tabled values of the normal's mean beyond a cut-off, as in tables of selection."""
    assert normal_tail(share).mean == pytest.approx(mean, abs=1e-4)


def test_variance_of_a_normal_tail() -> None:
    """The variance of a tail is that of scipy's truncated normal."""
    cut = stats.norm.isf(0.2)
    assert normal_tail(0.2).variance == pytest.approx(stats.truncnorm(cut, np.inf).var())


def test_worst_half_by_hand() -> None:
    """Variance 1 within and 3 between: the worse half regress by 1 / 2 x 0.7979 = 0.399."""
    found = expect_regression(1.0, 4.0, 0.5, chosen_by=1, before=1)
    assert found.expected == pytest.approx(0.5 * 0.7979, abs=1e-4)


def test_periods_that_did_not_decide_dilute_it() -> None:
    """If one of three periods decided, the mean of three regresses by a third."""
    alone = expect_regression(1.0, 4.0, 0.2, 1, 1).expected
    assert expect_regression(1.0, 4.0, 0.2, 1, 3).expected == pytest.approx(alone / 3)


def test_simulated_units_regress_as_expected() -> None:
    """A million made-up units, the worst fifth by two periods: they come back as far as said."""
    rng = np.random.default_rng(1)
    values = 0.8 * rng.normal(size=(1_000_000, 1)) + rng.normal(size=(1_000_000, 4))
    means = values[:, :2].mean(axis=1)
    chosen = values[means <= np.quantile(means, 0.2)]
    came_back = chosen[:, 3].mean() - chosen[:, :2].mean()
    whole = whole_variance(float(chosen[:, :2].mean(axis=1).var()), 0.2)
    within = within_variance(chosen, [[0, 1], [2, 3]])
    assert whole == pytest.approx(0.8**2 + 1 / 2, rel=0.01)
    assert within == pytest.approx(1, rel=0.01)
    assert expect_regression(within, whole, 0.2, 2, 2).expected == pytest.approx(
        came_back, rel=0.02
    )


def test_correlation_says_the_same() -> None:
    """Of variances 3 between and 1 within, correlation 0.75; of a mean of two, 1/7 is within."""
    assert share_within(0.75, 1) == pytest.approx(0.25)
    assert share_within(0.75, 2) == pytest.approx((1 / 2) / (3 + 1 / 2))


def test_within_variance_by_hand() -> None:
    """Two units at 1, 3 and 4, 4: period means taken out, each is 1/2 off twice, one degree."""
    values = np.array([[1.0, 3.0, np.nan], [4.0, 4.0, 9.0]])
    assert within_variance(values, [[0, 1]]) == pytest.approx(4 * 0.5**2 / 1)
    assert np.isnan(within_variance(values, [[0], [2]]))
