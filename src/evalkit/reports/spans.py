"""How narrow the scale of a chart over periods may be, so that a little looks like little."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evalkit.reports.bundle import Bundle, Column
from evalkit.reports.summary import smallest_difference

_OF_THE_SMALLEST = 5
"""What would only just matter takes a fifth of the height."""

_STEPS_OF_ROUNDING = 10
_SHARES = {"%": 10.0}
"""Shares span ten of the hundred, if nothing else says how much is much."""

_SAME = {"%": ("percentage points", "per cent", "%")}
_SAY_SMALLEST = (
    "The scale spans at least five times the smallest difference that matters, so a change too "
    "small to matter looks small."
)
_SAY_SHARES = "The scale spans at least ten percentage points, so a small change looks small."
_SAY_ROUNDING = "The scale spans at least ten steps of rounding, so rounding looks small."


@dataclass(frozen=True, slots=True)
class Span:
    """How much a scale spans at least, the words for it, and the ends it may not go beyond."""

    least: float = 0.0
    words: str = ""
    floor: float = -math.inf
    ceiling: float = math.inf

    def widen(self, low: float, high: float) -> tuple[float, float]:
        """Return ends around `low..high` that are far enough apart."""
        lacking = max(self.least - (high - low), 0.0) / 2
        low, high = low - lacking, high + lacking
        low, high = low + max(self.floor - low, 0.0), high + max(self.floor - low, 0.0)
        over = max(high - self.ceiling, 0.0)
        return low - over, high - over


def span_of(bundle: Bundle, column: Column, values: Iterable[float]) -> Span:
    """Return the span of a scale for these values of a column."""
    least, words = _least(bundle, column)
    floor = 0.0 if min(values, default=0.0) >= 0 else -math.inf
    return Span(least, words, floor, 100.0 if column.unit == "%" else math.inf)


def _least(bundle: Bundle, column: Column) -> tuple[float, str]:
    smallest, unit = smallest_difference(bundle), str(bundle.protocol.get("outcome_unit") or "")
    rounding = 0.0 if column.decimals is None else _STEPS_OF_ROUNDING * 10.0**-column.decimals
    if smallest and unit in _SAME.get(column.unit, (column.unit,)):
        return max(_OF_THE_SMALLEST * smallest, rounding), _SAY_SMALLEST
    share = _SHARES.get(column.unit, 0.0)
    if share > rounding:
        return share, _SAY_SHARES
    return rounding, _SAY_ROUNDING if rounding else ""
