"""From a design table to the rows of a cluster trial: who started when, and what was answered.

A trial is in steps where clusters start at two periods or more, and parallel where all start at
once. Rows are analysed as their cluster was allocated (intention to treat), whatever was in fact
done. Rows without an outcome, a measured cause or a weight above nought are left out and counted.
Weights of people's answers say whom they stand for. They make the average of a cluster and period,
which is as sure as one of (sum of w)^2 / sum of w^2 equal answers (Kish 1965, Survey Sampling,
section 11.7).
A mixed model of people that took weights for numbers of people would make up answers nobody gave.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.results.words import counted, listed
from evalkit.study.schemas.stepped_wedge import SteppedWedge

FEWEST_IN_STEPS = 6
FEWEST_A_SIDE = 4
UNEVEN = 0.25
"""Spread of 1 / base over its mean from which means count by how many people answered."""


@dataclass(frozen=True, slots=True)
class Responses:
    """Outcomes (n,) and what each row of them stands for.

    Either `size` answers, `within` the sum of squares about their mean; or a mean that counts by
    `weight`; or, with none of the three, one value. `answers` counts the people behind each row,
    one where the data do not tell, as `base_known` says. `total` sums the weights of a row's
    answers, where weights differ; `size` is then how many equal answers would be as sure. `yes`
    is the value of yes where answers are yes or no, else 0.
    """

    outcome: Floats
    answers: Floats
    size: Floats | None = None
    within: Floats | None = None
    weight: Floats | None = None
    total: Floats | None = None
    yes: float = 0.0
    base_known: bool = False

    @property
    def count(self) -> int:
        """Number of answers, where rows stand for many; otherwise of rows."""
        return len(self.outcome) if self.size is None else round(float(self.answers.sum()))


@dataclass(frozen=True, slots=True)
class ClusterSample:
    """Rows (n,) of a cluster trial; codes of `cluster` and `period` index their names.

    `start` (clusters,) is the code of the first treated period, or the number of periods where
    none is; `exposure` counts periods since the start, the first being 1, and is 0 before it.
    `causes` (n, k) are measured causes; `times` (periods,) the calendar. `missing` of the table's
    `rows` lacked a value.
    """

    responses: Responses
    cluster: Ints
    period: Ints
    exposure: Ints
    causes: Floats
    start: Ints
    clusters: tuple[str, ...]
    periods: tuple[str, ...]
    times: Ints
    missing: int
    rows: int

    @property
    def treated(self) -> Floats:
        """Whether each row lies at or after its cluster's start, as 0 or 1."""
        return (self.exposure > 0).astype(float)

    @property
    def kind(self) -> Literal["stepped_wedge", "parallel"]:
        """In steps where there are two starts or more inside the data."""
        inside = self.start[self.start < len(self.periods)]
        return "stepped_wedge" if len(np.unique(inside)) > 1 else "parallel"

    @property
    def fewest(self) -> int:
        """Clusters in all where in steps, otherwise those of the smaller side."""
        if self.kind == "stepped_wedge":
            return len(self.start)
        never = int(np.sum(self.start == len(self.periods)))
        return min(never, len(self.start) - never)

    @property
    def needed(self) -> int:
        """How many `fewest` must be for a claim of cause."""
        return FEWEST_IN_STEPS if self.kind == "stepped_wedge" else FEWEST_A_SIDE


def make_cluster_sample(table: pd.DataFrame, parameters: SteppedWedge) -> ClusterSample:
    """Take the complete rows of a design table; refuse what cannot be compared."""
    part = _complete(table, parameters)
    values = part[["outcome", *parameters.adjust_for]].to_numpy(float)
    base = part["outcome_base"].to_numpy(float)
    cluster, clusters = pd.factorize(part["cluster"], sort=True)
    named = _name_clusters(part, cluster, clusters)
    times, period = np.unique(part["time"].to_numpy(np.int64), return_inverse=True)
    first = _one_start_a_cluster(cluster, part["first_treated"].to_numpy(float))
    labels = part["period"].to_numpy()
    names_of = tuple(str(labels[np.argmax(period == t)]) for t in range(len(times)))
    responses, causes = _count_answers(values[:, 0], base, parameters), values[:, 1:]
    weight = _weights_of_people(part, parameters)
    if parameters.data_rows == "people" and not parameters.adjust_for:
        responses, cluster, period = _collapse(responses, cluster, period, len(times), weight)
        causes = np.empty((len(cluster), 0))
    since = times[period] - first[cluster]
    sample = ClusterSample(
        responses=responses,
        cluster=cluster.astype(np.int64),
        period=period.astype(np.int64),
        exposure=np.where(since >= 0, since + 1, 0).astype(np.int64),
        causes=causes,
        start=np.searchsorted(times, first).astype(np.int64),
        clusters=named,
        periods=names_of,
        times=times,
        missing=len(table) - len(part),
        rows=len(table),
    )
    _refuse(sample, parameters)
    return sample


def _complete(table: pd.DataFrame, parameters: SteppedWedge) -> pd.DataFrame:
    names = ["outcome", *parameters.adjust_for]
    known = np.isfinite(table[names].to_numpy(float)).all(axis=1)
    kept = known & ~(table["outcome_base"].to_numpy(float) <= 0)
    if parameters.data_rows == "people":
        kept &= table["weight"].to_numpy(float) > 0
    if not kept.any():
        raise AnalysisError(f"{listed(names)}: no row has them all. Map columns with values.")
    complete: pd.DataFrame = table.loc[kept]
    return complete


