"""The convergence matrix: themes down, sources across, in each cell how the two compare.

Beside each mark stands how many coders gave that code.
"""

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.marks import Mark, draw_key, draw_marks
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import GRID, INK, MUTED, PALETTE, chart_style, new_axes
from evalkit.charts.words import count_words, numbers, paragraph, require_columns
from evalkit.results.words import listed, number

MARKS = {
    "reference": Mark("Source of reference", PALETTE[0], "s"),
    "agreement": Mark("Agreement", PALETTE[1], "o"),
    "partial": Mark("Partial agreement", PALETTE[3], "D"),
    "silence": Mark("Silence", MUTED, "v"),
    "speaks": Mark("Speaks where that source is silent", INK, "P"),
    "dissonance": Mark("Dissonance", PALETTE[2], "X"),
}
_COLUMNS = ("theme", "source", "code", "coders")
_ACROSS, _DOWN, _BESIDE = 14, 26, 0.12


def plot_convergence(
    frame: pd.DataFrame, *, ax: Axes | None = None, decimals: int | None = None
) -> Axes:
    """Draw one mark a theme and source; a cell that nobody looked at stays empty."""
    require_columns(frame, _COLUMNS, "convergence")
    themes, sources = (list(dict.fromkeys(frame[n].astype(str))) for n in ("theme", "source"))
    cells = pd.DataFrame(
        {
            "across": frame["source"].astype(str).map(sources.index),
            "down": frame["theme"].astype(str).map(themes.index),
            "kind": frame["code"].astype(str),
        }
    ).reset_index(drop=True)
    cells = cells.assign(coders=numbers(frame, "coders"))
    cells = cells[cells["kind"].isin(MARKS)]
    with chart_style():
        axes = ax or new_axes()
        draw_marks(cells.dropna(subset=["coders"]), MARKS, axes, "across", "down")
        _write_coders(cells, axes, decimals or 0)
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


def describe_convergence(frame: pd.DataFrame, *, decimals: int | None = None) -> str:
    """Say how many cells there are of each kind, name those in dissonance, and tell of coders."""
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
        _coders_sentence(numbers(frame, "coders").dropna(), decimals or 0),
    )


def _write_coders(cells: pd.DataFrame, ax: Axes, decimals: int) -> None:
    """Write right of each mark how many coders gave the code, or that it is not shown."""
    for across, down, coders in cells[["across", "down", "coders"]].to_numpy(float):
        withheld = bool(pd.isna(coders))
        ax.text(
            across if withheld else across + _BESIDE,
            down,
            NOT_SHOWN if withheld else number(coders, decimals),
            ha="center" if withheld else "left",
            va="center",
            color=MUTED,
            fontsize=10,
        )


def _coders_sentence(coders: "pd.Series[float]", decimals: int) -> str:
    if coders.empty:
        return "How many coders gave each code is not shown."
    least, most = (number(float(end), decimals) for end in (coders.min(), coders.max()))
    return f"Coders who gave the code that stands: {least} at the least, {most} at the most."


def convergence_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the themes need."""
    require_columns(frame, _COLUMNS, "convergence")
    themes = frame["theme"].astype(str).unique()
    most = max(fill(name, _DOWN).count("\n") + 1 for name in themes)
    return 1.6 + len(themes) * (0.22 + 0.18 * most)
