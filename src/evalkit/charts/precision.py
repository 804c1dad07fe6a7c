"""Axes and labels at the precision at which values were released, never a finer one."""

import math
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from evalkit.charts.words import count_words
from evalkit.results.words import number

MOST_DECIMALS = 2
FEWEST_STEPS = 10
"""An axis shows so many steps of the released precision, so that one step stays a small one."""

_MOST_TICKS = 6
_SPREAD = 0.055
"""Least distance between two labels at the right of a chart, as a share of its height."""


def released_decimals(values: "pd.Series[float]", asked: int | None) -> int:
    """Return the decimals asked for, or as many as the values have: two at most."""
    if asked is not None:
        return asked
    known = values.dropna()
    return next((d for d in range(MOST_DECIMALS) if known.round(d).eq(known).all()), MOST_DECIMALS)


def is_coarse(values: "pd.Series[float]", decimals: int) -> bool:
    """Say whether values move by so few steps of their precision that rounding shapes the line."""
    known = values.dropna()
    return len(known) > 0 and float(known.max() - known.min()) < (FEWEST_STEPS - 1) / 10**decimals


def rounding_words(decimals: int) -> str:
    """Say how exact the values are, for example `rounded to one decimal`."""
    return f"rounded to {count_words(decimals, 'decimal') if decimals else 'whole numbers'}"


def set_released_scale(ax: Axes, values: "pd.Series[float]", decimals: int) -> None:
    """Scale the upright axis to hold `values`, its marks no finer than the values are."""
    known, step = values.dropna(), 10.0**-decimals
    if known.empty:
        return
    low, high = float(known.min()), float(known.max())
    middle, reach = (low + high) / 2, max(high - low, FEWEST_STEPS * step) / 2
    ax.set_ylim(middle - 1.08 * reach, middle + 1.08 * reach)
    tick = _tick(2 * reach, step)
    places = max(0, min(decimals, -math.floor(math.log10(tick) + 1e-9)))
    ax.yaxis.set_major_locator(MultipleLocator(tick))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, places)))


def spread_labels(ax: Axes, heights: Sequence[float]) -> list[float]:
    """Move heights apart, from the lowest up, until labels written at them do not overlap."""
    low, high = ax.get_ylim()
    least, placed = _SPREAD * (high - low), dict[int, float]()
    below = -math.inf
    for index in sorted(range(len(heights)), key=lambda i: heights[i]):
        below = max(heights[index], below + least)
        placed[index] = below
    return [placed[index] for index in range(len(heights))]


def _tick(span: float, step: float) -> float:
    """Return the smallest round multiple of `step` of which few enough fit into `span`."""
    sizes = (step * size * 10.0**power for power in range(12) for size in (1, 2, 5))
    return float(next(size for size in sizes if span / size <= _MOST_TICKS))
