"""Points, the band of differences too small to matter, and the key that names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from evalkit.charts.style import BAND, INK, MUTED

_MARKER_SIZE = 7.5
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class Mark:
    """How one kind of row is drawn: a shape and a colour, never a colour alone."""

    name: str
    colour: str
    shape: str


def draw_band(ax: Axes, minimum_important_difference: float | None, axis: str) -> None:
    """Draw the line of no difference and the band of differences too small to matter."""
    span, line = (ax.axvspan, ax.axvline) if axis == "x" else (ax.axhspan, ax.axhline)
    if minimum_important_difference is not None:
        reach = minimum_important_difference
        span(-reach, reach, facecolor=BAND, edgecolor="none", zorder=0)
        for end in (-reach, reach):
            line(end, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    line(0, color=INK, linewidth=1.2, zorder=1.5)


def draw_marks(
    rows: pd.DataFrame, marks: Mapping[str, Mark], ax: Axes, across: str, up: str
) -> None:
    """Draw each row's point with the shape and colour of its `kind`."""
    shown = rows.dropna(subset=[across, up])
    if len(shown):
        sns.scatterplot(
            data=shown,
            x=across,
            y=up,
            hue="kind",
            style="kind",
            palette={kind: mark.colour for kind, mark in marks.items()},
            markers={kind: mark.shape for kind, mark in marks.items()},
            s=_MARKER_SIZE**2,
            linewidth=0,
            legend=False,
            zorder=4,
            ax=ax,
        )
    ax.set(xlabel="", ylabel="")


def draw_key(
    ax: Axes,
    marks: Sequence[Mark],
    minimum_important_difference: float | None,
    *,
    left: float = 0.0,
    above: float = 6.0,
    more: Sequence[Artist] = (),
) -> None:
    """Put the key above the chart, `left` points left of the axes and `above` points over them.

    `more` stands last in it, each by its own label.
    """
    handles: list[Artist] = [_mark_handle(mark) for mark in marks]
    if minimum_important_difference is not None:
        name = f"Less than the minimum important difference ({minimum_important_difference:g})"
        handles.append(Patch(facecolor=BAND, edgecolor=MUTED, linestyle="--", label=name))
    handles += more
    offset = ScaledTranslation(
        -left / _POINTS_PER_INCH, above / _POINTS_PER_INCH, ax.figure.dpi_scale_trans
    )
    if handles:
        ax.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            bbox_transform=ax.transAxes + offset,
            borderaxespad=0,
            borderpad=0,
            handletextpad=0.5,
            ncols=2,
        )


def _mark_handle(mark: Mark) -> Line2D:
    return Line2D(
        [],
        [],
        color=mark.colour,
        marker=mark.shape,
        markersize=_MARKER_SIZE,
        label=mark.name,
    )
