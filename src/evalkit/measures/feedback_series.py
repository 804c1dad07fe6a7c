"""The Friends and Family Test of one organisation, or several as one, over time.

Counts become cells (period, group of people, mode of collection) for `feedback_change`, and
process charts by the rules of Making Data Count: the series as collected, and as it would have
been had answers come by mode and group as before the start. Mean and limits are those of the
periods before the start, and are held. Breaks in how answers were collected are marked; no
limits are set anew for them.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.measures.collection_modes import mark_breaks, tabulate_modes
from evalkit.measures.feedback_change import FEWEST_PERIODS, Cells, adjust_series
from evalkit.measures.feedback_counts import SHARES, answers_of, score_feedback
from evalkit.measures.process_control import ChartSummary, Improvement, name_points, summarise_chart
from evalkit.measures.process_limits import chart_xmr
from evalkit.measures.process_of_series import POINTS
from evalkit.results.words import listed
from evalkit.study.schemas.friends_and_family import FriendsAndFamily

NOT_STATED = "not stated"
NOT_ALIKE = "Not collected as before"
BETTER: dict[str, Improvement] = {"positive": "higher", "negative": "lower"}
Series = Literal["collected", "adjusted"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """Rows of the units looked at, their periods in order, and the cells of each period."""

    rows: pd.DataFrame
    periods: list[str]
    cells: Cells


def arrange_feedback(table: pd.DataFrame, parameters: FriendsAndFamily) -> Feedback:
    """Select the units and lay their counts out in cells; every period between is needed.

    Raises AnalysisError for unknown units, a start outside the data and months that are missing.
    """
    rows = _select_units(table, parameters)
    rows = rows.assign(
        mode=rows["mode"].fillna(NOT_STATED),
        group=(rows["group"] if "group" in rows else rows["unit"]).fillna(NOT_STATED),
    )
    times = np.sort(rows["time"].unique())
    periods = [str(p) for p in rows.sort_values("time")["period"].unique()]
    _refuse_gaps(times, periods, parameters.start_period)
    after = np.array([p >= parameters.start_period for p in periods])
    shape = (len(times), rows["group"].nunique(), rows["mode"].nunique())
    at = (
        np.searchsorted(times, rows["time"].to_numpy()),
        pd.factorize(rows["group"], sort=True)[0],
        pd.factorize(rows["mode"], sort=True)[0],
    )
    counted = list(SHARES[parameters.answers_counted])
    events = np.asarray(rows[counted].sum(axis=1), dtype=float)
    answers = _lay_out(np.asarray(answers_of(rows), dtype=float), at, shape)
    cells = Cells(answers, _lay_out(events, at, shape), _asked(rows, at, shape, parameters), after)
    return Feedback(rows, periods, cells)


def tabulate_series(feedback: Feedback, level: float) -> pd.DataFrame:
    """Percentages of each period from added counts, with Wilson intervals and response rates."""
    rows = feedback.rows.drop(columns="asked", errors="ignore")
    scored = score_feedback(rows, by=["period"], level=level)
    asked, answers = (
        cells.sum(axis=(1, 2)) for cells in (feedback.cells.asked, feedback.cells.answers)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(asked > 0, 100 * answers / asked, np.nan)
    return scored.assign(response_rate=np.where(rate <= 100, rate, np.nan))


def chart_feedback(
    feedback: Feedback, parameters: FriendsAndFamily, series: Series
) -> tuple[pd.DataFrame, ChartSummary]:
    """Chart one series, and read its icons.

    Columns: `period, value, mean, lower, upper, kind, base, broken, after`. `broken`
    says in words which modes moved, where one did by more than `break_points`.
    """
    cells, before = feedback.cells, int((~feedback.cells.after).sum())
    people = cells.answers.sum(axis=(1, 2))
    plain = 100 * cells.events.sum(axis=(1, 2)) / people
    values = plain if series == "collected" else adjust_series(cells)
    better = BETTER[parameters.answers_counted]
    known = np.isfinite(values)
    points = name_points(_limits(values[known], int(known[:before].sum())), better)
    breaks = mark_breaks(tabulate_modes(feedback.rows), threshold=parameters.break_points)
    shown = points[["value", "mean", "lower", "upper"]].assign(kind=points["kind"].map(POINTS))
    shown = shown.set_index(np.flatnonzero(known)).reindex(range(len(values)))
    frame = shown.assign(
        period=feedback.periods,
        kind=shown["kind"].fillna(NOT_ALIKE),
        base=people,
        broken=breaks["moved"].to_numpy(),
        after=cells.after.astype(float),
    )
    summary = summarise_chart(points, better, target=parameters.target, fix_after=before)
    return frame, _say_earlier(summary, frame)


def _say_earlier(summary: ChartSummary, frame: pd.DataFrame) -> ChartSummary:
    """Say that points since the start were unusual, where the latest, the icon's, is usual."""
    kinds = frame.loc[frame["after"] == 1, "kind"]
    unusual = kinds[~kinds.isin([POINTS["common_cause"], NOT_ALIKE])].drop_duplicates()
    if summary.variation != "common_cause" or unusual.empty:
        return summary
    ways = listed([str(kind).partition(", ")[2] for kind in unusual])
    _, _, assured = summary.words.partition(". ")
    words = (
        "Common cause variation at the latest point, though others since the start were unusual, "
        f"{ways}"
    )
    return replace(summary, words=f"{words}. {assured}".strip())


