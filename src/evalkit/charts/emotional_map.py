"""The emotional map: how each moment of care felt to patients, carers and staff."""

import pandas as pd
from matplotlib.axes import Axes

from evalkit.charts.marks import Mark, draw_key
from evalkit.charts.sentences import NOT_SHOWN
from evalkit.charts.style import INK, PALETTE, chart_style, keep_grid, new_axes
from evalkit.charts.words import capitalised, count_words, numbers, paragraph, require_columns
from evalkit.results.words import number

MARKS = {
    "patient": Mark("Patients", PALETTE[0], "o"),
    "carer": Mark("Carers", PALETTE[2], "D"),
    "staff": Mark("Staff", PALETTE[3], "s"),
}
_COLUMNS = ("touchpoint", "moment", "role", "median", "lower", "upper")
_END = 2
_APART = 0.24
_ROW = 0.48


def plot_emotional_map(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    outcome_name: str = "how it felt",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> Axes:
    """Draw each role's median at each touchpoint, with a line from quartile to quartile."""
    rows = _rows(frame)
    moments = _moments(rows)
    with chart_style():
        axes = ax or new_axes()
        axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
        for place, (role, mark) in enumerate(MARKS.items()):
            mine = rows[rows["role"] == role]
            down = [list(moments).index(t) + _APART * (place - 1) for t in mine["touchpoint"]]
            axes.hlines(
                down, mine["lower"], mine["upper"], color=mark.colour, linewidth=2, zorder=2
            )
            axes.plot(mine["median"], down, mark.shape, color=mark.colour, markersize=7.5, zorder=3)
            _write_medians(axes, mine, down, 1 if decimals is None else decimals)
        axes.set_ylim(len(moments) - 0.5, -0.5)
        axes.set_yticks(range(len(moments)), list(moments.values()))
        keep_grid(axes, "x", 4)
        axes.set_xlim(-_END - 0.15, _END + 0.4)
        name = f"{capitalised(outcome_name)}: very bad to the left, very good to the right"
        axes.set_xlabel(name)
        draw_key(axes, [m for role, m in MARKS.items() if (rows["role"] == role).any()], None)
    return axes


def describe_emotional_map(
    frame: pd.DataFrame,
    *,
    outcome_name: str = "how it felt",
    outcome_unit: str = "",
    decimals: int | None = None,
) -> str:
    """Say for each role where it felt worst and best, and how much is withheld."""
    rows = _rows(frame)
    places = 1 if decimals is None else decimals
    known = rows.dropna(subset=["median"])
    withheld = len(rows) - len(known)
    return paragraph(
        f"{capitalised(outcome_name)} at {count_words(len(_moments(rows)), 'moment')} of care: "
        "medians and quartiles by role, from very bad to very good."
        if len(known)
        else f"{capitalised(outcome_name)} by moment and role: no median can be shown.",
        *(_tell(known[known["role"] == role], mark.name, places) for role, mark in MARKS.items()),
        f"Of too few people to be shown: {count_words(withheld)} of them." if withheld else "",
    )


def emotional_map_height(frame: pd.DataFrame, **_options: object) -> float:
    """Return the inches that the map needs."""
    return 1.4 + _ROW * max(frame["touchpoint"].nunique(), 2)


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    require_columns(frame, _COLUMNS, "emotional_map")
    words = {n: frame[n].astype(str).to_numpy() for n in ("touchpoint", "moment", "role")}
    sizes = {n: numbers(frame, n).to_numpy() for n in ("median", "lower", "upper")}
    return pd.DataFrame(words | sizes)


def _moments(rows: pd.DataFrame) -> dict[str, str]:
    named = dict(zip(rows["touchpoint"], rows["moment"], strict=True))
    return dict(sorted(named.items()))


def _write_medians(ax: Axes, mine: pd.DataFrame, down: list[float], decimals: int) -> None:
    """Write each median beside the end of its line, or that it is not shown."""
    ends = mine["upper"].fillna(-_END)
    for at, end, median in zip(down, ends, mine["median"], strict=True):
        said = NOT_SHOWN if pd.isna(median) else number(median, decimals)
        ax.annotate(said, (end, at), (9, 0), textcoords="offset points", va="center", fontsize=9)


def _tell(mine: pd.DataFrame, name: str, decimals: int) -> str:
    if mine.empty:
        return ""
    ordered = mine.sort_values("median", kind="stable")
    moments, medians = list(ordered["moment"]), list(ordered["median"])
    return (
        f"{name}: lowest at {moments[0]} ({number(medians[0], decimals)}), highest at "
        f"{moments[-1]} ({number(medians[-1], decimals)})."
    )
