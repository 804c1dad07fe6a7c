"""From a design table to units seen before and from a start, and their cross-products.

Rows without an outcome or a measured cause, and units seen on one side of the start only, are
left out and counted. Where the table says how a survey drew its people, the rows themselves are
kept beside.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import Outcome, equal_cells, read_outcome
from evalkit.designs.missing_remarks import name_lacking, say_left_out
from evalkit.designs.survey_sample import Drawn, read_drawn
from evalkit.errors import AnalysisError
from evalkit.fits.survey_regression import SurveyRegression, fit_survey_regression
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.inference.cluster_moments import (
    ClusterMoments,
    absorb,
    inverse_root,
    make_cluster_moments,
)
from evalkit.results.words import counted, listed
from evalkit.study.schemas.before_after import BeforeAfter

FEWEST_CLUSTERS = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """Cross-products of [after, measured causes, outcome] by cluster, and averages of each unit.

    `values` (units, periods) are each unit's averages, NaN where it has none, and `chosen_by`
    those of what units were chosen by, None where that is not given; `cluster` (units,) codes;
    `times`, `after` (periods,) and `names` tell the periods. `drawn` and `survey` are how a survey
    drew the people and its regression of the outcome on [after, measured causes], unit effects
    taken out; None where the table does not say.
    """

    moments: ClusterMoments
    values: Floats
    chosen_by: Floats | None
    cluster: Ints
    times: Ints
    after: Flags
    names: tuple[str, ...]
    remarks: tuple[str, ...]
    drawn: Drawn | None = None
    survey: SurveyRegression | None = None


def take_sample(table: pd.DataFrame, parameters: BeforeAfter) -> Sample:
    """Take a design table apart; raise AnalysisError where there is no before or after."""
    read = read_outcome(
        table,
        kind=parameters.outcome_kind,
        rate_per=parameters.rate_per,
        weight_by=parameters.weight_by,
    )
    causes = table[parameters.adjust_for].to_numpy(float)
    usable = np.isfinite(read.values) & np.isfinite(causes).all(axis=1)
    after = _after(table, usable)
    unit = pd.factorize(table["unit"])[0].astype(np.int64)
    sides = [np.bincount(unit[usable & side], minlength=unit.max() + 1) for side in (after, ~after)]
    both = (sides[0] > 0) & (sides[1] > 0)
    used = usable & both[unit]
    _refuse_few(table["cluster"][used])
    remarks = (*read.remarks, *_lost(table, causes, sides))
    return _make_sample(table, read, causes, after, used, parameters, remarks)


def _make_sample(
    table: pd.DataFrame,
    read: Outcome,
    causes: Floats,
    after: Flags,
    used: Flags,
    parameters: BeforeAfter,
    remarks: tuple[str, ...],
) -> Sample:
    unit = pd.factorize(table["unit"][used])[0].astype(np.int64)
    cluster = pd.factorize(table["cluster"][used])[0].astype(np.int64)
    times, period = np.unique(table["time"].to_numpy()[used], return_inverse=True)
    weight, values = read.weight[used], read.values[used]
    if parameters.weight_by == "units":
        weight = equal_cells(weight, unit * len(times) + period)
    x = np.column_stack([after[used], causes[used]]).astype(float)
    moments = make_cluster_moments(values, x, cluster, unit=unit, weight=weight)
    _refuse_unmoved(moments, parameters.adjust_for)
    names = _names(table["period"][used].to_numpy(), period, len(times))
    of_period = np.zeros(len(times), dtype=bool)
    of_period[period] = after[used]
    of_unit = np.zeros(unit.max() + 1, dtype=np.int64)
    of_unit[unit] = cluster
    cells = _cells(values, weight, unit, period, len(times))
    chosen_by = None
    if "chosen_by" in table:
        by = table["chosen_by"].to_numpy(float)[used]
        chosen_by = _cells(by, weight, unit, period, len(times))
    every = np.zeros(len(table))
    every[used] = weight
    drawn = read_drawn(table, every, used, parameters)
    survey = None if drawn is None else _fit_drawn(drawn, values, x, unit, weight)
    return Sample(
        moments, cells, chosen_by, of_unit, times, of_period, names, remarks, drawn, survey
    )


def _fit_drawn(
    drawn: Drawn, values: Floats, x: Floats, unit: Ints, weight: Floats
) -> SurveyRegression:
    """Regress within units over all rows of the table, those that are not used without a value."""
    within = absorb(np.column_stack([values, x]), unit, weight) / np.sqrt(weight)[:, None]
    every = np.full((len(drawn.used), within.shape[1]), np.nan)
    every[drawn.used] = within
    names = ("after", *(f"cause {at}" for at in range(1, x.shape[1])))
    return fit_survey_regression(every[:, 0], every[:, 1:], names, drawn.design)


def _after(table: pd.DataFrame, usable: Flags) -> Flags:
    if not usable.any():
        raise AnalysisError(
            "outcome: no row has an outcome and every measured cause. Map other columns, or "
            "adjust for fewer."
        )
    start = np.unique(table["first_treated"].dropna())
    if not len(start):
        raise AnalysisError("start_period: no unit ever starts. Give the first period with it.")
    if len(start) > 1:
        raise AnalysisError(
            f"start_period: units start at {len(start)} different periods. Use staggered_adoption."
        )
    after = table["time"].to_numpy() >= start[0]
    if after[usable].all() or not after[usable].any():
        side = "before" if after[usable].all() else "from"
        raise AnalysisError(
            f"start_period: no outcome lies {side} the start. Correct start_period, or give more "
            "periods."
        )
    return np.asarray(after)


def _refuse_few(cluster: "pd.Series[str]") -> None:
    clusters = cluster.nunique()
    if clusters < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"cluster: {clusters} with outcomes before and from the start, and an interval needs "
            f"at least {FEWEST_CLUSTERS}. Give more, or use interrupted_time_series for one."
        )


def _refuse_unmoved(moments: ClusterMoments, names: list[str]) -> None:
    summed = moments.total.sum(axis=0)
    if summed[-1, -1] <= 1e-18 * moments.n:
        raise AnalysisError(
            "outcome: does not change within any unit. Give an outcome that can change."
        )
    for at, name in enumerate(names, start=1):
        rest = [i for i in range(len(summed) - 1) if i != at]
        root = inverse_root(summed[np.ix_(rest, rest)])
        left = summed[at, at] - np.sum((root.T @ summed[rest, at]) ** 2)
        if left <= 1e-8 * summed[at, at]:
            raise AnalysisError(
                f"{listed([name])}: within units, it does not change, or is a sum of the other "
                "measured causes and of being after the start. Take it out of adjust_for."
            )


def _cells(values: Floats, weight: Floats, unit: Ints, period: Ints, periods: int) -> Floats:
    """Average by unit and period, (units, periods); NaN where there is nothing."""
    cell, size = unit * periods + period, (int(unit.max()) + 1) * periods
    known = np.isfinite(values)
    cell, weight, values = cell[known], weight[known], values[known]
    total = np.bincount(cell, weight, size)
    mean = np.full(size, np.nan)
    np.divide(np.bincount(cell, weight * values, size), total, out=mean, where=total > 0)
    return mean.reshape(-1, periods)


def _names(
    labels: "np.ndarray[tuple[int], np.dtype[np.object_]]", period: Ints, n: int
) -> tuple[str, ...]:
    first = np.zeros(n, dtype=np.int64)
    first[period[::-1]] = np.arange(len(period))[::-1]
    return tuple(str(label) for label in labels[first])


def _lost(table: pd.DataFrame, causes: Floats, sides: list[Ints]) -> list[str]:
    """Count in words the rows that lack a value, and the units seen on one side only."""
    no_outcome = table["outcome"].isna().to_numpy()
    no_cause = ~np.isfinite(causes).all(axis=1)
    told = say_left_out(
        int((no_outcome | no_cause).sum()),
        len(table),
        ["the unit", "the side of the start", *(["the measured causes"] if causes.size else [])],
        lacking=name_lacking(int(no_outcome.sum()), int(no_cause.sum())),
    )
    remarks = [told] if told else []
    lone = int(((sides[0] > 0) ^ (sides[1] > 0)).sum())
    if lone:
        remarks.append(f"{counted(lone, 'unit')} seen on one side of the start only left out.")
    return remarks
