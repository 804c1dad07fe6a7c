"""Wild cluster bootstrap-t with the null imposed, for few clusters.

Cameron, Gelbach and Miller 2008 (Review of Economics and Statistics 90:414-427); Webb 2023
(Canadian Journal of Economics) for the six-point weights. Signs of whole clusters are drawn, or
every one of them taken where they are few. All of it needs only cross-products between clusters,
worked out once (Roodman, Nielsen, MacKinnon and Webb 2019, Stata Journal 19:4-60).
Must hold: several clusters on each side. With one or two treated it hardly ever rejects.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.inference.arrays import Floats
from evalkit.inference.cluster_moments import ClusterMoments, inverse_root
from evalkit.inference.inversion import DrawnStatistics, invert, p_values

MOST_ENUMERATED = 12
"""Up to this many clusters all sign patterns are taken; one and its mirror image count once."""
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


@dataclass(frozen=True, slots=True)
class WildBootstrap:
    """The estimate, its CR1 error, p-value against zero, and the interval by inversion.

    `enumerated` says that every pattern of signs was taken, so that nothing was left to chance.
    """

    estimate: float
    std_error: float
    p_value: float
    conf_low: float
    conf_high: float
    draws: int
    enumerated: bool


def bootstrap_wild(
    moments: ClusterMoments,
    rng: np.random.Generator,
    *,
    draws: int = 999,
    level: float = 0.95,
    weights: Literal["rademacher", "webb"] = "rademacher",
    count_ties: bool = True,
) -> WildBootstrap:
    """Bootstrap the first coefficient of `moments`; `count_ties` as in `p_values`."""
    clusters = len(moments.total)
    enumerated = weights == "rademacher" and clusters <= MOST_ENUMERATED
    signs = all_signs(clusters) if enumerated else draw_signs(clusters, draws, weights, rng)
    own, cross, variation = _partial_out(moments)
    drawn = _statistics(own, cross, variation, signs, enumerated)
    estimate = float(own[:, 0].sum() / variation)
    factor = clusters / (clusters - 1) * (moments.n - 1) / (moments.n - _parameters(moments))
    error = float(np.sqrt(factor * drawn.spread[0, 0]) / variation)
    p_value = float(p_values(drawn, np.zeros(1), count_ties=count_ties)[0])
    low, high = invert(drawn, estimate, error, level)
    count = len(signs) - (not enumerated)
    return WildBootstrap(estimate, error, p_value, low, high, count, enumerated)


def all_signs(clusters: int) -> Floats:
    """Every pattern of signs with the first cluster's kept, (2^(clusters - 1), clusters).

    Turning all signs around leaves the squared statistic as it is, so half of them suffice.
    The first row is all ones, the data as they are.
    """
    bits = np.arange(2 ** (clusters - 1))[:, None] >> np.arange(clusters - 1)[None, :] & 1
    return np.column_stack([np.ones(len(bits)), 1.0 - 2.0 * bits])


def draw_signs(clusters: int, draws: int, weights: str, rng: np.random.Generator) -> Floats:
    """Drawn signs, or Webb's six values, (draws + 1, clusters); the first row is all ones."""
    signs = rng.choice(np.array([-1.0, 1.0]), (draws, clusters))
    if weights == "webb":
        signs *= rng.choice(WEBB, (draws, clusters))
    return np.vstack([np.ones(clusters), signs])


def _parameters(moments: ClusterMoments) -> int:
    return int(moments.total.shape[1]) - 1 + min(moments.absorbed, 1)


def _partial_out(moments: ClusterMoments) -> tuple[Floats, Floats, float]:
    """Take the other regressors out of the first and of the outcome, and cross the clusters.

    Returns x'u by cluster for u the outcome and the regressor (g, 2); what a change of sign of
    one cluster does to the score of each, for both (2, g, g); and the regressor's variation.
    """
    total = moments.total
    others = slice(1, total.shape[1] - 1)
    pair = [-1, 0]
    root = inverse_root(total[:, others, others].sum(axis=0))
    sums = total[:, others, :][:, :, pair].sum(axis=0)
    taken = root @ (root.T @ sums)
    left = total[:, others][:, :, pair] - total[:, others, others] @ taken
    own = total[:, 0, pair] - total[:, 0, others] @ taken - left.transpose(0, 2, 1) @ taken[:, 1]
    variation = float(own[:, 1].sum())
    rest = np.einsum("gr,hrk->kgh", left[:, :, 1] @ root, root.T @ left)
    cross = np.stack([np.diag(own[:, k]) for k in (0, 1)]) - rest
    cross -= own[:, 1][:, None] / variation * own.T[:, None, :]
    return own, cross, variation


def _statistics(
    own: Floats, cross: Floats, variation: float, signs: Floats, enumerated: bool
) -> DrawnStatistics:
    """Statistics of each draw; row 0 has the errors of the data themselves, no null imposed."""
    slope = signs @ own
    outcome, exposure = (signs @ matrix.T for matrix in cross)
    pairs = ((outcome, outcome), (outcome, exposure), (exposure, exposure))
    spread = np.stack([np.sum(a * b, axis=1) for a, b in pairs], axis=1)
    return DrawnStatistics(slope, spread, enumerated)
