"""One comparison: our function beside another way to the same numbers, timed in pairs."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 15


class Disagreement(Exception):
    """Both sides do not give the same numbers, so that their times cannot be compared."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What our time may be at most: so many `times` theirs, and `seconds` more."""

    times: float
    seconds: float = 0.0

    def allows(self, theirs: float) -> float:
        """Seconds that are allowed where the other side takes `theirs`."""
        return self.times * theirs + self.seconds

    @property
    def words(self) -> str:
        """The bound as it stands on the page."""
        if not self.times:
            return f"{self.seconds:g} s"
        more = f" + {1000 * self.seconds:g} ms" if self.seconds else ""
        return f"{self.times:g} x{more}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is timed, in words and as functions without arguments.

    `agree` runs both sides, raises Disagreement if they differ, and says what it has compared.
    """

    title: str
    beside: str
    bound: Bound
    ours: Callable[[], object]
    theirs: Callable[[], object]
    agree: Callable[[], str]


def measure(comparison: Comparison, pairs: int = PAIRS) -> dict[str, object]:
    """Check that both sides agree, warm each up, then time them in turn: seconds of each call."""
    agreement = comparison.agree()
    sides = {"ours": comparison.ours, "theirs": comparison.theirs}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side()
    for _ in range(pairs):
        for name, side in sides.items():
            seconds[name].append(time_call(side))
    return {
        "title": comparison.title,
        "beside": comparison.beside,
        "times": comparison.bound.times,
        "seconds": comparison.bound.seconds,
        "agreement": agreement,
        **seconds,
    }


def time_call(call: Callable[[], object]) -> float:
    """Seconds of one call by the clock, to a hundredth of a millisecond."""
    gc.collect()
    began = time.perf_counter()
    call()
    return round(time.perf_counter() - began, 5)


def differ_by(ours: object, theirs: object) -> float:
    """Largest difference of two sets of numbers, in parts of the largest of them."""
    import numpy as np

    one, two = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    return float(np.max(np.abs(one - two)) / np.max(np.abs(two)))


def refuse_difference(found: dict[str, float], most: float) -> None:
    """Raise Disagreement if a difference is larger than `most`, or not a number."""
    wrong = {name: value for name, value in found.items() if not value <= most}
    if wrong:
        raise Disagreement(f"both sides differ by more than {most:g}: {wrong}")
