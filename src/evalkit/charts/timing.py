"""Which came first: the effect with staff before patients, and with patients before staff."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.intervals import ENDS, axis_limits, draw_interval
from evalkit.charts.marks import Mark, draw_band, draw_key, draw_marks
from evalkit.charts.sentences import (
    NOT_SHOWN,
    difference_words,
    estimate_words,
    interval_words,
    missing_sentence,
    shown_decimals,
)
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    count_words,
    level_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.results.words import listed

MARKS = {
    "patients": Mark("Patients first", PALETTE[2], "s"),
    "same": Mark("Same time", PALETTE[3], "D"),
    "staff": Mark("Staff first", PALETTE[0], "o"),
}
_NAME_WIDTH = 90
_COLUMNS = ("period", "estimate", "conf_low", "conf_high")


def plot_timing(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    step: str = "",
    period_name: str = "period",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw the estimate at each lead and lag, with patients first left and staff first right."""
    rows = _rows(frame, period_name)
    with chart_style():
        axes = ax or new_axes()
        limits = axis_limits(rows, minimum_important_difference or 0.0)
        draw_band(axes, minimum_important_difference, "y")
        for _, row in rows.iterrows():
            colour = MARKS[row["kind"]].colour
            draw_interval(axes, row, row["period"], colour, limits, "up")
        draw_marks(rows, MARKS, axes, "period", "estimate")
        axes.set(ylim=limits)
        keep_grid(axes, "y")
        name = with_unit(difference_words(outcome_name, step), outcome_unit, _NAME_WIDTH)
        lift = write_axis_name(axes, name)
        _write_times(axes, rows, lift)
        _write_estimates(axes, rows, shown_decimals(rows, decimals))
        axes.set_xlabel(f"Estimate and {level_words(frame)}", labelpad=46, color=MUTED)
        draw_key(axes, [], minimum_important_difference, above=lift + 22)
    return axes


def describe_timing(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    step: str = "",
    period_name: str = "period",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what the chart of leads and lags shows, each side in turn."""
    rows = _rows(frame, period_name)
    shown, places = rows.dropna(subset=["estimate"]), shown_decimals(rows, decimals)
    sides = [
        f"with {kind} first {interval_words(side, places)}"
        for kind in ("staff", "patients")
        if len(side := shown[shown["kind"] == kind])
    ]
    told = [f"{row['label']} {estimate_words(row, places)}" for _, row in shown.iterrows()]
    return paragraph(
        f"{difference_words(outcome_name, step)}, by which came first, each with its "
        f"{level_words(frame)}: {listed(told) or 'no estimate can be shown'}.",
        f"Of the intervals, {'; '.join(sides)}." if sides else "",
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def timing_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of leads and lags needs."""
    return 4.7


def _rows(frame: pd.DataFrame, period_name: str) -> pd.DataFrame:
    """Return `period, kind, label, estimate, conf_low, conf_high`, patients first."""
    require_columns(frame, _COLUMNS, "timing")
    rows = pd.DataFrame({name: numbers(frame, name) for name in ("period", *ENDS)})
    rows = rows.dropna(subset=["period"]).sort_values("period", ignore_index=True)
    sides = [_kind(period) for period in rows["period"]]
    names = [_label(period, period_name) for period in rows["period"]]
    return rows.assign(kind=sides, label=names)


def _kind(period: float) -> str:
    return "same" if period == 0 else "staff" if period > 0 else "patients"


def _label(period: float, period_name: str) -> str:
    """Name a lead or lag in words, for example `staff one quarter before`."""
    if period == 0:
        return f"same {period_name}"
    return f"{_kind(period)} {count_words(abs(round(period)), period_name)} before"


def _write_times(ax: Axes, rows: pd.DataFrame, lift: float) -> None:
    """Name the times under the axis and the two directions above it."""
    wrapped = [_stacked(name) for name in rows["label"]]
    ax.set_xticks(rows["period"], wrapped)
    first, last = min(rows["period"].min(), 0) - 0.6, max(rows["period"].max(), 0) + 0.6
    ax.set_xlim(first, last)
    ax.spines["left"].set_visible(False)
    sides = {"← Patients first": first, "Staff first →": last}
    for words, end in ((words, end) for words, end in sides.items() if abs(end) > 1):
        ax.annotate(
            words,
            (end / 2, 1),
            (0, lift),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            fontweight="bold",
        )


def _write_estimates(ax: Axes, rows: pd.DataFrame, decimals: int) -> None:
    """Write each estimate with its interval under its time, clear of the lines."""
    for _, row in rows.iterrows():
        written = estimate_words(row, decimals)
        ax.annotate(
            written.replace(" (", "\n(", 1),
            (row["period"], 0),
            (0, -52),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="top",
            color=MUTED if NOT_SHOWN in written else INK,
            fontweight="normal" if NOT_SHOWN in written else "bold",
            fontsize=10.5,
            annotation_clip=False,
        )


def _stacked(name: str) -> str:
    """Write a time on up to three lines, so that neighbours stand clear of each other."""
    return name.replace(" ", "\n", 1).replace(" before", "\nbefore").capitalize()
