"""Weighted regression of people, with errors that allow for unequal spread and for clusters.

The sandwich: HC0, or HC1 with n / (n - p) (White 1980; MacKinnon and White 1985), or clustered
with G / (G - 1) x (n - 1) / (n - p) and t(G - 1) (Liang and Zeger 1986). Weights are taken as the
inverse chances of being observed, so they enter the scores and not the counts.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.weighted_scores import Family, solve_weighted
from evalkit.inference.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class WeightedRegression:
    """Coefficients (p,), covariance (p, p), degrees of freedom (infinite without clusters).

    `used` (n,) marks the rows without a missing value.
    """

    coef: Floats
    cov: Floats
    df: float
    used: Flags

    def error_of(self, slope: Floats) -> float:
        """Standard error of what changes by `slope` (p,) with the coefficients."""
        return float(np.sqrt(slope @ self.cov @ slope))


def fit_weighted(
    outcome: Floats,
    regressors: Floats,
    weight: Floats,
    *,
    family: Family = "linear",
    correction: Literal["hc0", "hc1"] = "hc1",
    cluster: Ints | None = None,
) -> WeightedRegression:
    """Regress `outcome` (n,) on `regressors` (n, p), constant included among them.

    `cluster` (n,) takes the place of `correction`. Raises AnalysisError as `solve_weighted`
    does, and for fewer than two clusters.
    """
    used = ~np.isnan(outcome) & ~np.isnan(regressors).any(axis=1) & (weight > 0)
    solved = solve_weighted(outcome[used], regressors[used], weight[used], family)
    n, p = regressors[used].shape
    if cluster is None:
        scores, df = solved.scores, np.inf
        scale = n / (n - p) if correction == "hc1" else 1.0
    else:
        scores = _sum_by(cluster[used], solved.scores)
        groups = len(scores)
        scale, df = groups / (groups - 1) * (n - 1) / (n - p), float(groups - 1)
    half = scores @ solved.inverse
    return WeightedRegression(solved.coef, scale * half.T @ half, df, used)


def _sum_by(cluster: Ints, scores: Floats) -> Floats:
    codes, at = np.unique(cluster, return_inverse=True)
    if len(codes) < 2:
        raise AnalysisError(
            f"clustered errors: {len(codes)} cluster. Give at least two, and many more for a "
            "trustworthy interval."
        )
    return np.asarray(np.stack([np.bincount(at, s) for s in scores.T], axis=1), dtype=float)
