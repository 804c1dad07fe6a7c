"""The effect on each facet of experience: how people were treated, what happened, how it felt."""

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
from evalkit.charts.words import level_words, require_columns
from evalkit.results.words import listed

MARKS = {
    "overall": Mark("Experience overall", PALETTE[2], "s"),
    "facet": Mark("One facet of experience", PALETTE[0], "o"),
}
_COLUMNS = ("facet", "estimate", "conf_low", "conf_high")


def plot_facets(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    step: str = "",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw each facet's estimate and interval beside the minimum important difference."""
    return plot_forest(
        frame,
        _rows(frame),
        MARKS,
        ax,
        name=difference_words("experience", step),
        **options,
    )


def describe_facets(
    frame: pd.DataFrame,
    *,
    step: str = "",
    **options: Unpack[ForestOptions],
) -> str:
    """Say what the chart of facets shows."""
    rows = _rows(frame)
    opening = (
        f"{difference_words('experience', step)}, by facet: {listed(list(rows['label']))}, each "
        f"with its {level_words(frame)}."
    )
    return describe_forest(opening, rows, **options)


def facets_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of facets needs."""
    return forest_height(frame, "facet")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "facets")
    kinds = ["overall" if facet == "overall" else "facet" for facet in frame["facet"].astype(str)]
    return forest_rows(frame, "facet", kinds)
