"""How far trusts differ from each other, and from themselves over time, on each measure."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from evalkit.charts.sentences import NOT_SHOWN, missing_sentence
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    labels,
    number_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)

BETWEEN, WITHIN = "Between trusts", "Within trusts, over time"
_COLUMNS = ("measure", "sd_between", "sd_within")
_INCHES_EACH = 1.55


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
    with chart_style():
        axes = ax or new_axes()
        axes.set_axis_off()
        share = 1 / max(len(rows), 1)
        for place, (_, row) in enumerate(rows.iterrows()):
            panel = axes.inset_axes((0.0, 1 - share * (place + 0.68), 0.92, share * 0.5))
            _draw_pair(panel, row, decimals)
            panel.set_title(row["label"], loc="left", fontsize=11, fontweight="bold")
            unit = (units or {}).get(row["measure"], "")
            panel.set_xlabel(with_unit("Standard deviation", unit), fontsize=10.5)
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
        f"{'; '.join(told)}." if told else "No measure can be shown.",
        "Estimates of spread are themselves uncertain; that is not drawn." if told else "",
        missing_sentence(rows.loc[gone, "label"]),
    )


def variation_height(
    frame: pd.DataFrame, *, measures: Sequence[str] | None = None, **_options: object
) -> float:
    """Return the inches that a panel for each measure needs."""
    return 0.3 + _INCHES_EACH * max(len(_rows(frame, measures)), 1)


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
    return rows if measures is None else rows[rows["measure"].isin(measures)]


def _spread(value: float, decimals: int) -> str:
    return NOT_SHOWN if pd.isna(value) else number_words(value, decimals)


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