def _name_clusters(part: pd.DataFrame, cluster: Ints, codes: pd.Index) -> tuple[str, ...]:
    """Name clusters as their units are named, where each is one unit; otherwise by their codes."""
    if not (part["cluster"] == part["unit"]).all():
        return tuple(str(code) for code in codes)
    first = np.unique(cluster, return_index=True)[1]
    return tuple(str(name) for name in part["unit_name"].to_numpy()[first])


def _weights_of_people(part: pd.DataFrame, parameters: SteppedWedge) -> Floats | None:
    """Return the weights (n,) of people's answers; none where all count the same."""
    weight = part["weight"].to_numpy(float)
    if parameters.data_rows != "people" or np.ptp(weight) <= 1e-12 * weight.max():
        return None
    if parameters.adjust_for:
        raise AnalysisError(
            "weight: answers are weighted within each cluster and period, where "
            f"{listed(parameters.adjust_for)} cannot be held fixed as well. Take adjust_for out, "
            "or the weight."
        )
    return weight


def _collapse(
    responses: Responses, cluster: Ints, period: Ints, periods: int, weight: Floats | None
) -> tuple[Responses, Ints, Ints]:
    """Make one row of all answers of a cluster in a period, which no model tells apart.

    Weighted, a row's mean has the variance of one answer over its `size`, and `within` over
    `size` less one estimates that variance without bias where all answers vary alike.
    """
    cells, cell = np.unique(cluster * periods + period, return_inverse=True)
    answers = np.bincount(cell).astype(float)
    each = np.ones(len(cell)) if weight is None else weight / weight.mean()
    total = np.bincount(cell, each)
    size = total**2 / np.bincount(cell, each**2)
    mean = np.bincount(cell, each * responses.outcome) / total
    squares = np.bincount(cell, each * (responses.outcome - mean[cell]) ** 2)
    made = replace(
        responses,
        outcome=mean,
        answers=answers,
        size=size,
        within=np.asarray(size / total * squares),
        total=None if weight is None else total.astype(float),
    )
    return made, cells // periods, cells % periods


def _one_start_a_cluster(cluster: Ints, first: Floats) -> Floats:
    """First treated time of each cluster; infinite where there is none."""
    known = np.where(np.isnan(first), np.inf, first)
    starts = np.full(int(cluster.max()) + 1, np.inf)
    starts[cluster] = known
    moving = len(np.unique(cluster[known != starts[cluster]]))
    if moving:
        raise AnalysisError(
            f"first_treated: {counted(moving, 'cluster')} with units that start at different "
            "times. A cluster crosses over as a whole: map the level that did so as cluster."
        )
    return starts


def _count_answers(outcome: Floats, base: Floats, parameters: SteppedWedge) -> Responses:
    """Say what each row stands for: answers of yes or no, a mean of many, or one value."""
    one_each = np.ones(len(outcome))
    if parameters.data_rows == "people":
        top = float(outcome.max())
        yes_no = top in (1.0, 100.0) and bool(np.isin(outcome, (0.0, top)).all())
        return Responses(outcome, one_each, yes=top if yes_no else 0.0, base_known=True)
    if not np.isfinite(base).all():
        return Responses(outcome, one_each)
    if parameters.outcome_kind in ("percentage", "yes_no"):
        within = base * np.clip(outcome * (100 - outcome), 0, None)
        return Responses(outcome, base, size=base, within=within, yes=100.0, base_known=True)
    uneven = float(np.std(1 / base) / np.mean(1 / base)) > UNEVEN
    return Responses(outcome, base, weight=base if uneven else None, base_known=True)


def _refuse(sample: ClusterSample, parameters: SteppedWedge) -> None:
    clusters, treated = len(sample.clusters), sample.treated
    if clusters < 2:
        raise AnalysisError(
            "cluster: the data hold one cluster only, so there is nobody to compare it with. "
            "Give more clusters, or use interrupted_time_series."
        )
    if not treated.any():
        raise AnalysisError(
            "first_treated: no cluster starts inside the data. Correct the starts, or give the "
            "periods after them."
        )
    if treated.all():
        raise AnalysisError(
            f"first_treated: all {clusters} clusters have the intervention in all periods, so "
            "there is nobody to compare them with. Give periods or clusters without it."
        )
    inside = sample.responses.within
    if np.ptp(sample.responses.outcome) < 1e-12 and (inside is None or not inside.any()):
        raise AnalysisError("outcome: is the same in every row. Give an outcome that can change.")
    _refuse_one_start(sample)
    _refuse_few(sample, parameters)


def _refuse_one_start(sample: ClusterSample) -> None:
    if sample.kind == "parallel" and sample.fewest == 0:
        raise AnalysisError(
            f"first_treated: all {len(sample.clusters)} clusters start in the same period, so that "
            "the intervention cannot be told from the time. Use interrupted_time_series."
        )


def _refuse_few(sample: ClusterSample, parameters: SteppedWedge) -> None:
    """Below what can give an interval at all; and, in steps, below what can be trusted."""
    if sample.kind == "parallel" and sample.fewest < 2:
        raise AnalysisError(
            "cluster: one cluster alone is on one side, so that the intervention cannot be told "
            "from what is peculiar to it. Give at least two on each side."
        )
    if sample.kind == "stepped_wedge" and sample.fewest < 3:
        raise AnalysisError(
            f"cluster: {sample.fewest} clusters in steps cannot give an interval. "
            "Give at least three."
        )
    if parameters.few_clusters == "refuse" and sample.kind == "stepped_wedge":
        if sample.fewest >= sample.needed:
            return
        raise AnalysisError(
            f"cluster: {sample.fewest} clusters in steps, and an answer that can be trusted needs "
            f"at least {sample.needed}. Give more, or set few_clusters to describe."
        )
