"""Tests of autocorrelation and Newey-West errors: by hand, against statsmodels, and refusals."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.inference.linear_fits import fit_least_squares
from evalkit.inference.serial_correlation import (
    autocorrelations,
    breusch_godfrey,
    durbin_watson,
    fit_newey_west,
    ljung_box,
    usual_lags,
)

EXACT = 1e-10
"""The same formula in other code differs by rounding alone."""

ALTERNATING = np.array([1.0, -1.0, 1.0, -1.0])


@pytest.fixture
def walk() -> np.ndarray:
    """Return errors that carry over by 0.6."""
    rng = np.random.default_rng(1)
    errors = np.zeros(40)
    for i in range(1, 40):
        errors[i] = 0.6 * errors[i - 1] + rng.normal()
    return errors


def test_durbin_watson_by_hand() -> None:
    """1, -1, 1, -1: three changes of 2 squared over four ones: 12 / 4 = 3."""
    assert durbin_watson(ALTERNATING) == pytest.approx(3.0)


def test_autocorrelations_by_hand() -> None:
    """1, -1, 1, -1: one period apart -3/4, two apart +2/4."""
    assert autocorrelations(ALTERNATING, 2).tolist() == pytest.approx([-0.75, 0.5])


def test_ljung_box_by_hand() -> None:
    """1, -1, 1, -1 at one lag: 4 * 6 * (0.75 squared / 3) = 4.5, chi-squared of one."""
    test = ljung_box(ALTERNATING, 1)
    assert test.statistic == pytest.approx(4.5)
    assert test.p_value == pytest.approx(0.033894853524689, rel=EXACT)


def test_ljung_box_counts_what_was_fitted() -> None:
    """A correlation that the model estimated costs one degree of freedom, but never the last."""
    assert ljung_box(np.arange(9.0), 3, fitted=1).df == 2
    assert ljung_box(np.arange(9.0), 1, fitted=1).df == 1


def test_breusch_godfrey_and_ljung_box_equal_statsmodels(walk: np.ndarray) -> None:
    """Statistics and p-values equal those of statsmodels."""
    from statsmodels.api import OLS
    from statsmodels.stats.diagnostic import acorr_breusch_godfrey, acorr_ljungbox

    design = np.column_stack([np.ones(40), np.arange(40)])
    fit = OLS(walk, design).fit()
    statistic, p_value, *_ = acorr_breusch_godfrey(fit, nlags=2, result_object=False)
    ours = breusch_godfrey(design, fit.resid, 2)
    assert (ours.statistic, ours.p_value) == pytest.approx((statistic, p_value), rel=EXACT)
    box = acorr_ljungbox(fit.resid - fit.resid.mean(), lags=[4]).iloc[0]
    theirs = (box["lb_stat"], box["lb_pvalue"])
    found = ljung_box(fit.resid, 4)
    assert (found.statistic, found.p_value) == pytest.approx(theirs, rel=EXACT)


def test_newey_west_without_lags_is_whites() -> None:
    """With no lags and a constant alone: the sum of squared deviations over n squared."""
    values = np.array([1.0, 2.0, 6.0])
    fits = fit_newey_west(values, np.ones((3, 1)), 0, adjust=False)
    assert fits.cov[0, 0, 0] == pytest.approx((4 + 1 + 9) / 9)
    assert np.isinf(fits.df)


def test_newey_west_keeps_series_apart() -> None:
    """Of two series of two, products across the border between them are left out."""
    values = np.array([1.0, -1.0, 1.0, -1.0])
    chain = np.array([0, 0, 1, 1])
    fits = fit_newey_west(values, np.ones((4, 1)), 1, chain=chain, adjust=False)
    assert fits.cov[0, 0, 0] == pytest.approx((4 + 0.5 * 2 * (-1 - 1)) / 16)


def test_weights_repeat_rows(walk: np.ndarray) -> None:
    """The estimate with weight two on some rows is that with these rows doubled."""
    design = np.column_stack([np.ones(40), np.arange(40)])
    weight = np.where(np.arange(40) < 10, 2.0, 1.0)
    doubled = np.r_[np.arange(10), np.arange(40)]
    weighted = fit_newey_west(walk, design, 2, weight=weight).mean
    repeated = fit_least_squares(walk[doubled], design[doubled]).mean
    assert weighted == pytest.approx(repeated, rel=1e-8)


def test_usual_lags() -> None:
    """The rule gives 3 lags for 48 rows and 4 for 100."""
    assert [usual_lags(48), usual_lags(100)] == [3, 4]


@pytest.mark.parametrize("lags", [-1, 4, 9])
def test_too_many_lags_are_refused(lags: int) -> None:
    """As many lags as rows cannot be looked back over."""
    with pytest.raises(AnalysisError, match=rf"lags: {lags}, and there are 4 rows"):
        autocorrelations(ALTERNATING, lags)
