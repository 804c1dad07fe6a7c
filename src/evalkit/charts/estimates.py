"""Estimates of one effect by several methods, side by side."""

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.forest import (
    ForestOptions,
    describe_forest,
    forest_height,
    forest_rows,
    plot_forest,
)
from evalkit.charts.marks import Mark
from evalkit.charts.sentences import difference_words
from evalkit.charts.style import PALETTE
from evalkit.charts.words import count_words, level_words, require_columns

MARKS = {
    "within": Mark("Within trusts, over time", PALETTE[0], "o"),
    "between": Mark("Between trusts", PALETTE[2], "s"),
    "mixed": Mark("Within and between mixed", PALETTE[3], "D"),
}
_COLUMNS = ("method", "estimate", "conf_low", "conf_high")


def plot_estimates(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    step: str = "",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw each method's estimate and interval beside the minimum important difference."""
    return plot_forest(
        frame,
        _rows(frame),
        MARKS,
        ax,
        name=difference_words(outcome_name, step),
        **options,
    )


def describe_estimates(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    step: str = "",
    **options: Unpack[ForestOptions],
) -> str:
    """Say what the chart of methods shows."""
    rows = _rows(frame)
    opening = (
        f"{difference_words(outcome_name, step)}, by {count_words(len(rows), 'method')}, each "
        f"with its {level_words(frame)}."
    )
    return describe_forest(opening, rows, **options)


def estimates_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of methods needs."""
    return forest_height(frame, "method")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "estimates")
    return forest_rows(frame, "method", [_kind(method) for method in frame["method"].astype(str)])


def _kind(method: str) -> str:
    """Say which variation a method uses."""
    if method.startswith("pooled"):
        return "mixed"
    return "between" if method.startswith("between") else "within"
