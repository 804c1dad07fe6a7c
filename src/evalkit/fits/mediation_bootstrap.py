"""Uncertainty of mediation paths by resampling rows or whole clusters.

Resampling works on cross-products: a resample is a sum of rows' (or clusters') cross-products,
each taken as often as it was drawn, so that hundreds of draws are one matrix product.
Must hold: many clusters; with few, intervals are too narrow (`mediation_errors` holds there).
Sources: Efron and Tibshirani 1993 (An Introduction to the Bootstrap, 13.3 and 14.3, percentile
and bias-corrected); Cameron, Gelbach and Miller 2008 (Review of Economics and Statistics
90:414-427, few clusters).
"""

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.mediation_paths import Layout, Paths, solve_paths
from evalkit.inference.arrays import Floats, Ints

LARGEST_BLOCK = 4_000_000
"""Numbers held at a time while rows are resampled (32 MB)."""


def sum_by_cluster(columns: Floats, cluster: Ints) -> Floats:
    """Cross-products (clusters, p, p) of columns (n, p), clusters coded from 0."""
    order = np.argsort(cluster, kind="stable")
    ends = np.cumsum(np.bincount(cluster))[:-1]
    return np.stack([part.T @ part for part in np.split(columns[order], ends)])


def resample_clusters(products: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draw whole clusters with replacement: summed cross-products (draws, p, p)."""
    clusters, size = len(products), products.shape[1]
    if clusters < 2:
        raise AnalysisError(
            f"clusters: {clusters}, and resampling needs at least 2. Give more clusters."
        )
    times = rng.multinomial(clusters, np.full(clusters, 1 / clusters), draws).astype(float)
    return np.asarray((times @ products.reshape(clusters, -1)).reshape(-1, size, size))


def bootstrap_clusters(
    products: Floats, layout: Layout, draws: int, rng: np.random.Generator
) -> Paths:
    """Resample whole clusters: paths with leading shape (draws,)."""
    return solve_paths(resample_clusters(products, draws, rng), layout)


def bootstrap_rows(columns: Floats, layout: Layout, draws: int, rng: np.random.Generator) -> Paths:
    """Resample rows of columns (n, p), ordered as `layout` says; a constant is added."""
    n = len(columns)
    fixed = np.insert(columns - columns.mean(axis=0), layout.fixed, 1.0, axis=1)
    size = fixed.shape[1]
    squares = (fixed[:, :, None] * fixed[:, None, :]).reshape(n, -1)
    block = max(1, LARGEST_BLOCK // n)
    wide = Layout(layout.fixed + 1, layout.mediators)
    found = []
    for start in range(0, draws, block):
        times = rng.multinomial(n, np.full(n, 1 / n), min(block, draws - start)).astype(float)
        found.append(solve_paths((times @ squares).reshape(-1, size, size), wide))
    return Paths(
        np.concatenate([p.a for p in found]),
        np.concatenate([p.b for p in found]),
        np.concatenate([p.direct for p in found]),
    )


def percentile_interval(draws: Floats, level: float) -> tuple[float, float]:
    """Take the middle `level` of the draws (draws,)."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bias_corrected_interval(draws: Floats, estimate: float, level: float) -> tuple[float, float]:
    """Shift the percentiles by how far the draws' middle lies from the estimate.

    Without acceleration. Raises AnalysisError where every draw lies on one side.
    """
    below = float(np.mean(draws < estimate))
    if not 0 < below < 1:
        raise AnalysisError(
            "bootstrap: every resample lies on one side of the estimate, so its bias cannot be "
            "corrected. Use the percentile interval."
        )
    reach = stats.norm.ppf(0.5 + level / 2)
    shift = 2 * stats.norm.ppf(below)
    low, high = np.quantile(draws, stats.norm.cdf([shift - reach, shift + reach]))
    return float(low), float(high)
