"""Group-time effects of many draws at once: starts handed to other clusters, or one left out.

Every effect is a difference of means, and a mean is a sum over clusters, so that thousands of
draws are a few products of matrices: the same numbers as `fit_group_time` on each draw's data.
"""

from collections.abc import Callable, Sequence

import numpy as np

from evalkit.fits.callaway_santanna import (
    AVERAGES,
    Average,
    CellRule,
    CohortCells,
    GroupTimeEffects,
    list_cells,
)
from evalkit.fits.staggered_averages import average_draws
from evalkit.inference.arrays import Floats, Ints


def average_reassigned(
    outcome: Floats,
    times: Floats,
    effects: GroupTimeEffects,
    rule: CellRule,
    cluster: Ints,
    levels: Floats,
    codes: Ints,
    kinds: Sequence[Average] = AVERAGES,
) -> Floats:
    """Averages (draws, r), as `list_averages` has them, were the clusters' starts others.

    `cluster` (n,) numbers the units' clusters; a cluster whose code in `codes` (draws, clusters)
    is k has the start `levels[k]`, NaN for never.
    """
    has = [np.asarray(codes == k, dtype=float) for k in range(len(levels))]
    members = np.bincount(cluster, minlength=codes.shape[1]).astype(float)
    counts = np.stack([h @ members for h in has])

    def total(values: Floats) -> Floats:
        by_cluster = _sum_by(values, cluster, codes.shape[1])
        return np.stack([h @ by_cluster for h in has])

    cells = list_cells(outcome, times, effects.first_treated, rule)
    return _average(cells, effects, levels, counts, total, kinds)


def average_left_out(
    outcome: Floats,
    times: Floats,
    effects: GroupTimeEffects,
    rule: CellRule,
    cluster: Ints,
    kinds: Sequence[Average] = AVERAGES,
) -> Floats:
    """Averages (clusters, r), as `list_averages` has them, with each cluster left out.

    Cohorts keep the weights that they have with all clusters.
    """
    levels = np.unique(effects.first_treated)
    starts = effects.first_treated[:, None]
    member = (starts == levels) | (np.isnan(starts) & np.isnan(levels))
    clusters = int(cluster.max()) + 1

    def total(values: Floats) -> Floats:
        sums = [_sum_by(values * m[:, None], cluster, clusters) for m in member.T]
        return np.stack([s.sum(axis=0) - s for s in sums])

    counts = np.repeat(member.sum(axis=0).astype(float)[:, None], clusters, axis=1)
    cells = list_cells(outcome, times, effects.first_treated, rule)
    return _average(cells, effects, levels, counts, total, kinds)


def _average(
    cells: list[CohortCells],
    effects: GroupTimeEffects,
    levels: Floats,
    counts: Floats,
    total: Callable[[Floats], Floats],
    kinds: Sequence[Average],
) -> Floats:
    """Averages of each draw; `counts` (levels, draws) are units, `total` sums values over them."""
    drawn, units = [], []
    for one in cells:
        own = int(np.flatnonzero(levels == one.cohort)[0])
        kept = np.isin(one.time, effects.time[effects.cohort == one.cohort])
        sums, seen = total(one.change[:, kept]), total(one.seen[:, kept].astype(float))
        allowed = one.allows(levels)[:, None, kept]
        compared = _mean((sums * allowed).sum(axis=0), (seen * allowed).sum(axis=0))
        drawn.append(_mean(sums[own], seen[own]) - compared)
        units.append(np.repeat(counts[own][:, None], int(kept.sum()), axis=1))
    every = np.concatenate(drawn, axis=1), np.concatenate(units, axis=1)
    return average_draws(effects, *every, kinds)


def _mean(sums: Floats, counts: Floats) -> Floats:
    return np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)


def _sum_by(values: Floats, cluster: Ints, clusters: int) -> Floats:
    """Sums of `values` (n, c) by cluster, (clusters, c)."""
    sums = np.zeros((clusters, values.shape[1]))
    np.add.at(sums, cluster, values)
    return sums
