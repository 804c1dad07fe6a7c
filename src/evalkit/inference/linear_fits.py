"""Linear regressions as their coefficients' distributions, and what follows for contrasts.

A regression whose error correlation is estimated can be given as several fits, one for each
correlation that the data allow, weighted by how well it fits. A contrast is then distributed as
the mixture of their Student's t, which carries the doubt about the correlation into the interval.
One fit with weight 1 is the ordinary case.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

ROUNDS = 60
"""Most rounds in search of a quantile; a bisection alone would need about as many."""

SETTLED = 1e-9
"""A quantile is found when the probability at it is this close to the one asked for."""


@dataclass(frozen=True, slots=True)
class LinearFits:
    """Fits of one regression: `weight` (m,), `coef` (m, p), `cov` (m, p, p), and their df.

    `weight` sums to one. `rho` (m,) is the correlation of neighbouring errors that each fit takes
    as known (zero where errors are taken as independent). `df` may be infinite.
    """

    weight: Floats
    coef: Floats
    cov: Floats
    df: float
    rho: Floats

    @property
    def mean(self) -> Floats:
        """Coefficients averaged over the fits, (p,)."""
        return np.asarray(self.weight @ self.coef)


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Contrasts of coefficients: each an array (q,)."""

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats


def fit_least_squares(
    outcome: Floats,
    design: Floats,
    *,
    weight: Floats | None = None,
    errors: Literal["classical", "hc1"] = "classical",
) -> LinearFits:
    """Fit by (weighted) least squares, with classical or HC1 errors and t(n - p).

    `outcome` (n,), `design` (n, p), `weight` (n,) inverse variances up to a factor. HC1 is
    MacKinnon and White 1985, Journal of Econometrics 29:305-325. Raises AnalysisError where the
    columns of `design` are collinear or as many as the rows.
    """
    root = np.ones(len(outcome)) if weight is None else np.sqrt(weight)
    x, y = design * root[:, None], outcome * root
    refuse_collinear(x)
    bread = np.linalg.inv(x.T @ x)
    coef = bread @ (x.T @ y)
    residual = y - x @ coef
    n, p = x.shape
    if errors == "classical":
        cov = bread * float(residual @ residual) / (n - p)
    else:
        scores = x * residual[:, None]
        cov = bread @ (scores.T @ scores) @ bread * n / (n - p)
    return as_one_fit(coef, cov, df=n - p)


def as_one_fit(coef: Floats, cov: Floats, *, df: float, rho: float = 0.0) -> LinearFits:
    """Wrap coefficients (p,) and their covariance (p, p) as a single fit."""
    return LinearFits(np.ones(1), coef[None], cov[None], float(df), np.array([rho]))


def refuse_collinear(design: Floats) -> None:
    """Raise AnalysisError unless the columns are fewer than the rows and none is superfluous."""
    n, p = design.shape
    if n <= p:
        raise AnalysisError(
            f"rows: {n} are too few for a regression with {p} coefficients. Give more periods, "
            "or choose fewer terms of season and adjust_for."
        )
    size = np.maximum(np.linalg.norm(design, axis=0), 1e-300)
    if np.linalg.matrix_rank(design / size, tol=1e-8) < p:
        raise AnalysisError(
            "design: one column is a sum of others, so their coefficients cannot be told apart. "
            "Take a role out of adjust_for, or choose fewer terms of season."
        )


def describe_contrasts(
    fits: LinearFits, contrasts: Floats, level: float = 0.95, *, against: Floats | float = 0.0
) -> Contrasts:
    """Estimate contrasts (q, p) of the coefficients, with intervals and two-sided p-values.

    The error is the spread over the fits and within them, `sqrt(sum w (v + (b - mean)^2))`;
    interval and p-value are quantiles and tail areas of the mixture itself. The p-value is that
    of the value `against`, one or (q,).
    """
    centres = contrasts @ fits.coef.T
    spreads = np.sqrt(np.einsum("qi,mij,qj->qm", contrasts, fits.cov, contrasts))
    estimate = centres @ fits.weight
    variance = (spreads**2 + (centres - estimate[:, None]) ** 2) @ fits.weight
    tail = (1 - level) / 2
    return Contrasts(
        estimate,
        np.sqrt(variance),
        _quantiles(fits, centres, spreads, tail),
        _quantiles(fits, centres, spreads, 1 - tail),
        _two_sided(fits, (np.reshape(against, (-1, 1)) - centres) / spreads),
    )


def _two_sided(fits: LinearFits, standardised: Floats) -> Floats:
    below = _tail(standardised, fits.df) @ fits.weight
    above = _tail(-standardised, fits.df) @ fits.weight
    return np.asarray(2 * np.minimum(below, above))


def _tail(values: Floats, df: float) -> Floats:
    return np.asarray(special.ndtr(values) if np.isinf(df) else special.stdtr(df, values))


def _probability(fits: LinearFits, standardised: Floats) -> Floats:
    """Probability that each contrast is below the value standardised by each fit, (q,)."""
    return np.asarray(_tail(standardised, fits.df) @ fits.weight)


def _quantiles(fits: LinearFits, centres: Floats, spreads: Floats, probability: float) -> Floats:
    """Quantile of each contrast's mixture, bracketed by those of its parts."""
    unit = (
        special.ndtri(probability) if np.isinf(fits.df) else special.stdtrit(fits.df, probability)
    )
    parts = centres + unit * spreads
    low, high = parts.min(axis=1), parts.max(axis=1)
    value = parts @ fits.weight
    for _ in range(ROUNDS if len(fits.weight) > 1 else 0):
        standardised = (value[:, None] - centres) / spreads
        excess = _probability(fits, standardised) - probability
        if np.max(np.abs(excess)) < SETTLED:
            break
        low, high = np.where(excess < 0, value, low), np.where(excess < 0, high, value)
        newton = value - excess / (_density(fits.df, standardised) / spreads @ fits.weight)
        inside = (newton > low) & (newton < high)
        value = np.where(inside, newton, (low + high) / 2)
    return np.asarray(value)


def _density(df: float, values: Floats) -> Floats:
    if np.isinf(df):
        return np.asarray(np.exp(-(values**2) / 2) / np.sqrt(2 * np.pi))
    constant = np.exp(special.gammaln((df + 1) / 2) - special.gammaln(df / 2))
    shape = (1 + values**2 / df) ** (-(df + 1) / 2)
    return np.asarray(constant / np.sqrt(df * np.pi) * shape)
