"""Pooled effects of sites: by hand, with known truth, and what is refused."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.between_site_variance import fit_between_variance
from evalkit.fits.pooling import (
    fit_funnel_asymmetry,
    fit_meta_regression,
    fit_pooled,
    leave_one_out,
)
from evalkit.fits.site_shrinkage import shrink_sites

THREE_ERRORS = 3.3
"""Standard errors of a share or mean that a simulation may be off by."""
TWO = np.array([0.0, 2.0]), np.array([0.5, 0.5])
"""Two sites: Q is 2, one more than its degree of freedom."""


def draw_sites(
    rng: np.random.Generator, sites: int, tau: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true effects about .2, their estimates, and sampling variances."""
    variances = rng.uniform(0.01, 0.1, sites)
    truth = rng.normal(0.2, tau, sites)
    return truth, truth + rng.normal(size=sites) * np.sqrt(variances), variances


def test_fixed_effect_by_hand() -> None:
    """Weights 1 and 3 on 0 and 4 give 3, with variance 1 / 4."""
    fit = fit_pooled(np.array([0.0, 4]), np.array([1, 1 / 3]), method="fixed", knapp_hartung=False)
    assert (fit.effect.estimate, fit.effect.std_error) == pytest.approx((3.0, 0.5))


@pytest.mark.parametrize("method", ["dersimonian_laird", "paule_mandel", "reml"])
def test_variance_between_two_sites_by_hand(method: str) -> None:
    """Equal sites: the variance of the estimates, 2, less the sampling variance, .5."""
    assert fit_pooled(*TWO, method=method).tau2 == pytest.approx(1.5)


def test_maximum_likelihood_by_hand() -> None:
    """Maximum likelihood divides by 2 and not 1: 1 - .5."""
    assert fit_pooled(*TWO, method="ml").tau2 == pytest.approx(0.5)


def test_share_of_variance_by_hand() -> None:
    """I2 is (Q - 1) / Q; Q is 2 x 1 / .5 = 4, so 3/4."""
    fit = fit_pooled(*TWO, method="dersimonian_laird")
    assert (fit.q, fit.i2) == pytest.approx((4.0, 0.75))


@pytest.mark.parametrize("effect", [0.0, 0.1, 0.3, 8.1, -50.0])
@pytest.mark.parametrize("variances", [[0.04] * 5, [0.01, 0.0575, 0.105, 0.1525, 0.2]])
def test_equal_sites_are_as_sure_as_their_own_errors(effect: float, variances: list[float]) -> None:
    """Five sites of one effect: its error is that of the weights alone, its interval t with 4."""
    errors = np.array(variances)
    fit = fit_pooled(np.full(5, effect), errors)
    own = float(np.sqrt(1 / np.sum(1 / errors)))
    assert (fit.effect.estimate, fit.effect.std_error) == pytest.approx((effect, own))
    assert fit.effect.conf_high - effect == pytest.approx(2.776445 * own)
    assert fit.predicted == pytest.approx((fit.effect.conf_low, fit.effect.conf_high))
    assert (fit.q, fit.q_p_value) == pytest.approx((0.0, 1.0), abs=1e-6)


@pytest.mark.parametrize("method", ["dersimonian_laird", "paule_mandel", "reml", "ml"])
def test_alike_sites_have_no_variance_between(method: str) -> None:
    """Estimates closer than their noise give zero, never less."""
    alike = np.array([0.1, 0.11, 0.1]), np.full(3, 0.5)
    assert fit_pooled(*alike, method=method).tau2 == pytest.approx(0.0, abs=1e-8)


