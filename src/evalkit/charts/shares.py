"""Shares side by side with their intervals, the largest first: what people write about."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.forest import forest_height, forest_rows, plot_forest
from evalkit.charts.marks import Mark
from evalkit.charts.sentences import missing_sentence, range_sentence, shown_decimals
from evalkit.charts.style import PALETTE
from evalkit.charts.words import count_words, level_words, numbers, paragraph, require_columns

MARKS = {"share": Mark("Share", PALETTE[0], "o")}
MOST = 15
_COLUMNS = ("label", "estimate", "conf_low", "conf_high")


def plot_shares(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    name: str = "Share",
    unit: str = "%",
    decimals: int | None = 1,
) -> Axes:
    """Draw the largest shares, 15 at most; those without a number come last."""
    shown = _largest(frame)
    return plot_forest(
        shown,
        _rows(shown),
        MARKS,
        ax,
        name=name,
        outcome_unit=unit,
        decimals=decimals,
    )


def describe_shares(
    frame: pd.DataFrame, *, name: str = "Share", unit: str = "%", decimals: int | None = 1
) -> str:
    """Say what the chart of shares shows, and how many are in the table alone."""
    rows, left = _rows(_largest(frame)), max(len(frame) - MOST, 0)
    others = f" The others, {count_words(left)}, are in the table." if left else ""
    opening = (
        f"{name} ({unit}), {count_words(len(rows), 'label')}, each with its {level_words(frame)}, "
        f"the largest first.{others}"
    )
    missing = missing_sentence(rows.loc[rows["estimate"].isna(), "label"])
    return paragraph(opening, range_sentence(rows, shown_decimals(rows, decimals)), missing)


def shares_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of shares needs."""
    return forest_height(_largest(frame), "label")


def _largest(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "shares")
    order = numbers(frame, "estimate").sort_values(ascending=False, kind="stable").index
    return frame.iloc[list(order[:MOST])]


def _rows(shown: pd.DataFrame) -> pd.DataFrame:
    return forest_rows(shown, "label", ["share"] * len(shown))
