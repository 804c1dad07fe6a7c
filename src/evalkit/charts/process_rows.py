"""Many process charts as rows: each measure within its own limits, its icons in letters and words.

Measures have different units, so each is drawn on its own limits: its mean is the middle of the
row, its limits the edges of the band.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import name_periods
from evalkit.charts.marks import draw_key, draw_marks
from evalkit.charts.process_chart import MARKS
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import BAND, INK, MUTED, chart_style, new_axes
from evalkit.charts.words import capitalised, count_words, numbers, paragraph, require_columns
from evalkit.results.words import listed, number

_COLUMNS = ("programme", "measure", "icons", "period", "value", "mean", "lower", "upper", "kind")
_FURTHEST = 1.6
"""Half bands from the mean beyond which a point is drawn at the row's edge."""

_STEP = 4.2


def plot_process_rows(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    start_period: str | None = None,
    decimals: int | None = None,
) -> Axes:
    """Draw one row a measure: points by kind, over the band between its limits."""
    rows, names = _rows(frame)
    periods = sorted(set(rows["period"]))
    rows["place"] = rows["period"].map({p: float(i) for i, p in enumerate(periods)})
    with chart_style():
        axes = ax or new_axes()
        for name, of in rows.groupby("name", sort=False):
            _draw_row(axes, of.sort_values("place"), names.index(str(name)) * _STEP, len(periods))
        for name, said in _latest(rows, decimals).items():
            end = (len(periods) - 0.4, names.index(name) * _STEP)
            axes.annotate(said.removeprefix("latest "), end, va="center", fontsize=10.5)
        if start_period in periods:
            at = periods.index(str(start_period)) - 0.5
            axes.axvline(at, color=INK, linewidth=1, linestyle=":")
        kinds = {k: m for k, m in MARKS.items() if k in set(rows.loc[rows["y"].notna(), "kind"])}
        rows["at"] = rows["y"] + rows["name"].map({n: i * _STEP for i, n in enumerate(names)})
        draw_marks(rows, kinds, axes, "place", "at")
        axes.set_yticks([])
        axes.set_ylim((len(names) - 1) * _STEP + 2.0, -3.2)
        axes.spines["left"].set_visible(False)
        name_periods(axes, periods)
        draw_key(axes, list(kinds.values()), None)
    return axes


def describe_process_rows(
    frame: pd.DataFrame, *, start_period: str | None = None, decimals: int | None = None
) -> str:
    """Say of each measure which icons it has, and its latest value."""
    rows, names = _rows(frame)
    periods = sorted(set(rows["period"]))
    last = _latest(rows, decimals)
    told = [f"{name}: {last[name]}." for name in names]
    return paragraph(
        f"{capitalised(count_words(len(names), 'measure'))} from {periods[0]} to {periods[-1]}, "
        "each within its own limits of usual variation; those far outside stand at its edge.",
        f"The programmes started in {start_period}." if start_period in periods else "",
        *told,
        _tell_kinds(rows),
    )


def process_rows_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the rows need."""
    return 1.0 + 0.95 * len(_rows(frame)[1])


def _rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Scale each measure to its limits; name rows by programme, measure and icons."""
    require_columns(frame, _COLUMNS, "process_rows")
    values = {name: numbers(frame, name) for name in ("value", "mean", "lower", "upper")}
    words = {n: frame[n].astype(str).to_numpy() for n in ("period", "kind")}
    told = [frame[n].astype(str) for n in ("programme", "measure", "icons")]
    name = told[0].map(capitalised) + ": " + told[1] + " [" + told[2] + "]"
    rows = pd.DataFrame(values | words).assign(name=name.to_numpy())
    above = rows["value"] >= rows["mean"]
    reach = np.where(above, rows["upper"] - rows["mean"], rows["mean"] - rows["lower"])
    scaled = (rows["value"] - rows["mean"]).to_numpy(float) / np.where(reach > 0, reach, np.nan)
    rows["y"] = -np.clip(scaled, -_FURTHEST, _FURTHEST)
    return rows, list(dict.fromkeys(rows["name"]))


def _latest(rows: pd.DataFrame, decimals: int | None) -> dict[str, str]:
    """Write each measure's last value that is shown, by the row's name."""
    said = {}
    for name, of in rows.sort_values("period").groupby("name", sort=False):
        known = of["value"].dropna()
        places = 2 if decimals is None else decimals
        said[str(name)] = f"latest {number(known.iloc[-1], places)}" if len(known) else NOT_SHOWN
    return said


def _draw_row(ax: Axes, of: pd.DataFrame, middle: float, periods: int) -> None:
    """Draw a row's band, mean and line, and its words above it."""
    ax.fill_between([-0.5, periods - 0.5], middle - 1, middle + 1, color=BAND, linewidth=0)
    ax.plot([-0.5, periods - 0.5], [middle, middle], color=MUTED, linewidth=0.8)
    ax.plot(of["place"], of["y"] + middle, color=MUTED, linewidth=1, zorder=2)
    said = str(of["name"].iloc[0])
    ax.text(-0.5, middle - _FURTHEST - 0.35, said, fontsize=10.5, va="bottom")


def _tell_kinds(rows: pd.DataFrame) -> str:
    shown = rows[rows["y"].notna()]
    if shown.empty:
        return "The points are withheld: none can be shown."
    unusual = shown[shown["kind"] != "Usual variation"]
    if unusual.empty:
        return "No point is unusual."
    counts = unusual["kind"].value_counts()
    said = [f"{count_words(int(n))} {str(k).removeprefix('Unusual, ')}" for k, n in counts.items()]
    return f"Unusual points: {listed(said)}."
