"""Cross-products by cluster: all that least squares and its clustered errors need of the data.

Unit effects are taken out of every column first (Frisch and Waugh 1933, Econometrica). Where
each unit lies in one cluster this loses nothing: coefficients, clustered covariances, wild
bootstrap and permutations follow from the cross-products alone, whatever the number of rows.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints

SMALLEST_SHARE = 1e-9
"""Share of a column's variation below which it counts as a sum of the other columns."""


@dataclass(frozen=True, slots=True)
class ClusterMoments:
    """Per cluster, the cross-products of [regressors, outcome], (clusters, p + 1, p + 1).

    `n` counts the rows and `absorbed` the unit effects that were taken out of them.
    """

    total: Floats
    n: int
    absorbed: int = 0


@dataclass(frozen=True, slots=True)
class MomentFit:
    """Least squares: `coef` (p,), and by cluster X'X `inside` (g, p, p), X'e `scores` (g, p).

    `root` (p, r) times its transpose is the inverse of X'X over all clusters; r falls short
    of p where columns are sums of others.
    """

    coef: Floats
    root: Floats
    inside: Floats
    scores: Floats
    n: int
    absorbed: int

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.scores)


def make_cluster_moments(
    outcome: Floats,
    regressors: Floats,
    cluster: Ints,
    *,
    unit: Ints | None = None,
    weight: Floats | None = None,
) -> ClusterMoments:
    """Cross-products of `regressors` (n, p) and `outcome` (n,) within each cluster code.

    `unit` (n,) are codes of units whose effects are taken out; each must lie in one cluster.
    `weight` (n,) is positive; clusters and units are coded 0, 1, ... without gaps.
    """
    columns = np.column_stack([regressors, outcome])
    scaled = absorb(columns, unit, weight)
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    parts = np.split(scaled[order], starts[1:])
    total = np.stack([part.T @ part for part in parts])
    return ClusterMoments(total, len(outcome), 0 if unit is None else int(unit.max()) + 1)


def absorb(columns: Floats, unit: Ints | None, weight: Floats | None) -> Floats:
    """Subtract each unit's weighted mean from `columns` (n, k), then scale by root weight."""
    w = np.ones(len(columns)) if weight is None else weight
    if unit is not None:
        size = np.bincount(unit, w)
        means = np.stack([np.bincount(unit, w * c) / size for c in columns.T], axis=1)
        columns = columns - means[unit]
    return np.asarray(columns if weight is None else np.sqrt(w)[:, None] * columns)


def solve_moments(moments: ClusterMoments) -> MomentFit:
    """Solve least squares from the cross-products; the last column is the outcome."""
    inside, outcome = moments.total[:, :-1, :-1], moments.total[:, :-1, -1]
    root = inverse_root(inside.sum(axis=0))
    coef = root @ (root.T @ outcome.sum(axis=0))
    return MomentFit(coef, root, inside, outcome - inside @ coef, moments.n, moments.absorbed)


def inverse_root(matrix: Floats) -> Floats:
    """Return L (p, r) such that L L' inverts a cross-product matrix on the space it spans.

    A column without variation has no part in it.
    """
    size = np.diag(matrix)
    scale = np.zeros(len(size))
    scale[size > 0] = 1 / np.sqrt(size[size > 0])
    values, vectors = np.linalg.eigh(matrix * scale * scale[:, None])
    kept = values > SMALLEST_SHARE * max(values[-1], 1e-300)
    return np.asarray(scale[:, None] * vectors[:, kept] / np.sqrt(values[kept]))
