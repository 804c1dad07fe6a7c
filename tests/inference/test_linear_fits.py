"""Least squares and contrasts of one fit or of several: by hand, by drawing, and refusals."""

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.linear_fits import LinearFits, describe_contrasts, fit_least_squares

EXACT = 1e-9
"""The same formula in other code differs by rounding alone."""

DRAWN = 0.02
"""Monte Carlo error of a tail quantile of 400,000 draws, about four of its standard errors."""


def test_mean_by_hand() -> None:
    """1, 2, 6: mean 3, variance 7, so the error of the mean is the root of 7/3, with t(2)."""
    fits = fit_least_squares(np.array([1.0, 2, 6]), np.ones((3, 1)))
    found = describe_contrasts(fits, np.eye(1))
    assert found.estimate[0] == pytest.approx(3.0)
    assert found.std_error[0] == pytest.approx(np.sqrt(7 / 3))
    half = stats.t.ppf(0.975, 2) * np.sqrt(7 / 3)
    assert found.conf_low[0] == pytest.approx(3 - half, rel=EXACT)
    assert found.conf_high[0] == pytest.approx(3 + half, rel=EXACT)


def test_hc1_by_hand() -> None:
    """1, 2, 6: squared deviations 4, 1, 9 over n squared, times 3/2."""
    fits = fit_least_squares(np.array([1.0, 2, 6]), np.ones((3, 1)), errors="hc1")
    assert fits.cov[0, 0, 0] == pytest.approx(14 / 9 * 1.5)


def test_weights_are_inverse_variances() -> None:
    """Two values with weights 3 and 1: the mean is a quarter of the way."""
    fits = fit_least_squares(np.array([0.0, 4.0]), np.ones((2, 1)), weight=np.array([3.0, 1.0]))
    assert fits.mean[0] == pytest.approx(1.0)


def test_mixture_equals_drawing_from_it() -> None:
    """Quantiles, error and p-value of two unlike fits equal those of draws from them."""
    fits = LinearFits(
        np.array([0.7, 0.3]),
        np.array([[1.0], [2.0]]),
        np.array([[[0.25]], [[4.0]]]),
        9.0,
        np.zeros(2),
    )
    found = describe_contrasts(fits, np.eye(1), level=0.9)
    rng = np.random.default_rng(1)
    which = rng.random(400_000) < 0.7
    draws = rng.standard_t(9, 400_000)
    draws = np.where(which, 1 + 0.5 * draws, 2 + 2 * draws)
    low, high = np.quantile(draws, [0.05, 0.95])
    assert found.conf_low[0] == pytest.approx(low, abs=DRAWN)
    assert found.conf_high[0] == pytest.approx(high, abs=DRAWN)
    assert found.p_value[0] == pytest.approx(2 * np.mean(draws < 0), rel=DRAWN)
    within = 0.7 * 0.25 + 0.3 * 4
    assert found.std_error[0] == pytest.approx(np.sqrt(within + 0.7 * 0.3**2 + 0.3 * 0.7**2))


def test_p_against_another_value() -> None:
    """The p-value of the estimate itself is one, and that of an end of the interval 0.05."""
    fits = fit_least_squares(np.array([1.0, 2, 6]), np.ones((3, 1)))
    found = describe_contrasts(fits, np.eye(1))
    rows = np.ones((2, 1))
    against = np.array([found.estimate[0], found.conf_low[0]])
    p_value = describe_contrasts(fits, rows, against=against).p_value
    assert p_value.tolist() == pytest.approx([1.0, 0.05], rel=1e-7)


def test_collinear_columns_are_refused() -> None:
    """Columns that add up to one another are named as the reason."""
    x = np.column_stack([np.ones(4), [0.0, 0, 1, 1], [1.0, 1, 0, 0]])
    with pytest.raises(AnalysisError, match="one column is a sum of others"):
        fit_least_squares(np.arange(4.0), x)


def test_too_few_rows_are_refused() -> None:
    """As many coefficients as rows leave nothing to judge errors by."""
    with pytest.raises(AnalysisError, match="2 are too few for a regression with 2 coefficients"):
        fit_least_squares(np.arange(2.0), np.eye(2))
