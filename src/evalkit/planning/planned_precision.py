"""Precision of a plan by formula, for the designs that have one; the others are tried alone.

Each formula is of `panel_precision` or `series_precision`, or stands here: a change without
comparison (a unit's mean after less its mean before, averaged over units, t(units - 1)), any
roll-out over any covariance of a unit's periods (generalised least squares, t(units - 2)),
changes since each unit's start against units that never start (the weights of Callaway and
Sant'Anna 2021 where every unit counts the same, t(units - 2)), and a slope within units of a dose
that does not foretell itself (t(units - 1)).
"""

from collections.abc import Callable

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.panel_precision import course_covariance, panel_precision
from evalkit.planning.planned_parameters import answers_of, spread_of
from evalkit.planning.planned_tables import assume, count_treated, list_starts
from evalkit.planning.sample_size import Precision, smallest_number
from evalkit.planning.series_precision import series_precision
from evalkit.study.schemas.plan_a_study import PlanAStudy

FEWEST = 4
"""Units from which on the formula for a roll-out is given."""

_COMPARE_UNITS = ("difference_in_differences", "staggered_adoption", "stepped_wedge")

FORMULAS: dict[str, str] = {
    "before_after": "change of the average, units' own ups and downs allowed for",
    "difference_in_differences": "difference of changes, for any correlation of periods",
    "staggered_adoption": "difference of changes from the period before each start, averaged "
    "over units that start, against units that never do",
    "stepped_wedge": "generalised least squares, the correlations taken as known",
    "interrupted_time_series": "change in level of a series whose memory is known; it must be "
    "estimated, so that true power is lower",
    "dose_response": "slope within units, for a dose that does not foretell itself",
}
"""The formula of each design that has one, in words."""


def find_precision(plan: PlanAStudy, units: int, design: str | None = None) -> Precision | None:
    """Return the precision with `units` units; None where the design has no formula.

    `design` is the plan's own unless another is named, which is then asked of the same roll-out.
    """
    formula = _FORMULAS.get(design or plan.design)
    if formula is None:
        return None
    try:
        return formula(plan, units)
    except AnalysisError:
        return None


def find_number(plan: PlanAStudy, design: str | None = None) -> int | None:
    """Return the smallest number of units that finds what matters, by formula; None without one."""
    step = least_units(plan)

    def precision_of(number: int) -> Precision:
        found = find_precision(plan, number, design)
        return found if found is not None else Precision(np.inf, np.inf)

    if all(find_precision(plan, number, design) is None for number in (step, plan.units)):
        return None
    try:
        return smallest_number(
            precision_of,
            plan.minimum_important_difference,
            power=plan.power_wanted,
            level=plan.confidence_level,
            least=step,
        )
    except AnalysisError:
        return None


def find_design_effect(plan: PlanAStudy, units: int) -> float | None:
    """Return the answers of the plan over those that single people, drawn by lot, would need.

    Both for the same precision; the lot would put half of the people in each group (Woertman and
    others 2013, Journal of Clinical Epidemiology 66:752-758). None without a formula, without a
    comparison of units, or where the number of answers or their spread is not known.
    """
    found = find_precision(plan, units)
    known = plan.people is not None and plan.person_sd is not None
    if found is None or not known or plan.design not in _COMPARE_UNITS:
        return None
    answers = units * plan.periods * answers_of(plan)
    return answers * found.std_error**2 / (4 * spread_of(plan) ** 2)


def least_units(plan: PlanAStudy) -> int:
    """Count the units below which a group of the plan would be empty."""
    return max(2, plan.steps + (count_treated(plan, plan.units) < plan.units))


def covariance_of(plan: PlanAStudy) -> Floats:
    """Return the covariance (periods, periods) of one unit's outcomes, without what all share."""
    assumed = assume(plan, plan.units)
    between = assumed.icc * spread_of(plan) ** 2
    lasting = between * assumed.cluster_autocorrelation
    return course_covariance(
        plan.periods,
        lasting=float(np.sqrt(lasting)),
        passing=float(np.sqrt(between - lasting)),
        memory=plan.drift_correlation or 0.0,
        noise=float(np.sqrt((1 - assumed.icc) * spread_of(plan) ** 2 / answers_of(plan))),
    )


