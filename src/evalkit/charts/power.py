"""How often a true difference would be found, by its size: a line for each number of units."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    count_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.results.words import number

_COLUMNS = ("units", "size", "power", "power_error")
_LOOKS = (("o", "-"), ("s", (0, (4, 2))), ("D", (0, (1, 1))), ("^", (0, (6, 2, 1, 2))))
_MORE = (("v", (0, (8, 2))), ("P", (0, (3, 1, 1, 1, 1, 1))))
_NOTE: dict[str, Any] = {"color": MUTED, "fontsize": 10.5}


@dataclass(frozen=True, slots=True)
class _Line:
    """The power at each size with so many units, smallest size first."""

    units: float
    size: "pd.Series[float]"
    power: "pd.Series[float]"
    error: "pd.Series[float]"


def plot_power(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    unit_name: str = "unit",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    minimum_important_difference: float | None = None,
    power_wanted: float | None = None,
    decimals: int | None = None,
) -> Axes:
    """Draw power by size with its Monte Carlo error, and mark what is wanted and what matters.

    Power is in per cent, as is `power_wanted`.
    """
    drawn = _lines(frame)
    with chart_style():
        axes = ax or new_axes()
        if power_wanted is not None:
            axes.axhline(power_wanted, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        if minimum_important_difference is not None:
            axes.axvline(
                minimum_important_difference, color=MUTED, linewidth=1, linestyle=":", zorder=1
            )
        for order, line in enumerate(drawn):
            _draw_line(axes, line, order, unit_name)
        axes.set_ylim(0, 105)
        keep_grid(axes, "y")
        axes.tick_params(axis="x", length=4)
        axes.set_xlabel(with_unit(f"True difference in {outcome_name}", outcome_unit, 90))
        lift = write_axis_name(axes, "Found, per cent of studies")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=3)
        if any(line.power.notna().any() for line in drawn):
            _name_marks(axes, minimum_important_difference, power_wanted)
    return axes


def describe_power(
    frame: pd.DataFrame,
    *,
    unit_name: str = "unit",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    minimum_important_difference: float | None = None,
    power_wanted: float | None = None,
    decimals: int | None = None,
) -> str:
    """Say how often each number of units finds the smallest and the largest size tried."""
    drawn = _lines(frame)
    return paragraph(
        f"How often a true difference in {outcome_name} would be found, by its size, for "
        f"{count_words(len(drawn), 'number')} of {unit_name}s.",
        *(_tell(line, unit_name, outcome_unit, decimals) for line in drawn),
    )


def power_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the lines need."""
    return 4.8


def _lines(frame: pd.DataFrame) -> list[_Line]:
    require_columns(frame, _COLUMNS, "power")
    values = pd.DataFrame({name: numbers(frame, name) for name in _COLUMNS})
    values["units"] = values["units"].fillna(-1)
    return [
        _Line(float(str(units)), *(rows[name].reset_index(drop=True) for name in _COLUMNS[1:]))
        for units, rows in values.sort_values(["units", "size"], kind="stable").groupby("units")
    ]


def _draw_line(ax: Axes, line: _Line, order: int, unit_name: str) -> None:
    shape, dash = (*_LOOKS, *_MORE)[order % 6]
    known = line.power.notna() & line.size.notna()
    name = _name(line, unit_name) if known.any() else f"{unit_name}s: {NOT_SHOWN}"
    colour = PALETTE[order % 4]
    ax.plot(
        line.size,
        line.power,
        color=colour,
        marker=shape,
        linestyle=dash,
        label=name,
        markersize=5,
    )
    ends = line.power - line.error, line.power + line.error
    for size, low, high in zip(line.size, *ends, strict=True):
        ax.plot([size, size], [low, high], color=colour, linewidth=1.2)


def _name(line: _Line, unit_name: str) -> str:
    return f"{number(line.units, 0)} {unit_name}s" if line.units >= 0 else f"{unit_name}s"


def _name_marks(ax: Axes, matters: float | None, wanted: float | None) -> None:
    """Say beside the lines what is wanted and what matters."""
    low, high = ax.get_xlim()
    if wanted is not None:
        ax.annotate("wanted", (low, wanted), (4, 4), textcoords="offset points", **_NOTE)
    if matters is not None:
        right = matters > (low + high) / 2
        ax.annotate(
            f"smallest that matters ({matters:g})",
            (matters, 0),
            (-4 if right else 4, 4),
            textcoords="offset points",
            ha="right" if right else "left",
            **_NOTE,
        )


def _tell(line: _Line, unit_name: str, outcome_unit: str, decimals: int | None) -> str:
    known = line.power.notna() & line.size.notna()
    if not known.any():
        return f"With {_name(line, unit_name)} it is not shown."
    first, last = known.index[known][0], known.index[known][-1]
    ends = [
        f"{number(line.power[at], 1 if decimals is None else decimals)}% for "
        f"{_size(line.size[at], decimals)} {outcome_unit}".rstrip()
        for at in (first, last)
    ]
    told = ends[0] if first == last else f"from {ends[0]} to {ends[1]}"
    return f"With {_name(line, unit_name)}: {told}."


def _size(size: float, decimals: int | None) -> str:
    """Write a size as it was asked for, or at the decimals asked for."""
    return f"{size:g}" if decimals is None or size % 1 == 0 else number(size, decimals)
