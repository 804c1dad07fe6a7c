"""Group-time effects of a change that reaches units at different times, and their averages.

A cohort is the units that change in the same period. For each cohort g and period t the effect
is the cohort's mean change since its last period before the change, less the mean change of
comparison units over the same time; units that have changed already are never a comparison.
Every estimate carries its influence function, so that averages, covariances and simultaneous
bands of any set of estimates follow from sums of columns.
Source: Callaway and Sant'Anna 2021, Journal of Econometrics 225:200-230; with covariates, the
outcome regression of Sant'Anna and Zhao 2020, Journal of Econometrics 219:101-122.
Must hold: without the change, cohorts and comparison units would have moved in parallel (given
the covariates), and nobody acts on the change earlier than `anticipation` periods before it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats, Ints

Average = Literal["simple", "group", "event", "calendar"]
AVERAGES: tuple[Average, ...] = ("simple", "group", "event", "calendar")


@dataclass(frozen=True, slots=True)
class CellRule:
    """What each cohort and period is compared with.

    `comparison`: units that never change, or all that have not changed yet. `base`: periods
    before the change are compared with the one before them (`varying`) or, as all others are,
    with the last one before the change (`universal`). `anticipation`: periods before the change
    in which units may act on it already, and which are no comparison.
    """

    comparison: Literal["never_treated", "not_yet_treated"] = "never_treated"
    base: Literal["varying", "universal"] = "varying"
    anticipation: int = 0


@dataclass(frozen=True, slots=True)
class CohortCells:
    """A cohort's c cells: its periods, what each is compared with, and the units' changes.

    `before` (c,) are the columns of the base periods. `change` (n, c) is zero where not `seen`
    in both periods. Units that change later than `clean_after` (c,) may be compared with.
    """

    cohort: float
    time: Floats
    before: Ints
    change: Floats
    seen: Flags
    clean_after: Floats

    def allows(self, first_treated: Floats) -> Flags:
        """Whether units with these starts (k,), NaN for never, are a comparison, (k, c)."""
        later = first_treated[:, None] > self.clean_after
        other = (first_treated != self.cohort)[:, None]
        return np.asarray(np.isnan(first_treated)[:, None] | (later & other))


@dataclass(frozen=True, slots=True)
class GroupTimeEffects:
    """Effects of c cells, each one cohort in one period.

    `cohort`, `time`, `estimate`, `treated` and `compared` (numbers of units) are (c,);
    `influence` is (n, c), scaled so that the variance of an estimate is the sum of its squares
    over independent units; `first_treated` (n,) is NaN for units that never change.
    """

    cohort: Floats
    time: Floats
    estimate: Floats
    influence: Floats
    treated: Ints
    compared: Ints
    first_treated: Floats

    @property
    def event(self) -> Floats:
        """Periods since the change, negative before it, (c,)."""
        return self.time - self.cohort


@dataclass(frozen=True, slots=True)
class Averages:
    """Averages of group-time effects by `key` (k,), with influence (n, k), and their overall one.

    `overall_influence` is (n,). Periods before the change (`key` < 0 of an event study) are no
    part of the overall figure.
    """

    key: Floats
    estimate: Floats
    influence: Floats
    overall: float
    overall_influence: Floats


def fit_group_time(
    outcome: Floats,
    times: Floats,
    first_treated: Floats,
    rule: CellRule = CellRule(),
    *,
    covariates: Floats | None = None,
) -> GroupTimeEffects:
    """Estimate the effect of each cohort in each period.

    `outcome` is (n, periods), NaN where missing; `times` (periods,) ascends; `covariates`
    (n, periods, p) are read in each cell's base period. A cell compares the units seen in both
    of its periods. Cohorts without a period before their change are left out. Raises
    AnalysisError if no cell has both changed and comparison units.
    """
    parts = []
    for cells in list_cells(outcome, times, first_treated, rule):
        changed = (first_treated == cells.cohort)[:, None] & cells.seen
        clean = cells.allows(first_treated) & cells.seen
        known = None if covariates is None else covariates[:, cells.before]
        found = _estimate_cells(cells.change, changed, clean, known)
        parts.append((np.full(len(cells.time), cells.cohort), cells.time, *found))
    if not parts or not any(np.isfinite(part[2]).any() for part in parts):
        raise AnalysisError(
            "first_treated: no group of units that changed together has both a period before its "
            "change and units to compare it with. "
            "Give earlier periods, or units that change later or never."
        )
    joined = [np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]
    kept = np.isfinite(joined[2])
    cohort, time, estimate, influence, treated, compared = (j[..., kept] for j in joined)
    return GroupTimeEffects(cohort, time, estimate, influence, treated, compared, first_treated)


def list_cells(
    outcome: Floats, times: Floats, first_treated: Floats, rule: CellRule
) -> list[CohortCells]:
    """List the cells of each cohort that has a period before its change."""
    cohorts = np.unique(first_treated[~np.isnan(first_treated)])
    cohorts = cohorts[(cohorts - rule.anticipation > times[0]) & (cohorts <= times[-1])]
    return [_cells_of(float(cohort), outcome, times, rule) for cohort in cohorts]


def _cells_of(cohort: float, outcome: Floats, times: Floats, rule: CellRule) -> CohortCells:
    last = int(np.searchsorted(times, cohort - rule.anticipation)) - 1
    at = np.arange(len(times))
    if rule.base == "universal":
        at, before = at[at != last], np.full(len(times) - 1, last)
    else:
        at, before = at[1:], np.where(times[1:] >= cohort, last, at[1:] - 1)
    change = outcome[:, at] - outcome[:, before]
    seen = ~np.isnan(change)
    after = np.full(len(at), np.inf)
    if rule.comparison == "not_yet_treated":
        after = np.maximum(times[at], times[before]) + rule.anticipation
    return CohortCells(cohort, times[at], before, np.where(seen, change, 0.0), seen, after)


def _estimate_cells(
    change: Floats, changed: Flags, clean: Flags, covariates: Floats | None
) -> tuple[Floats, Floats, Ints, Ints]:
    """Estimate, influence and numbers of units of each cell, (c,), (n, c), (c,), (c,)."""
    if covariates is not None:
        cells = [
            _adjust_cell(change[:, j], changed[:, j], clean[:, j], covariates[:, j])
            for j in range(change.shape[1])
        ]
        estimate, influences, ones, others = zip(*cells, strict=True)
        return np.array(estimate), np.stack(influences, 1), np.array(ones), np.array(others)
    n1, n0 = changed.sum(axis=0), clean.sum(axis=0)
    usable = (n1 > 0) & (n0 > 0)
    share = np.where(usable, changed / np.maximum(n1, 1), 0.0)
    rest = np.where(usable, clean / np.maximum(n0, 1), 0.0)
    one, two = (share * change).sum(axis=0), (rest * change).sum(axis=0)
    influence = share * (change - one) - rest * (change - two)
    return np.where(usable, one - two, np.nan), influence, n1, n0


def _adjust_cell(
    change: Floats, changed: Flags, clean: Flags, covariates: Floats
) -> tuple[float, Floats, int, int]:
    """One cell, the comparison units' change predicted for the changed ones by least squares."""
    known: Flags = np.asarray(~np.isnan(covariates).any(axis=1))
    changed, clean = changed & known, clean & known
    n1, n0 = int(changed.sum()), int(clean.sum())
    x = np.column_stack([np.ones(len(change)), np.where(known[:, None], covariates, 0.0)])
    if n1 == 0 or n0 <= x.shape[1] or np.linalg.matrix_rank(x[clean]) < x.shape[1]:
        return np.nan, np.zeros(len(change)), n1, n0
    bread = np.linalg.inv(x[clean].T @ x[clean])
    residual = change - x @ (bread @ (x[clean].T @ change[clean]))
    estimate = residual[changed].mean()
    reach = x @ (bread @ x[changed].mean(axis=0))
    influence = changed / n1 * (residual - estimate) - clean * reach * residual
    return float(estimate), influence, n1, n0


