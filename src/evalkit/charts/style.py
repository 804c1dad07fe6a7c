"""One look for every figure: colours, type, and a context that leaves matplotlib as it was."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import MaxNLocator

# Government Analysis Function categorical palette, in its fixed order.
PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25")
INK, MUTED, GRID, BAND = "#1A1A1A", "#595959", "#CCCCCC", "#EAEAEA"
FONT_STACK = ("Arial", "Liberation Sans", "Arimo", "Helvetica", "DejaVu Sans")
_GRID_INTERVALS = 6

_STYLE: dict[str, Any] = {
    "font.size": 11.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 11.0,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "figure.dpi": 100.0,
    "savefig.dpi": 200.0,
    "svg.fonttype": "none",
}


@contextmanager
def chart_style() -> Iterator[None]:
    """Draw in the house style, whatever the caller's settings are, and put them back after."""
    present = set(fontManager.get_font_names())
    families = [name for name in FONT_STACK if name in present]
    chosen: list[Any] = ["default", {**_STYLE, "font.family": families}]
    with matplotlib.style.context(chosen), without_glyph_warnings():
        yield


@contextmanager
def without_glyph_warnings() -> Iterator[None]:
    """Draw a letter that no font here has as a box, and say nothing of it.

    The warning would repeat a letter of the data. The SVG holds the letter as text for the reader's
    own fonts, and table and alternative text hold it too.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font", UserWarning)
        yield


def new_axes() -> Axes:
    """Make axes on a figure of its own, which no list of open figures holds."""
    return Figure(layout="constrained").add_subplot()


def keep_grid(ax: Axes, axis: str, intervals: int = _GRID_INTERVALS) -> None:
    """Leave light grid lines along one axis (`x` or `y`), one more than `intervals` at most."""
    ax.grid(visible=False)
    chosen = ax.xaxis if axis == "x" else ax.yaxis
    chosen.grid(visible=True)
    chosen.set_major_locator(MaxNLocator(nbins=intervals, steps=[1, 2, 2.5, 5, 10]))
    ax.tick_params(length=0)
