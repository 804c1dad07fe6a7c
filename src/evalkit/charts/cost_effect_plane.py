"""The plane of cost and gain: the estimate with its intervals, and how likely each quarter is.

No single resample is drawn: the shares of the four quarters stand in their corners.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.axis_name import write_axis_name
from evalkit.charts.precision import released_decimals
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import GRID, INK, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import capitalised, level_words, numbers, paragraph, require_columns
from evalkit.results.words import number

CORNERS = {
    "better and dearer": (0.98, 0.97, "right", "top"),
    "better and cheaper": (0.98, 0.03, "right", "bottom"),
    "worse and dearer": (0.02, 0.97, "left", "top"),
    "worse and cheaper": (0.02, 0.03, "left", "bottom"),
}
_ENDS = ("gain", "gain_low", "gain_high", "cost", "cost_low", "cost_high")
_COLUMNS = ("quadrant", "probability", *_ENDS)
_ROOM = 1.6


def plot_cost_effect_plane(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    gain_name: str = "gain",
    gain_unit: str = "",
    cost_name: str = "extra cost",
    cost_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw the estimate as a cross of its two intervals, and write each quarter's share."""
    point, shares = _point(frame), _shares(frame)
    with chart_style():
        axes = ax or new_axes()
        axes.axhline(0, color=INK, linewidth=1.2)
        axes.axvline(0, color=INK, linewidth=1.2)
        if point.notna().all():
            _draw_cross(axes, point)
        else:
            axes.annotate(f"Estimate: {NOT_SHOWN}", (0.5, 0.5), xycoords="axes fraction")
        for name, (across, up, beside, above) in CORNERS.items():
            axes.annotate(
                f"{capitalised(name)}\n{_share_words(shares, name, decimals)}",
                (across, up),
                xycoords="axes fraction",
                ha=beside,
                va=above,
                fontsize=10.5,
                bbox={"facecolor": "white", "edgecolor": GRID, "boxstyle": "square,pad=0.3"},
            )
        keep_grid(axes, "y")
        axes.set_xlabel(_named(gain_name, gain_unit))
        write_axis_name(axes, _named(cost_name, cost_unit))
    return axes


def describe_cost_effect_plane(
    frame: pd.DataFrame,
    *,
    gain_name: str = "gain",
    gain_unit: str = "",
    cost_name: str = "extra cost",
    cost_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Say gain and cost with their intervals, and how likely each quarter of the plane is."""
    point, shares = _point(frame), _shares(frame)
    told = (
        f"{capitalised(gain_name)} {_with_ends(point, 'gain', decimals)} {gain_unit}; {cost_name} "
        f"{_with_ends(point, 'cost', decimals)} {cost_unit} ({level_words(frame, 'intervals')})."
        if point.notna().all()
        else "The estimate is not shown."
    )
    said = "; ".join(f"{name}, {_share_words(shares, name, decimals)}" for name in CORNERS)
    return paragraph(told, f"Share of resamples: {said}.")


def cost_effect_plane_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the plane needs."""
    return 4.8


def _point(frame: pd.DataFrame) -> "pd.Series[float]":
    require_columns(frame, _COLUMNS, "cost_effect_plane")
    return pd.Series({name: numbers(frame, name).iloc[0] for name in _ENDS})


def _shares(frame: pd.DataFrame) -> dict[str, float]:
    return dict(zip(frame["quadrant"].astype(str), numbers(frame, "probability"), strict=True))


def _share_words(shares: dict[str, float], name: str, decimals: int | None) -> str:
    share = shares.get(name, float("nan"))
    places = released_decimals(pd.Series(shares), decimals)
    return NOT_SHOWN if pd.isna(share) else f"{number(share, places)}%"


def _named(name: str, unit: str) -> str:
    return capitalised(f"{name} ({unit})" if unit else name)


def _with_ends(point: "pd.Series[float]", name: str, decimals: int | None) -> str:
    places = 2 if decimals is None else decimals
    low, high = (number(point[f"{name}_{end}"], places) for end in ("low", "high"))
    return f"{number(point[name], places)} ({low} to {high})"


def _draw_cross(ax: Axes, point: "pd.Series[float]") -> None:
    """Draw both intervals and their crossing, with room for the corners' words."""
    look: dict[str, Any] = {"color": PALETTE[0], "linewidth": 2.0, "zorder": 3}
    ax.plot([point["gain_low"], point["gain_high"]], [point["cost"]] * 2, **look)
    ax.plot([point["gain"]] * 2, [point["cost_low"], point["cost_high"]], **look)
    ax.plot([point["gain"]], [point["cost"]], "o", color=PALETTE[0], markersize=9, zorder=4)
    across = _ROOM * max(abs(point["gain_low"]), abs(point["gain_high"]))
    up = _ROOM * max(abs(point["cost_low"]), abs(point["cost_high"]))
    ax.set_xlim(-across, across)
    ax.set_ylim(-up, up)
