"""Quasi-likelihood for counts and shares, by any weighted regression of the working outcome.

The trend is linear in the log of the rate (counts) or the log of the odds (shares). Rounds of
least squares of `z = eta + (y - mu) d eta / d mu` with weights `1 / var` settle the means
(Wedderburn 1974, Biometrika 61:439-447; McCullagh and Nelder 1989, section 2.5). The regression
that is given, whose errors may carry over from period to period, then takes one step from there:
as good as more in large samples, and it cannot run away where a short series leaves the
correlation open. Its residual variance is the over-dispersion.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.inference.linear_fits import (
    Contrasts,
    LinearFits,
    describe_contrasts,
    fit_least_squares,
)

Family = Literal["linear", "poisson", "binomial"]
Solver = Callable[[Floats, Floats, Floats | None], LinearFits]
"""A weighted regression: outcome (n,), design (n, p) and weights (n,) in, fits out."""

ROUNDS = 50
"""Most rounds; where the data determine the coefficients, ten are enough."""

SETTLED = 1e-8
"""The means have settled when no linear predictor moves by more than this."""

FURTHEST = 20.0
"""Linear predictors beyond this mean rates or odds of nothing or everything."""


@dataclass(frozen=True, slots=True)
class QuasiFit:
    """Fits of the coefficients, and `fitted` and standardised `residual`, each (n,)."""

    fits: LinearFits
    fitted: Floats
    residual: Floats


def fit_quasi_likelihood(
    outcome: Floats,
    design: Floats,
    solve: Solver,
    *,
    family: Family = "linear",
    base: Floats | None = None,
    weight: Floats | None = None,
) -> QuasiFit:
    """Fit a mean: linear, of counts per `base` (log link), or of shares 0-1 of `base` (logit).

    `weight` is for the linear family alone. Raises AnalysisError where the fit does not settle,
    as when every count of a segment is zero.
    """
    if family == "linear":
        fits = solve(outcome, design, weight)
        fitted = design @ fits.mean
        root = 1.0 if weight is None else np.sqrt(weight / np.mean(weight))
        return QuasiFit(fits, fitted, np.asarray(root * (outcome - fitted)))
    size = np.ones(len(outcome)) if base is None else base
    working, weights = _work(outcome, size, _settle(outcome, design, size, family), family)
    fits = solve(working, design, weights)
    predictor = design @ fits.mean
    root = np.sqrt(weights / np.mean(weights))
    fitted = response(predictor, family) * (size if family == "poisson" else 1.0)
    return QuasiFit(fits, fitted, root * (working - predictor))


def _settle(outcome: Floats, design: Floats, size: Floats, family: Family) -> Floats:
    """Return the linear predictor (n,) that least squares comes to, periods independent."""
    predictor = _first_guess(outcome, size, family)
    for _ in range(ROUNDS):
        working, weights = _work(outcome, size, predictor, family)
        coef = fit_least_squares(working, design, weight=weights).mean
        earlier, predictor = predictor, np.asarray(design @ coef)
        if np.max(np.abs(predictor)) > FURTHEST:
            break
        if np.max(np.abs(predictor - earlier)) < SETTLED:
            return predictor
    raise AnalysisError(
        "outcome: its rates or shares lie at the end of what they can be in some stretch of time, "
        "so that no trend can be fitted to them. Use longer periods, or a linear model."
    )


def response(predictor: Floats, family: Family) -> Floats:
    """Turn linear predictors into means: as they are, rates, or shares."""
    if family == "poisson":
        return np.asarray(np.exp(predictor))
    if family == "binomial":
        return np.asarray(special.expit(predictor))
    return predictor


def describe_differences(
    fits: LinearFits,
    predictions: Floats,
    signs: Floats,
    *,
    family: Family = "linear",
    scale: float = 1.0,
    level: float = 0.95,
) -> Contrasts:
    """Describe signed sums of predicted means, each `scale * signs (q, k) @ mean(predictions)`.

    `predictions` (k, p). Errors are by the delta method for counts and shares, exact for the
    linear family.
    """
    predictor = predictions @ fits.mean
    means = response(predictor, family)
    change = {"linear": np.ones_like(means), "poisson": means, "binomial": means * (1 - means)}
    rows = scale * signs @ (change[family][:, None] * predictions)
    value, linear = scale * signs @ means, rows @ fits.mean
    found = describe_contrasts(fits, rows, level, against=linear - value)
    shift = value - linear
    return Contrasts(
        value,
        found.std_error,
        found.conf_low + shift,
        found.conf_high + shift,
        found.p_value,
    )


def _first_guess(outcome: Floats, size: Floats, family: Family) -> Floats:
    if family == "poisson":
        return np.asarray(np.log((outcome + 0.5) / size))
    events = outcome * size
    return np.asarray(np.log((events + 0.5) / (size - events + 0.5)))


def _work(
    outcome: Floats, size: Floats, predictor: Floats, family: Family
) -> tuple[Floats, Floats]:
    """Return the working outcome and its weights."""
    mean = response(predictor, family)
    if family == "poisson":
        return predictor + outcome / (size * mean) - 1, size * mean
    spread = mean * (1 - mean)
    return predictor + (outcome - mean) / spread, size * spread
