"""Every analysis that the plan allows: estimates in order above, the choices of each below."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.intervals import ENDS, axis_limits, draw_interval
from evalkit.charts.marks import Mark, draw_band, draw_key, draw_marks
from evalkit.charts.sentences import (
    NOT_SHOWN,
    difference_words,
    estimate_words,
    intervals_sentence,
    missing_sentence,
    range_sentence,
    shown_decimals,
)
from evalkit.charts.style import GRID, INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    capitalised,
    count_words,
    level_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)

OWN = "The plan's own"
MARKS = {"own": Mark(OWN, PALETTE[0], "o"), "other": Mark("Also allowed", PALETTE[3], "D")}
_COLUMNS = ("analysis", "estimate", "conf_low", "conf_high")
_NOT_CHOICES = (
    *_COLUMNS,
    *("rank", "label", "std_error", "level", "n", "clusters", "df", "interval_df", "method"),
)
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
_NAME_WIDTH, _LABEL_WIDTH = 62, 34
_CURVE, _ROW, _GAP = 3.0, 0.32, 0.55


def plot_specification_curve(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw the estimates with their intervals, and under each a mark for every choice it makes."""
    rows, choices = _rows(frame), _choices(frame)
    height = specification_curve_height(frame)
    below = _choices_height(choices) / height
    with chart_style():
        axes = ax or new_axes()
        axes.set_axis_off()
        above = below + (_GAP / height if choices else 0)
        curve = axes.inset_axes((0, above, 1, 0.86 - above))
        _draw_curve(curve, rows, decimals, minimum_important_difference)
        name = with_unit(difference_words(outcome_name, ""), outcome_unit, _NAME_WIDTH)
        lift = write_axis_name(curve, name)
        used = [MARKS[kind] for kind in MARKS if kind in set(rows["kind"])]
        draw_key(curve, used, minimum_important_difference, above=lift + 4)
        if choices:
            _draw_choices(axes.inset_axes((0, 0, 1, below)), rows, choices)
    return axes


def describe_specification_curve(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say how far the analyses lie apart, and what the plan's own gives."""
    rows = _rows(frame)
    places = shown_decimals(rows, decimals)
    own = rows[rows["kind"] == "own"]
    given = f"{OWN} gives {estimate_words(own.iloc[0], places)}." if len(own) else ""
    return paragraph(
        f"{difference_words(outcome_name, '')} by {count_words(len(rows), 'way')} of analysis that "
        f"the plan allows, from the lowest to the highest, each with its {level_words(frame)}.",
        range_sentence(rows, places),
        given,
        intervals_sentence(rows, places, minimum_important_difference),
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def specification_curve_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the curve and a line for each choice need."""
    return _CURVE + _GAP + _choices_height(_choices(frame))


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `label, kind, position` and the ends of intervals, in the table's order."""
    require_columns(frame, _COLUMNS, "specification_curve")
    rows = pd.DataFrame({name: numbers(frame, name) for name in ENDS})
    own = (frame["analysis"].astype(str) == OWN).reset_index(drop=True)
    chosen = [_words(frame, place) for place in range(len(frame))]
    kinds = ["own" if one else "other" for one in own]
    return rows.assign(kind=kinds, label=chosen, position=range(len(rows)))


def _dimensions(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame if name not in _NOT_CHOICES]


def _words(frame: pd.DataFrame, place: int) -> str:
    """Say what one analysis chooses."""
    row = frame.iloc[place]
    return ", ".join(_choice(name, row[name]) for name in _dimensions(frame)) or OWN


def _choice(name: str, value: object) -> str:
    return f"{name.replace('_', ' ')} {value}"


def _choices(frame: pd.DataFrame) -> dict[str, Flags]:
    """Flag, for each choice that some make and others do not, which analyses make it."""
    found: dict[str, Flags] = {}
    for name in _dimensions(frame):
        values = frame[name].astype(str)
        different = values.unique()
        for value in different if len(different) > 1 else ():
            found[capitalised(_choice(name, value))] = (values == value).to_numpy(bool)
    return found


def _choices_height(choices: dict[str, Flags]) -> float:
    """Return the inches of all lines of choices, each as high as the longest name needs."""
    longest = max((_name(choice).count("\n") for choice in choices), default=0)
    return _ROW * len(choices) * (1 + longest / 2)


def _name(choice: str) -> str:
    return fill(choice, _LABEL_WIDTH)


def _draw_curve(panel: Axes, rows: pd.DataFrame, decimals: int | None, least: float | None) -> None:
    limits = axis_limits(rows, least or 0.0)
    draw_band(panel, least, "y")
    for _, row in rows.iterrows():
        draw_interval(panel, row, row["position"], MARKS[row["kind"]].colour, limits, "up")
    draw_marks(rows, MARKS, panel, "position", "estimate")
    keep_grid(panel, "y")
    panel.set(ylim=limits, xlim=(-0.6, len(rows) - 0.4), xticks=[])
    own = rows[(rows["kind"] == "own") & rows["estimate"].notna()]
    places = shown_decimals(rows, decimals)
    words = f"{OWN}: {estimate_words(own.iloc[0], places)}" if len(own) else f"{OWN}: {NOT_SHOWN}"
    panel.annotate(
        words,
        (1, 0),
        (0, -6),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=10.5,
        color=INK if len(own) else MUTED,
    )


def _draw_choices(panel: Axes, rows: pd.DataFrame, choices: dict[str, Flags]) -> None:
    """Mark what each analysis chooses, one line a choice."""
    shown = rows["estimate"].notna().to_numpy()
    for line, flags in enumerate(choices.values()):
        panel.axhline(line, color=GRID, linewidth=0.6, zorder=1)
        for kind, mark in MARKS.items():
            made = rows[flags & shown & (rows["kind"] == kind).to_numpy()]
            if len(made):
                panel.scatter(
                    made["position"], [line] * len(made), s=36, color=mark.colour, marker=mark.shape
                )
    panel.set(xlim=(-0.6, len(rows) - 0.4), ylim=(len(choices) - 0.4, -0.6), xticks=[])
    panel.set_yticks(range(len(choices)), [_name(choice) for choice in choices])
    panel.tick_params(length=0)
    panel.spines[["left", "bottom"]].set_visible(False)
