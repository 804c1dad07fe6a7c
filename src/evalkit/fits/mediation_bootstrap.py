"""Uncertainty of mediation paths: rows or clusters resampled, or left out one at a time.

Resampling works on cross-products: a resample is a sum of rows' (or clusters') cross-products,
each taken as often as it was drawn, so that hundreds of draws are one matrix product.
`draw_about` is for few clusters, where whole-cluster resampling gives intervals that
are too narrow: leaving out one cluster at a time gives the covariance of a and b, and draws
from a multivariate t with it give the distribution of their product.
Sources: Efron and Tibshirani 1993 (An Introduction to the Bootstrap, 13.3 and 14.3, percentile
and bias-corrected); Cameron, Gelbach and Miller 2008 (Review of Economics and Statistics
90:414-427, few clusters); MacKinnon, Nielsen and Webb 2023 (Journal of Applied Econometrics
38:671-694, cluster jackknife); MacKinnon, Lockwood and Williams 2004 (Multivariate Behavioral
Research 39:99-128, Monte Carlo interval of a product).
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


def leave_out_clusters(products: Floats, layout: Layout) -> Paths:
    """Leave out one cluster at a time: paths with leading shape (clusters,)."""
    return solve_paths(products.sum(axis=0) - products, layout)


def draw_from_jackknife(
    products: Floats, layout: Layout, draws: int, rng: np.random.Generator
) -> Paths:
    """Draw paths (draws,) about the estimate, as `draw_about` does."""
    point = _stack(solve_paths(products.sum(axis=0), layout))
    left_out = _stack(leave_out_clusters(products, layout))
    drawn, m = draw_about(point, left_out, draws, rng), layout.mediators
    return Paths(drawn[:, :m], drawn[:, m : 2 * m], drawn[:, 2 * m])


def draw_about(point: Floats, left_out: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draw (draws, k) from a multivariate t about `point` (k,), t(clusters - 1).

    Its covariance is that of `left_out` (clusters, k), one cluster left out at a time (CV3).
    """
    clusters = len(left_out)
    if clusters < 3:
        raise AnalysisError(
            f"clusters: {clusters}, and leaving out one at a time needs at least 3. "
            "Give more clusters."
        )
    away = (left_out - point) * np.sqrt((clusters - 1) / clusters)
    spread = rng.normal(size=(draws, clusters)) @ away
    widen = np.sqrt((clusters - 1) / rng.chisquare(clusters - 1, draws))
    return np.asarray(point + spread * widen[:, None])


def _stack(paths: Paths) -> Floats:
    return np.concatenate([paths.a, paths.b, paths.direct[..., None]], axis=-1)


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
