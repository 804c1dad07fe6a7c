"""Differences by periods before and after the start, with intervals and a band for all at once."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.intervals import ENDS, axis_limits, draw_interval
from evalkit.charts.marks import Mark, draw_band, draw_key, draw_marks
from evalkit.charts.sentences import (
    NOT_SHOWN,
    difference_words,
    estimate_words,
    interval_words,
    missing_sentence,
    range_sentence,
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

MARKS = {
    "before": Mark("Before the start", PALETTE[2], "s"),
    "after": Mark("After the start", PALETTE[0], "o"),
}
_COLUMNS = ("period", "estimate", "conf_low", "conf_high")
_BANDS = ("band_low", "band_high")
_NAME_WIDTH = 90


def plot_event_study(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    period_name: str = "period",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw each period's difference: thick line its own interval, thin line the band for all."""
    rows = _rows(frame, period_name)
    with chart_style():
        axes = ax or new_axes()
        limits = axis_limits(rows, minimum_important_difference or 0.0)
        draw_band(axes, minimum_important_difference, "y")
        axes.axvline(-0.5, color=INK, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
        _draw_rows(axes, rows, limits)
        keep_grid(axes, "y")
        axes.set(ylim=limits)
        name = with_unit(difference_words(outcome_name, ""), outcome_unit, _NAME_WIDTH)
        lift = write_axis_name(axes, name)
        axes.set_xlabel(_since(rows, period_name), color=MUTED)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _write_last(axes, rows, shown_decimals(rows, decimals))
        shapes = [MARKS[kind] for kind in MARKS if kind in set(rows["kind"])]
        thin = Line2D([], [], color=MUTED, linewidth=0.8, label="Thin lines hold all at once")
        more = [thin] if set(_BANDS) <= set(rows) else []
        draw_key(axes, shapes, minimum_important_difference, above=lift + 4, more=more)
    return axes


def describe_event_study(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    period_name: str = "period",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what was seen before the start, and after it."""
    rows = _rows(frame, period_name)
    places = shown_decimals(rows, decimals)
    compared = _since(rows, period_name).partition("; each is ")[2]
    told = [
        paragraph(
            range_sentence(side, places, f"{kind} the start"),
            f"Of the intervals {kind} it, {interval_words(side, places)}.",
        )
        for kind in MARKS
        if len(side := rows[rows["kind"] == kind])
    ]
    return paragraph(
        f"{difference_words(outcome_name, '')} by {period_name}s since the start, each with its "
        f"{level_words(frame)}{', each ' + compared if compared else ''}.",
        *told,
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def event_study_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of periods needs."""
    return 4.6


def _rows(frame: pd.DataFrame, period_name: str) -> pd.DataFrame:
    """Return `period, kind, label` and the ends of intervals and bands, by period."""
    require_columns(frame, _COLUMNS, "event_study")
    names = ("period", *ENDS, *(b for b in _BANDS if b in frame))
    rows = pd.DataFrame({name: numbers(frame, name) for name in names})
    rows = rows.dropna(subset=["period"]).sort_values("period", ignore_index=True)
    kinds = ["before" if period < 0 else "after" for period in rows["period"]]
    return rows.assign(kind=kinds, label=[_label(p, period_name) for p in rows["period"]])


def _since(rows: pd.DataFrame, period_name: str) -> str:
    """Name the axis, and what is compared with where the period before the start has no row."""
    compared = ""
    if rows["period"].min() < -1 and not (rows["period"] == -1).any():
        compared = "; each is compared with the last before it"
    return f"{period_name.capitalize()}s since the start; the first with it is zero{compared}"


def _label(period: float, period_name: str) -> str:
    if period == 0:
        return f"the first {period_name} with it"
    side = "before the start" if period < 0 else "after the first"
    return f"{count_words(abs(round(period)), period_name)} {side}"


def _draw_rows(ax: Axes, rows: pd.DataFrame, limits: tuple[float, float]) -> None:
    for _, row in rows.iterrows():
        draw_interval(ax, row, row["period"], MARKS[row["kind"]].colour, limits, "up")
    if set(_BANDS) <= set(rows):
        low, high = (rows[band].clip(*limits).to_numpy() for band in _BANDS)
        ax.vlines(rows["period"].to_numpy(), low, high, color=MUTED, linewidth=0.8, zorder=2)
    draw_marks(rows, MARKS, ax, "period", "estimate")


def _write_last(ax: Axes, rows: pd.DataFrame, decimals: int) -> None:
    """Write the last estimate beside its mark, or that nothing is shown."""
    shown = rows.dropna(subset=["estimate"])
    words = f"Last: {estimate_words(shown.iloc[-1], decimals)}" if len(shown) else NOT_SHOWN
    ax.annotate(
        words,
        (1, 0),
        (-6, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        fontsize=10.5,
        color=INK if len(shown) else MUTED,
    )
