"""Inference for few clusters: CR2 errors with Satterthwaite degrees of freedom.

Bell and McCaffrey 2002; Pustejovsky and Tipton 2018 (Journal of Business & Economic
Statistics 36:672-683), unit effects absorbed.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.within_fit import Floats, Ints, demean_by

FEW_CLUSTERS = 40
"""Below this many clusters the ordinary clustered interval is known to be too narrow."""


@dataclass(frozen=True, slots=True)
class SmallSampleFit:
    """Coefficients, CR2 standard errors and degrees of freedom, each of shape (p,)."""

    coef: Floats
    std_error: Floats
    df: Floats


def fit_cr2(
    outcome: Floats, regressors: Floats, unit: Ints, *, within: bool = True
) -> SmallSampleFit:
    """Regress `outcome` (n,) on `regressors` (n, p), clustered by unit.

    Period dummies belong among the regressors. Unit effects are removed here unless
    `within` is false, as for differences, which have lost them already.
    """
    x, y = regressors, outcome
    if within:
        x, y = demean_by(regressors, unit), demean_by(outcome, unit)
    bread: Floats = np.asarray(np.linalg.inv(x.T @ x), dtype=float)
    coef = bread @ x.T @ y
    residual = y - x @ coef
    groups = [np.flatnonzero(unit == u) for u in range(int(unit.max()) + 1)]
    adjusted = [_adjust(x[rows], bread, within) for rows in groups]
    scores = np.stack([a.T @ residual[rows] for a, rows in zip(adjusted, groups, strict=True)])
    cov = bread @ scores.T @ scores @ bread
    weights = [a @ bread for a in adjusted]
    df = np.array([_satterthwaite(x, bread, groups, weights, k, within) for k in range(len(coef))])
    return SmallSampleFit(coef, np.sqrt(np.diag(cov)), df)


def _adjust(x: Floats, bread: Floats, within: bool) -> Floats:
    """One cluster's regressors, leverage removed: (I - H)^(-1/2) X, shape (n_g, p)."""
    size = len(x)
    maker = np.eye(size) - within * np.full((size, size), 1 / size) - x @ bread @ x.T
    values, vectors = np.linalg.eigh(maker)
    inverse_root = np.where(values > 1e-10, 1 / np.sqrt(np.clip(values, 1e-10, None)), 0.0)
    return np.asarray((vectors * inverse_root) @ vectors.T @ x)


def _satterthwaite(
    x: Floats, bread: Floats, groups: list[Ints], weights: list[Floats], k: int, within: bool
) -> float:
    """Degrees of freedom of coefficient `k` under independent, equal errors."""
    columns = [w[:, k] for w in weights]
    reduced = np.stack([x[rows].T @ v for rows, v in zip(groups, columns, strict=True)])
    own = np.array([np.sum((v - within * v.mean()) ** 2) for v in columns])
    products = np.diag(own) - reduced @ bread @ reduced.T
    return float(np.trace(products) ** 2 / np.sum(products**2))
