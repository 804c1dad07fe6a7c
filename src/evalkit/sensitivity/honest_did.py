"""How far from parallel may trends have been, and the effect still stand?

Two ways to bound the difference d(t) that would have opened between changed and comparison units
without the change, both read from an event study. Relative magnitudes: from one period to the next
d moves at most `ratio` times as much after the change as it ever did before it. Smoothness: the
slope of d turns by at most `turn` from one period to the next.
Source: Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591. The intervals count the
uncertainty of the trends before the change (see `hybrid_test` and `fixed_length`).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.sensitivity.fixed_length import shortest_interval
from evalkit.sensitivity.hybrid_test import HybridTest, make_hybrid_test

GRID, FINE = 150, 12
"""Effects to each side of the estimate that are tested; then between the last kept and the next."""
BEYOND = 40
"""Effects from zero on, away from the estimate, that are tested for a breakdown."""
LARGEST_RATIO = 5.0
"""A breakdown beyond this is reported as this."""


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Estimates (k + p,) and covariance, k periods before the reference period, p after it.

    All are relative to the reference period, which is left out, and follow on one another.
    `weights` (p,) say which average of the effects after it is asked for.
    """

    estimate: Floats
    covariance: Floats
    before: int
    weights: Floats

    @property
    def average(self) -> float:
        """The average asked for, as it stands if trends were parallel."""
        return float(self.weights @ self.estimate[self.before :])

    @property
    def std_error(self) -> float:
        """Its standard error."""
        after = self.covariance[self.before :, self.before :]
        return float(np.sqrt(self.weights @ after @ self.weights))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest and highest effect that the data and the bound on trends allow."""

    conf_low: float
    conf_high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of them lie on one side of zero."""
        return self.conf_low > 0 or self.conf_high < 0


def bound_by_ratio(study: EventStudy, ratio: float, *, level: float = 0.95) -> Bounds:
    """Bound the effect if trends moved at most `ratio` times as much after as before.

    A `ratio` of zero is parallel trends. Raises AnalysisError where the event study has no
    period before the reference period.
    """
    _refuse_no_past(study)
    if ratio == 0:
        half = float(special.ndtri(0.5 + level / 2)) * study.std_error
        return Bounds(study.average - half, study.average + half)
    test, reach = _set_up(study, ratio, level)
    low, high = (_find_end(test, study.average, sign * reach) for sign in (-1, 1))
    return Bounds(low, high)


def bound_by_turn(study: EventStudy, turn: float, *, level: float = 0.95) -> Bounds:
    """Bound the effect if the slope of trends turned by at most `turn` a period.

    A `turn` of zero is a straight trend, which is then taken out. Raises AnalysisError where the
    event study has no period before the reference period.
    """
    _refuse_no_past(study)
    low, high = shortest_interval(
        study.estimate, study.covariance, study.before, study.weights, turn, level
    )
    return Bounds(low, high)


def find_breakdown(study: EventStudy, *, level: float = 0.95, precision: float = 0.01) -> float:
    """Largest `ratio` at which zero is still excluded; 0 where parallel trends do not exclude it.

    At most `LARGEST_RATIO`. Raises AnalysisError as `bound_by_ratio` does.
    """
    if not bound_by_ratio(study, 0.0, level=level).excludes_zero:
        return 0.0
    if _excludes_zero(study, LARGEST_RATIO, level):
        return LARGEST_RATIO
    low, high = 0.0, LARGEST_RATIO
    while high - low > precision:
        middle = (low + high) / 2
        kept = _excludes_zero(study, middle, level)
        low, high = (middle, high) if kept else (low, middle)
    return low


def _excludes_zero(study: EventStudy, ratio: float, level: float) -> bool:
    """Whether neither zero nor anything beyond it, seen from the estimate, is kept."""
    test, reach = _set_up(study, ratio, level)
    beyond = np.linspace(0.0, -np.sign(study.average) * reach, BEYOND)
    return not bool(test.keeps(beyond).any())


def _set_up(study: EventStudy, ratio: float, level: float) -> tuple[HybridTest, float]:
    """The test, and how far from the estimate its interval may reach."""
    moves = _moves(study)
    earlier, later = moves[: study.before], moves[study.before :]
    carried = np.cumsum(study.weights[::-1])[::-1]
    test = make_hybrid_test(study.estimate, study.covariance, earlier, later, carried, ratio, level)
    errors = np.sqrt(np.sum(earlier @ study.covariance * earlier, axis=1))
    largest = float(np.max(np.abs(earlier @ study.estimate) + 4 * errors))
    return test, ratio * float(np.abs(carried).sum()) * largest + 6 * study.std_error


def _moves(study: EventStudy) -> Floats:
    """Moves from each period to the next, the reference period being zero, (k + p, k + p)."""
    size, k = len(study.estimate), study.before
    levels = np.zeros((size + 1, size))
    levels[np.r_[:k, k + 1 : size + 1]] = np.eye(size)
    return np.diff(levels, axis=0)


def _find_end(test: HybridTest, centre: float, reach: float) -> float:
    """Farthest effect on one side that is not rejected."""
    inner, outer = 0.0, reach
    for points in (GRID, FINE, FINE):
        steps = np.linspace(inner, outer, points)
        kept = np.flatnonzero(test.keeps(centre + steps[:-1]))
        last = int(kept[-1]) if len(kept) else 0
        inner, outer = steps[last], steps[last + 1]
    return float(centre + outer)


def _refuse_no_past(study: EventStudy) -> None:
    if study.before < 1:
        raise AnalysisError(
            "event study: no period before the reference period, so trends before the change "
            "cannot be seen. Give at least two periods before the first change."
        )
