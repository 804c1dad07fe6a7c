"""What past data say of a plan: its clusters, their courses, and what need not be assumed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.data.past_table import make_past_table
from evalkit.data.sources import Source
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.planning.layouts import Assumed
from evalkit.planning.planned_parameters import ENDLESS
from evalkit.planning.resampled_layouts import (
    FEWEST_PERIODS,
    LONGEST_MEMORY,
    assumed_from,
    fit_course,
)
from evalkit.study.schemas.plan_a_study import PlanAStudy

FEW = 5
"""Clusters below which drawing them again says little: their own series are carried on instead."""

RATE_PER = 1000.0
"""Counts with a base are planned as events per so many of it, the designs' default."""

RANGES = {"score": (0.0, 10.0), "percentage": (0.0, 100.0), "yes_no": (0.0, 100.0)}
MEASURED = ("score", "percentage", "number")
TINY = 1e-9
NOISELESS = 10.0
"""Times the spread of outcomes that stand for people's where that is not known."""


@dataclass(frozen=True, slots=True)
class Course:
    """What all share over time: a straight trend (periods,), and an AR(1) around it.

    `found` (groups, periods) is the mean course of each group that is drawn apart.
    """

    found: Floats
    trend: Floats
    spread: float
    memory: float


@dataclass(frozen=True, slots=True)
class Past:
    """Rows of a time before, by cluster; `start` (clusters,) is NaN for never, None undecided.

    `table` is that of `data.past_table`, with `code`, the number of each row's cluster. `group`
    (clusters,) is 1 for those that are to have it where they are drawn apart from the others, else
    0. `course` is None where outcomes are drawn as they were; `level` is the mean of all rows.
    """

    table: pd.DataFrame
    kind: str
    periods: int
    start: Floats | None
    group: Ints
    course: Course | None
    level: float

    @property
    def clusters(self) -> int:
        """Clusters of the past."""
        return int(self.table["code"].max()) + 1

    @property
    def has_outcome(self) -> bool:
        """Whether past outcomes are known."""
        return "outcome" in self.table

    @property
    def as_rates(self) -> bool:
        """Whether counts have a base, so that they are compared as rates."""
        return self.kind == "count" and bool(self.table["outcome_base"].notna().all())

    @property
    def clustered(self) -> bool:
        """Whether clusters hold several units."""
        return not self.table["unit"].equals(self.table["cluster"])


def take_past(plan: PlanAStudy, sources: Mapping[str, Source]) -> tuple[PlanAStudy, Past | None]:
    """Return the plan with what its past data say filled in, and the past; None without data."""
    if not sources:
        return plan, None
    table = make_past_table(sources, plan)
    table = table.assign(code=pd.factorize(table["cluster"])[0])
    start = table.groupby("code")["start"].first().to_numpy(float) if "start" in table else None
    level = float(table["outcome"].mean()) if "outcome" in table else 0.0
    group = _group_of(start, int(table["code"].max()) + 1, plan)
    bare = Past(table, plan.outcome_kind, plan.periods, start, group, None, level)
    _refuse_few(bare, plan)
    past = replace(bare, course=_course_of(bare))
    return plan.model_copy(update=_spreads_of(past, plan)), past


def take_panel(past: Past) -> pd.DataFrame:
    """Average a past by cluster and period: `unit, cluster, time, outcome, outcome_base`.

    Counts with a base are rates; the base is that of a cluster's mean unit.
    """
    base = past.table["outcome_base"]
    value = past.table["outcome"]
    rows = past.table.assign(outcome=RATE_PER * value / base if past.as_rates else value)
    cells = rows.groupby(["code", "place"])
    panel = cells.agg(outcome=("outcome", "mean"), outcome_base=("outcome_base", "mean"))
    if past.kind == "yes_no":
        panel["outcome_base"] = cells.size().astype(float)
    panel = panel.reset_index().rename(columns={"place": "time"})
    return panel.assign(unit=panel["code"], cluster=panel["code"])


def tabulate_past(past: Past | None, plan: PlanAStudy) -> pd.DataFrame:
    """Tabulate `name, value`: what the past holds and what was read off it; empty without one.

    `plan` is the one that `take_past` filled in.
    """
    if past is None:
        return pd.DataFrame()
    table = past.table
    sizes = table.groupby("cluster")["outcome_base"].mean()
    cells = len(table[["unit", "place"]].drop_duplicates())
    values = {
        "units": float(table["unit"].nunique()),
        "clusters": float(past.clusters) if past.clustered else np.nan,
        "periods": float(past.periods),
        "gaps": 100 * (1 - cells / (table["unit"].nunique() * past.periods)),
        "answers": float(sizes.mean()),
        "sizes_apart": 100 * float(sizes.std(ddof=1) / sizes.mean()),
    }
    if past.has_outcome:
        values |= {
            "unit_sd": float(plan.unit_sd or 0.0),
            "drift_sd": float(plan.drift_sd or 0.0),
            "drift_correlation": plan.drift_correlation or 0.0,
            "period_sd": plan.period_sd or 0.0,
        }
        if past.course is not None and past.periods > 1:
            values["trend"] = float(past.course.trend[1] - past.course.trend[0])
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    return pd.DataFrame({"name": list(known), "value": list(known.values())})


