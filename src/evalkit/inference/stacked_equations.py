"""Errors of estimates made in steps, each step's uncertainty carried into the next.

Steps that each solve equations (a propensity, then a weighted mean) are stacked and treated as
one: the influence of a row on the last estimate contains its influence on all before. Its sum of
squares, by row or by cluster, is the variance.
Source: Stefanski and Boos 2002, The American Statistician 56:29-38; clusters and their degrees of
freedom as for two independent groups of clusters (Welch 1947, Biometrika 34:28-35).
"""

from collections.abc import Callable

import numpy as np

from evalkit.inference.arrays import Flags, Floats, Ints

STEP = 1e-6


def influence_of(equations: Callable[[Floats], Floats], solution: Floats) -> Floats:
    """Influence (n, k) of each row on each of the k parameters at their solution.

    `equations` gives the rows' terms (n, k), whose sums are zero at `solution` (k,).
    `numpy.linalg.LinAlgError` where the equations do not tell the parameters apart.
    """
    terms = equations(solution)
    slopes = np.empty((len(solution), len(solution)))
    for column in range(len(solution)):
        step = np.zeros(len(solution))
        step[column] = STEP * max(1.0, abs(solution[column]))
        change = equations(solution + step) - equations(solution - step)
        slopes[:, column] = change.sum(axis=0) / (2 * step[column])
    return np.asarray(-np.linalg.solve(slopes, terms.T).T)


def sum_by_cluster(influence: Floats, cluster: Ints) -> Floats:
    """Sum an influence (n,) over the rows of each cluster, coded from 0."""
    return np.asarray(np.bincount(cluster, influence), dtype=float)


def clustered_error(sums: Floats) -> float:
    """Standard error from the influences of clusters (G,), times the root of G / (G - 1)."""
    groups = len(sums)
    return float(np.sqrt(groups / (groups - 1) * np.sum(sums**2)))


def contrast_df(sums: Floats, treated: Flags) -> float:
    """Degrees of freedom of a contrast of treated clusters with others, as Welch's.

    `sums` (G,) are influences of clusters, `treated` (G,) those wholly treated. Where a cluster
    holds both, its own contrast counts: use G - 1 instead.
    """
    parts = [sums[treated], sums[~treated]]
    variances = [float(np.sum(part**2)) for part in parts]
    spread = sum(v**2 / max(len(p) - 1, 1) for v, p in zip(variances, parts, strict=True))
    return float(sum(variances) ** 2 / spread) if spread > 0 else float(len(sums) - 1)
