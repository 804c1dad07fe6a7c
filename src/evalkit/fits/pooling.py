"""One effect from the effects of several sites, and how far sites differ about it.

Inverse-variance weights with the variance between sites added (`between_site_variance`); the
interval is normal, or Hartung and Knapp's with t(k - p) (2001, Statistics in Medicine
20:3875-3889), which holds its level with few sites. The prediction interval is for a new site
(Higgins, Thompson and Spiegelhalter 2009, JRSS A 172:137-159), with the interval's own quantile.
Where all effects are the same but for rounding, Hartung and Knapp's scatter is zero and would claim
to know the effect exactly; the sites' own errors then stand as they are, with the same t.
Must hold: as for the variance between sites; small k makes that variance, and all else, unsure.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.between_site_variance import Method, fit_between_variance, projection
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate

_ROUNDING = 64 * float(np.finfo(float).eps)
"""What rounding leaves of a sum of squares that is zero."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Coefficients by name, the variance between sites and its share of the total (I2, 0 to 1).

    `q` tests that sites differ by sampling alone, chi-squared on `q_df`. `predicted` is the
    interval of a new site's true effect, NaN where covariates make it depend on the site.
    """

    coefficients: dict[str, Estimate]
    tau2: float
    i2: float
    q: float
    q_df: int
    q_p_value: float
    predicted: tuple[float, float]
    sites: int

    @property
    def effect(self) -> Estimate:
        """The pooled effect, or the constant of a regression on covariates."""
        return next(iter(self.coefficients.values()))


def fit_pooled(
    estimates: Floats,
    variances: Floats,
    *,
    method: Method = "reml",
    knapp_hartung: bool = True,
    level: float = 0.95,
    tolerance: float = 1e-10,
) -> Pooled:
    """Pool `estimates` (k,) with sampling `variances` (k,).

    Raises AnalysisError for fewer than two sites and for variances not above zero.
    """
    constant = np.ones((len(estimates), 1))
    return fit_meta_regression(
        estimates,
        variances,
        constant,
        ("effect",),
        method=method,
        knapp_hartung=knapp_hartung,
        level=level,
        tolerance=tolerance,
    )


def fit_meta_regression(
    estimates: Floats,
    variances: Floats,
    regressors: Floats,
    names: tuple[str, ...],
    *,
    method: Method = "reml",
    knapp_hartung: bool = True,
    level: float = 0.95,
    tolerance: float = 1e-10,
) -> Pooled:
    """Regress sites' effects on `regressors` (k, p), a constant first among them.

    Raises AnalysisError for no more sites than coefficients, for collinear regressors, and for
    variances not above zero.
    """
    _refuse(variances, regressors)
    k, p = regressors.shape
    tau2 = fit_between_variance(estimates, variances, regressors, method, tolerance=tolerance)
    weighted = regressors / (variances + tau2)[:, None]
    cov = np.linalg.inv(regressors.T @ weighted)
    coef = cov @ weighted.T @ estimates
    if knapp_hartung:
        cov = cov * _scatter(estimates, variances + tau2, regressors)
    df = float(k - p) if knapp_hartung else np.inf
    errors = np.sqrt(np.diag(cov))
    found = {
        name: make_estimate(float(c), float(e), df=df, level=level)
        for name, c, e in zip(names, coef, errors, strict=True)
    }
    at_zero = projection(variances, regressors)
    q = max(float(estimates @ at_zero @ estimates), 0.0)
    typical = (k - p) / float(np.trace(at_zero))
    predicted = _predict(found[names[0]], tau2) if p == 1 else (float("nan"), float("nan"))
    p_value = float(stats.chi2.sf(q, k - p))
    return Pooled(found, tau2, tau2 / (tau2 + typical), q, k - p, p_value, predicted, k)


def leave_one_out(
    estimates: Floats,
    variances: Floats,
    *,
    method: Method = "reml",
    knapp_hartung: bool = True,
    level: float = 0.95,
) -> list[Pooled]:
    """Pool all the sites but each in turn, in the order given."""
    kept = [np.arange(len(estimates)) != left for left in range(len(estimates))]
    return [
        fit_pooled(
            estimates[rows],
            variances[rows],
            method=method,
            knapp_hartung=knapp_hartung,
            level=level,
        )
        for rows in kept
    ]


def fit_funnel_asymmetry(
    estimates: Floats, variances: Floats, *, knapp_hartung: bool = False, level: float = 0.95
) -> Estimate:
    """Estimate how effects change with their standard error: do small sites report more?

    Egger's regression with the variance between sites by REML (Sterne and Egger 2005); the
    estimate is the slope in the standard error. It has little power below ten sites.
    """
    x = np.column_stack([np.ones(len(variances)), np.sqrt(variances)])
    names = ("constant", "std_error")
    fit = fit_meta_regression(
        estimates, variances, x, names, knapp_hartung=knapp_hartung, level=level
    )
    return fit.coefficients["std_error"]


def _scatter(estimates: Floats, variances: Floats, regressors: Floats) -> float:
    """Return how far effects scatter about the fit for each that is expected; 1 if not at all."""
    k, p = regressors.shape
    left = float(estimates @ projection(variances, regressors) @ estimates)
    whole = float(np.sum(estimates**2 / variances))
    return left / (k - p) if left > _ROUNDING * whole else 1.0


def _predict(effect: Estimate, tau2: float) -> tuple[float, float]:
    half = float(np.sqrt(effect.std_error**2 + tau2))
    new = make_estimate(effect.estimate, half, df=effect.df, level=effect.level)
    return new.conf_low, new.conf_high


def _refuse(variances: Floats, regressors: Floats) -> None:
    k, p = regressors.shape
    if k <= p:
        raise AnalysisError(
            f"pooling: {k} sites for {p} coefficients. Give more sites than coefficients."
        )
    wrong = int(np.sum(~(variances > 0)))
    if wrong:
        raise AnalysisError(
            f"pooling: {wrong} of {k} sites have no sampling variance above zero. "
            "Leave them out, or give their errors."
        )
    if int(np.linalg.matrix_rank(regressors)) < p:
        raise AnalysisError(
            f"pooling: {p} covariates of sites repeat one another. Remove those that others tell."
        )
