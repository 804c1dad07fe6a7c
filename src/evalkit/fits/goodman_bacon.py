"""What the two-way fixed-effects estimate of a staggered change is made of.

With unit and period effects and one indicator of the change, the estimate is a weighted mean of
comparisons of two groups over two spans of time. Some compare units that change with units that
have changed already: where effects grow or differ, these can turn the sign of the whole. So the
estimate is for looking at beside its weights, never an answer.
Source: Goodman-Bacon 2021, Journal of Econometrics 225:254-277, theorem 1. Must hold: every unit
is seen in every period.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats

Kind = Literal["never_changed", "not_yet_changed", "already_changed"]


@dataclass(frozen=True, slots=True)
class TwoWayFit:
    """The static two-way fixed-effects estimate, and each unit's influence (n,) on it."""

    estimate: float
    influence: Floats


@dataclass(frozen=True, slots=True)
class Comparison:
    """Units that change at `cohort`, against others: which, since when (NaN: never), how heavy."""

    kind: Kind
    cohort: float
    against: float
    weight: float
    estimate: float


def fit_two_way(outcome: Floats, times: Floats, first_treated: Floats) -> TwoWayFit:
    """Regress `outcome` (n, periods) on the change, with unit and period effects.

    Raises AnalysisError for missing values, or where the change is all units' or periods' alike.
    """
    _refuse_gaps(outcome)
    change = _without_means((times >= first_treated[:, None]).astype(float))
    size = float(np.sum(change**2))
    if size < 1e-9:
        raise AnalysisError(
            "first_treated: the change falls together with periods or units, so two-way fixed "
            "effects cannot tell it apart. Give units that change at another time or never."
        )
    values = _without_means(outcome)
    estimate = float(np.sum(change * values) / size)
    residual = values - estimate * change
    return TwoWayFit(estimate, np.sum(change * residual, axis=1) / size)


def decompose_two_way(outcome: Floats, times: Floats, first_treated: Floats) -> list[Comparison]:
    """List every comparison of two groups; weights add up to one, weighted means to the estimate.

    Raises AnalysisError as `fit_two_way` does.
    """
    _refuse_gaps(outcome)
    change = (times >= first_treated[:, None]).astype(float)
    total = float(np.mean(_without_means(change) ** 2))
    starts = np.where(first_treated > times[-1], np.nan, first_treated)
    cohorts = np.unique(starts[~np.isnan(starts)])
    never = np.isnan(starts)
    groups = {float(c): _Group.make(outcome, times, starts == c, c) for c in cohorts}
    found = []
    if never.any():
        others = _Group.make(outcome, times, never, np.inf)
        found = [_against_never(g, others, times, total) for g in groups.values() if g.share < 1]
    for early in groups.values():
        for late in groups.values():
            if early.start < late.start:
                found += _against_each_other(early, late, times, total)
    return [one for one in found if one.weight > 0]


@dataclass(frozen=True, slots=True)
class _Group:
    """Mean outcomes (periods,) of a group, its start, share of units, and share of time changed."""

    mean: Floats
    start: float
    units: float
    share: float

    @classmethod
    def make(cls, outcome: Floats, times: Floats, member: Flags, start: float) -> "_Group":
        mean, share = outcome[member].mean(axis=0), float(np.mean(times >= start))
        return cls(mean, float(start), float(member.mean()), share)


def _against_never(group: _Group, never: _Group, times: Floats, total: float) -> Comparison:
    weight = group.units * never.units * group.share * (1 - group.share) / total
    after = times >= group.start
    estimate = _two_by_two(group.mean, never.mean, after, ~after)
    return Comparison("never_changed", group.start, np.nan, weight, estimate)


def _against_each_other(
    early: _Group, late: _Group, times: Floats, total: float
) -> list[Comparison]:
    """The early against the late before these change, and the late against the early after."""
    both, apart = early.units * late.units / total, early.share - late.share
    middle = (times >= early.start) & (times < late.start)
    found = []
    if early.share < 1:
        estimate = _two_by_two(early.mean, late.mean, middle, times < early.start)
        weight = both * apart * (1 - early.share)
        found.append(Comparison("not_yet_changed", early.start, late.start, weight, estimate))
    estimate = _two_by_two(late.mean, early.mean, times >= late.start, middle)
    weight = both * apart * late.share
    found.append(Comparison("already_changed", late.start, early.start, weight, estimate))
    return found


def _two_by_two(changing: Floats, other: Floats, after: Flags, before: Flags) -> float:
    gap = changing - other
    return float(gap[after].mean() - gap[before].mean())


def _without_means(values: Floats) -> Floats:
    by_unit, by_period = values.mean(axis=1, keepdims=True), values.mean(axis=0)
    return np.asarray(values - by_unit - by_period + values.mean())


def _refuse_gaps(outcome: Floats) -> None:
    missing = int(np.isnan(outcome).sum())
    if missing:
        raise AnalysisError(
            f"outcome: {missing} values are missing, and the weights of two-way fixed effects "
            "are defined for complete panels only. Leave out the units or periods with gaps."
        )
