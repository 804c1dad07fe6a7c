"""Least squares within units, with measured sampling noise taken out of the regressors.

Trust scores are means over a sample of people, so each carries sampling noise of known
variance. Noise in a regressor pulls its slope towards zero, and more so within trusts, where
little true variation is left. The moment correction subtracts the expected cross-products of
the noise before solving (Fuller 1987, Measurement Error Models, section 2.2 and 3.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measured:
    """One column of a regression and what is known of its noise.

    `values` and `variance` have shape (n,); `origin` names the series and `cell` (n,) the
    unit and period of each value, so that a value met twice (as a lag and as itself) is known
    to carry the same noise. `variance` is zero where the value is exact or its noise unknown.
    """

    name: str
    values: Floats
    variance: Floats
    origin: str
    cell: Ints


@dataclass(frozen=True, slots=True)
class WithinFit:
    """Coefficients (p,), their covariance (p, p), and each regressor's reliability (p,).

    Reliability is the share of a regressor's remaining variation (within units, periods and
    the other regressors removed) that is not sampling noise.
    """

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    reliability: Floats
    n: int
    clusters: int

    @property
    def df(self) -> int:
        """Degrees of freedom of t: one less than the clusters."""
        return self.clusters - 1


@dataclass(frozen=True, slots=True)
class CrossProducts:
    """Per unit, the demeaned cross-products of [regressors, outcome] and of their noise.

    Both have shape (units, p + 1, p + 1).
    """

    total: Floats
    noise: Floats


def demean_by(values: Floats, unit: Ints) -> Floats:
    """Subtract from each row the mean of its unit; `values` is (n,) or (n, k)."""
    counts = np.bincount(unit)
    columns: Floats = np.asarray(values.reshape(len(unit), -1))
    means = np.stack([np.bincount(unit, c) / counts for c in columns.T], axis=1)
    return np.asarray((columns - means[unit]).reshape(values.shape), dtype=float)


def period_dummies(period: Ints) -> Floats:
    """One 0/1 column for each period but the first, (n, periods - 1)."""
    return np.asarray(period[:, None] == np.unique(period)[None, 1:], dtype=float)


def cross_products(
    columns: list[Measured],
    dummies: Floats,
    unit: Ints,
    correlations: Mapping[frozenset[str], float] | None = None,
) -> CrossProducts:
    """Cross-products by unit of `columns[:-1]`, `dummies` and, last, the outcome.

    `correlations` gives, for two origins measured on the same people, how their noises
    correlate; other origins' noises are taken as unrelated.
    """
    *regressors, outcome = columns
    matrix = np.column_stack([*(c.values for c in regressors), dummies, outcome.values])
    demeaned = demean_by(matrix, unit)
    units, width = int(unit.max()) + 1, matrix.shape[1]
    total = np.empty((units, width, width))
    for u in range(units):
        rows = demeaned[unit == u]
        total[u] = rows.T @ rows
    noise = np.zeros_like(total)
    place = [*range(len(regressors)), width - 1]
    for i, first in zip(place, columns, strict=True):
        for j, second in zip(place, columns, strict=True):
            same = first.origin == second.origin
            pair = frozenset((first.origin, second.origin))
            related = 1.0 if same else (correlations or {}).get(pair, 0.0)
            if related and j >= i:
                noise[:, i, j] = noise[:, j, i] = related * _shared_noise(first, second, unit)
    return CrossProducts(total, noise)


def _shared_noise(first: Measured, second: Measured, unit: Ints) -> Floats:
    """Expected sum, by unit, of the product of two demeaned noises that are one and the same."""
    counts = np.bincount(unit)
    one, two = np.sqrt(first.variance), np.sqrt(second.variance)
    same = np.where(first.cell == second.cell, one * two, 0.0)
    _, at, to = np.intersect1d(first.cell, second.cell, return_indices=True)
    shared = np.bincount(unit[at], one[at] * two[to], minlength=len(counts))
    return np.bincount(unit, same) - shared / counts


def solve_within(products: CrossProducts, names: tuple[str, ...], n: int) -> WithinFit:
    """Solve for the named regressors; errors clustered by unit, as fixest counts them.

    The covariance is the cluster sandwich times G/(G-1) x (N-1)/(N-K), K counting the
    regressors, the periods and the constant but not the unit effects, which are nested in
    the clusters; intervals use t(G-1).
    """
    p = products.total.shape[1] - 1
    moments = products.total - products.noise
    bread = moments[:, :p, :p].sum(axis=0)
    coef = np.linalg.solve(bread, moments[:, :p, p].sum(axis=0))
    scores = moments[:, :p, p] - moments[:, :p, :p] @ coef
    units = len(scores)
    scale = units / (units - 1) * (n - 1) / (n - p - 1)
    half = np.linalg.solve(bread, scores.T)
    reliability = 1 / (np.diag(np.linalg.inv(bread)) * _remaining(products, p))
    k = len(names)
    return WithinFit(names, coef[:k], scale * (half @ half.T)[:k, :k], reliability[:k], n, units)


def jackknife_cov(products: CrossProducts, size: int) -> Floats:
    """Covariance (size, size) from leaving out one unit at a time, for few clusters."""
    coef = leave_one_out_coefs(products)[:, :size]
    spread = coef - coef.mean(axis=0)
    units = len(coef)
    return np.asarray((units - 1) / units * spread.T @ spread)


def leave_one_out_coefs(products: CrossProducts) -> Floats:
    """Coefficients (units, p) with each unit left out; a regressor that goes with it counts 0."""
    p = products.total.shape[1] - 1
    moments = products.total - products.noise
    rest = moments.sum(axis=0) - moments
    inverse = np.linalg.pinv(rest[:, :p, :p], hermitian=True)
    return np.asarray((inverse @ rest[:, :p, p, None])[:, :, 0])


def _remaining(products: CrossProducts, p: int) -> Floats:
    """Variation of each regressor, noise included, that the others do not explain."""
    total: Floats = products.total[:, :p, :p].sum(axis=0)
    noisy = 1 / np.diag(np.linalg.inv(total))
    return np.asarray(noisy)


def fit_within(columns: list[Measured], period: Ints, unit: Ints) -> WithinFit:
    """Regress the last of `columns` on the others, unit and period effects removed."""
    products = cross_products(columns, period_dummies(period), unit)
    return solve_within(products, tuple(c.name for c in columns[:-1]), len(unit))