def test_restricted_likelihood_is_at_its_maximum() -> None:
    """No variance nearby has a higher restricted likelihood."""
    _, y, v = draw_sites(np.random.default_rng(1), 12, 0.3)

    def height(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return -0.5 * (np.sum(np.log(v + tau2)) + w @ (y - mean) ** 2 + np.log(w.sum()))

    best = fit_between_variance(y, v, np.ones((12, 1)), "reml")
    assert height(best) > max(height(best * 1.001), height(best * 0.999))


def test_knapp_hartung_interval_covers_with_few_sites() -> None:
    """With six unequal sites only Hartung and Knapp's interval holds its level."""
    rng, runs, held = np.random.default_rng(2), 1000, np.zeros(2)
    for _ in range(runs):
        _, y, v = draw_sites(rng, 6, 0.25)
        for at, adjusted in enumerate((True, False)):
            found = fit_pooled(y, v, knapp_hartung=adjusted).effect
            held[at] += found.conf_low <= 0.2 <= found.conf_high
    adjusted, normal = held / runs
    assert abs(adjusted - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs)
    assert normal < adjusted


def test_prediction_interval_holds_a_new_site() -> None:
    """About 95% of new sites' true effects are inside."""
    rng, runs, held = np.random.default_rng(3), 600, 0
    for _ in range(runs):
        _, y, v = draw_sites(rng, 25, 0.25)
        low, high = fit_pooled(y, v).predicted
        held += low <= rng.normal(0.2, 0.25) <= high
    assert abs(held / runs - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs) + 0.01


def test_slope_of_sites_is_recovered() -> None:
    """A covariate that moves effects by .1 is found without bias."""
    rng, found = np.random.default_rng(4), []
    for _ in range(200):
        _, y, v = draw_sites(rng, 15, 0.1)
        x = np.column_stack([np.ones(15), rng.normal(size=15)])
        fit = fit_meta_regression(y + 0.1 * x[:, 1], v, x, ("constant", "x"))
        found.append(fit.coefficients["x"].estimate)
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - 0.1) < THREE_ERRORS * error


def test_small_sites_that_report_more_are_seen() -> None:
    """Effects that grow with their error give a slope above zero."""
    rng = np.random.default_rng(5)
    error = rng.uniform(0.05, 0.4, 40)
    y = 2 * error + rng.normal(size=40) * error
    assert fit_funnel_asymmetry(y, error**2).conf_low > 0


def test_leaving_out_the_odd_site() -> None:
    """Without the odd one of three, the other two are pooled alone."""
    y, v = np.array([0.0, 0, 9]), np.ones(3)
    assert leave_one_out(y, v)[2].effect.estimate == pytest.approx(0.0)


def test_shrinkage_by_hand() -> None:
    """Between 1.5 and sampling .5, a site keeps 3/4 of its distance from the mean of 1.

    Error: 3/4 of .5, (1/4)^2 of the mean's variance 1, and twice .5^2 / 2^3 x 2 / (2 / 2^2).
    """
    pooled = fit_pooled(*TWO, method="dersimonian_laird", knapp_hartung=False)
    shrunk = shrink_sites(*TWO, pooled)
    assert shrunk.estimate.tolist() == pytest.approx([0.25, 1.75])
    assert shrunk.std_error[0] == pytest.approx(np.sqrt(0.375 + 0.0625 + 0.25))


def test_shrunk_sites_are_nearer_the_truth_and_covered() -> None:
    """Over many sites the squared error falls, and intervals hold nine true effects in ten.

    They fall short of 95% by a point or two where the variance between sites is found as zero.
    """
    rng, squares, held, sites = np.random.default_rng(6), np.zeros(2), 0, 0
    for _ in range(40):
        truth, y, v = draw_sites(rng, 30, 0.15)
        shrunk = shrink_sites(y, v, fit_pooled(y, v))
        squares += [np.sum((y - truth) ** 2), np.sum((shrunk.estimate - truth) ** 2)]
        held += np.sum((shrunk.conf_low <= truth) & (truth <= shrunk.conf_high))
        sites += 30
    assert squares[1] < 0.6 * squares[0]
    assert held / sites > 0.9


@pytest.mark.parametrize(
    ("y", "v", "message"),
    [
        (np.zeros(1), np.ones(1), "1 sites for 1 coefficients"),
        (np.zeros(3), np.array([1, 0, np.nan]), "2 of 3 sites have no sampling variance"),
    ],
)
def test_too_little_is_refused(y: np.ndarray, v: np.ndarray, message: str) -> None:
    """What cannot be pooled is said in counts."""
    with pytest.raises(AnalysisError, match=message):
        fit_pooled(y, v)


def test_repeated_covariates_are_refused() -> None:
    """A covariate that is constant over sites repeats the constant."""
    with pytest.raises(AnalysisError, match="2 covariates of sites repeat"):
        fit_meta_regression(np.zeros(4), np.ones(4), np.ones((4, 2)), ("a", "b"))
