"""Unit and period effects: a whole panel, or millions of answers, as cross-products by arm.

An arm is the units of one cluster that start together. Regressions on any exposure that depends
on start and period alone (after the start, each period since it, a pretended start) follow from
one pass over the rows, exactly: coefficients and clustered errors are those of least squares on
the rows with unit and period effects (Frisch and Waugh 1933, Econometrica; Wong, Forsell, Lewis,
Mao and Wardrop 2021 on sufficient statistics, arXiv 2102.11297).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import ClusterMoments


@dataclass(frozen=True, slots=True)
class PanelMoments:
    """Cross-products, unit means taken out, of [each period's 0/1 column, adjusters, outcome].

    `total` (arms, q, q); `start` (arms,) is the time of the first changed period, NaN for
    never; `cluster` (arms,) codes; `times` (periods,) in order; `n` rows of so many `units`.
    """

    total: Floats
    start: Floats
    cluster: Ints
    times: Ints
    n: int
    units: int


def make_panel_moments(
    outcome: Floats,
    adjusters: Floats,
    unit: Ints,
    time: Ints,
    start: Floats,
    cluster: Ints,
    *,
    weight: Floats | None = None,
) -> PanelMoments:
    """Sum up rows: `outcome` (n,), `adjusters` (n, k), codes `unit` and whole numbers `time`.

    `start` and `cluster` are by unit code, (units,); `weight` (n,) is positive.
    """
    w = np.ones(len(outcome)) if weight is None else weight
    times, period = code_times(time)
    arm, cluster_of_arm, start_of_arm = _make_arms(start, cluster)
    measured = np.column_stack([adjusters, outcome])
    measured = measured - np.average(measured, axis=0, weights=w)
    shape = (len(start), len(times))
    sums = _cell_sums(unit * len(times) + period, shape, w, measured)
    raw = _raw_products(arm, unit, shape, sums, w, measured)
    total = raw - _mean_products(arm, len(start_of_arm), sums)
    return PanelMoments(total, start_of_arm, cluster_of_arm, times, len(outcome), len(start))


def code_times(time: Ints) -> tuple[Ints, Ints]:
    """The times there are, in order, and the place of each row's among them."""
    first = int(time.min())
    seen = np.bincount(time - first) > 0
    times = np.flatnonzero(seen) + first
    return times.astype(np.int64), (np.cumsum(seen) - 1)[time - first]


def expose(panel: PanelMoments, exposure: Floats) -> ClusterMoments:
    """Cross-products by cluster of [exposures, period dummies, adjusters, outcome].

    `exposure` (arms, periods, e) gives each arm's exposures in each period.
    """
    periods, e = exposure.shape[1:]
    with_all = exposure.transpose(0, 2, 1) @ panel.total[:, :periods]
    width = panel.total.shape[1] - 1
    arms = np.empty((len(exposure), e + width, e + width))
    arms[:, :e, :e] = with_all[:, :, :periods] @ exposure
    arms[:, :e, e:] = with_all[:, :, 1:]
    arms[:, e:, :e] = with_all[:, :, 1:].transpose(0, 2, 1)
    arms[:, e:, e:] = panel.total[:, 1:, 1:]
    clusters = int(panel.cluster.max()) + 1
    if len(arms) > clusters:
        total = np.zeros((clusters, *arms.shape[1:]))
        np.add.at(total, panel.cluster, arms)
    else:
        total = arms[np.argsort(panel.cluster)]
    return ClusterMoments(total, panel.n, panel.units)


def after_start(times: Ints, start: Floats) -> Floats:
    """One exposure (arms, periods, 1): 1 from the arm's start on, 0 before it and for never."""
    return np.asarray(times[None, :, None] >= start[:, None, None], dtype=float)


def by_event_time(times: Ints, start: Floats, events: Ints, reference: int) -> Floats:
    """One exposure for each of `events` (e,), whole periods since the start, (arms, periods, e).

    Periods beyond the first and last of events and `reference` count as these (binned ends); for
    one exposure a period, list every period but the reference.
    """
    low, high = min(events.min(), reference), max(events.max(), reference)
    since = np.clip(times[None, :] - start[:, None], low, high)
    return np.asarray(since[:, :, None] == events, dtype=float)


def _make_arms(start: Floats, cluster: Ints) -> tuple[Ints, Ints, Floats]:
    """Code the arm of each unit; the cluster and start of each arm."""
    never = np.isnan(start)
    keys = np.stack([cluster, np.where(never, np.inf, start)])
    pairs, arm = np.unique(keys, axis=1, return_inverse=True)
    starts = np.where(np.isinf(pairs[1]), np.nan, pairs[1])
    return arm.ravel().astype(np.int64), pairs[0].astype(np.int64), starts


def _cell_sums(cell: Ints, shape: tuple[int, int], w: Floats, measured: Floats) -> Floats:
    """Sums by unit and period of the weight and of each weighted column, (units, periods, c)."""
    columns = [w, *(w * column for column in measured.T)]
    size = shape[0] * shape[1]
    return np.stack([np.bincount(cell, c, size).reshape(shape) for c in columns], axis=2)


def _raw_products(
    arm: Ints, unit: Ints, shape: tuple[int, int], sums: Floats, w: Floats, measured: Floats
) -> Floats:
    """Cross-products by arm before means are taken out."""
    periods, k = shape[1], measured.shape[1]
    arms = int(arm.max()) + 1
    by_arm = np.zeros((arms, *sums.shape[1:]))
    np.add.at(by_arm, arm, sums)
    total = np.zeros((arms, periods + k, periods + k))
    total[:, range(periods), range(periods)] = by_arm[:, :, 0]
    total[:, :periods, periods:] = by_arm[:, :, 1:]
    total[:, periods:, :periods] = by_arm[:, :, 1:].transpose(0, 2, 1)
    row_arm = arm[unit]
    for i in range(k):
        for j in range(i, k):
            product = np.bincount(row_arm, w * measured[:, i] * measured[:, j], arms)
            total[:, periods + i, periods + j] = total[:, periods + j, periods + i] = product
    return total


def _mean_products(arm: Ints, arms: int, sums: Floats) -> Floats:
    """Cross-products by arm of the units' sums, over the units' weights."""
    weight = sums[:, :, 0].sum(axis=1)
    whole = np.column_stack([sums[:, :, 0], sums[:, :, 1:].sum(axis=1)]) / np.sqrt(weight)[:, None]
    sorted_rows = whole[np.argsort(arm, kind="stable")]
    products = np.empty((arms, whole.shape[1], whole.shape[1]))
    last = 0
    for at, size in enumerate(np.bincount(arm, minlength=arms).tolist()):
        part = sorted_rows[last : last + size]
        np.matmul(part.T, part, out=products[at])
        last += size
    return products
