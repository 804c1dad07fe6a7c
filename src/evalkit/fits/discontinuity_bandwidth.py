"""How near the threshold to look: the bandwidth that makes the mean squared error smallest.

Four steps: a pilot from the spread of the running variable, a second pilot for the third
derivative, a bandwidth for the curvature, and the bandwidth for the jump, each from estimates made
with the one before. The last two are regularised, so that a curvature near zero does not make them
endless; none reaches beyond the data, and where values repeat much, both pilots reach a least
number of distinct ones.
Sources: Imbens and Kalyanaraman 2012, Review of Economic Studies 79:933-959; Calonico, Cattaneo
and Titiunik 2014, Econometrica 82:2295-2326, section 5 and supplement (one common bandwidth);
Calonico, Cattaneo, Farrell and Titiunik 2017, Stata Journal 17:372-404 (limits of bandwidths).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.fits.local_polynomial import (
    linear_weights,
    neighbour_residuals,
    weighted_variance,
)
from evalkit.inference.arrays import Floats, Ints

PILOT = 2.576
"""Constant of the pilot for a triangular kernel."""
LEAST_VALUES = 10
"""Distinct values of the running variable that the pilot must reach on each side."""
JUST_BEYOND = 1.5e-8
"""Share by which a bandwidth reaches beyond a value, so that its weight is not nought."""
MASSED = 0.2
"""Share of repeated values from which on the running variable counts as discrete."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the threshold, sorted: signed distance, outcome, cluster and weight (n,)."""

    distance: Floats
    outcome: Floats
    cluster: Ints | None = None
    weight: Floats | None = None

    def within(self, bandwidth: float) -> "Side":
        """Keep the rows nearer than `bandwidth`."""
        near = np.abs(self.distance) < bandwidth
        cluster = None if self.cluster is None else self.cluster[near]
        weight = None if self.weight is None else self.weight[near]
        return Side(self.distance[near], self.outcome[near], cluster, weight)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Variance, bias and regularisation that enter a bandwidth."""

    variance: float
    bias: float
    regular: float


def choose_bandwidths(left: Side, right: Side) -> tuple[float, float]:
    """Return the bandwidth for the jump and the one for its bias, in units of the distance.

    `numpy.linalg.LinAlgError` where the outcome has no spread or too few distances are distinct.
    """
    sides = (left, right)
    reach = [float(np.abs(side.distance).max()) for side in sides]
    least, most = _least_reach(left, right), max(reach)
    pilot = max(min(_rule_of_thumb(left, right), most), least)
    whole = [r * (1 + JUST_BEYOND) for r in reach]
    third = [_terms(s, 3, 3, 4, pilot, r, 0.0) for s, r in zip(sides, whole, strict=True)]
    curved = max(min(_smallest_error(third[0], third[1], 3), most), least)
    second = [_terms(s, 2, 2, 3, pilot, curved, 1.0) for s in sides]
    bias_bandwidth = min(_smallest_error(second[0], second[1], 2), most)
    first = [_terms(s, 1, 0, 2, pilot, bias_bandwidth, 1.0) for s in sides]
    return min(_smallest_error(first[0], first[1], 1), most), bias_bandwidth


def _rule_of_thumb(left: Side, right: Side) -> float:
    """The first pilot: from the spread and the number of distinct values."""
    distance = np.concatenate([left.distance, right.distance])
    low, high = np.quantile(distance, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(float(distance.std(ddof=1)), float(high - low) / 1.349)
    count = sum(len(np.unique(side.distance)) for side in (left, right))
    return float(PILOT * spread / count**0.2)


def _least_reach(left: Side, right: Side) -> float:
    """How far to reach for so many distinct values a side; nought where few values repeat."""
    values = [np.unique(np.abs(side.distance)) for side in (left, right)]
    rows = len(left.distance) + len(right.distance)
    if 1 - sum(map(len, values)) / rows < MASSED:
        return 0.0
    return max(float(v[min(LEAST_VALUES, len(v)) - 1]) for v in values) * (1 + JUST_BEYOND)


def _terms(
    side: Side,
    order: int,
    derivative: int,
    bias_order: int,
    bandwidth: float,
    bias_bandwidth: float,
    regularise: float,
) -> _Terms:
    """Variance and bias of a `derivative` estimated by a polynomial of `order` on one side."""
    near = side.within(bandwidth)
    weights = linear_weights(near.distance, bandwidth, order, near.weight)[derivative]
    variance = _variance(near, weights, bandwidth, order)
    power = 2 * derivative + 1
    shape = weights @ (near.distance / bandwidth) ** (order + 1) * bandwidth**derivative
    wide = side.within(bias_bandwidth)
    of_bias = linear_weights(wide.distance, bias_bandwidth, bias_order, wide.weight)[order + 1]
    steps = 2 * (order + 1 - derivative)
    regular = 0.0
    if regularise:
        regular = steps * 3 * shape**2 * _variance(wide, of_bias, bias_bandwidth, bias_order)
    bias = np.sqrt(steps) * shape * (of_bias @ wide.outcome)
    return _Terms(power * bandwidth**power * variance, float(bias), regularise * regular)


def _variance(side: Side, weights: Floats, bandwidth: float, order: int) -> float:
    if side.cluster is None:
        residual = neighbour_residuals(side.distance, side.outcome[:, None])[:, 0]
    else:
        coef = linear_weights(side.distance, bandwidth, order, side.weight) @ side.outcome
        residual = side.outcome - side.distance[:, None] ** np.arange(order + 1) @ coef
    return weighted_variance(weights * residual, side.cluster, order + 1)


def _smallest_error(left: _Terms, right: _Terms, order: int) -> float:
    squared = (right.bias - left.bias) ** 2 + left.regular + right.regular
    variance = left.variance + right.variance
    if not (variance > 0 and squared > 0):
        raise np.linalg.LinAlgError("the outcome has no spread, or no curvature, to choose by")
    return float((variance / squared) ** (1 / (2 * order + 3)))