def average_effects(
    effects: GroupTimeEffects, by: Average, *, fixed_shares: bool = False
) -> Averages:
    """Average the effects since the change.

    `simple`: every cell, weighted by its cohort's units. `group`: by cohort, its periods alike;
    overall weighted by the cohorts' units, so that every changed unit counts the same. `event`:
    by periods since the change, and `calendar`: by period, both weighted by units; overall the
    plain mean of those since the change. Cohorts' shares of units count as being as random as the
    units (as R's `did` has it) unless `fixed_shares`, for the average of these very cohorts.
    """
    keys, chosen = choose_cells(effects, by)
    if by == "group":
        estimate = np.array([effects.estimate[c].mean() for c in chosen])
        influence = np.stack([effects.influence[:, c].mean(axis=1) for c in chosen], axis=1)
        overall, whole = _weigh(keys, estimate, influence, effects.first_treated, fixed_shares)
        return Averages(keys, estimate, influence, overall, whole)
    found = [
        _weigh(
            effects.cohort[c],
            effects.estimate[c],
            effects.influence[:, c],
            effects.first_treated,
            fixed_shares,
        )
        for c in chosen
    ]
    estimate, influence = np.array([f[0] for f in found]), np.stack([f[1] for f in found], 1)
    since = is_since(keys, by)
    overall, whole = float(estimate[since].mean()), influence[:, since].mean(axis=1)
    return Averages(keys, estimate, influence, overall, whole)


def choose_cells(effects: GroupTimeEffects, by: Average) -> tuple[Floats, list[Flags]]:
    """The keys (k,) of an average, and the cells (c,) that each takes."""
    since = effects.event >= 0
    by_kind: dict[Average, Floats] = {
        "simple": np.where(since, 0.0, np.nan),
        "group": np.where(since, effects.cohort, np.nan),
        "event": effects.event,
        "calendar": np.where(since, effects.time, np.nan),
    }
    values = by_kind[by]
    keys = np.unique(values[~np.isnan(values)])
    return keys, [np.equal(values, key) for key in keys]


def is_since(keys: Floats, by: Average) -> Flags:
    """Which keys are of the time since the change."""
    return np.asarray(keys >= 0 if by == "event" else np.ones(len(keys), dtype=bool))


def _weigh(
    cohort: Floats,
    estimate: Floats,
    influence: Floats,
    first_treated: Floats,
    fixed_shares: bool,
) -> tuple[float, Floats]:
    """Average weighted by cohorts' units."""
    member = first_treated[:, None] == cohort
    units = member.sum(axis=0)
    weight = units / units.sum()
    overall = float(weight @ estimate)
    drawn = 0.0 if fixed_shares else member @ (estimate - overall) / units.sum()
    return overall, influence @ weight + drawn
