"""The fitted relation of outcome and dose: a straight line, and one that may bend."""

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.marks import draw_band
from evalkit.charts.precision import released_decimals, spread_labels
from evalkit.charts.sentences import NOT_SHOWN, estimate_words, shown_decimals
from evalkit.charts.style import BAND, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import capitalised, numbers, paragraph, require_columns, with_unit
from evalkit.results.words import number

_COLUMNS = ("shape", "dose", "difference", "conf_low", "conf_high")
_NAMES = {
    "linear": "A straight line",
    "quadratic": "A line with one bend",
    "spline": "A line that may bend",
}
_LOOKS = ((PALETTE[0], "-", "o"), (PALETTE[2], (0, (4, 2)), "s"), (PALETTE[1], (0, (1, 1)), "D"))


def plot_dose_curve(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    dose_name: str = "the dose",
    dose_unit: str = "",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> Axes:
    """Draw each line as the difference from the middle dose, its interval shaded around it."""
    with chart_style():
        axes = ax or new_axes()
        draw_band(axes, minimum_important_difference, "y")
        key: list[Artist] = []
        for order, (name, rows) in enumerate(_lines(frame).items()):
            key += _draw_line(axes, name, rows, order)
        if minimum_important_difference is not None:
            words = f"Less than the minimum important difference ({minimum_important_difference:g})"
            key.append(Patch(facecolor=BAND, edgecolor=MUTED, linestyle="--", label=words))
        keep_grid(axes, "y")
        _write_last(axes, list(_lines(frame).values()), decimals)
        axes.tick_params(axis="x", length=4)
        axes.set_xlabel(with_unit(capitalised(dose_name), dose_unit), color=MUTED)
        name = f"Difference in {outcome_name} from that at the middle dose"
        lift = write_axis_name(axes, with_unit(name, outcome_unit, 90))
        axes.legend(handles=key, loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=2)
    return axes


def describe_dose_curve(
    frame: pd.DataFrame,
    *,
    dose_name: str = "the dose",
    dose_unit: str = "",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
    minimum_important_difference: float | None = None,
) -> str:
    """Say what each line makes of the lowest and of the highest dose drawn."""
    lines = _lines(frame)
    return paragraph(
        f"Difference in {outcome_name} from that at the middle of {dose_name}, with intervals, by "
        f"{' and by '.join(name.lower() for name in lines)}.",
        *(_tell(name, rows, dose_unit, decimals) for name, rows in lines.items()),
    )


def dose_curve_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the lines need."""
    return 4.6


def _lines(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return `dose, estimate, conf_low, conf_high` of each line by its name, by rising dose."""
    require_columns(frame, _COLUMNS, "dose_curve")
    values = pd.DataFrame({name: numbers(frame, name) for name in _COLUMNS[1:]})
    values = values.rename(columns={"difference": "estimate"})
    shape = frame["shape"].astype(str).reset_index(drop=True)
    ordered = values.assign(shape=shape).sort_values("dose", kind="stable")
    shapes = list(dict.fromkeys(shape))
    return {_NAMES.get(s, capitalised(s)): ordered[ordered["shape"] == s] for s in shapes}


def _draw_line(ax: Axes, name: str, rows: pd.DataFrame, order: int) -> list[Artist]:
    """Draw a line with its marks and interval; return what the key says of them."""
    colour, dash, shape = _LOOKS[order % len(_LOOKS)]
    look: dict[str, Any] = {"color": colour, "linestyle": dash, "marker": shape, "markersize": 5}
    ax.fill_between(
        rows["dose"], rows["conf_low"], rows["conf_high"], color=colour, alpha=0.15, linewidth=0
    )
    ax.plot(rows["dose"], rows["estimate"], **look)
    told = name if rows["estimate"].notna().any() else f"{name}: {NOT_SHOWN}"
    return [
        Line2D([], [], **look, label=told),
        Patch(color=colour, alpha=0.15, linewidth=0, label="Its interval"),
    ]


def _write_last(ax: Axes, lines: list[pd.DataFrame], decimals: int | None) -> None:
    """Write what each line makes of the highest dose, clear of each other."""
    known = [(n, rows.dropna(subset=["dose", "estimate"])) for n, rows in enumerate(lines)]
    last = [(n, rows.iloc[-1], shown_decimals(rows, decimals)) for n, rows in known if len(rows)]
    heights = spread_labels(ax, [float(row["estimate"]) for _, row, _ in last])
    for (order, row, places), height in zip(last, heights, strict=True):
        ax.annotate(
            number(row["estimate"], places),
            (row["dose"], height),
            (9, 0),
            textcoords="offset points",
            va="center",
            fontsize=10.5,
            color=_LOOKS[order % len(_LOOKS)][0],
            annotation_clip=False,
        )


def _tell(name: str, rows: pd.DataFrame, dose_unit: str, decimals: int | None) -> str:
    known = rows.dropna(subset=["dose", "estimate"])
    if known.empty:
        return f"{name} is not shown."
    places = shown_decimals(known, decimals)
    of_dose = released_decimals(known["dose"], decimals)
    ends = [
        f"{estimate_words(row, places)} at {number(row['dose'], of_dose)} {dose_unit}".rstrip()
        for row in (known.iloc[0], known.iloc[-1])
    ]
    return f"{name}: from {ends[0]} to {ends[1]}."
