"""Permutation inference: the result against those of other ways to hand the intervention out.

Exact, whatever the outcome's distribution, where clusters were put in their groups by lot, or
where their outcomes would have varied alike without it (Fisher 1935; Imbens and Rubin 2015,
chapter 5). The statistic is studentised by the jackknife over clusters, so that it still holds
about right where variances differ (Chung and Romano 2013, Annals of Statistics 41:484-507).
Intervals invert the test of an effect that is the same for all.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.assignments import Assignments
from evalkit.inference.cluster_moments import ClusterMoments, inverse_root
from evalkit.inference.inversion import DrawnStatistics, invert, p_values


@dataclass(frozen=True, slots=True)
class Permutation:
    """The estimate, its error (jackknife), p-value against zero, and interval by inversion.

    `ways` counts the assignments, the observed among them; `enumerated` if these are all.
    """

    estimate: float
    std_error: float
    p_value: float
    conf_low: float
    conf_high: float
    ways: int
    enumerated: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """What each assignment needs, by cluster g and code s, other regressors z taken out of y.

    `with_others` (g, s, z), `with_pair` (g, s, 2) and `own` (g, s) are products of the exposure
    with z, with (outcome, observed exposure) and itself; `others` (g, z, z); `left` (g, z, 2).
    """

    with_others: Floats
    with_pair: Floats
    own: Floats
    others: Floats
    left: Floats
    root: Floats


def permute(
    moments: ClusterMoments,
    assignments: Assignments,
    *,
    level: float = 0.95,
    studentised: bool = True,
) -> Permutation:
    """Permute an exposure between clusters, other regressors held fixed.

    The first columns of `moments` are the exposure as it would be under each code: column s
    holds, on every row, the exposure of that row had its cluster the code s. The columns that
    follow are the other regressors, the last the outcome. The plain statistic, not
    `studentised`, is the coefficient itself.
    """
    codes = assignments.codes
    parts = _take_parts(moments, int(codes.max()) + 1, codes[0])
    slope, variation, scores = _scores(parts, codes)
    spread = scores if studentised else variation[:, None] ** 2 * [1.0, 0.0, 0.0]
    drawn = DrawnStatistics(slope, spread, assignments.enumerated)
    estimate = float(slope[0, 0] / variation[0])
    error = float(np.sqrt(scores[0, 0]) / variation[0])
    low, high = invert(drawn, estimate, error, level)
    p_value = float(p_values(drawn, np.zeros(1))[0])
    return Permutation(estimate, error, p_value, low, high, len(codes), assignments.enumerated)


def _take_parts(moments: ClusterMoments, levels: int, observed: Ints) -> _Parts:
    total = moments.total
    z, exposures = slice(levels, total.shape[1] - 1), slice(0, levels)
    others, outer = _pair(total, z, observed), _pair(total, exposures, observed)
    root = inverse_root(total[:, z, z].sum(axis=0))
    taken = root @ (root.T @ others.sum(axis=0))
    with_others = total[:, exposures, z]
    return _Parts(
        with_others,
        outer - with_others @ taken,
        np.einsum("gss->gs", total[:, exposures, exposures]),
        total[:, z, z],
        others - total[:, z, z] @ taken,
        root,
    )


def _pair(total: Floats, part: slice, observed: Ints) -> Floats:
    """Products of the columns `part` with the outcome and the observed exposure, (g, k, 2)."""
    rows = total[:, part]
    exposure = np.take_along_axis(rows, observed[:, None, None], axis=2)
    return np.concatenate([rows[:, :, -1:], exposure], axis=2)


def _scores(parts: _Parts, codes: Ints) -> tuple[Floats, Floats, Floats]:
    """Slopes (ways, 2), the exposure's variation (ways,), and squared scores (ways, 3).

    Where an assignment leaves no variation, as with units unseen on one side, the slope is nought.
    """
    clusters = np.arange(codes.shape[1])
    sums = sum(parts.with_others[g][codes[:, g]] for g in clusters)
    taken = (sums @ parts.root) @ parts.root.T
    own = np.empty(codes.shape)
    pair = np.empty((*codes.shape, 2))
    for g in clusters:
        code = codes[:, g]
        with_others = parts.with_others[g][code]
        own[:, g] = parts.own[g][code] - 2 * np.sum(with_others * taken, axis=1)
        own[:, g] += np.sum((taken @ parts.others[g]) * taken, axis=1)
        pair[:, g] = parts.with_pair[g][code] - taken @ parts.left[g]
    slope, variation = pair.sum(axis=1), own.sum(axis=1)
    lost = variation <= 1e-10 * variation.max()
    slope[lost], variation[lost] = 0.0, np.inf
    scores = pair - (slope / variation[:, None])[:, None, :] * own[:, :, None]
    left = 1 - own / variation[:, None] - 1 / codes.shape[1]
    scores *= np.where(left > 1e-8, 1 / np.maximum(left, 1e-8), 0.0)[:, :, None]
    y, x = scores[:, :, 0], scores[:, :, 1]
    spread = np.stack([np.sum(y * y, 1), np.sum(y * x, 1), np.sum(x * x, 1)], axis=1)
    return slope, variation, spread
