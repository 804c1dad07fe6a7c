"""Experience by touchpoint and facet: a score in each part, and in words which are not measured."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from evalkit.charts.marks import Mark, draw_key
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import BAND, GRID, INK, MUTED, PALETTE, chart_style, new_axes
from evalkit.charts.words import capitalised, count_words, numbers, paragraph, require_columns
from evalkit.results.words import listed, number

MARKS = {
    "poorer than the rest": Mark("Poorer than the rest", PALETTE[3], "v"),
    "better than the rest": Mark("Better than the rest", PALETTE[0], "^"),
    "not clearly different": Mark("Not clearly different", MUTED, "o"),
}
NOT_MEASURED = "not measured"
_COLUMNS = ("touchpoint", "moment", "facet", "score", "place")
_ROW = 0.38
_GAP = 0.06


def plot_journey_grid(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "experience",
    outcome_unit: str = "points",
    decimals: int | None = None,
) -> Axes:
    """Draw one row a touchpoint and one column a facet, each part with its score and a mark."""
    rows = _rows(frame)
    facets, moments = _facets(rows), _moments(rows)
    with chart_style():
        axes = ax or new_axes()
        for facet, touchpoint, place, score in zip(
            rows["facet"], rows["touchpoint"], rows["place"], rows["score"], strict=True
        ):
            at = (facets.index(facet), list(moments).index(touchpoint))
            _draw_part(axes, at, place, score, 2 if decimals is None else decimals)
        axes.set_xlim(0, len(facets))
        axes.set_ylim(len(moments), 0)
        axes.set_xticks([i + 0.5 for i in range(len(facets))], [capitalised(f) for f in facets])
        axes.set_yticks([i + 0.5 for i in range(len(moments))], list(moments.values()))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
        shown = [mark for place, mark in MARKS.items() if (rows["place"] == place).any()]
        draw_key(axes, shown, None, above=26)
    return axes


def describe_journey_grid(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "experience",
    outcome_unit: str = "points",
    decimals: int | None = None,
) -> str:
    """Say which parts score lowest and highest, which stand out, and how many are not measured."""
    rows = _rows(frame)
    places = 2 if decimals is None else decimals
    unmeasured = int((rows["place"] == NOT_MEASURED).sum())
    return paragraph(
        f"{capitalised(outcome_name)} ({outcome_unit}) at "
        f"{count_words(len(_moments(rows)), 'moment')} of the journey, in "
        f"{count_words(len(_facets(rows)), 'facet')}.",
        _tell_ends(rows, places),
        *(
            f"{mark.name}: {listed(found)}."
            for place, mark in list(MARKS.items())[:2]
            if (found := list(_parts(rows)[rows["place"] == place]))
        ),
        f"Not measured: {count_words(unmeasured)} of the parts." if unmeasured else "",
    )


def journey_grid_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the grid needs."""
    return 1.6 + _ROW * max(frame["touchpoint"].nunique(), 3)


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "journey_grid")
    words = {name: frame[name].astype(str).to_numpy() for name in _COLUMNS if name != "score"}
    return pd.DataFrame(words | {"score": numbers(frame, "score").to_numpy()})


def _facets(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(rows["facet"]))


def _moments(rows: pd.DataFrame) -> dict[str, str]:
    """Names of touchpoints by their codes, in the order of the journey."""
    named = dict(zip(rows["touchpoint"], rows["moment"], strict=True))
    return dict(sorted(named.items()))


def _draw_part(ax: Axes, at: tuple[int, int], place: str, score: float, decimals: int) -> None:
    """Draw one part of the grid: its score with a mark, or that it was not measured."""
    across, down = at
    measured = place != NOT_MEASURED
    box = Rectangle(
        (across + _GAP / 2, down + _GAP),
        1 - _GAP,
        1 - 2 * _GAP,
        facecolor="white" if measured else BAND,
        edgecolor=MARKS[place].colour if place in MARKS else GRID,
        linewidth=1.6 if place in list(MARKS)[:2] else 0.8,
    )
    ax.add_patch(box)
    said = NOT_SHOWN if pd.isna(score) else number(score, decimals)
    ax.text(
        across + (0.5 if measured else 0.3),
        down + 0.5,
        said if measured else NOT_MEASURED,
        va="center",
        color=INK if measured else MUTED,
        fontsize=10.5,
    )
    if place in MARKS:
        mark = MARKS[place]
        ax.plot(across + 0.4, down + 0.5, marker=mark.shape, color=mark.colour, markersize=7.5)


def _tell_ends(rows: pd.DataFrame, decimals: int) -> str:
    known = rows.dropna(subset=["score"]).sort_values("score", kind="stable")
    if known.empty:
        return "No score can be shown."
    parts = _parts(known)
    return (
        f"Lowest is {parts.iloc[0]} with {number(known['score'].iloc[0], decimals)}, highest "
        f"{parts.iloc[-1]} with {number(known['score'].iloc[-1], decimals)}."
    )


def _parts(rows: pd.DataFrame) -> pd.Series:
    """Name each part: its moment, then its facet."""
    return rows["moment"] + " (" + rows["facet"] + ")"
