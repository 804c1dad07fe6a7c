"""Place numbers on a chart: round tick values, and positions in drawing units."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map from values `low..high` to drawing units `start..end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the position of `value`."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return at most `most` round values that cover `low..high`."""
    if high <= low:
        low, high = low - 0.5, high + 0.5
    raw = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first < most:
            return [round(index * step, 10) for index in range(first, last + 1)]
    return [low, high]


def tick_decimals(ticks: list[float]) -> int:
    """Return how many decimals tell the ticks apart."""
    for decimals in range(6):
        if all(math.isclose(round(tick, decimals), tick, abs_tol=1e-9) for tick in ticks):
            return decimals
    return 6
