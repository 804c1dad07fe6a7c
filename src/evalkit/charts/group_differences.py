"""Each group's difference from everybody else, one line a group, under its characteristic."""

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

MARKS = {"group": Mark("Group", PALETTE[0], "o")}
_COLUMNS = ("dimension", "group", "difference", "difference_low", "difference_high")
_ENDS = dict(zip(_COLUMNS[2:], ("estimate", "conf_low", "conf_high"), strict=True))


def plot_group_differences(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw each group's difference with its interval beside the smallest that matters."""
    return plot_forest(
        _named(frame),
        _rows(frame),
        MARKS,
        ax,
        name=difference_words(outcome_name, ""),
        **options,
    )


def describe_group_differences(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> str:
    """Say how far the groups lie from everybody else."""
    opening = (
        f"{difference_words(outcome_name, '')} of {count_words(len(frame), 'group')} from "
        f"everybody else, each with its {level_words(_named(frame))}."
    )
    return describe_forest(opening, _rows(frame), **options)


def group_differences_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the groups need."""
    return forest_height(_named(frame), "label")


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "group_differences")
    label = frame["dimension"].astype(str) + ": " + frame["group"].astype(str)
    return frame.assign(label=label).rename(columns=_ENDS)


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    return forest_rows(_named(frame), "label", ["group"] * len(frame))
