"""How far trusts differ from each other, and from themselves over time, on each measure."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from evalkit.charts.sentences import NOT_SHOWN, missing_sentence
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    labels,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.errors import DataError
from evalkit.results.words import number

BETWEEN, WITHIN = "Between trusts", "Within trusts, over time"
_COLUMNS = ("measure", "sd_between", "sd_within")
_INCHES_EACH, _ONE_COLUMN_TO, _LETTERS = 1.75, 3, 72
_TITLE: dict[str, Any] = {"loc": "left", "fontsize": 11, "fontweight": "bold"}


def plot_variation(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    measures: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    decimals: int = 2,
) -> Axes:
    """Draw a pair of bars for each measure in a panel of its own: scales are not shared.

    `measures` chooses rows by the column `measure`; `units` gives a measure's unit.
    """
    rows = _rows(frame, measures)
    columns = _columns(rows)
    width, height = 1 / columns, 1 / -(-len(rows) // columns)
    with chart_style():
        axes = ax or new_axes()
        axes.set_axis_off()
        for place, (_, row) in enumerate(rows.iterrows()):
            down, along = divmod(place, columns)
            box = (along * width, 1 - height * (down + 0.7), 0.92 * width, height * 0.5)
            panel = axes.inset_axes(box)
            _draw_pair(panel, row, decimals)
            panel.set_title(fill(row["label"], _LETTERS // columns), **_TITLE)
            unit = (units or {}).get(row["measure"], "")
            panel.set_xlabel(
                with_unit("Standard deviation", unit, _LETTERS // columns), fontsize=10.5
            )
            if along:
                panel.tick_params(axis="y", labelleft=False)
    return axes


def describe_variation(
    frame: pd.DataFrame,
    *,
    measures: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    decimals: int = 2,
) -> str:
    """Say both spreads of each measure, as standard deviations."""
    rows = _rows(frame, measures)
    gone = rows[["between", "within"]].isna().any(axis=1)
    told = [
        f"{row['label']}: {_spread(row['between'], decimals)} between trusts, "
        f"{_spread(row['within'], decimals)} within trusts over time"
        for _, row in rows.iterrows()
    ]
    return paragraph(
        "Bars of how far trusts differ from each other and from themselves over time, as "
        "standard deviations, each measure on its own scale.",
        f"{'; '.join(told)}.",
        "Estimates of spread are themselves uncertain; that is not drawn.",
        missing_sentence(rows.loc[gone, "label"]),
    )


def variation_height(
    frame: pd.DataFrame, *, measures: Sequence[str] | None = None, **_options: object
) -> float:
    """Return the inches that a panel for each measure needs."""
    rows = _rows(frame, measures)
    return _INCHES_EACH * -(-len(rows) // _columns(rows))


def _rows(frame: pd.DataFrame, measures: Sequence[str] | None) -> pd.DataFrame:
    """Return `measure, label, between, within` for the chosen measures, in the table's order."""
    require_columns(frame, _COLUMNS, "variation")
    rows = pd.DataFrame(
        {
            "measure": frame["measure"].astype(str).reset_index(drop=True),
            "label": labels(frame, "measure"),
            "between": numbers(frame, "sd_between"),
            "within": numbers(frame, "sd_within"),
        }
    )
    chosen = rows if measures is None else rows[rows["measure"].isin(measures)]
    if chosen.empty:
        raise DataError(
            "chart variation: none of the chosen measures is in its table "
            f"({len(measures or ())} chosen). Choose by what stands in its column measure."
        )
    return chosen


def _columns(rows: pd.DataFrame) -> int:
    """Return how many panels stand side by side."""
    return 1 if len(rows) <= _ONE_COLUMN_TO else 2


def _spread(value: float, decimals: int) -> str:
    return NOT_SHOWN if pd.isna(value) else number(value, decimals)


def _draw_pair(panel: Axes, row: "pd.Series[float]", decimals: int) -> None:
    """Draw the two bars of one measure from zero, each with its number."""
    bars = pd.DataFrame({"spread": [row["between"], row["within"]], "of": [BETWEEN, WITHIN]})
    sns.barplot(
        data=bars,
        x="spread",
        y="of",
        hue="of",
        palette={BETWEEN: PALETTE[2], WITHIN: PALETTE[0]},
        width=0.72,
        saturation=1,
        legend=False,
        ax=panel,
    )
    for position, value in enumerate(bars["spread"]):
        panel.annotate(
            _spread(value, decimals),
            (0 if pd.isna(value) else value, position),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=MUTED if pd.isna(value) else INK,
        )
    widest = float(bars["spread"].fillna(0).max())
    panel.set(xlim=(0, widest * 1.15 or 1.0), ylabel="")
    keep_grid(panel, "x")
