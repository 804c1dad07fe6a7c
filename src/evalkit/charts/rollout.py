"""Who had the intervention when: a row a cluster or group, a cell a period, what it rests on."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from evalkit.charts.axis_name import name_periods
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, PALETTE, chart_style, new_axes
from evalkit.charts.words import count_words, labels, numbers, paragraph, require_columns

_COLUMNS = ("cluster", "period", "treated", "n")
_YES = {"True", "true", "yes", "1", "1.0"}
_MOST_NUMBERED = 12


def plot_rollout(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    row_name: str = "cluster",
    decimals: int | None = None,
) -> Axes:
    """Draw a cell for each row and period, filled where the intervention was in place."""
    cells = _cells(frame)
    clusters, periods = _order(cells["cluster"]), sorted(set(cells["period"]))
    with chart_style():
        axes = ax or new_axes()
        for _, cell in cells.iterrows():
            at = (periods.index(cell["period"]), clusters.index(cell["cluster"]))
            axes.add_patch(_square(*at, filled=cell["on"]))
            if len(periods) <= _MOST_NUMBERED:
                _write_n(axes, *at, cell)
        axes.set(xlim=(-0.5, len(periods) - 0.5), ylim=(len(clusters) - 0.5, -0.5))
        name_periods(axes, periods)
        axes.set_yticks(range(len(clusters)), clusters)
        axes.tick_params(length=0)
        key = [
            Patch(facecolor=PALETTE[0], edgecolor=INK, label="With it"),
            Patch(facecolor="white", edgecolor=INK, label="Not yet, or never"),
        ]
        axes.legend(handles=key, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return axes


def describe_rollout(
    frame: pd.DataFrame, *, row_name: str = "cluster", decimals: int | None = None
) -> str:
    """Say how many rows there are, each one `row_name`, and in which periods some began."""
    cells = _cells(frame)
    periods = sorted(set(cells["period"]))
    first = cells[cells["on"]].groupby("cluster")["period"].min()
    begun = sorted(set(first))
    shown = cells["n"].dropna()
    return paragraph(
        f"{count_words(cells['cluster'].nunique(), row_name).capitalize()} over "
        f"{count_words(len(periods), 'period')} from {periods[0]} to {periods[-1]}.",
        f"Some began in {', '.join(begun)}." if begun else "None began.",
        f"Each cell rests on {shown.min():.0f} to {shown.max():.0f}."
        if len(shown)
        else "What each cell rests on is not shown.",
    )


def rollout_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the grid needs."""
    return 1.2 + 0.3 * max(frame["cluster"].nunique(), 2)


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "rollout")
    return pd.DataFrame(
        {
            "cluster": labels(frame[["cluster"]], "cluster"),
            "period": frame["period"].astype(str).to_numpy(),
            "on": frame["treated"].astype(str).isin(_YES).to_numpy(),
            "n": numbers(frame, "n"),
        }
    )


def _order(names: "pd.Series[str]") -> list[str]:
    return list(dict.fromkeys(names))


def _square(x: float, y: float, *, filled: bool) -> Rectangle:
    colour = PALETTE[0] if filled else "white"
    return Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor=INK, linewidth=0.5)


def _write_n(ax: Axes, x: float, y: float, cell: "pd.Series[float]") -> None:
    words = NOT_SHOWN if pd.isna(cell["n"]) else f"{cell['n']:.0f}"
    colour = "white" if cell["on"] else INK
    ax.text(x, y, words, ha="center", va="center", fontsize=9.5, color=colour)
