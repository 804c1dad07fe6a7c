"""How sure each average of a staggered change is, by one rule chosen from the data, in words.

With fewer than `SMALLEST_ARM` clusters on one side (`SMALLEST_WITH_GAPS` where rows are missing, so
that cohorts and periods rest on fewer still), errors that let the sides vary differently rest on
too little; starts are handed to other clusters instead, which takes all to vary alike. With more,
the jackknife over clusters; above `MANY_CLUSTERS`, sums of influence functions, the same to
the third digit and quick. Measured coverage stands in the design's page of methods.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from evalkit.designs.staggered_panel import StaggeredPanel
from evalkit.fits.callaway_santanna import CellRule, GroupTimeEffects
from evalkit.fits.staggered_averages import AverageList
from evalkit.fits.staggered_uncertainty import (
    Arms,
    Panel,
    Uncertainty,
    count_arms,
    measure_by_influence,
    measure_by_jackknife,
    measure_by_reassignment,
)
from evalkit.inference.arrays import Floats
from evalkit.inference.assignments import Assignments, list_assignments
from evalkit.results.words import counted
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

SMALLEST_ARM, SMALLEST_WITH_GAPS = 8, 20
"""Clusters on the smaller side from which on the jackknife covers as stated."""
MANY_CLUSTERS = 200

Method = Literal["influence", "jackknife", "reassignment"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Averages (r,) with errors, degrees of freedom, intervals and p-values, and why so."""

    averages: AverageList
    covariance: Floats
    std_error: Floats
    df: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats
    method: Method
    remark: str


def judge(
    sample: StaggeredPanel,
    effects: GroupTimeEffects,
    averages: AverageList,
    rule: CellRule,
    headline: int,
    parameters: StaggeredAdoption,
) -> Judged:
    """Give every average its interval; that of row `headline` by inversion where starts are handed.

    Other intervals are Student's t with the row's degrees of freedom.
    """
    panel, level = sample.panel, parameters.confidence_level
    arms = count_arms(effects, averages, rule, panel.cluster)
    method = choose_method(panel, arms, headline)
    assignments = None
    if method == "reassignment":
        levels, assignments = _hand_out(panel, parameters)
        handed = assignments, levels, headline, level, averages.kinds
        found = measure_by_reassignment(panel, effects, rule, *handed)
    elif method == "jackknife":
        found = measure_by_jackknife(panel, effects, rule, averages, arms)
    else:
        found = measure_by_influence(effects, averages, arms, panel.cluster)
    error = found.std_error
    half = stats.t.ppf(0.5 + level / 2, found.df) * error
    low, high = averages.estimate - half, averages.estimate + half
    size = np.abs(averages.estimate) / np.where(error > 0, error, np.nan)
    p_value = 2 * stats.t.sf(size, found.df)
    bounded = _put_interval(found, headline, low, high, p_value)
    counts = (int(arms.changed[headline]), int(arms.compared[headline]), panel.clusters)
    remark = _explain(method, counts, assignments, bounded)
    return Judged(averages, found.covariance, error, found.df, low, high, p_value, method, remark)


def choose_method(panel: Panel, arms: Arms, headline: int) -> Method:
    """Choose by the clusters on the smaller side of the headline, and in all."""
    sides = int(arms.changed[headline]), int(arms.compared[headline])
    smaller = min(*sides, panel.clusters // 2)
    enough = SMALLEST_WITH_GAPS if np.isnan(panel.outcome).any() else SMALLEST_ARM
    if smaller < enough and panel.covariates is None and _starts_whole(panel):
        return "reassignment"
    if panel.clusters <= MANY_CLUSTERS:
        return "jackknife"
    return "influence"


def _starts_whole(panel: Panel) -> bool:
    """Whether all units of a cluster start together."""
    starts = np.where(np.isnan(panel.first_treated), np.inf, panel.first_treated)
    pairs = np.unique(np.stack([panel.cluster.astype(float), starts]), axis=1)
    return int(pairs.shape[1]) == panel.clusters


def _hand_out(panel: Panel, parameters: StaggeredAdoption) -> tuple[Floats, Assignments]:
    levels = np.unique(panel.first_treated)
    codes = np.zeros(panel.clusters, dtype=np.int64)
    codes[panel.cluster] = np.searchsorted(levels, panel.first_treated)
    rng = np.random.default_rng(parameters.seed)
    return levels, list_assignments(codes, parameters.draws, rng)


def _put_interval(found: Uncertainty, at: int, low: Floats, high: Floats, p_value: Floats) -> bool:
    """Put the headline's interval by inversion in its place, if it has both ends."""
    interval = found.interval
    if interval is None or not np.isfinite([interval.conf_low, interval.conf_high]).all():
        return False
    low[at], high[at], p_value[at] = interval
    return True


def _explain(
    method: Method, counts: tuple[int, int, int], assignments: Assignments | None, bounded: bool
) -> str:
    changed, compared, clusters = counts
    told = f"{changed} of {counted(clusters, 'cluster')} changed and {compared} served to compare"
    if method == "influence":
        return f"{told}. Intervals allow for what units of a cluster have in common."
    if method == "jackknife":
        thin = " With so few on one side it may cover less often than stated." * (
            min(changed, compared) < SMALLEST_ARM
        )
        return f"{told}. Intervals come from leaving each cluster out in turn.{thin}"
    alike = (
        "It covers as stated if clusters would have varied alike without the change; if those "
        "that changed vary more than the others, it is too narrow."
    )
    if assignments is None or not bounded:
        return (
            f"{told}: too few ways to hand the starts to other clusters for an interval from "
            f"those alone, so it takes all clusters to vary alike (Student's t). {alike}"
        )
    ways = len(assignments.codes)
    drawn = f"all {ways}" if assignments.enumerated else f"{ways - 1} drawn"
    return (
        f"{told}: few, so the headline's interval comes from setting the result beside {drawn} "
        f"ways to hand the same starts to other clusters. {alike}"
    )
