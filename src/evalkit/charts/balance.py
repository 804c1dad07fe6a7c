"""How far apart two groups are in each measured cause, as they are and as they are compared."""

from textwrap import fill

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from evalkit.charts.forest import write_beside
from evalkit.charts.marks import Mark, draw_marks
from evalkit.charts.sentences import NOT_SHOWN, missing_sentence
from evalkit.charts.style import BAND, INK, MUTED, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import count_words, labels, numbers, paragraph, require_columns
from evalkit.results.words import number

MARKS = {
    "before": Mark("The groups as they are", PALETTE[3], "D"),
    "after": Mark("As they are compared", PALETTE[0], "o"),
}
_COLUMNS = ("cause", "difference_before", "difference_after")
_LABEL_WIDTH = 26
_NEAR = 0.1
"""Standard deviations within which groups count as alike (Austin 2009)."""


def plot_balance(
    frame: pd.DataFrame, *, ax: Axes | None = None, near: float = _NEAR, decimals: int = 2
) -> Axes:
    """Draw two marks for each cause, joined by a line, and the band of groups that are alike."""
    rows = _rows(frame)
    with chart_style():
        axes = ax or new_axes()
        axes.axvspan(-near, near, facecolor=BAND, edgecolor="none", zorder=0)
        axes.axvline(0, color=INK, linewidth=1.2, zorder=1.5)
        for position, (_, row) in enumerate(rows.iterrows()):
            _draw_row(axes, row, position, decimals)
        for kind in MARKS:
            drawn = rows.assign(kind=kind, position=range(len(rows)))
            draw_marks(drawn, MARKS, axes, kind, "position")
        _name_axes(axes, rows)
        write_beside(axes, "Before, then after", -0.6, MUTED, lift=10)
        _draw_key(axes)
    return axes


def describe_balance(frame: pd.DataFrame, *, near: float = _NEAR, decimals: int = 2) -> str:
    """Say how many causes lie apart before and after, and which lies furthest apart."""
    rows = _rows(frame)
    gone = rows[["before", "after"]].isna().any(axis=1)
    return paragraph(
        f"Differences between the groups in {count_words(len(rows), 'measured cause')}, in "
        "standard deviations, as the groups are and as they are compared.",
        *(_tell(rows, kind, near, decimals) for kind in MARKS),
        missing_sentence(rows.loc[gone, "label"]),
    )


def balance_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the causes need, with the longest name wrapped."""
    most = max((_wrapped(name).count("\n") + 1 for name in labels(frame, "cause")), default=1)
    return 1.7 + len(frame) * (0.24 + 0.18 * most)


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `label, before, after`, one row a cause, in the table's order."""
    require_columns(frame, _COLUMNS, "balance")
    before, after = (numbers(frame, name) for name in _COLUMNS[1:])
    return pd.DataFrame({"label": labels(frame, "cause"), "before": before, "after": after})


def _tell(rows: pd.DataFrame, kind: str, near: float, decimals: int) -> str:
    shown = rows.dropna(subset=[kind])
    words = {"before": "As they are", "after": "As they are compared"}[kind]
    if shown.empty:
        return f"{words}, it is {NOT_SHOWN}."
    apart = int((shown[kind].abs() > near).sum())
    furthest = shown.iloc[int(shown[kind].abs().argmax())]
    return (
        f"{words}, {count_words(apart)} {'lies' if apart == 1 else 'lie'} outside the band of "
        f"groups that are alike; the furthest apart is {furthest['label']}, "
        f"{number(furthest[kind], decimals)}."
    )


def _draw_row(ax: Axes, row: pd.Series, position: float, decimals: int) -> None:
    """Join a cause's two marks, and write both numbers beside them."""
    ends = [row["before"], row["after"]]
    if not pd.isna(ends).any():
        ax.hlines(position, min(ends), max(ends), color=MUTED, linewidth=1.2, zorder=2)
    written = [NOT_SHOWN if pd.isna(end) else number(end, decimals) for end in ends]
    write_beside(
        ax, f"{written[0]}, {written[1]}", position, MUTED if NOT_SHOWN in written else INK
    )


def _name_axes(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_yticks(range(len(rows)), [_wrapped(name) for name in rows["label"]], fontsize=11)
    ax.set(
        ylim=(len(rows) - 0.4, -0.6),
        ylabel="",
        xlabel="With the intervention less without it (standard deviations)",
    )
    ax.spines["left"].set_visible(False)
    keep_grid(ax, "x")


def _draw_key(ax: Axes) -> None:
    shapes: list[Artist] = [
        Line2D([], [], color=mark.colour, marker=mark.shape, linestyle="none", label=mark.name)
        for mark in MARKS.values()
    ]
    alike = Patch(facecolor=BAND, edgecolor=MUTED, label="Near enough to be called alike")
    ax.legend(
        handles=[*shapes, alike],
        loc="lower right",
        bbox_to_anchor=(1.25, 1.06),
        ncols=3,
        borderaxespad=0,
        handletextpad=0.4,
        columnspacing=1.4,
    )


def _wrapped(label: str) -> str:
    return fill(label, _LABEL_WIDTH)
