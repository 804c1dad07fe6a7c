"""The convergence matrix: themes down, sources across, and in each cell how the two compare."""

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.marks import Mark, draw_key, draw_marks
from evalkit.charts.style import GRID, MUTED, PALETTE, chart_style, new_axes
from evalkit.charts.words import count_words, paragraph, require_columns
from evalkit.results.words import listed

MARKS = {
    "reference": Mark("Source of reference", PALETTE[0], "s"),
    "agreement": Mark("Agreement", PALETTE[1], "o"),
    "partial": Mark("Partial agreement", PALETTE[3], "D"),
    "silence": Mark("Silence", MUTED, "v"),
    "dissonance": Mark("Dissonance", PALETTE[2], "X"),
}
_COLUMNS = ("theme", "source", "code")
_ACROSS, _DOWN = 14, 26


def plot_convergence(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw one mark a theme and source; a cell that nobody looked at stays empty."""
    require_columns(frame, _COLUMNS, "convergence")
    themes, sources = (list(dict.fromkeys(frame[n].astype(str))) for n in ("theme", "source"))
    cells = pd.DataFrame(
        {
            "across": frame["source"].astype(str).map(sources.index),
            "down": frame["theme"].astype(str).map(themes.index),
            "kind": frame["code"].astype(str),
        }
    )
    with chart_style():
        axes = ax or new_axes()
        draw_marks(cells[cells["kind"].isin(MARKS)], MARKS, axes, "across", "down")
        axes.set_xticks(range(len(sources)), [fill(name, _ACROSS) for name in sources])
        axes.set_yticks(range(len(themes)), [fill(name, _DOWN) for name in themes])
        axes.set(xlim=(-0.5, len(sources) - 0.5), ylim=(len(themes) - 0.5, -0.5))
        for line in range(1, len(themes)):
            axes.axhline(line - 0.5, color=GRID, linewidth=0.6, zorder=1)
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
        used = [mark for kind, mark in MARKS.items() if kind in set(cells["kind"])]
        draw_key(axes, used, None, above=10)
    return axes


def describe_convergence(frame: pd.DataFrame) -> str:
    """Say how many cells there are of each kind, and name those in dissonance."""
    require_columns(frame, _COLUMNS, "convergence")
    code = frame["code"].astype(str)
    counts = [
        f"{mark.name.lower()} in {count_words(int((code == kind).sum()), 'cell')}"
        for kind, mark in MARKS.items()
        if kind != "reference" and (code == kind).any()
    ]
    apart = [
        f"{theme} with {source}"
        for theme, source in frame.loc[code == "dissonance", ["theme", "source"]].astype(str).values
    ]
    opening = (
        f"Convergence of {count_words(frame['source'].nunique(), 'source')} on "
        f"{count_words(frame['theme'].nunique(), 'theme')}"
    )
    return paragraph(
        f"{opening}: {listed(counts)}." if counts else f"{opening}.",
        f"In dissonance with the source of reference: {listed(apart)}." if apart else "",
    )


def convergence_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the themes need."""
    require_columns(frame, _COLUMNS, "convergence")
    themes = frame["theme"].astype(str).unique()
    most = max(fill(name, _DOWN).count("\n") + 1 for name in themes)
    return 1.6 + len(themes) * (0.22 + 0.18 * most)
