"""The effect in each group of organisations, and the difference between the groups."""

from typing import Unpack

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.forest import ForestOptions, forest_height, forest_rows, plot_forest
from evalkit.charts.marks import Mark
from evalkit.charts.sentences import (
    difference_words,
    intervals_sentence,
    missing_sentence,
    range_sentence,
    shown_decimals,
)
from evalkit.charts.style import PALETTE
from evalkit.charts.words import count_words, level_words, paragraph, require_columns

MARKS = {
    "group": Mark("One group", PALETTE[0], "o"),
    "difference": Mark("Difference between the groups", PALETTE[3], "D"),
}
_COLUMNS = ("group", "estimate", "conf_low", "conf_high")
_TELLS = ("term", "group", "label")


def plot_subgroups(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    step: str = "",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw each group's estimate, and the difference between groups with its own mark."""
    return plot_forest(
        frame,
        _rows(frame),
        MARKS,
        ax,
        name=difference_words(outcome_name, step),
        **options,
    )


def describe_subgroups(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    step: str = "",
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what the chart of groups shows; what counts is the difference between them."""
    rows = _rows(frame)
    groups, gaps = (rows[rows["kind"] == kind] for kind in MARKS)
    places = shown_decimals(rows, decimals)
    return paragraph(
        f"{difference_words(outcome_name, step)}, in {count_words(len(groups), 'group')}, and "
        f"{count_words(len(gaps), 'difference')} between groups, each with its "
        f"{level_words(frame)}.",
        range_sentence(groups, places, "in a group"),
        intervals_sentence(gaps, places, minimum_important_difference, "differences"),
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def subgroups_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of groups needs."""
    return forest_height(frame, "group")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "subgroups")
    present = [column for column in _TELLS if column in frame]
    told = frame[present].astype(str).agg(" ".join, axis=1)
    kinds = ["difference" if "difference" in words.casefold() else "group" for words in told]
    return forest_rows(frame, "group", kinds)
