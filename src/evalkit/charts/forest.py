"""Rows of estimates with their intervals: the drawing that several charts share."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TypedDict

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.intervals import ENDS, axis_limits, draw_interval
from evalkit.charts.marks import Mark, draw_band, draw_key, draw_marks
from evalkit.charts.sentences import (
    NOT_SHOWN,
    estimate_words,
    intervals_sentence,
    missing_sentence,
    range_sentence,
    shown_decimals,
)
from evalkit.charts.style import INK, MUTED, chart_style, keep_grid, new_axes
from evalkit.charts.words import labels, level_words, numbers, paragraph, with_unit

_LABEL_WIDTH, _AXIS_WIDTH = 26, 76
_GAP = 10


class ForestOptions(TypedDict, total=False):
    """What these charts share: the outcome's unit, decimals as released, what would matter."""

    outcome_unit: str
    decimals: int | None
    minimum_important_difference: float | None


def forest_rows(frame: pd.DataFrame, key: str, kinds: Sequence[str]) -> pd.DataFrame:
    """Return `label, kind, estimate, conf_low, conf_high`, one row an estimate, in order."""
    measured = {name: numbers(frame, name) for name in ENDS}
    return pd.DataFrame({"label": labels(frame, key), "kind": list(kinds), **measured})


def forest_height(frame: pd.DataFrame, key: str) -> float:
    """Return the inches that the rows need, with the longest label wrapped."""
    most = max((_wrapped(name).count("\n") + 1 for name in labels(frame, key)), default=1)
    return 1.5 + len(frame) * (0.24 + 0.18 * most)


def plot_forest(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    marks: Mapping[str, Mark],
    ax: Axes | None,
    *,
    name: str,
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw the rows of a frame, each with the mark of its kind."""
    with chart_style():
        axes = ax or new_axes()
        places = shown_decimals(rows, decimals)
        _draw_rows(rows, marks, axes, places, minimum_important_difference)
        axes.set(xlabel=with_unit(name, outcome_unit, _AXIS_WIDTH))
        column = _write_labels(axes, rows["label"])
        write_beside(axes, f"Estimate ({level_words(frame)})", -0.6, MUTED, lift=10)
        used = [mark for kind, mark in marks.items() if kind in set(rows["kind"])]
        shapes = used if len(used) > 1 else []
        draw_key(axes, shapes, minimum_important_difference, left=column, above=24)
    return axes


def describe_forest(
    opening: str,
    rows: pd.DataFrame,
    *,
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what the rows show: where the estimates lie, then their intervals, then the gaps."""
    places = shown_decimals(rows, decimals)
    return paragraph(
        opening,
        range_sentence(rows, places),
        intervals_sentence(rows, places, minimum_important_difference),
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def _draw_rows(
    rows: pd.DataFrame,
    marks: Mapping[str, Mark],
    ax: Axes,
    decimals: int,
    minimum_important_difference: float | None,
) -> None:
    """Draw one line of interval and numbers for each row, from the top down."""
    limits = axis_limits(rows, minimum_important_difference or 0.0)
    draw_band(ax, minimum_important_difference, "x")
    for position, (_, row) in enumerate(rows.iterrows()):
        draw_interval(ax, row, position, marks[row["kind"]].colour, limits, "across")
        written = estimate_words(row, decimals)
        write_beside(ax, written, position, MUTED if NOT_SHOWN in written else INK)
    placed = rows.assign(position=range(len(rows)))
    draw_marks(placed, marks, ax, "estimate", "position")
    ax.set(xlim=limits, ylim=(len(rows) - 0.4, -0.6))
    keep_grid(ax, "x")


def write_beside(ax: Axes, words: str, position: float, colour: str, lift: float = 0) -> None:
    """Write words in the column right of the axes."""
    ax.annotate(
        words,
        (1, position),
        (_GAP, lift),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=10.5,
        annotation_clip=False,
    )


def _write_labels(ax: Axes, names: "pd.Series[str]") -> float:
    """Write the labels from one left edge; return the column's width in points."""
    ax.set_yticks(range(len(names)), [_wrapped(name) for name in names])
    ax.spines["left"].set_visible(False)
    ticks = ax.get_yticklabels()
    width = max((tick.get_window_extent().width for tick in ticks), default=0.0)
    column = width * 72 / ax.figure.dpi + _GAP
    ax.tick_params(axis="y", pad=column)
    for tick in ticks:
        tick.set(ha="left", fontsize=11)
    return column


def _wrapped(label: str) -> str:
    return fill(label, _LABEL_WIDTH)
