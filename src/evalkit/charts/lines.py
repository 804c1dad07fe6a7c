"""Lines over time, by group: what was seen, and what would have been expected without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import name_periods, write_axis_name
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    capitalised,
    count_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.results.words import number

_LOOKS = (("o", "-"), ("s", (0, (4, 2))), ("D", (0, (1, 1))), ("^", (0, (6, 2, 1, 2))))
_NAME_WIDTH = 90


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: what it is called, where its points stand, and their values."""

    name: str
    periods: list[str]
    values: "pd.Series[float]"


def plot_lines(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    lines: Sequence[Sequence[str]],
    group: str | None = None,
    band: Sequence[str] | None = None,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw each of `lines` (column, what it is called) by period, once for each group."""
    require_columns(frame, ["period", *(column for column, _ in lines)], "lines")
    place, drawn = _places(frame), _series(frame, lines, group)
    places = _decimals(drawn, decimals)
    with chart_style():
        axes = ax or new_axes()
        if band:
            _draw_band(axes, frame, place, band)
        if start_period in place:
            axes.axvline(place[str(start_period)] - 0.5, color=INK, linewidth=1, linestyle=":")
        for order, line in enumerate(drawn):
            _draw_line(axes, line, place, order, places)
        name_periods(axes, list(place))
        keep_grid(axes, "y")
        lift = write_axis_name(axes, with_unit(capitalised(outcome_name), outcome_unit, 90))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=2)
    return axes


def describe_lines(
    frame: pd.DataFrame,
    *,
    lines: Sequence[Sequence[str]],
    group: str | None = None,
    band: Sequence[str] | None = None,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Say where each line begins and ends."""
    require_columns(frame, ["period", *(column for column, _ in lines)], "lines")
    periods, drawn = list(_places(frame)), _series(frame, lines, group)
    places = _decimals(drawn, decimals)
    return paragraph(
        f"{capitalised(outcome_name)} over {count_words(len(periods), 'period')} from "
        f"{periods[0]} to {periods[-1]}.",
        f"The intervention started in {start_period}." if start_period in periods else "",
        *(_tell(line, places) for line in drawn),
    )


def lines_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that lines over time need."""
    return 4.4


def _places(frame: pd.DataFrame) -> dict[str, int]:
    """Number the periods from the left, in order."""
    return {period: place for place, period in enumerate(sorted(set(frame["period"].astype(str))))}


def _series(frame: pd.DataFrame, lines: Sequence[Sequence[str]], group: str | None) -> list[_Line]:
    """List the lines by group; of several, one that has no value in its group is left out."""
    parts = list(frame.groupby(group, sort=False)) if group and group in frame else [("", frame)]
    found = [
        _Line(
            _name(said, str(name), len(parts) > 1, len(lines) > 1),
            list(rows["period"].astype(str)),
            numbers(rows, column),
        )
        for name, rows in parts
        for column, said in lines
    ]
    known = [line for line in found if line.values.notna().any()]
    return known or found


def _decimals(lines: list[_Line], asked: int | None) -> int:
    """Return the decimals asked for, or as many as the values have: two at most."""
    if asked is not None:
        return asked
    values = pd.concat([line.values for line in lines]).dropna()
    return next((d for d in (0, 1) if values.round(d).eq(values).all()), 2)


def _name(said: str, group: str, groups: bool, columns: bool) -> str:
    if not groups:
        return said
    return f"{said}, {group}" if columns else capitalised(group)


def _draw_line(ax: Axes, line: _Line, place: Mapping[str, int], order: int, decimals: int) -> None:
    """Draw one line, broken where a value is withheld, and write its last value at its end."""
    shape, dash = _LOOKS[order % 4]
    at = pd.Series([place[p] for p in line.periods])
    known = line.values.notna().to_numpy()
    name = line.name if known.any() else f"{line.name}: {NOT_SHOWN}"
    ax.plot(
        at,
        line.values,
        color=PALETTE[order % 4],
        marker=shape,
        linestyle=dash,
        label=name,
        markersize=5,
    )
    if known.any():
        last = line.values.index[known][-1]
        ax.annotate(
            number(line.values[last], decimals),
            (at[last], line.values[last]),
            (0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=10.5,
            color=PALETTE[order % 4],
        )


def _draw_band(
    ax: Axes, frame: pd.DataFrame, place: Mapping[str, int], band: Sequence[str]
) -> None:
    at = [place[period] for period in frame["period"].astype(str)]
    low, high = (numbers(frame, end).to_numpy() for end in band)
    ax.fill_between(at, low, high, color=PALETTE[1], alpha=0.15, linewidth=0)


def _tell(line: _Line, decimals: int) -> str:
    known = line.values.dropna()
    if known.empty:
        return f"{line.name} is not shown."
    first, last = known.index[0], known.index[-1]
    ends = [f"{number(known[i], decimals)} in {line.periods[i]}" for i in (first, last)]
    return f"{line.name}: from {ends[0]} to {ends[1]}."
