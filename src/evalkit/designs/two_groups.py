"""From a design table to two groups of units, one start, and their cross-products.

What must hold, or it is refused: several clusters, some units with the intervention and some
without, one start inside the data, an outcome that changes, measured causes that can be told
apart. Rows without an outcome or a measured cause, and units seen on one side of the start only,
are left out and counted.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from evalkit.designs.compared_outcome import equal_cells, read_outcome
from evalkit.designs.missing_remarks import name_lacking, say_left_out
from evalkit.errors import AnalysisError
from evalkit.fits.two_way_effects import (
    PanelMoments,
    after_start,
    code_times,
    expose,
    make_panel_moments,
)
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import ClusterMoments, inverse_root
from evalkit.inference.few_clusters import Contrast
from evalkit.results.words import counted, listed

FEWEST_CLUSTERS = 3
"""Two clusters, one a side, leave nothing to tell how far results vary."""


@dataclass(frozen=True, slots=True)
class TwoGroups:
    """Rows in use as cross-products, the contrast of the two groups, and averages by period.

    `mean` and `size` (2, periods) are the groups' averages and numbers of rows, those without
    the intervention first; `names` are the periods as written.
    """

    panel: PanelMoments
    contrast: Contrast
    start: int
    names: tuple[str, ...]
    mean: Floats
    size: Floats
    remarks: tuple[str, ...]

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return self.contrast.clusters


def arrange(
    table: pd.DataFrame,
    *,
    adjust_for: list[str],
    kind: str,
    rate_per: float,
    weight_by: Literal["rows", "people", "units"],
) -> TwoGroups:
    """Take a design table apart; raise AnalysisError where two groups cannot be compared."""
    read = read_outcome(table, kind=kind, rate_per=rate_per, weight_by=weight_by)
    causes = table[adjust_for].to_numpy(float) if adjust_for else np.empty((len(table), 0))
    usable = np.isfinite(read.values) & np.isfinite(causes).all(axis=1)
    unit, start = _starts(table, usable)
    time = table["time"].to_numpy(np.int64)
    one_start = _one_start(start, time[usable])
    both = _seen_on_both_sides(unit, time >= one_start, usable)
    used = usable & both[unit]
    _refuse_lost_groups(start, both, int(used.sum()))
    codes = (np.cumsum(both) - 1)[unit[used]]
    cluster = _cluster_of_units(table["cluster"].array[used], codes)
    _refuse_few_clusters(cluster)
    weight = read.weight[used]
    if weight_by == "units":
        weight = equal_cells(weight, codes * (np.ptp(time) + 1) + time[used] - time.min())
    _refuse_constant(read.values[used], causes[used], codes, adjust_for)
    panel = make_panel_moments(
        read.values[used], causes[used], codes, time[used], start[both], cluster, weight=weight
    )
    contrast = _contrast(panel)
    _refuse_collinear(contrast.moments, adjust_for)
    mean, size = _averages(read.values[used], weight, time[used], start[both][codes], panel.times)
    names = _period_names(table, panel.times)
    remarks = (*read.remarks, *_lost(table, usable, causes, both, unit))
    return TwoGroups(panel, contrast, one_start, names, mean, size, remarks)


def _starts(table: pd.DataFrame, usable: np.ndarray) -> tuple[Ints, Floats]:
    """Code units, and give the start of each; NaN where it never had the intervention."""
    unit, units = pd.factorize(table["unit"])
    if not usable.any():
        raise AnalysisError(
            "outcome: no row has an outcome and every measured cause. Map other columns, or "
            "adjust for fewer."
        )
    if len(units) < 2:
        raise AnalysisError(
            "unit: the data hold one unit only, so there is nobody to compare it with. "
            "Give units without the intervention, or use interrupted_time_series."
        )
    start = np.full(len(units), np.inf)
    first = table["first_treated"].to_numpy(float)
    np.minimum.at(start, unit, np.where(np.isnan(first), np.inf, first))
    return unit.astype(np.int64), np.where(np.isinf(start), np.nan, start)


def _one_start(start: Floats, time: Ints) -> int:
    found = np.unique(start[np.isfinite(start)])
    if not len(found):
        raise AnalysisError(
            "treated: no unit has the intervention. Say in the treated column which units have it."
        )
    if np.isfinite(start).all():
        raise AnalysisError(
            f"treated: all {len(start)} units have the intervention, so there is nobody to "
            "compare them with. Give units without it, or use before_after."
        )
    if len(found) > 1:
        raise AnalysisError(
            f"start_period: units start at {len(found)} different periods. Use staggered_adoption."
        )
    if not time.min() < found[0] <= time.max():
        raise AnalysisError(
            "start_period: lies outside the data, which must hold periods before and from the "
            "start. Correct start_period, or give more periods."
        )
    return int(found[0])


def _seen_on_both_sides(unit: Ints, after: np.ndarray, usable: np.ndarray) -> np.ndarray:
    sides = [np.bincount(unit[usable & side], minlength=unit.max() + 1) for side in (after, ~after)]
    return np.asarray((sides[0] > 0) & (sides[1] > 0))


def _refuse_lost_groups(start: Floats, both: np.ndarray, rows: int) -> None:
    groups = {"with": np.isfinite(start), "without": np.isnan(start)}
    empty = [name for name, members in groups.items() if not (members & both).any()]
    if empty:
        raise AnalysisError(
            f"period: no unit {listed(empty)} the intervention is seen both before and from the "
            f"start, among {counted(rows, 'usable row')}. Give more periods; where each person "
            "answers once, map unit to where they were cared for."
        )


def _cluster_of_units(cluster: ExtensionArray, unit: Ints) -> Ints:
    codes = cluster.factorize()[0]
    of_unit = np.zeros(unit.max() + 1, dtype=np.int64)
    of_unit[unit] = codes
    moved = len(np.unique(unit[of_unit[unit] != codes]))
    if moved:
        raise AnalysisError(
            f"cluster: {counted(moved, 'unit')} in more than one. Give each unit one cluster, the "
            "same in all of its rows."
        )
    return of_unit


def _refuse_few_clusters(cluster: Ints) -> None:
    clusters = int(cluster.max()) + 1
    if clusters < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"cluster: {clusters} with outcomes before and from the start, and an interval needs "
            f"at least {FEWEST_CLUSTERS}. Give more clusters, or use interrupted_time_series."
        )


def _refuse_constant(outcome: Floats, causes: Floats, unit: Ints, names: list[str]) -> None:
    if not _moves_within(outcome, unit):
        raise AnalysisError(
            "outcome: does not change within any unit. Give an outcome that can change."
        )
    fixed = [name for name, c in zip(names, causes.T, strict=True) if not _moves_within(c, unit)]
    if fixed:
        raise AnalysisError(
            f"{listed(fixed)}: does not change within any unit, and what does not change is held "
            "fixed already. Take it out of adjust_for."
        )


def _moves_within(values: Floats, unit: Ints) -> bool:
    means = np.bincount(unit, values) / np.bincount(unit)
    return bool(np.max(np.abs(values - means[unit])) > 1e-9 * max(np.max(np.abs(values)), 1e-9))


def _contrast(panel: PanelMoments) -> Contrast:
    """Set those with the intervention against those without, after the start."""
    moments = expose(panel, after_start(panel.times, panel.start))
    clusters = len(moments.total)
    ever = np.isfinite(panel.start)
    arms = [np.bincount(panel.cluster[side], minlength=clusters) > 0 for side in (ever, ~ever)]
    changed, unchanged = (int(side.sum()) for side in arms)
    if (arms[0] & arms[1]).any():
        return Contrast(moments, changed, unchanged)
    start = np.full(len(ever), np.nanmin(panel.start))
    as_if = expose(panel, after_start(panel.times, start))
    return Contrast(moments, changed, unchanged, as_if, arms[0].astype(np.int64))


def _refuse_collinear(moments: ClusterMoments, names: list[str]) -> None:
    summed = moments.total.sum(axis=0)[:-1, :-1]
    width = len(summed)
    for name, at in [("treated", 0), *zip(names, range(width - len(names), width), strict=True)]:
        rest = np.delete(np.arange(width), at)
        root = inverse_root(summed[np.ix_(rest, rest)])
        left = summed[at, at] - np.sum((root.T @ summed[rest, at]) ** 2)
        if left <= 1e-8 * summed[at, at]:
            raise AnalysisError(
                f"{name}: within units and periods, it is a sum of the other measured causes"
                f"{' and the intervention' if at else ''}, so their effects cannot be told "
                "apart. Take one out of adjust_for."
            )


def _averages(
    outcome: Floats, weight: Floats, time: Ints, start: Floats, times: Ints
) -> tuple[Floats, Floats]:
    cell = np.isfinite(start) * len(times) + code_times(time)[1]
    shape = (2, len(times))
    count = np.bincount(cell, minlength=2 * len(times)).reshape(shape)
    total = np.bincount(cell, weight, 2 * len(times)).reshape(shape)
    summed = np.bincount(cell, weight * outcome, 2 * len(times)).reshape(shape)
    mean = np.divide(summed, total, where=total > 0, out=np.full(shape, np.nan))
    return mean, count.astype(float)


def _period_names(table: pd.DataFrame, times: Ints) -> tuple[str, ...]:
    time = table["time"].to_numpy(np.int64)
    met = np.zeros(int(time.max() - time.min()) + 1, dtype=np.int64)
    met[time - time.min()] = np.arange(len(time))
    return tuple(str(name) for name in table["period"].array[met[times - time.min()]])


def _lost(
    table: pd.DataFrame, usable: np.ndarray, causes: Floats, both: np.ndarray, unit: Ints
) -> list[str]:
    """Count in words the rows that lack a value, and the units seen on one side only."""
    no_outcome = table["outcome"].isna().to_numpy()
    no_cause = ~np.isfinite(causes).all(axis=1)
    told = say_left_out(
        int((no_outcome | no_cause).sum()),
        len(table),
        ["the unit", "the period", *(["the measured causes"] if causes.shape[1] else [])],
        lacking=name_lacking(int(no_outcome.sum()), int(no_cause.sum())),
    )
    remarks = [told] if told else []
    seen = np.bincount(unit[usable], minlength=len(both)) > 0
    lone = int((seen & ~both).sum())
    if lone:
        remarks.append(f"{counted(lone, 'unit')} seen on one side of the start only left out.")
    return remarks
