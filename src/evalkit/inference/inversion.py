"""From drawn statistics to a p-value and, by inverting the test, to an interval.

Each draw's squared statistic at a supposed effect v is a ratio of quadratics in v,
(a - b v)^2 / (c - 2 d v + e v^2), so that the test is cheap at any v. The interval holds every
effect that the test does not reject, gaps included.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Flags, Floats

TIES = 1e-9
"""Relative difference within which two statistics are equal but for rounding."""
FARTHEST = 1e4
"""Errors from the estimate beyond which an effect that is still not rejected has no bound."""
STEPS = 150
"""Steps of the search within four errors, and as many beyond."""
ROUNDS, PARTS = 4, 64
"""Rounds of dividing the last step, into so many parts each: to a ten-millionth of it."""


@dataclass(frozen=True, slots=True)
class DrawnStatistics:
    """`slope` (draws, 2) holds a, b and `spread` (draws, 3) c, d, e; row 0 is the observed.

    `enumerated` says that the draws are every one there is, the observed among them once.
    """

    slope: Floats
    spread: Floats
    enumerated: bool


def squared_statistics(drawn: DrawnStatistics, effect: Floats) -> Floats:
    """Squared statistics (draws, effects) under each supposed effect."""
    a, b = drawn.slope.T[:, :, None]
    c, d, e = drawn.spread.T[:, :, None]
    below = np.maximum(c - 2 * d * effect + e * effect**2, np.finfo(float).tiny)
    return np.asarray((a - b * effect) ** 2 / below)


def p_values(drawn: DrawnStatistics, effect: Floats, *, count_ties: bool = True) -> Floats:
    """Share of draws (effects,) at least as far out as the observed, the observed among them.

    Without `count_ties` only draws farther out count, as some programs have it; such a p-value
    can be too small.
    """
    squares = squared_statistics(drawn, np.atleast_1d(effect))
    return np.asarray(np.mean(_as_far(squares, count_ties), axis=0))


def invert(
    drawn: DrawnStatistics, estimate: float, scale: float, level: float
) -> tuple[float, float]:
    """Return the lowest and highest effect not rejected at `level`; infinite where unbounded.

    `scale`, an error of the estimate, sets the steps of the search.
    """
    steps = np.concatenate([np.linspace(0, 4, STEPS), np.geomspace(4.03, FARTHEST, STEPS)])
    low, high = (_end(drawn, estimate, sign * scale * steps, 1 - level) for sign in (-1, 1))
    return low, high


def _as_far(squares: Floats, count_ties: bool) -> Flags:
    margin = TIES if count_ties else -TIES
    return np.asarray(squares >= squares[0] * (1 - margin))


def _end(drawn: DrawnStatistics, estimate: float, away: Floats, alpha: float) -> float:
    """Find the farthest effect on one side with p above alpha."""
    kept = p_values(drawn, estimate + away) > alpha + TIES
    last = int(np.flatnonzero(kept)[-1]) if kept.any() else 0
    if last == len(away) - 1:
        return float(np.sign(away[-1]) * np.inf)
    inner, outer = away[last], away[last + 1]
    for _ in range(ROUNDS):
        between = np.linspace(inner, outer, PARTS + 1)
        kept = p_values(drawn, estimate + between[1:-1]) > alpha + TIES
        place = int(np.flatnonzero(kept)[-1]) + 1 if kept.any() else 0
        inner, outer = between[place], between[place + 1]
    return float(estimate + outer)
