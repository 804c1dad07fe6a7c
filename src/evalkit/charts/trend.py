"""Staff measure and outcome over time, one above the other on a shared time."""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from evalkit.charts.axis_name import name_periods
from evalkit.charts.style import BAND, INK, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import (
    capitalised,
    count_words,
    numbers,
    paragraph,
    require_columns,
    with_unit,
)
from evalkit.results.words import listed, number

_COLUMNS = ("period", "exposure", "outcome")
_LABEL_ALL_TO = 6
_PANEL, _STEP = 0.42, 0.54


def plot_trend(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    exposure_name: str = "staff measure",
    exposure_unit: str = "",
    outcome_name: str = "outcome",
    outcome_unit: str = "",
    decimals: int = 2,
) -> Axes:
    """Draw the two averages by period in two panels inside `ax`, each with its own scale."""
    require_columns(frame, _COLUMNS, "trend")
    periods = frame["period"].astype(str).tolist()
    panels = (
        ("exposure", with_unit(capitalised(exposure_name), exposure_unit), PALETTE[0], "o"),
        ("outcome", with_unit(capitalised(outcome_name), outcome_unit), PALETTE[2], "s"),
    )
    with chart_style():
        axes = ax or new_axes()
        axes.set_axis_off()
        for place, (column, name, colour, shape) in enumerate(panels):
            panel = axes.inset_axes((0.0, _STEP * (1 - place), 1.0, _PANEL))
            values = numbers(frame, column)
            _draw_line(panel, values, colour, shape, decimals)
            name_periods(panel, periods if place else [""] * len(periods))
            gap = "; grey where not shown" if values.isna().any() else ""
            panel.set_title(name + gap, loc="left", fontsize=11, color=colour, pad=12)
    return axes


def describe_trend(
    frame: pd.DataFrame,
    *,
    exposure_name: str = "staff measure",
    exposure_unit: str = "",
    outcome_name: str = "outcome",
    outcome_unit: str = "",
    decimals: int = 2,
) -> str:
    """Say where each of the two lines begins and ends, and how far it moves between."""
    require_columns(frame, _COLUMNS, "trend")
    periods = frame["period"].astype(str).reset_index(drop=True)
    exposure, outcome = numbers(frame, "exposure"), numbers(frame, "outcome")
    return paragraph(
        f"Averages of {exposure_name} and {outcome_name} over {count_words(len(periods), 'period')}"
        f" from {periods.iloc[0]}, in two panels with a scale each.",
        _line_sentence(capitalised(exposure_name), exposure, periods, decimals),
        _line_sentence(capitalised(outcome_name), outcome, periods, decimals),
        "The uncertainty of the averages is not drawn.",
    )


def trend_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the two panels need."""
    return 4.8


def _draw_line(
    panel: Axes, values: "pd.Series[float]", colour: str, shape: str, decimals: int
) -> None:
    """Draw one line that breaks where a value is not shown, its ends labelled."""
    points = pd.DataFrame({"time": range(len(values)), "value": values})
    points["stretch"] = points["value"].isna().cumsum()
    shown = points.dropna()
    for gap in points.loc[points["value"].isna(), "time"]:
        panel.axvspan(gap - 0.5, gap + 0.5, facecolor=BAND, edgecolor="none", zorder=0)
    if len(shown):
        sns.lineplot(
            data=shown,
            x="time",
            y="value",
            units="stretch",
            estimator=None,
            color=colour,
            marker=shape,
            markersize=7,
            ax=panel,
        )
        low, high = shown["value"].min(), shown["value"].max()
        margin = max(0.3 * (high - low), 2 * 10.0**-decimals)
        panel.set_ylim(low - margin, high + margin)
    _label_points(panel, shown, decimals)
    panel.set(xlim=(-0.5, len(values) - 0.5), xlabel="", ylabel="")
    keep_grid(panel, "y", 4)
    if shown.empty:
        panel.set_yticks([])
    panel.spines["left"].set_visible(False)


def _label_points(panel: Axes, shown: pd.DataFrame, decimals: int) -> None:
    """Write the values at both ends, or all of a few, on the side that the line leaves free."""
    values = shown["value"]
    beside = (
        values.shift(1).fillna(values.shift(-1)) + values.shift(-1).fillna(values.shift(1))
    ) / 2
    placed = shown.assign(below=values < beside)
    for _, point in (placed if len(placed) <= _LABEL_ALL_TO else placed.iloc[[0, -1]]).iterrows():
        panel.annotate(
            number(point["value"], decimals),
            (point["time"], point["value"]),
            (0, -9 if point["below"] else 9),
            textcoords="offset points",
            ha="center",
            va="top" if point["below"] else "bottom",
            fontsize=10.5,
            color=INK,
        )


def _line_sentence(
    name: str, values: "pd.Series[float]", periods: "pd.Series[str]", decimals: int
) -> str:
    """Say a line's first, last, lowest and highest value, and the periods that are not shown."""
    shown = values.dropna()
    if shown.empty:
        return f"{name} is not shown."
    ends, turns = [shown.index[0], shown.index[-1]], [shown.idxmin(), shown.idxmax()]
    first, last, lowest, highest = (
        f"{number(shown[place], decimals)} in {periods[place]}" for place in ends + turns
    )
    went = f"{name} was {first}" if len(shown) == 1 else f"{name} went from {first} to {last}"
    between = f"; lowest {lowest}, highest {highest}" if len(shown) > 2 else ""
    gone = periods[values.isna()]
    missing = f"; withheld or missing in {listed(list(gone))}" if len(gone) else ""
    return f"{went}{between}{missing}."
