"""Differences in several outcomes at once, redrawn together by resampling whole clusters.

What changes costs changes effects, so their differences are estimated from the same resample:
each outcome on treatment (and covariates) by weighted least squares, clusters drawn with
replacement among those ever treated and among the others (Davison and Hinkley 1997, Bootstrap
Methods, section 3.8). Each arm's resampled variance is too small by (G - 1) / G, which is given
back, and percentiles are moved out as far as t lies beyond the normal (percentiles further out, as
in Hesterberg 2015, American Statistician 69:371-386, fall short where few clusters are redrawn).
Degrees of freedom are those of what is asked (Satterthwaite 1946, Biometrics Bulletin 2:110-114): a
cost that one arm alone bears has that arm's G - 1, and what varies alike in both nearly those of
both. Arms' variances come from how far each cluster moves the difference.
Must hold: clusters are independent; ten or more an arm.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats, Ints

FEWEST = 3
"""Clusters an arm below which resampling says nothing."""


@dataclass(frozen=True, slots=True)
class JointDifferences:
    """Differences by outcome (q,), their redrawn values (draws, q), and what moves them.

    `moves` (clusters, q) is how far each cluster moves each difference, and `ever` (clusters,)
    says which arm it is drawn in.
    """

    names: tuple[str, ...]
    estimate: Floats
    draws: Floats
    moves: Floats
    ever: Flags

    def redrawn(self, weights: Mapping[str, float]) -> Floats:
        """Return the redrawn values (draws,) of the weighted sum of differences, widened."""
        return self._widen(self._mix(weights))

    def df(self, weights: Mapping[str, float]) -> float:
        """Return the degrees of freedom of the weighted sum's error, by Satterthwaite."""
        sizes, biased = self._by_arm(self._mix(weights))
        fair = biased * sizes / (sizes - 1)
        if not fair.any():
            return float(np.sum(sizes - 1))
        return float(fair.sum() ** 2 / np.sum(fair**2 / (sizes - 1)))

    def interval(self, weights: Mapping[str, float], level: float) -> tuple[float, float, float]:
        """Return the weighted sum of differences with its interval at `level`."""
        middle, tail = float(self.estimate @ self._mix(weights)), (1 - level) / 2
        ends = np.quantile(self.redrawn(weights), [tail, 1 - tail])
        further = stats.t.ppf(tail, self.df(weights)) / stats.norm.ppf(tail)
        low, high = middle + further * (ends - middle)
        return middle, float(low), float(high)

    def pair(self, first: str, second: str) -> tuple[Floats, Floats]:
        """Return the estimates (2,) and the redrawn values (draws, 2) of two outcomes."""
        at = [self.names.index(first), self.names.index(second)]
        redrawn = [self.redrawn({name: 1.0}) for name in (first, second)]
        return self.estimate[at], np.column_stack(redrawn)

    def _mix(self, weights: Mapping[str, float]) -> Floats:
        return np.array([weights.get(name, 0.0) for name in self.names])

    def _widen(self, mix: Floats) -> Floats:
        """Give back what resampled variances lack, arm by arm, in the spread about the estimate."""
        sizes, biased = self._by_arm(mix)
        lacks = np.sum(biased * sizes / (sizes - 1)) / biased.sum() if biased.any() else 1.0
        middle = self.estimate @ mix
        return np.asarray(middle + np.sqrt(lacks) * (self.draws @ mix - middle))

    def _by_arm(self, mix: Floats) -> tuple[Floats, Floats]:
        """Clusters of each arm, and its share of the resampled variance of a weighted sum."""
        moved = self.moves @ mix
        arms = [moved[self.ever == arm] for arm in np.unique(self.ever)]
        sizes = np.array([float(len(arm)) for arm in arms])
        return sizes, np.array([float(np.sum((arm - arm.mean()) ** 2)) for arm in arms])


def fit_joint_differences(
    outcomes: Mapping[str, Floats],
    treated: Floats,
    cluster: Ints,
    rng: np.random.Generator,
    *,
    draws: int = 1999,
    covariates: Floats | None = None,
    weight: Floats | None = None,
) -> JointDifferences:
    """Estimate what each of `outcomes` (n,) differs by with `treated` (n,), 0 or 1.

    `covariates` (n, c) are held fixed, such as the outcome before, or dummies of periods and
    clusters; a row that misses an outcome is left out of that outcome alone. Raises
    AnalysisError for fewer than three clusters an arm, and for collinear covariates.
    """
    rows = len(treated)
    extra = np.empty((rows, 0)) if covariates is None else covariates
    x = np.column_stack([treated, np.ones(rows), extra]).astype(float)
    _, at = np.unique(cluster, return_inverse=True)
    ever = np.bincount(at, treated) > 0
    _refuse(x, ever)
    counts = _draw_counts(ever, rng, draws)
    w = np.ones(rows) if weight is None else weight
    found = [_solve(y, x, w, at, counts) for y in outcomes.values()]
    estimate = np.array([point for point, _, _ in found])
    redrawn, moves = (np.column_stack([of[at] for of in found]) for at in (1, 2))
    return JointDifferences(tuple(outcomes), estimate, redrawn, moves, ever)


def _draw_counts(ever: Flags, rng: np.random.Generator, draws: int) -> Floats:
    """How often each cluster is drawn, (draws, clusters), the arms kept at their sizes."""
    counts = np.zeros((draws, len(ever)))
    for arm in (ever, ~ever):
        size = int(arm.sum())
        if size:
            counts[:, arm] = rng.multinomial(size, np.full(size, 1 / size), size=draws)
    return counts


def _solve(
    y: Floats, x: Floats, weight: Floats, at: Ints, counts: Floats
) -> tuple[float, Floats, Floats]:
    """The coefficient of treatment as observed, in each resample, and each cluster's part in it."""
    known = ~np.isnan(y)
    w = np.where(known, weight, 0.0)
    clusters, p = counts.shape[1], x.shape[1]
    squares, products = np.zeros((clusters, p, p)), np.zeros((clusters, p))
    np.add.at(squares, at, (x * w[:, None])[:, :, None] * x[:, None, :])
    np.add.at(products, at, x * (w * np.where(known, y, 0.0))[:, None])
    every = np.vstack([np.ones(clusters), counts])
    left, right = np.tensordot(every, squares, 1), every @ products
    inverse = np.linalg.pinv(left, hermitian=True)
    coef = (inverse @ right[:, :, None])[:, :, 0]
    moves = (products - squares @ coef[0]) @ inverse[0, 0]
    return float(coef[0, 0]), coef[1:, 0], moves


def _refuse(x: Floats, ever: Flags) -> None:
    treated, others = int(ever.sum()), int((~ever).sum())
    compared = others >= FEWEST or (others == 0 and bool(np.any(x[:, 0] == 0)))
    if treated < FEWEST or not compared:
        raise AnalysisError(
            f"joint differences: {treated} clusters with the intervention and {others} without. "
            f"Give at least {FEWEST} of each, or rows before and after in each cluster."
        )
    rank = int(np.linalg.matrix_rank(x))
    if rank < x.shape[1]:
        raise AnalysisError(
            f"joint differences: treatment and {x.shape[1] - 2} columns held fixed carry the "
            f"information of {rank - 1}. Remove those that others determine."
        )
