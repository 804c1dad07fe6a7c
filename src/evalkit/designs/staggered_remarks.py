"""What a reader must know of the data behind a staggered adoption, in plain words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.missing_remarks import CONDITION
from evalkit.designs.staggered_inference import Judged
from evalkit.designs.staggered_panel import StaggeredPanel
from evalkit.fits.callaway_santanna import GroupTimeEffects
from evalkit.fits.goodman_bacon import Comparison
from evalkit.inference.arrays import Floats
from evalkit.results.words import counted, listed


def make_remarks(
    sample: StaggeredPanel,
    effects: GroupTimeEffects,
    judged: Judged,
    estimates: pd.DataFrame,
    comparisons: list[Comparison],
    rates: Sequence[str],
    kind: str,
) -> tuple[str, ...]:
    """Say how sure the headline is and why, who was set aside, and what two-way effects mix."""
    found = [
        judged.remark,
        _say_set_aside(sample),
        _say_missing(sample),
        _say_uncompared(sample, effects),
        _say_alone(judged),
        *rates,
        *_say_outside(sample, effects, kind),
        _say_two_way(estimates, comparisons),
    ]
    return tuple(remark for remark in found if remark)


def _say_set_aside(sample: StaggeredPanel) -> str:
    told = []
    if sample.already:
        told.append(f"{counted(sample.already, 'unit')} that had changed by the first period")
    if sample.empty:
        told.append(f"{counted(sample.empty, 'unit')} without an outcome in any period")
    left_out = f"Left out: {listed(told)}." if told else ""
    later = (
        f"Counted as never changing: {counted(sample.later, 'unit')} with a start after the last "
        "period."
        if sample.later
        else ""
    )
    return " ".join(part for part in (left_out, later) if part)


def _say_missing(sample: StaggeredPanel) -> str:
    if not sample.missing:
        return ""
    return (
        f"{counted(sample.missing, 'row')} of {sample.missing + sample.rows:,} have no outcome. "
        "Each period is compared for the units seen both then and in the last period before the "
        f"change; the answer is about these, and holds for all if {CONDITION}. Imputed effects "
        "use every row."
    )


def _say_uncompared(sample: StaggeredPanel, effects: GroupTimeEffects) -> str:
    """Cohorts of which no period since the change could be compared."""
    starts = sample.panel.first_treated
    cohorts = np.unique(starts[~np.isnan(starts)])
    judged = np.unique(effects.cohort[effects.event >= 0])
    lost = [sample.name_period(c) for c in cohorts if c not in judged]
    if not lost:
        return ""
    return (
        f"Units that changed in {listed(lost)} are not in the answer: "
        "no period since their change has both them and units to compare with."
    )


def _say_alone(judged: Judged) -> str:
    hidden = int(np.isnan(judged.std_error).sum())
    if not hidden:
        return ""
    return (
        f"{counted(hidden, 'average')} by cohort or period rest on a single cluster on one side, "
        "so nothing shows how sure they are, and they have no interval."
    )


def _say_outside(sample: StaggeredPanel, effects: GroupTimeEffects, kind: str) -> list[str]:
    """Say where what cohorts would have come to without the change cannot be."""
    panel, since = sample.panel, effects.event >= 0
    cohorts = np.unique(effects.cohort[since])
    seen = np.array([_means(panel.outcome[panel.first_treated == one]) for one in cohorts])
    at = np.searchsorted(cohorts, effects.cohort[since])
    means = seen[at, np.searchsorted(panel.times, effects.time[since])] if len(at) else seen
    return say_outside_range(
        means - effects.estimate[since],
        kind,
        "for some cohort in some period",
        "levels are too far from each other, or too near its end, for equal changes",
    )


def _means(outcome: Floats) -> Floats:
    """Mean of each column over the rows that have it; missing where none has."""
    known = ~np.isnan(outcome)
    size = known.sum(axis=0)
    return np.where(
        size > 0, np.where(known, outcome, 0.0).sum(axis=0) / np.maximum(size, 1), np.nan
    )


def _say_two_way(estimates: pd.DataFrame, comparisons: list[Comparison]) -> str:
    if not comparisons:
        return (
            "Two-way fixed effects are not shown: their weights are defined for complete panels "
            "without adjustment only."
        )
    unclean = sum(one.weight for one in comparisons if one.kind == "already_changed")
    headline = float(estimates["estimate"].iloc[0])
    two_way = estimates.loc[estimates["method"] == "two_way_fixed_effects", "estimate"]
    turned = bool((two_way * headline < 0).any())
    told = (
        "The two-way fixed-effects estimate is shown, and is no answer: "
        f"{100 * unclean:.0f}% of its weight is on comparisons with units that had changed already"
    )
    return f"{told}, and it has the other sign." if turned else f"{told}."
