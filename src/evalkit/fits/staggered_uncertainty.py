"""How sure averages of group-time effects are: three ways, for many clusters, fewer, and few.

The averages are those of the cohorts at hand, whose shares are taken as given. Influence: influence
functions summed within clusters. Jackknife: each cluster left out in turn, spread taken within
cohorts (cohorts of one cluster together), which holds with fewer clusters, small cohorts and
missing rows. Both take degrees of freedom from the clusters behind each average, as Welch's test of
two means does, and give no error to an average that one cluster decides. Reassignment, for few: the
clusters' starts handed to other clusters; the interval of one average by inverting the test, errors
of the others pooled over clusters, with two degrees of freedom fewer than clusters (in a panel of
two groups it is Student's t-test of the clusters' changes). Only reassignment takes all clusters to
vary alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.fits.callaway_santanna import (
    AVERAGES,
    Average,
    CellRule,
    GroupTimeEffects,
    fit_group_time,
)
from evalkit.fits.reassigned_starts import average_left_out, average_reassigned
from evalkit.fits.staggered_averages import (
    AverageList,
    average_draws,
    choose_row,
)
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.assignments import Assignments
from evalkit.inference.shifted_draws import ShiftInterval, invert_shift


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcomes (n, periods), their times, starts (n,), clusters numbered (n,), covariates."""

    outcome: Floats
    times: Floats
    first_treated: Floats
    cluster: Ints
    covariates: Floats | None = None

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Covariance (r, r) of averages, degrees of freedom (r,), and one row's own interval.

    Both are NaN for an average whose error the data do not show. `interval` is there only after
    reassignment.
    """

    covariance: Floats
    df: Floats
    interval: ShiftInterval | None = None

    @property
    def std_error(self) -> Floats:
        """Standard errors (r,)."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True, slots=True)
class Arms:
    """Clusters behind each average: that changed, in how many strata, and compared with, (r,)."""

    changed: Ints
    strata: Ints
    compared: Ints


def count_arms(
    effects: GroupTimeEffects, averages: AverageList, rule: CellRule, cluster: Ints
) -> Arms:
    """Count the clusters on each side of each average."""
    levels, code = np.unique(effects.first_treated, return_inverse=True)
    has = np.zeros((int(cluster.max()) + 1, len(levels)), dtype=bool)
    has[cluster, code] = True
    stratum = stratify(effects.first_treated, cluster)
    own = levels[:, None] == effects.cohort
    other = np.repeat(np.isnan(levels)[:, None], len(effects.cohort), axis=1)
    if rule.comparison == "not_yet_treated":
        after = effects.time + rule.anticipation
        if rule.base == "universal":
            after = np.maximum(after, effects.cohort - 1)
        other |= (levels[:, None] > after) & ~own
    changed, strata, compared = [], [], []
    for row in averages.rows:
        cells = choose_row(effects, row)
        member = has[:, own[:, cells].any(axis=1)].any(axis=1)
        changed.append(int(member.sum()))
        strata.append(len(np.unique(stratum[member])))
        compared.append(int(has[:, other[:, cells].any(axis=1)].any(axis=1).sum()))
    return Arms(np.array(changed), np.array(strata), np.array(compared))


def stratify(first_treated: Floats, cluster: Ints) -> Ints:
    """Number the cohort of each cluster (clusters,), those of one cluster together.

    All clusters are one stratum where units of a cluster start at different times.
    """
    starts = np.where(np.isnan(first_treated), np.inf, first_treated)
    pairs = np.unique(np.stack([cluster.astype(float), starts]), axis=1)
    clusters = int(cluster.max()) + 1
    if pairs.shape[1] > clusters:
        return np.zeros(clusters, dtype=np.int64)
    _, code, count = np.unique(pairs[1], return_inverse=True, return_counts=True)
    return np.asarray(np.where(count[code] > 1, code, -1) + 1, dtype=np.int64)


def _judge_arms(covariance: Floats, arms: Arms, stratum: Ints) -> Uncertainty:
    """Welch's degrees of freedom, at most clusters less strata; none for an arm of one cluster."""
    one, two = (np.maximum(n, 2).astype(float) for n in (arms.changed, arms.compared))
    within = np.maximum(one - arms.strata, 1.0)
    below = 1 / (one**2 * within) + 1 / (two**2 * (two - 1))
    most = max(len(stratum) - len(np.unique(stratum)), 1)
    df = np.minimum((1 / one + 1 / two) ** 2 / below, float(most))
    alone = np.minimum(arms.changed, arms.compared) < 2
    hidden = alone[:, None] | alone
    return Uncertainty(np.where(hidden, np.nan, covariance), np.where(alone, np.nan, df))


