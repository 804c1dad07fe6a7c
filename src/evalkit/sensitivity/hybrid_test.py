"""The conditional least-favourable hybrid test of an effect, trends bounded by earlier moves.

If the largest earlier move m of the trend is known by place and sign, each later move lies within
ratio x m: linear inequalities in the event study and the effect v asked for. The later trends are
nuisances; eliminated, four inequalities remain (each in units of the errors it is made of): the
effect is not too large, not too small, and m is not negative (the last twice, weighed least and
most). The statistic is the largest. It is compared with the least-favourable critical value first,
then with the quantile given which inequality was largest and what it had to exceed. The interval
is the union over places and signs of m.
Source: Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591, section 3 and 4; Andrews,
Roth and Pakes 2023, Review of Economic Studies 90:2763-2791.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from evalkit.inference.arrays import Flags, Floats

FIRST_STAGE = 0.1
"""Share of the test's size spent on the least-favourable stage, as its authors do."""
NODES = 32
"""Points of the integral over the earlier move; more change the critical value by under 2e-4."""
SAME = 1e-9
"""Inequalities that move together but for this are one."""
LARGEST_CRITICAL, HALVINGS = 4.0, 15
"""Critical values lie below the first, and are found to a part in 2 to the power of the second."""
FARTHEST = 8.0
"""Errors beyond which a normal variable is taken never to lie."""


@dataclass(frozen=True, slots=True)
class HybridTest:
    """The test for q places and signs of the largest earlier move, with i inequalities each.

    `value` (q, i) at an effect of zero, `per_effect` (q, i) its slope in the effect, `covariance`
    (q, i, i), and `least_favourable` (q,) critical values; `size` is one less the level.
    """

    value: Floats
    per_effect: Floats
    covariance: Floats
    least_favourable: Floats
    size: float

    def keeps(self, effect: Floats) -> Flags:
        """Whether each effect (e,) is not rejected for some place and sign."""
        value = self.value[:, :, None] + self.per_effect[:, :, None] * effect
        variance = np.einsum("qii->qi", self.covariance)
        at = value.argmax(axis=1)
        largest = value.max(axis=1)
        error = np.sqrt(np.take_along_axis(variance, at, axis=1))
        share = np.take_along_axis(self.covariance, at[:, None, :], axis=2)
        low, high = _truncation(value, largest, share / error[:, None, :] ** 2)
        limit = self.least_favourable[:, None]
        first = FIRST_STAGE * self.size
        chance = 1 - (self.size - first) / (1 - first)
        critical = _truncated_quantile(chance, low / error, np.minimum(high, limit) / error)
        kept = (largest <= limit) & (largest / error <= np.maximum(critical, 0.0))
        return np.asarray(kept.any(axis=0))


def make_hybrid_test(
    estimate: Floats,
    covariance: Floats,
    earlier: Floats,
    later: Floats,
    carried: Floats,
    ratio: float,
    level: float,
) -> HybridTest:
    """Set up the test for an event study with `estimate` (n,) and `covariance` (n, n).

    `earlier` (k, n) and `later` (p, n) take its moves from period to period before and after the
    change; the effect asked for is `carried` (p,) times the later moves.
    """
    largest = np.concatenate([earlier, -earlier])
    above = later - ratio * largest[:, None]
    below = -later - ratio * largest[:, None]
    up, down = _errors(above, covariance), _errors(below, covariance)
    weight, positive = np.abs(carried), carried > 0
    scale = np.stack([np.where(positive, up, down) @ weight, np.where(positive, down, up) @ weight])
    total = ratio * weight.sum()
    asked = carried @ later
    vectors = [(asked - total * largest) / scale[0][:, None]]
    vectors += [(-asked - total * largest) / scale[1][:, None]]
    slopes = [-1 / scale[0], 1 / scale[1]]
    both = up + down
    if len(carried) > 1:
        vectors += [-2 * ratio * largest / b[:, None] for b in (both.min(1), both.max(1))]
        slopes += [np.zeros(len(largest))] * 2
    rows = np.stack(vectors, axis=1)
    least = both.min(axis=1) / (2 * ratio) if len(carried) > 1 else np.full(len(largest), np.inf)
    size = 1 - level
    limits = _least_favourable(
        _joint(asked, largest, covariance), total, scale, least, FIRST_STAGE * size
    )
    spread = rows @ covariance @ rows.transpose(0, 2, 1)
    return HybridTest(rows @ estimate, np.stack(slopes, axis=1), spread, limits, size)


def _errors(rows: Floats, covariance: Floats) -> Floats:
    """Standard errors (q, p) of the combinations `rows` (q, p, n)."""
    return np.asarray(np.sqrt(np.sum(rows @ covariance * rows, axis=2)))


def _joint(asked: Floats, largest: Floats, covariance: Floats) -> tuple[float, Floats, Floats]:
    """Error of what is asked, errors (q,) of the largest moves, and their correlations (q,)."""
    error = float(np.sqrt(asked @ covariance @ asked))
    errors = np.sqrt(np.sum(largest @ covariance * largest, axis=1))
    return error, errors, largest @ covariance @ asked / np.maximum(error * errors, 1e-300)


def _least_favourable(
    joint: tuple[float, Floats, Floats], total: float, scale: Floats, least: Floats, size: float
) -> Floats:
    """Critical values (q,) that the largest inequality exceeds with chance `size` at worst.

    At worst all inequalities hold as equations; then only two normal variables matter, the
    largest earlier move and what is asked, integrated over by Gauss and Legendre.
    """
    error, errors, correlation = joint
    nodes, weights = _nodes()
    rest = np.maximum(error * np.sqrt(np.maximum(1 - correlation**2, 0.0)), 1e-12 * error)

    def chance(limit: Floats) -> Floats:
        start = np.maximum(-limit * least / errors, -FARTHEST)
        half = (FARTHEST - start) / 2
        z = start[:, None] + half[:, None] * (nodes + 1)
        room = total * errors[:, None] * z
        centre = (correlation * error)[:, None] * z
        ends = limit[:, None] * scale[:, :, None]
        high = special.ndtr((room + ends[0] - centre) / rest[:, None])
        low = special.ndtr((-room - ends[1] - centre) / rest[:, None])
        density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        return np.asarray(np.sum(density * np.maximum(high - low, 0.0) * weights, axis=1) * half)

    low, high = np.zeros(len(errors)), np.full(len(errors), LARGEST_CRITICAL)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        short = chance(middle) < 1 - size
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return high


@cache
def _nodes() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(NODES)


def _truncation(value: Floats, largest: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Between what the largest must lie to be the largest, given all that is unrelated to it.

    `share` (q, i, e) is by how much each inequality moves with the largest.
    """
    apart = 1 - share
    lower, upper = apart > SAME, apart < -SAME
    ends = (value - share * largest[:, None]) / np.where(lower | upper, apart, 1.0)
    low = np.where(lower, ends, -np.inf).max(axis=1)
    high = np.where(upper, ends, np.inf).min(axis=1)
    return low, high


def _truncated_quantile(chance: float, low: Floats, high: Floats) -> Floats:
    """Quantile of a standard normal variable that lies between `low` and `high`."""
    upper = special.ndtr(-low) - chance * (special.ndtr(-low) - special.ndtr(-high))
    lower = special.ndtr(low) + chance * (special.ndtr(high) - special.ndtr(low))
    return np.asarray(np.where(low > 0, -special.ndtri(upper), special.ndtri(lower)))
