"""The effect on each facet of experience: how people were treated, what happened, how it felt."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.forest import draw_forest, forest_height, forest_rows
from evalkit.charts.marks import Mark
from evalkit.charts.sentences import (
    difference_words,
    intervals_sentence,
    missing_sentence,
    range_sentence,
)
from evalkit.charts.style import PALETTE, chart_style, new_axes
from evalkit.charts.words import level_words, list_words, paragraph, require_columns

MARKS = {
    "overall": Mark("Experience overall", PALETTE[2], "s"),
    "facet": Mark("One facet of experience", PALETTE[0], "o"),
}
_COLUMNS = ("facet", "estimate", "conf_low", "conf_high")


def plot_facets(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_unit: str = "",
    step: str = "",
    decimals: int = 2,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw each facet's estimate and interval beside the minimum important difference."""
    rows = _rows(frame)
    with chart_style():
        axes = ax or new_axes()
        draw_forest(
            rows,
            MARKS,
            axes,
            name=difference_words("experience", step),
            unit=outcome_unit,
            level=level_words(frame),
            decimals=decimals,
            minimum_important_difference=minimum_important_difference,
        )
    return axes


def describe_facets(
    frame: pd.DataFrame,
    *,
    outcome_unit: str = "",
    step: str = "",
    decimals: int = 2,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what the chart of facets shows."""
    rows = _rows(frame)
    return paragraph(
        f"{difference_words('experience', step)}, by facet: {list_words(rows['label'])}, each "
        f"with its {level_words(frame)}.",
        range_sentence(rows, decimals),
        intervals_sentence(rows, decimals, minimum_important_difference),
        missing_sentence(rows.loc[rows["estimate"].isna(), "label"]),
    )


def facets_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of facets needs."""
    return forest_height(frame, "facet")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "facets")
    kinds = ["overall" if facet == "overall" else "facet" for facet in frame["facet"].astype(str)]
    return forest_rows(frame, "facet", kinds)