def tabulate_by_mode(feedback: Feedback, parameters: FriendsAndFamily) -> pd.DataFrame:
    """Share of answers and percentage of each mode before and after, from added counts."""
    rows = feedback.rows
    time = np.where(rows["period"] >= parameters.start_period, "after", "before")
    scored = score_feedback(
        rows.drop(columns="asked", errors="ignore").assign(when=time), by=["mode", "when"]
    )
    wide = scored.pivot_table(
        index="mode", columns="when", values=["answers", parameters.answers_counted], dropna=False
    )
    frame = pd.DataFrame({"mode": list(wide.index)})
    for when in ("before", "after"):
        answers = wide["answers"][when].fillna(0).to_numpy(float)
        frame[f"answers_{when}"] = answers
        frame[f"share_{when}"] = 100 * answers / answers.sum()
        frame[f"percentage_{when}"] = wide[parameters.answers_counted][when].to_numpy(float)
    return frame


def tabulate_icons(summaries: dict[str, ChartSummary]) -> pd.DataFrame:
    """What each chart says of its latest point, in words: `series, says`."""
    return pd.DataFrame(
        [{"series": name, "says": summary.words} for name, summary in summaries.items()]
    )


def _limits(values: Floats, before: int) -> pd.DataFrame:
    if before < FEWEST_PERIODS:
        raise AnalysisError(
            f"feedback: {before} periods before the start, where limits need {FEWEST_PERIODS}. "
            "Give more, or a later start."
        )
    return chart_xmr(values, fix_after=before)


def _select_units(table: pd.DataFrame, parameters: FriendsAndFamily) -> pd.DataFrame:
    if parameters.units is None:
        return table
    absent = [unit for unit in parameters.units if unit not in set(table["unit"])]
    if absent:
        raise AnalysisError(
            f"units: {len(absent)} of {len(parameters.units)} are not in the data. "
            "Give their codes as they stand there."
        )
    return table[table["unit"].isin(parameters.units)].reset_index(drop=True)


def _refuse_gaps(times: np.ndarray, periods: list[str], start: str) -> None:
    if start not in periods or start == periods[0]:
        raise AnalysisError(
            f"start_period ({start}): not among the {len(periods)} periods of the data, or the "
            "first of them. Give one that has periods before it."
        )
    gaps = int(times[-1] - times[0] + 1 - len(times))
    if gaps:
        raise AnalysisError(
            f"feedback: {gaps} periods between the first and the last are missing. Name in "
            "`periods` a stretch without gaps."
        )


def _lay_out(values: Floats, at: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> Floats:
    laid = np.zeros(shape)
    np.add.at(laid, at, values)
    return laid


def _asked(
    rows: pd.DataFrame,
    at: tuple[np.ndarray, ...],
    shape: tuple[int, ...],
    parameters: FriendsAndFamily,
) -> Floats:
    """People asked in each cell; of a whole unit and period, shared out as its answers are."""
    if "asked" not in rows:
        return np.full(shape, np.nan)
    if parameters.asked_counts == "row":
        return _lay_out(rows["asked"].to_numpy(float), at, shape)
    keys = ["unit", "time"]
    answers = answers_of(rows)
    total = answers.groupby([rows[key] for key in keys]).transform("sum")
    return _lay_out((rows["asked"] * answers / total.where(total > 0)).to_numpy(float), at, shape)
