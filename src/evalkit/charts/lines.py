"""Lines over time, by group: what was seen, and what would have been expected without it.

Where released values move by a few steps of their precision only, the rounding makes the line
jagged: the axis then shows those steps as small as they are, and says how values are rounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from evalkit.charts.axis_name import name_periods, write_axis_name
from evalkit.charts.precision import (
    is_coarse,
    released_decimals,
    rounding_words,
    set_released_scale,
    spread_labels,
)
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
    values = _all_values(drawn)
    places = released_decimals(values, decimals)
    with chart_style():
        axes = ax or new_axes()
        key: list[Artist] = []
        if band:
            key += _draw_band(axes, frame, place, band)
            values = pd.concat([values, *(numbers(frame, end) for end in band)])
        if start_period in place:
            axes.axvline(place[str(start_period)] - 0.5, color=INK, linewidth=1, linestyle=":")
            key.append(Line2D([], [], color=INK, linewidth=1, linestyle=":", label="The start"))
        coarse = is_coarse(values, places)
        for order, line in enumerate(drawn):
            _draw_line(axes, line, place, order, coarse)
        name_periods(axes, list(place))
        keep_grid(axes, "y")
        set_released_scale(axes, values, places)
        _write_last(axes, drawn, place, places)
        name = _axis_name(outcome_name, outcome_unit, rounding_words(places) if coarse else "")
        lift = write_axis_name(axes, name)
        handles = [*axes.get_legend_handles_labels()[0], *key]
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=2)
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
    values = _all_values(drawn)
    places = released_decimals(values, decimals)
    rounded = f", {rounding_words(places)}" if is_coarse(values, places) else ""
    return paragraph(
        f"{capitalised(outcome_name)} over {count_words(len(periods), 'period')} from "
        f"{periods[0]} to {periods[-1]}{rounded}.",
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
    """List the lines by group; of several, one that has no value in its group is left out.

    What only one group has, beside what several have, needs no group in its name.
    """
    parts = list(frame.groupby(group, sort=False)) if group and group in frame else [("", frame)]
    columns = [(column, said) for column, said in lines]
    holding = {c: sum(len(rows[c].dropna()) > 0 for _, rows in parts) for c, _ in columns}
    named = {c: len(parts) > 1 and (len(lines) == 1 or holding[c] != 1) for c, _ in columns}
    found = [
        _Line(
            _name(said, str(name), named[column], len(lines) > 1),
            list(rows["period"].astype(str)),
            numbers(rows, column),
        )
        for name, rows in parts
        for column, said in columns
    ]
    shown = [line for line in found if line.values.notna().any()]
    return shown or found


def _all_values(drawn: list[_Line]) -> "pd.Series[float]":
    return pd.concat([line.values for line in drawn], ignore_index=True)


def _axis_name(name: str, unit: str, rounded: str) -> str:
    said = "; ".join(word for word in (unit, rounded) if word)
    return with_unit(capitalised(name), said, _NAME_WIDTH)


def _name(said: str, group: str, groups: bool, columns: bool) -> str:
    if not groups:
        return said
    return f"{said}, {group}" if columns else capitalised(group)


def _draw_line(ax: Axes, line: _Line, place: Mapping[str, int], order: int, coarse: bool) -> None:
    """Draw one line, broken where a value is withheld; a thin one where rounding shapes it."""
    shape, dash = _LOOKS[order % 4]
    name = line.name if line.values.notna().any() else f"{line.name}: {NOT_SHOWN}"
    ax.plot(
        pd.Series([place[p] for p in line.periods]),
        line.values,
        color=PALETTE[order % 4],
        marker=shape,
        linestyle=dash,
        linewidth=1 if coarse else 2,
        label=name,
        markersize=6 if coarse else 5,
    )


def _write_last(ax: Axes, drawn: list[_Line], place: Mapping[str, int], decimals: int) -> None:
    """Write each line's last value to the right of it, clear of each other."""
    told = [(n, line, line.values.dropna()) for n, line in enumerate(drawn)]
    known = [(n, line, values) for n, line, values in told if len(values)]
    heights = spread_labels(ax, [float(values.iloc[-1]) for _, _, values in known])
    for (order, line, values), height in zip(known, heights, strict=True):
        ax.annotate(
            number(values.iloc[-1], decimals),
            (place[line.periods[values.index[-1]]], height),
            (9, 0),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=PALETTE[order % 4],
            annotation_clip=False,
        )


def _draw_band(
    ax: Axes, frame: pd.DataFrame, place: Mapping[str, int], band: Sequence[str]
) -> list[Patch]:
    """Shade the interval of what was expected; return what the key says of it."""
    at = [place[period] for period in frame["period"].astype(str)]
    low, high = (numbers(frame, end).to_numpy() for end in band)
    if not pd.notna(low).any():
        return []
    look: dict[str, Any] = {"color": PALETTE[1], "alpha": 0.15, "linewidth": 0}
    ax.fill_between(at, low, high, **look)
    return [Patch(**look, label="Interval of what was expected")]


def _tell(line: _Line, decimals: int) -> str:
    known = line.values.dropna()
    if known.empty:
        return f"{line.name} is not shown."
    first, last = known.index[0], known.index[-1]
    ends = [f"{number(known[i], decimals)} in {line.periods[i]}" for i in (first, last)]
    return f"{line.name}: from {ends[0]} to {ends[1]}."
