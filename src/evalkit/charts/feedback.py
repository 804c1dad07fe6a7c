"""A process chart of feedback on which breaks in how it was collected are marked."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.process_chart import describe_process, plot_process
from evalkit.charts.style import MUTED, chart_style
from evalkit.charts.words import count_words, paragraph, require_columns

_LINE = (0, (1, 2))
_COLUMNS = ("period", "value", "mean", "lower", "upper", "kind", "broken")


def plot_feedback(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw the process chart, with a hatched line and a word where the ways of asking moved."""
    require_columns(frame, _COLUMNS, "feedback")
    axes = plot_process(
        frame,
        ax=ax,
        start_period=start_period,
        outcome_name=outcome_name,
        outcome_unit=outcome_unit,
        decimals=decimals,
    )
    with chart_style():
        for place in _broken(frame):
            axes.axvline(place - 0.5, color=MUTED, linewidth=1.5, linestyle=_LINE)
            axes.annotate(
                "asked otherwise",
                (place - 0.5, 1.0),
                (0, 2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha="center",
                fontsize=9.5,
            )
    return axes


def describe_feedback(
    frame: pd.DataFrame,
    *,
    start_period: str | None = None,
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Tell the process chart, and in which periods the ways of asking moved."""
    require_columns(frame, _COLUMNS, "feedback")
    told = describe_process(
        frame,
        start_period=start_period,
        outcome_name=outcome_name,
        outcome_unit=outcome_unit,
        decimals=decimals,
    )
    periods = list(frame.sort_values("period")["period"].astype(str))
    broken = [periods[place] for place in _broken(frame)]
    said = (
        f"How answers were collected moved in {count_words(len(broken), 'period')}: "
        f"{', '.join(broken)}."
        if broken
        else "How answers were collected moved in none of them by enough to be marked."
    )
    return paragraph(told, said)


def feedback_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the chart needs."""
    return 4.8


def _broken(frame: pd.DataFrame) -> list[int]:
    """Places, from the left, of periods in which the ways of asking moved."""
    rows = frame.sort_values("period", ignore_index=True)
    marked = rows["broken"].fillna("").astype(str) != ""
    return [int(place) for place in rows.index[marked]]
