"""Clustered covariances: CR0 and CR1 by named conventions, CR2 and CR3, two ways of clustering.

CR0: Liang and Zeger 1986 (Biometrika). CR1 multiplies by G/(G-1) x (N-1)/(N-K): `nested` does
not count unit effects in K when they lie within clusters (fixest, pyfixest), `all` counts them
(Stata's areg, estimatr's stata). CR2 and CR3: Bell and McCaffrey 2002 (Survey Methodology
28:169-181), CR3 without a finite-sample factor, as clubSandwich has it. Degrees of freedom of
Satterthwaite for CR2: Pustejovsky and Tipton 2018 (Journal of Business & Economic Statistics
36:672-683), under independent errors of equal variance. With weights, CR2 and CR3 are those of
the rows scaled by the root of their weight, so that a variance inverse to the weight is supposed.
Two-way: Cameron, Gelbach and Miller 2011 (Journal of Business & Economic Statistics).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import (
    ClusterMoments,
    MomentFit,
    make_cluster_moments,
    solve_moments,
)
from evalkit.inference.least_squares import LeastSquares

FEW_CLUSTERS = 40
"""Below this many clusters the ordinary clustered interval is known to be too narrow."""

Counting = Literal["none", "nested", "all"]
"""How CR1 counts parameters: not at all (CR0), without nested unit effects, or all."""


@dataclass(frozen=True, slots=True)
class SmallSampleFit:
    """Coefficients, CR2 standard errors and degrees of freedom, each of shape (p,)."""

    coef: Floats
    std_error: Floats
    df: Floats
    cov: Floats


def clustered_covariance(
    fit: LeastSquares, cluster: Ints, *, counting: Counting = "nested"
) -> Floats:
    """Covariance (p, p) of `fit` clustered by codes (n,)."""
    half = fit.bread @ _sum_by(fit.regressors * fit.residual[:, None], cluster)
    parameters = len(fit.coef) + _counted(fit.absorbed, counting)
    return _factor(half.shape[1], fit.n, parameters, counting) * np.asarray(half @ half.T)


def two_way_covariance(fit: LeastSquares, first: Ints, second: Ints) -> Floats:
    """Covariance (p, p) clustered both ways, CR0: first plus second less their crossing."""
    both = np.unique(np.stack([first, second]), axis=1, return_inverse=True)[1]
    one, two, crossed = (
        clustered_covariance(fit, codes, counting="none") for codes in (first, second, both)
    )
    return one + two - crossed


def moment_covariance(fit: MomentFit, *, counting: Counting = "nested") -> Floats:
    """Covariance (p, p) of a fit from cross-products, clustered by its clusters."""
    half = fit.root @ (fit.root.T @ fit.scores.T)
    parameters = len(fit.coef) + _counted(fit.absorbed, counting)
    return _factor(fit.clusters, fit.n, parameters, counting) * np.asarray(half @ half.T)


def reduce_bias(fit: MomentFit, *, size: int | None = None, power: float = 0.5) -> SmallSampleFit:
    """CR2 (`power` 0.5) or CR3 (1) of the first `size` coefficients, with Satterthwaite's df.

    A `power` of 0 leaves CR0, with the degrees of freedom that leverage leaves it.
    """
    size = len(fit.coef) if size is None else size
    inside = fit.root.T @ fit.inside @ fit.root
    parts = _adjustments(inside, power) @ fit.root[:size].T
    half = np.squeeze((fit.scores @ fit.root)[:, None, :] @ parts, axis=1)
    cov = np.asarray(half.T @ half)
    return SmallSampleFit(
        fit.coef[:size], np.sqrt(np.diag(cov)), _satterthwaite(inside, parts), cov
    )


def fit_cr2(
    outcome: Floats, regressors: Floats, unit: Ints, *, within: bool = True
) -> SmallSampleFit:
    """Regress `outcome` (n,) on `regressors` (n, p), clustered by unit.

    Period dummies belong among the regressors. Unit effects are removed here unless
    `within` is false, as for differences, which have lost them already.
    """
    moments = make_cluster_moments(outcome, regressors, unit, unit=unit if within else None)
    return reduce_bias(solve_moments(moments))


def fit_cr3(moments: ClusterMoments) -> SmallSampleFit:
    """Fit by cross-products with CR3 errors, the jackknife over clusters."""
    return reduce_bias(solve_moments(moments), power=1.0)


def _adjustments(inside: Floats, power: float) -> Floats:
    """(I - K)^-power for each cluster's leverage K, zero where the cluster alone decides.

    In most panels many clusters have the same leverage; it is decomposed once.
    """
    if not power:
        return np.broadcast_to(np.eye(inside.shape[1]), inside.shape)
    met: dict[bytes, int] = {}
    place = np.array([met.setdefault(one.tobytes(), len(met)) for one in inside.round(12) + 0.0])
    values, vectors = np.linalg.eigh(inside[np.unique(place, return_index=True)[1]])
    left = 1 - values
    scale = np.where(left > 1e-10, np.clip(left, 1e-10, None) ** -power, 0.0)
    adjusted: Floats = (vectors * scale[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(adjusted[place])


def _satterthwaite(inside: Floats, parts: Floats) -> Floats:
    """Degrees of freedom of each coefficient under independent, equal errors.

    `parts` (clusters, r, size) has each cluster's part of each coefficient. The matrix whose
    trace and norm they are, diag(own) less reduced times its transpose, is not written out.
    """
    reduced = inside @ parts
    own, shared = np.sum(parts * reduced, axis=1), np.sum(reduced**2, axis=1)
    crossed = [np.sum((one.T @ one) ** 2) for one in reduced.transpose(2, 0, 1)]
    spread = np.sum(own**2 - 2 * own * shared, axis=0) + np.array(crossed)
    squared = np.sum(own - shared, axis=0) ** 2
    return np.asarray(np.divide(squared, spread, out=np.zeros(len(spread)), where=spread > 0))


def _sum_by(rows: Floats, codes: Ints) -> Floats:
    """Sums of `rows` (n, p) by code, (p, codes)."""
    return np.stack([np.bincount(codes, column) for column in rows.T])


def _counted(absorbed: int, counting: Counting) -> int:
    """Parameters that unit effects add: all, or their constant alone when nested."""
    return absorbed if counting == "all" else min(absorbed, 1)


def _factor(clusters: int, n: int, parameters: int, counting: Counting) -> float:
    if counting == "none":
        return 1.0
    return clusters / (clusters - 1) * (n - 1) / (n - parameters)
