"""A design's estimates of one effect side by side, the one that answers the question first."""

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
    "answer": Mark("Gives the answer", PALETTE[0], "o"),
    "beside": Mark("Shown beside it", PALETTE[3], "D"),
}
_COLUMNS = ("label", "estimate", "conf_low", "conf_high")


def plot_effects(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw each estimate and interval beside the minimum important difference."""
    return plot_forest(
        frame,
        _rows(frame),
        MARKS,
        ax,
        name=difference_words(outcome_name, ""),
        **options,
    )


def describe_effects(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> str:
    """Say what the chart of estimates shows, the answer's first."""
    rows = _rows(frame)
    opening = (
        f"{difference_words(outcome_name, '')}, {count_words(len(rows), 'estimate')}, each with "
        f"its {level_words(frame)}; {rows['label'].iloc[0]} gives the answer."
    )
    return describe_forest(opening, rows, **options)


def effects_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of estimates needs."""
    return forest_height(frame, "label")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "effects")
    kinds = ["answer", *["beside"] * (len(frame) - 1)]
    return forest_rows(frame, "label", kinds)
