"""A process chart: points over time, their mean and limits, and in words which are unusual."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import name_periods, write_axis_name
from evalkit.charts.marks import Mark, draw_key, draw_marks
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    capitalised,
    count_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.results.words import listed, number

MARKS = {
    "Usual variation": Mark("Usual variation", MUTED, "o"),
    "Unusual, for the better": Mark("Unusual, for the better", PALETTE[0], "^"),
    "Unusual, for the worse": Mark("Unusual, for the worse", PALETTE[3], "v"),
    "Unusual, high": Mark("Unusual, high", PALETTE[2], "D"),
    "Unusual, low": Mark("Unusual, low", PALETTE[1], "s"),
}
_LINES = {"mean": "Mean", "lower": "Lower limit", "upper": "Upper limit"}
_COLUMNS = ("period", "value", *_LINES, "kind")
_NAME_WIDTH = 90


def plot_process(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw the points by `kind` between their `lower` and `upper` limits."""
    rows = _rows(frame)
    places = 2 if decimals is None else decimals
    with chart_style():
        axes = ax or new_axes()
        axes.plot(rows["place"], rows["value"], color=MUTED, linewidth=1, zorder=2)
        for name, words in _LINES.items():
            _draw_limit(axes, rows, name, words, places)
        periods = list(rows["period"])
        if start_period in periods:
            at = periods.index(str(start_period)) - 0.5
            axes.axvline(at, color=INK, linewidth=1, linestyle=":")
        kinds = {name: MARKS[name] for name in MARKS if name in _kinds(rows)}
        draw_marks(rows, kinds, axes, "place", "value")
        name_periods(axes, periods)
        keep_grid(axes, "y")
        lift = write_axis_name(
            axes, with_unit(capitalised(outcome_name), outcome_unit, _NAME_WIDTH)
        )
        draw_key(axes, list(kinds.values()), None, above=lift + 10)
        if rows["value"].isna().all():
            axes.annotate(f"Points: {NOT_SHOWN}", (0.5, 0.5), xycoords="axes fraction")
    return axes


def describe_process(
    frame: pd.DataFrame,
    *,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Say where the points begin and end, what is usual, and how many are not, by kind."""
    rows = _rows(frame)
    places = 2 if decimals is None else decimals
    periods = list(rows["period"])
    return paragraph(
        f"{capitalised(outcome_name)} over {count_words(len(periods), 'period')} from "
        f"{periods[0]} to {periods[-1]}, with what was usual before.",
        f"The intervention started in {start_period}." if start_period in periods else "",
        _tell_points(rows, places),
        _tell_limits(rows.iloc[-1], places),
        _tell_kinds(rows),
    )


def process_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that a process chart needs."""
    return 4.6


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Order points by period and number them from the left."""
    require_columns(frame, _COLUMNS, "process_chart")
    values = {name: numbers(frame, name) for name in ("value", *_LINES)}
    words = {name: frame[name].astype(str).to_numpy() for name in ("period", "kind")}
    rows = pd.DataFrame(words | values).sort_values("period", ignore_index=True)
    return rows.assign(place=rows.index.astype(float))


def _draw_limit(ax: Axes, rows: pd.DataFrame, name: str, words: str, places: int) -> None:
    """Draw the mean or a limit, and name it with its last value at its end."""
    dash = "-" if name == "mean" else (0, (4, 3))
    ax.step(rows["place"], rows[name], where="mid", color=INK, linewidth=1, linestyle=dash)
    known = rows[name].dropna()
    if known.empty:
        return
    last = known.index[-1]
    ax.annotate(
        f"{words} {number(known[last], places)}",
        (rows["place"][last], known[last]),
        (8, 0),
        textcoords="offset points",
        va="center",
        fontsize=10.5,
        annotation_clip=False,
    )


def _kinds(rows: pd.DataFrame) -> "pd.Series[int]":
    """Count the points that are shown, by kind."""
    return rows.dropna(subset=["value"])["kind"].value_counts()


def _tell_points(rows: pd.DataFrame, places: int) -> str:
    known = rows.dropna(subset=["value"])
    if known.empty:
        return "The points are withheld: none can be shown."
    ends = [f"{number(row.value, places)} in {row.period}" for row in _ends(known)]
    return f"It went from {ends[0]} to {ends[1]}."


def _ends(known: pd.DataFrame) -> list["pd.Series[float]"]:
    return [known.iloc[0], known.iloc[-1]]


def _tell_limits(last: "pd.Series[float]", places: int) -> str:
    if pd.isna([last[name] for name in _LINES]).any():
        return "What was usual is not shown."
    mean, low, high = (number(last[name], places) for name in _LINES)
    return f"Usual was a mean of {mean}, with limits from {low} to {high}."


def _tell_kinds(rows: pd.DataFrame) -> str:
    kinds = _kinds(rows)
    unusual = [
        f"{count_words(int(kinds[name]))} {name.removeprefix('Unusual, ')}"
        for name in MARKS
        if name in kinds and name.startswith("Unusual")
    ]
    if kinds.empty:
        return ""
    return f"Unusual points: {listed(unusual)}." if unusual else "No point is unusual."
