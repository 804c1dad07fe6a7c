"""A chart with its headline, what it is made of, and its place on the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from evalkit.charts.style import MUTED, PALETTE, chart_style

SYNTHETIC_LABEL = "Synthetic data"
WIDTH = 8.0
_MARGIN, _BOX_INSET, _WRAP_AT = 0.15, 0.06, 0.95
_TITLE = {"fontsize": 15.0, "fontweight": "bold"}
_SUBTITLE = {"fontsize": 11.5, "color": MUTED}
_TAG = {
    "fontsize": 10.5,
    "fontweight": "bold",
    "color": "white",
    "bbox": {"facecolor": PALETTE[2], "edgecolor": "none", "boxstyle": "square,pad=0.4"},
}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a table is drawn, how it is told in words, and the inches of height it needs.

    All three take the frame and the same options.
    """

    plot: Callable[..., Axes]
    describe: Callable[..., str]
    height: Callable[..., float]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the header: its words, its height in inches and its look."""

    words: str
    height: float
    look: Mapping[str, Any]


def draw(
    chart: Chart,
    frame: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    synthetic: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Figure:
    """Draw a chart under its headline; made-up data are called so above everything else."""
    chosen = dict(options or {})
    with chart_style():
        figure = Figure(figsize=(WIDTH, WIDTH))
        lines = _header_lines(figure, title, subtitle, synthetic)
        header = sum(line.height for line in lines) + 2 * _MARGIN
        height = chart.height(frame, **chosen) + header
        figure.set_size_inches(WIDTH, height)
        below = (0, 0, 1, 1 - header / height)
        figure.set_layout_engine(
            ConstrainedLayoutEngine(rect=below, h_pad=_MARGIN / 2, w_pad=_MARGIN)
        )
        chart.plot(frame, ax=figure.add_subplot(), **chosen)
        _write_header(figure, lines)
        figure.set_label(f"{SYNTHETIC_LABEL}: {title}" if synthetic else title)
    return figure


def _header_lines(figure: Figure, title: str, subtitle: str, synthetic: bool) -> list[_Line]:
    """Return the header from the top down, wrapped to the figure's width."""
    lines = [_Line(SYNTHETIC_LABEL, 0.36, _TAG)] if synthetic else []
    lines += [_Line(words, 0.28, _TITLE) for words in _wrapped(figure, title, _TITLE)]
    return lines + [
        _Line(words, 0.22, _SUBTITLE) for words in _wrapped(figure, subtitle, _SUBTITLE)
    ]


def _wrapped(figure: Figure, words: str, look: Mapping[str, Any]) -> list[str]:
    """Wrap words to the figure's width in the type that this machine has."""
    trial = figure.text(0, 0, words, **look)
    inches = trial.get_window_extent().width / figure.dpi
    trial.remove()
    letters = int(len(words) * _WRAP_AT * (WIDTH - 2 * _MARGIN) / max(inches, 0.1))
    return wrap(words, max(letters, 1))


def _write_header(figure: Figure, lines: list[_Line]) -> None:
    """Write the header's lines from one left edge; a boxed line keeps its box inside."""
    width, height = figure.get_size_inches()
    below_top = _MARGIN
    for line in lines:
        inset = _BOX_INSET if "bbox" in line.look else 0.0
        figure.text(
            (_MARGIN + inset) / width,
            1 - (below_top + line.height / 2) / height,
            line.words,
            va="center_baseline",
            in_layout=False,
            **line.look,
        )
        below_top += line.height
