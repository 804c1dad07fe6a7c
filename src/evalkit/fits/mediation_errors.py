"""Errors of mediation paths that hold with few clusters, and draws of what is made of them.

Each path has the error of its own regression, clustered, CR2 with Satterthwaite's degrees of
freedom (Pustejovsky and Tipton 2018, Journal of Business & Economic Statistics 36:672-683); above
200 clusters CR1 with t(clusters - 1). How paths go together is taken from what each cluster adds
to each (the sandwich of both equations stacked). A product of two paths is not normal, so its
interval comes from draws of the paths, each a t with its own degrees of freedom (MacKinnon,
Lockwood and Williams 2004, Multivariate Behavioral Research 39:99-128). Whole clusters resampled
give intervals that are too narrow: see the design's page of methods.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evalkit.fits.mediation_across_levels import LevelProducts
from evalkit.fits.mediation_paths import Paths
from evalkit.inference.arrays import Floats
from evalkit.inference.cluster_moments import ClusterMoments, MomentFit, solve_moments
from evalkit.inference.clustered import moment_covariance, reduce_bias

MANY_CLUSTERS = 200
"""Above this many clusters CR2 and CR1 agree, and CR1 is quick."""

STEP = 1e-4
"""Share of an error by which a path is moved to see what that does to a product."""


@dataclass(frozen=True, slots=True)
class PathErrors:
    """Paths [a, b of each mediator, direct] as one vector: point (k,), cov (k, k), df (k,).

    Path a is that of the last mediator: people's own distance from their cell's mean has none.
    """

    point: Floats
    cov: Floats
    df: Floats

    @property
    def root(self) -> Floats:
        """Square root (k, k) of the covariance: root times its transpose."""
        values, vectors = np.linalg.eigh(self.cov)
        return np.asarray(vectors * np.sqrt(np.clip(values, 0, None)))


@dataclass(frozen=True, slots=True)
class _Slopes:
    """Coefficients of one regression (s,), what each cluster adds to them (clusters, s), df."""

    coef: Floats
    added: Floats
    df: Floats


def fit_path_errors(level: LevelProducts) -> PathErrors:
    """Fit the errors of a level's paths, clustered as its cross-products are."""
    fixed, last = level.layout.fixed, level.layout.fixed + level.layout.mediators
    mediators = list(range(fixed, last))
    a = _slopes(level, [*range(fixed), last - 1], 1)
    b = _slopes(level, [*mediators, *range(fixed), last], len(mediators) + 1)
    added = np.column_stack([a.added, b.added])
    point, df = np.concatenate([a.coef, b.coef]), np.concatenate([a.df, b.df])
    return PathErrors(point, added.T @ added, np.maximum(df, 1.0))


def as_paths(values: Floats, level: LevelProducts) -> Paths:
    """Turn vectors of paths (..., k) into paths."""
    a = np.zeros((*values.shape[:-1], level.layout.mediators))
    a[..., -1] = values[..., 0]
    return Paths(a, values[..., 1:-1], values[..., -1])


def draw_paths(errors: PathErrors, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw paths (draws, k) about the estimate: normal, and with the tails of t besides."""
    away = rng.normal(size=(draws, len(errors.point))) @ errors.root.T
    widen = np.sqrt(errors.df / rng.chisquare(errors.df, away.shape))
    return errors.point + away, errors.point + away * widen


def degrees_of(errors: PathErrors, value: Callable[[Floats], Floats]) -> float:
    """Degrees of freedom of a value made of paths (..., k), as Welch's of a sum of its parts.

    No more than the surest path has.
    """
    spread = np.sqrt(np.diag(errors.cov))
    moved = value(errors.point + np.diag(STEP * spread))
    parts = ((moved - value(errors.point)) / STEP) ** 2
    total = float(parts.sum())
    if not total > 0:
        return float("nan")
    return min(total**2 / float(np.sum(parts**2 / errors.df)), float(errors.df.max()))


def _slopes(level: LevelProducts, columns: list[int], size: int) -> _Slopes:
    """Regress the last of the columns on the others; errors of the first `size` coefficients."""
    total = level.products[:, columns][:, :, columns]
    fit = solve_moments(ClusterMoments(total, level.n, level.absorbed))
    added = (fit.scores @ fit.root) @ fit.root[:size].T
    variance, df = _variances(fit, size)
    plain = np.maximum(np.sum(added**2, axis=0), np.finfo(float).tiny)
    return _Slopes(fit.coef[:size], added * np.sqrt(variance / plain), df)


def _variances(fit: MomentFit, size: int) -> tuple[Floats, Floats]:
    if fit.clusters > MANY_CLUSTERS:
        variance = np.diag(moment_covariance(fit))[:size]
        return variance, np.full(size, fit.clusters - 1.0)
    small = reduce_bias(fit, size=size)
    return small.std_error**2, small.df
