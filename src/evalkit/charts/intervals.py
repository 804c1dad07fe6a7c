"""Intervals as lines, and an axis that a few very wide ones cannot flatten."""

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes

ENDS = ["estimate", "conf_low", "conf_high"]
Direction = Literal["across", "up"]
_CLIP_AT = 3.0
_MARGIN = 0.08


def axis_limits(rows: pd.DataFrame, least: float) -> tuple[float, float]:
    """Return the ends of the axis: `least` either side of zero, or as far as most rows reach.

    Every estimate stays in view; only an interval may go on past the edge.
    """
    reaches = rows[ENDS].abs().max(axis=1).dropna()
    if reaches.empty:
        return -2 * (least or 1), 2 * (least or 1)
    furthest = float(rows["estimate"].abs().max()) if rows["estimate"].notna().any() else 0.0
    cap = max(_CLIP_AT * max(float(reaches.median()), least), furthest)
    low = max(min(float(rows[ENDS].min().min()), -least), -cap)
    high = min(max(float(rows[ENDS].max().max()), least), cap)
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def draw_interval(
    ax: Axes,
    row: "pd.Series[float]",
    position: float,
    colour: str,
    limits: tuple[float, float],
    direction: Direction,
) -> None:
    """Draw one interval; an arrow says that it goes on past the edge."""
    if row[ENDS].isna().any():
        return
    start, end = max(row["conf_low"], limits[0]), min(row["conf_high"], limits[1])
    line, arrows = (ax.hlines, "<>") if direction == "across" else (ax.vlines, "v^")
    if start <= end:
        line(position, start, end, color=colour, linewidth=2, zorder=3)
    past = (row["conf_low"] < limits[0], row["conf_high"] > limits[1])
    for goes_on, edge, arrow in zip(past, limits, arrows, strict=True):
        if goes_on:
            place = (edge, position) if direction == "across" else (position, edge)
            ax.plot(*place, arrow, color=colour, markersize=7, clip_on=False, zorder=3)