def _of_change(plan: PlanAStudy, units: int) -> Precision | None:
    """Only units that have it are looked at; what a period brings to all has no formula."""
    treated, before = count_treated(plan, units), plan.periods_before
    if before is None or (plan.period_sd or 0.0) > 0 or treated < 2:
        return None
    covariance = covariance_of(plan)
    after = np.arange(plan.periods) >= before
    weights = np.where(after, 1 / after.sum(), -1 / before)
    error = float(np.sqrt(weights @ covariance @ weights / treated))
    return Precision(error, float(treated - 1))


def _of_differences(plan: PlanAStudy, units: int) -> Precision | None:
    treated = count_treated(plan, units)
    if plan.periods_before is None or plan.steps > 1 or treated == units:
        return None
    covariance = covariance_of(plan)
    return panel_precision(treated, units - treated, covariance, plan.periods_before)


def _of_staggered(plan: PlanAStudy, units: int) -> Precision | None:
    """Weight each period of each unit as the average over cohorts does, against those never in."""
    treated = count_treated(plan, units)
    if plan.periods_before is None or treated == units or units < FEWEST:
        return None
    starts, counts = np.unique(list_starts(plan, units)[:treated], return_counts=True)
    changes = np.array([_change_since(plan, start) for start in starts])
    covariance, expected = covariance_of(plan), counts @ changes / treated
    own = float(counts @ np.einsum("ij,jk,ik->i", changes, covariance, changes)) / treated**2
    others = float(expected @ covariance @ expected) / (units - treated)
    return Precision(float(np.sqrt(own + others)), float(units - 2))


def _change_since(plan: PlanAStudy, start: float) -> Floats:
    """Weights (periods,) of the mean from `start` on less the period before it."""
    time = np.arange(plan.periods)
    after = time >= start
    return np.where(after, 1 / after.sum(), np.where(time == start - 1, -1.0, 0.0))


def _of_rollout(plan: PlanAStudy, units: int) -> Precision | None:
    """Add up each unit's information on the effect and on the periods (Hussey and Hughes 2007)."""
    if plan.periods_before is None or units < FEWEST:
        return None
    starts, counts = np.unique(list_starts(plan, units), return_counts=True)
    inverse = np.linalg.inv(covariance_of(plan))
    information = np.zeros((plan.periods + 1, plan.periods + 1))
    for start, count in zip(starts, counts, strict=True):
        treated = (np.arange(plan.periods) >= start).astype(float)
        x = np.column_stack([treated, np.eye(plan.periods)])
        information += count * x.T @ inverse @ x
    if int(np.linalg.matrix_rank(information)) < len(information):
        return None
    return Precision(float(np.sqrt(np.linalg.inv(information)[0, 0])), float(units - 2))


def _of_series(plan: PlanAStudy, units: int) -> Precision | None:
    """One series, the average of units that have it, or its distance from that of the others.

    What periods bring to all stays in the one and leaves the other.
    """
    treated, before = count_treated(plan, units), plan.periods_before
    if before is None or plan.steps > 1:
        return None
    own = covariance_of(plan) - covariance_of(plan)[0, -1]
    own = own if plan.drift_correlation else np.diag(np.diag(own))
    share = 1 / treated + (1 / (units - treated) if treated < units else 0.0)
    shared = (plan.period_sd or 0.0) ** 2 if treated == units else 0.0
    variance = own[0, 0] * share + shared
    memory = own[0, 1] * share / variance
    seasons = int(plan.period_name == "month" and plan.periods >= 24)
    after = plan.periods - before
    return series_precision(before, after, float(np.sqrt(variance)), memory=memory, seasons=seasons)


def _of_dose(plan: PlanAStudy, units: int) -> Precision | None:
    if plan.dose_sd is None or plan.dose_step is None or plan.periods < 2 or units < 2:
        return None
    within = np.eye(plan.periods) - 1 / plan.periods
    left = float(np.trace(within @ covariance_of(plan)))
    error = plan.dose_step / plan.dose_sd * np.sqrt(left / (units - 1)) / (plan.periods - 1)
    return Precision(float(error), float(units - 1))


_FORMULAS: dict[str, Callable[[PlanAStudy, int], Precision | None]] = {
    "before_after": _of_change,
    "difference_in_differences": _of_differences,
    "staggered_adoption": _of_staggered,
    "stepped_wedge": _of_rollout,
    "interrupted_time_series": _of_series,
    "dose_response": _of_dose,
}
