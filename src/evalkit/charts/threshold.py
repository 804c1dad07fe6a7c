"""Averages along what decides an offer, and the lines that meet its threshold from either side."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import capitalised, numbers, paragraph, require_columns, with_unit
from evalkit.results.words import number

_COLUMNS = ("side", "middle", "mean", "fitted")
_LOOKS = {"not offered": (PALETTE[2], "s"), "offered": (PALETTE[0], "o")}


def plot_threshold(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    threshold: float,
    running_name: str = "the running variable",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw the average of each band as a mark, and each side's line as far as it was fitted."""
    sides, places = _sides(frame), _places(frame, decimals)
    with chart_style():
        axes = ax or new_axes()
        axes.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
        for side, rows in sides.items():
            colour, shape = _LOOKS[side]
            shown = not rows.dropna(subset=["middle", "mean"]).empty
            axes.plot(
                rows["middle"],
                rows["mean"],
                color=colour,
                marker=shape,
                linestyle="none",
                markersize=6,
                label=capitalised(side) if shown else f"{capitalised(side)}: {NOT_SHOWN}",
            )
            axes.plot(rows["middle"], rows["fitted"], color=colour, linewidth=2)
            if shown:
                _write_nearest(axes, rows, threshold, places, colour)
        keep_grid(axes, "y")
        axes.tick_params(axis="x", length=4)
        axes.set_xlabel(f"{capitalised(running_name)}; the threshold is dashed", color=MUTED)
        lift = write_axis_name(axes, with_unit(capitalised(outcome_name), outcome_unit, 90))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1 + lift / 250), ncols=2)
    return axes


def describe_threshold(
    frame: pd.DataFrame,
    *,
    threshold: float,
    running_name: str = "the running variable",
    outcome_name: str = "the outcome",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Say what the bands next to the threshold show on each side."""
    sides, places = _sides(frame), _places(frame, decimals)
    return paragraph(
        f"{capitalised(outcome_name)} along {running_name}, averaged in bands on both sides of the "
        "threshold, with a line for each side.",
        *(_tell(side, rows, threshold, places) for side, rows in sides.items()),
    )


def threshold_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the bands need."""
    return 4.6


def _sides(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return `middle, mean, fitted` of each side, from the left."""
    require_columns(frame, _COLUMNS, "threshold")
    values = pd.DataFrame({name: numbers(frame, name) for name in _COLUMNS[1:]})
    side = frame["side"].astype(str).reset_index(drop=True)
    ordered = values.assign(side=side).sort_values("middle", kind="stable")
    return {str(name): rows for name, rows in ordered.groupby("side", sort=False)}


def _places(frame: pd.DataFrame, asked: int | None) -> int:
    """Return the decimals asked for, or as many as the averages have: two at most."""
    means = numbers(frame, "mean").dropna()
    fewest = next((d for d in (0, 1) if means.round(d).eq(means).all()), 2)
    return fewest if asked is None else asked


def _write_nearest(
    ax: Axes, rows: pd.DataFrame, threshold: float, decimals: int, colour: str
) -> None:
    """Write the average of the band next to the threshold, away from it."""
    middle, mean = _nearest(rows, threshold)
    ax.annotate(
        number(mean, decimals),
        (middle, mean),
        (-6 if middle < threshold else 6, 9),
        textcoords="offset points",
        ha="right" if middle < threshold else "left",
        fontsize=10.5,
        color=colour,
    )


def _nearest(rows: pd.DataFrame, threshold: float) -> tuple[float, float]:
    known = rows.dropna(subset=["middle", "mean"])
    at = int((known["middle"] - threshold).abs().to_numpy().argmin())
    return float(known["middle"].iloc[at]), float(known["mean"].iloc[at])


def _tell(side: str, rows: pd.DataFrame, threshold: float, decimals: int) -> str:
    if rows.dropna(subset=["middle", "mean"]).empty:
        return f"Of those {side} it is not shown."
    near = number(_nearest(rows, threshold)[1], decimals)
    return f"In the band next to it, of those {side}, it is {near}."