def _group_of(start: Floats | None, clusters: int, plan: PlanAStudy) -> Ints:
    """Tell apart those that are to have it, where both groups can be drawn from and made alike.

    Counts and answers cannot be moved, so that a chance difference of the groups' past would be
    drawn again and again as if it were there; those are drawn from all.
    """
    none = np.zeros(clusters, dtype=np.int64)
    if start is None or plan.outcome_kind not in MEASURED:
        return none
    ever = np.isfinite(start).astype(np.int64)
    return ever if min(ever.sum(), (1 - ever).sum()) >= FEW else none


def _refuse_few(past: Past, plan: PlanAStudy) -> None:
    drawn_as_is = past.has_outcome and (past.kind not in MEASURED or plan.data_rows == "people")
    if past.clusters < FEW and drawn_as_is:
        raise AnalysisError(
            f"past data: {past.clusters} clusters. Counts, and rows that are answers, are drawn by "
            f"cluster, and {FEW} are needed at least. Give more clusters, or a row a unit and "
            "period with a score, percentage or number."
        )


def _course_of(past: Past) -> Course | None:
    """Read off what all clusters share, less what their own chance leaves in a mean over them."""
    if not past.has_outcome or past.kind not in MEASURED or past.clusters < FEW:
        return None
    table, periods = past.table, past.periods
    apart = table["outcome"] - table.groupby("code")["outcome"].transform("mean")
    group = past.group[table["code"]]
    found = np.array([_mean_course(apart[group == at], table["place"], periods) for at in (0, 1)])
    shared = _mean_course(apart, table["place"], periods)
    if periods < FEWEST_PERIODS:
        return Course(found, shared, 0.0, 0.0)
    trend, spread, memory = fit_course(shared)
    left = apart - found[group, table["place"]]
    by_cluster = left.groupby([table["code"], table["place"]]).mean()
    own = float((by_cluster**2).mean()) / (past.clusters - 1)
    return Course(found, trend, float(np.sqrt(max(spread**2 - own, 0.0))), memory)


def _mean_course(apart: "pd.Series[float]", place: "pd.Series[int]", periods: int) -> Floats:
    """Average by period (periods,); none where there is no row."""
    course = np.zeros(periods)
    means = apart.groupby(place.loc[apart.index]).mean()
    course[means.index.to_numpy(int)] = means.to_numpy(float)
    return course


def _spreads_of(past: Past, plan: PlanAStudy) -> dict[str, float | int | None]:
    """Read the spreads off past outcomes; the number of answers where the data hold it.

    Of unequal numbers of answers, the one with their noise is taken (the harmonic mean).
    Where the noise of as many answers leaves nothing to tell a memory from, or is not known, it
    stays in what drifts, and the number of answers is None.
    """
    base = past.table["outcome_base"]
    if plan.data_rows == "people":
        per_cell = past.table.groupby(["code", "place"]).size()
        people = float(per_cell.mean())
    else:
        people = float(1 / (1 / base).mean())
    counted = {"people": max(round(people), 1)} if np.isfinite(people) else {}
    if not past.has_outcome:
        return dict(counted)
    panel, answers = take_panel(past), counted.get("people", plan.people)
    spread = float(plan.person_sd or NOISELESS * max(float(panel["outcome"].std()), TINY))
    answers = None if plan.person_sd is None else answers
    read = _moments(panel.assign(outcome_base=float(answers or ENDLESS)), spread, past.periods)
    if answers is not None and read.autocorrelation >= LONGEST_MEMORY:
        answers, spread = None, NOISELESS * float(panel["outcome"].std())
        read = _moments(panel.assign(outcome_base=float(ENDLESS)), spread, past.periods)
    between = read.icc * spread**2
    return {
        "people": answers,
        "person_sd": spread,
        "unit_sd": float(np.sqrt(between * read.cluster_autocorrelation)),
        "drift_sd": float(np.sqrt(between * (1 - read.cluster_autocorrelation))),
        "drift_correlation": read.autocorrelation,
        "period_sd": past.course.spread if past.course else 0.0,
    }


def _moments(panel: pd.DataFrame, spread: float, periods: int) -> Assumed:
    """Read spreads off by moments; of one unit alone, or one period, what can be told."""
    if int(panel["code"].max()) > 0 and periods > 1:
        return assumed_from(panel, spread)
    values = panel.sort_values("time")["outcome"].to_numpy(float)
    if periods == 1:
        own, memory, lasting = float(values.var(ddof=1)), 0.0, 1.0
    else:
        _, sd, memory = fit_course(values)
        own, lasting = sd**2, 0.0
    return Assumed(2, 2, 1, spread, min(own / spread**2, 0.99), lasting, memory)


def positions_of(past: Past) -> list[Ints]:
    """List the rows of each cluster."""
    codes = past.table["code"].to_numpy()
    return [np.flatnonzero(codes == code).astype(np.int64) for code in range(past.clusters)]
