"""Each site's estimate, all sites pooled, and where a new site's effect would lie."""

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
    "site": Mark("One site", PALETTE[0], "o"),
    "pooled": Mark("All sites, pooled", PALETTE[2], "s"),
    "new_site": Mark("A new site", PALETTE[3], "D"),
}
_COLUMNS = ("term", "label", "estimate", "conf_low", "conf_high")


def plot_sites(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> Axes:
    """Draw the sites' intervals, the pooled one and a new site's, beside what would matter."""
    return plot_forest(
        frame,
        _rows(frame),
        MARKS,
        ax,
        name=difference_words(outcome_name, ""),
        **options,
    )


def describe_sites(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "the outcome",
    **options: Unpack[ForestOptions],
) -> str:
    """Say what the sites show, the pooled effect and a new site's interval among them."""
    rows = _rows(frame)
    sites = int((rows["kind"] == "site").sum())
    opening = (
        f"{difference_words(outcome_name, '')}, at each of {count_words(sites, 'site')}, pooled, "
        f"and where a new site's would lie, each with its {level_words(frame)}."
    )
    return describe_forest(opening, rows, **options)


def sites_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart of sites needs."""
    return forest_height(frame, "label")


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "sites")
    return forest_rows(frame, "label", list(frame["term"].astype(str)))