def measure_by_influence(
    effects: GroupTimeEffects, averages: AverageList, arms: Arms, cluster: Ints
) -> Uncertainty:
    """Sum influences within clusters, times G/(G - 1)."""
    clusters = int(cluster.max()) + 1
    sums = np.zeros((clusters, averages.influence.shape[1]))
    np.add.at(sums, cluster, averages.influence)
    stratum = stratify(effects.first_treated, cluster)
    return _judge_arms(clusters / (clusters - 1) * sums.T @ sums, arms, stratum)


def measure_by_jackknife(
    panel: Panel, effects: GroupTimeEffects, rule: CellRule, averages: AverageList, arms: Arms
) -> Uncertainty:
    """Leave each cluster out in turn."""
    if panel.covariates is None:
        arrays = panel.outcome, panel.times
        drawn = average_left_out(*arrays, effects, rule, panel.cluster, averages.kinds)
    else:
        drawn = _average_left_out_adjusted(panel, effects, rule, averages.kinds)
    stratum = stratify(panel.first_treated, panel.cluster)
    return _judge_arms(jackknife_covariance(drawn, averages.estimate, stratum), arms, stratum)


def jackknife_covariance(left_out: Floats, whole: Floats, stratum: Ints) -> Floats:
    """Covariance (r, r) of estimates `whole` (r,) from those without each cluster (clusters, r).

    Spread is taken within strata; a cluster alone in its own is held against the whole.
    """
    covariance = np.zeros((len(whole), len(whole)))
    for one in np.unique(stratum):
        left = left_out[stratum == one]
        alone = len(left) == 1
        away = left - (whole if alone else left.mean(axis=0))
        covariance += (1.0 if alone else (len(left) - 1) / len(left)) * away.T @ away
    return covariance


def _average_left_out_adjusted(
    panel: Panel, effects: GroupTimeEffects, rule: CellRule, kinds: Sequence[Average]
) -> Floats:
    """Averages (clusters, r) with each cluster left out, covariates held fixed anew each time."""
    cells = list(zip(effects.cohort, effects.time, strict=True))
    drawn = np.full((panel.clusters, len(cells)), np.nan)
    for cluster in range(panel.clusters):
        kept = panel.cluster != cluster
        covariates = None if panel.covariates is None else panel.covariates[kept]
        found = fit_group_time(
            panel.outcome[kept],
            panel.times,
            panel.first_treated[kept],
            rule,
            covariates=covariates,
        )
        known = dict(zip(zip(found.cohort, found.time, strict=True), found.estimate, strict=True))
        drawn[cluster] = [known.get(cell, np.nan) for cell in cells]
    units = (panel.first_treated[:, None] == effects.cohort).sum(axis=0)
    return average_draws(effects, drawn, np.broadcast_to(units, drawn.shape), kinds)


def measure_by_reassignment(
    panel: Panel,
    effects: GroupTimeEffects,
    rule: CellRule,
    assignments: Assignments,
    levels: Floats,
    row: int,
    level: float,
    kinds: Sequence[Average] = AVERAGES,
) -> Uncertainty:
    """Hand the starts to other clusters; `row` gets its interval by inverting the test.

    Codes of `assignments` are places in `levels` (starts, NaN for never); all units of a cluster
    have its start.
    """
    with_change = (panel.times >= panel.first_treated[:, None]).astype(float)
    with_change[np.isnan(panel.outcome)] = np.nan
    on_outcome, on_change = (
        average_reassigned(
            values, panel.times, effects, rule, panel.cluster, levels, assignments.codes, kinds
        )
        for values in (panel.outcome, with_change)
    )
    rest = on_outcome - on_outcome[0, row] * on_change
    away = np.where(np.isnan(rest), 0.0, rest - np.nanmean(rest, axis=0))
    pooled = (panel.clusters - 1) / (panel.clusters - 2)
    covariance = pooled * away.T @ away / np.sum(~np.isnan(rest), axis=0).max()
    interval = invert_shift(on_outcome[:, row], on_change[:, row], level)
    return Uncertainty(covariance, np.full(len(covariance), panel.clusters - 2.0), interval)
