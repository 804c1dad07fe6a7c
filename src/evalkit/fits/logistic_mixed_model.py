"""Logistic regression with a random intercept for each cluster, by Laplace's approximation.

Each cluster's random effect is integrated out of the likelihood as if its log integrand were a
parabola at its peak (Breslow and Clayton 1993, Journal of the American Statistical Association
88:9-25; lme4's glmer with one quadrature point). Odds ratios are within a cluster, so they are
larger than those of `estimating_equations`. With few answers a cluster the approximation leans
towards no variance.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints

PEAK_STEPS = 50
DIFFERENCE = 1e-4
NO_SPREAD = 1e-4
LARGEST_LOGIT = 15.0


@dataclass(frozen=True, slots=True)
class LogisticMixedModelFit:
    """Log odds (p,), their covariance (p, p), and the variance of the clusters' intercepts."""

    coef: Floats
    covariance: Floats
    cluster_variance: float
    log_likelihood: float
    clusters: int


@dataclass(frozen=True, slots=True)
class _Counts:
    """Rows sorted by cluster: `yes` of `size` answers at the same regressors (n, p)."""

    yes: Floats
    size: Floats
    regressors: Floats
    starts: Ints
    owner: Ints

    def total(self, values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, self.starts))


def fit_logistic_mixed_model(
    share: Floats, regressors: Floats, cluster: Ints, *, size: Floats | None = None
) -> LogisticMixedModelFit:
    """Fit rows (n,), (n, p) in which `share` (0 to 1) of `size` answers were yes."""
    from scipy.optimize import minimize

    counts = _sort(share, regressors, cluster, np.ones(len(share)) if size is None else size)
    start = np.append(_pooled(counts), 0.5)
    found = minimize(lambda x: _deviance(counts, x), start, jac=True, method="BFGS")
    if (
        not np.all(np.isfinite(found.x))
        or np.max(np.abs(regressors @ found.x[:-1])) > LARGEST_LOGIT
    ):
        raise AnalysisError(
            "outcome: all answers of one side or period are the same, so odds have no bound. "
            "Give more data, or merge periods."
        )
    coef, spread = found.x[:-1], abs(float(found.x[-1]))
    free = len(coef) + (spread > NO_SPREAD)
    hessian = _hessian(counts, found.x)[:free, :free]
    covariance: Floats = np.asarray(2 * np.linalg.inv(hessian), dtype=float)
    return LogisticMixedModelFit(
        coef,
        covariance[: len(coef), : len(coef)],
        spread**2,
        float(-found.fun / 2),
        len(counts.starts),
    )


def _sort(share: Floats, regressors: Floats, cluster: Ints, size: Floats) -> _Counts:
    order = np.argsort(cluster, kind="stable")
    first = np.diff(cluster[order], prepend=cluster[order][0] - 1) != 0
    sizes = size[order]
    return _Counts(
        share[order] * sizes, sizes, regressors[order], np.flatnonzero(first), np.cumsum(first) - 1
    )


def _pooled(counts: _Counts) -> Floats:
    """Log odds by least squares on the rows' own, where the search starts."""
    shrunk = (counts.yes + 0.5) / (counts.size + 1)
    root = np.sqrt(counts.size)
    logits = np.log(shrunk / (1 - shrunk)) * root
    return np.asarray(np.linalg.lstsq(counts.regressors * root[:, None], logits, rcond=None)[0])


def _peaks(counts: _Counts, fixed: Floats, spread: float) -> Floats:
    """Each cluster's random effect at its peak, in units of `spread`, by Newton's method."""
    effect = np.zeros(len(counts.starts))
    for _ in range(PEAK_STEPS):
        chance = _chance(fixed + spread * effect[counts.owner])
        pull = spread * counts.total(counts.yes - counts.size * chance) - effect
        curve = 1 + spread**2 * counts.total(counts.size * chance * (1 - chance))
        step = np.clip(pull / curve, -2, 2)
        effect = effect + step
        if np.max(np.abs(step)) < 1e-11:
            break
    return effect


def _chance(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -40, 40))))


def _deviance(counts: _Counts, point: Floats) -> tuple[float, Floats]:
    """-2 log likelihood (without binomial constants) and its slope in log odds and spread."""
    x, spread = counts.regressors, float(point[-1])
    effect = _peaks(counts, x @ point[:-1], spread)
    own = effect[counts.owner]
    logit = x @ point[:-1] + spread * own
    chance = _chance(logit)
    residual = counts.yes - counts.size * chance
    weight = counts.size * chance * (1 - chance)
    bend = weight * (1 - 2 * chance)
    weights, bends = counts.total(weight), counts.total(bend)
    residuals = counts.total(residual)
    curve = 1 + spread**2 * weights
    fits = counts.yes * logit - counts.size * np.logaddexp(0, logit)
    value = fits.sum() - effect @ effect / 2 - np.log(curve).sum() / 2
    # how each peak moves with the parameters, then how the curve at the peak does
    moved = -spread * counts.total(weight[:, None] * x) / curve[:, None]
    moved_by_spread = (residuals - spread * effect * weights) / curve
    weights_moved = counts.total(bend[:, None] * x) + (spread * bends)[:, None] * moved
    by_spread = bends * (effect + spread * moved_by_spread)
    slope = residual @ x - (spread**2 / curve / 2) @ weights_moved
    last = effect @ residuals - ((spread**2 * by_spread + 2 * spread * weights) / curve).sum() / 2
    return float(-2 * value), -2 * np.append(slope, last)


def _hessian(counts: _Counts, point: Floats) -> Floats:
    """Second derivatives of the deviance, by central differences of its slope."""
    rows = []
    for step in np.eye(len(point)) * DIFFERENCE:
        up, down = _deviance(counts, point + step)[1], _deviance(counts, point - step)[1]
        rows.append((up - down) / (2 * DIFFERENCE))
    hessian = np.stack(rows)
    return np.asarray((hessian + hessian.T) / 2)
