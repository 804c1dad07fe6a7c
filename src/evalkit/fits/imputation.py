"""Effects as what was seen after the change, less what units' and periods' own levels predict.

Unit and period effects are fitted to what was seen before the change (or without it), and carried
on. Uses all periods before the change, not the last alone: steadier if trends are parallel
throughout. The error is conservative: what effects differ by within groups of them counts as
noise.
Source: Borusyak, Jaravel and Spiess 2024, Review of Economic Studies 91:3253-3285; weights in
closed form by their proposition 3, errors by their theorem 3.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats, Ints

Alike = Literal["cohort_period", "event", "all"]
"""Within what effects are averaged for the error: the coarser, the more conservative."""


@dataclass(frozen=True, slots=True)
class ImputedEffects:
    """Effects (n, periods) of changed units, NaN elsewhere; levels predicted, what was seen.

    `unchanged` and `known` (n, periods) are what was fitted to, and where an effect is known.
    """

    effect: Floats
    residual: Floats
    unchanged: Flags
    known: Flags
    event: Floats
    first_treated: Floats


@dataclass(frozen=True, slots=True)
class ImputedAverage:
    """A weighted average of effects, and each unit's influence (n,) on it."""

    estimate: float
    influence: Floats


def fit_imputation(
    outcome: Floats, times: Floats, first_treated: Floats, *, anticipation: int = 0
) -> ImputedEffects:
    """Impute each changed unit's outcome without the change.

    `outcome` is (n, periods), NaN where missing; `first_treated` (n,) NaN for never. Units never
    seen unchanged, and periods in which nobody is, have no effect. Raises AnalysisError if there
    is none at all, or if the unchanged fall into parts that nothing connects.
    """
    event = times - first_treated[:, None]
    seen = ~np.isnan(outcome)
    unchanged = seen & ~(event >= -anticipation)
    values = np.where(unchanged, outcome, 0.0)
    units: Flags = np.asarray(unchanged.any(axis=1))
    periods: Flags = np.asarray(unchanged.any(axis=0))
    _refuse_parts(unchanged, int(periods.sum()))
    level, shift = _solve(unchanged, values.sum(axis=1), values.sum(axis=0))
    rest = np.where(seen, outcome, 0.0) - level[:, None] - shift
    known = seen & (event >= 0) & units[:, None] & periods
    if not known.any():
        raise AnalysisError(
            "first_treated: no unit is seen both before and after its change while others are "
            "still unchanged. Give earlier periods, or units that change later or never."
        )
    effect = np.where(known, rest, np.nan)
    return ImputedEffects(
        effect, np.where(unchanged, rest, 0.0), unchanged, known, event, first_treated
    )


def average_imputed(
    effects: ImputedEffects, weights: Floats, *, alike: Alike = "cohort_period"
) -> ImputedAverage:
    """Average the effects with `weights` (n, periods), zero where no effect is known."""
    weights = np.where(effects.known, weights, 0.0)
    effect = np.where(effects.known, effects.effect, 0.0)
    level, shift = _solve(effects.unchanged, weights.sum(axis=1), weights.sum(axis=0))
    carried = np.where(effects.unchanged, -(level[:, None] + shift), 0.0)
    apart = effect - _mean_of_alike(effects, effect, weights, alike)
    influence = np.sum(weights * apart + carried * effects.residual, axis=1)
    return ImputedAverage(float(np.sum(weights * effect)), influence)


def weigh_overall(effects: ImputedEffects, *, by_unit: bool = True) -> Floats:
    """Weights (n, periods) by which every changed unit, or every changed row, counts the same."""
    known = effects.known.astype(float)
    if by_unit:
        known /= np.maximum(known.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(known / known.sum())


def weigh_event(effects: ImputedEffects, event: float) -> Floats:
    """Weights (n, periods) by which every unit counts the same, so many periods after its start."""
    chosen = (effects.known & (effects.event == event)).astype(float)
    return np.asarray(chosen / max(chosen.sum(), 1.0))


def _solve(unchanged: Flags, by_unit: Floats, by_period: Floats) -> tuple[Floats, Floats]:
    """Unit (n,) and period effects whose sums over the unchanged are the ones given."""
    member = unchanged.astype(float)
    count = np.maximum(member.sum(axis=1), 1.0)
    inverse = np.linalg.pinv(_between_periods(unchanged), hermitian=True)
    shift = np.asarray(inverse @ (by_period - member.T @ (by_unit / count)))
    return (by_unit - member @ shift) / count, shift


def _between_periods(unchanged: Flags) -> Floats:
    """Products of period indicators (periods, periods), unit effects taken out."""
    member = unchanged.astype(float)
    count = np.maximum(member.sum(axis=1, keepdims=True), 1.0)
    return np.asarray(np.diag(member.sum(axis=0)) - member.T @ (member / count))


def _mean_of_alike(
    effects: ImputedEffects, effect: Floats, weights: Floats, alike: Alike
) -> Floats:
    """Mean effect (n, periods) of the group that each is in; units' weights squared weigh."""
    group = _number_groups(effects, alike)
    size = int(group.max()) + 1
    units = np.arange(len(group))[:, None] * size + group
    length = len(group) * size
    weight = np.bincount(units.ravel(), weights.ravel(), length).reshape(-1, size)
    product = np.bincount(units.ravel(), (weights * effect).ravel(), length).reshape(-1, size)
    below = np.sum(weight**2, axis=0)
    mean = np.sum(weight * product, axis=0) / np.where(below > 0, below, 1.0)
    return np.asarray(mean[group])


def _number_groups(effects: ImputedEffects, alike: Alike) -> Ints:
    """A number (n, periods) for each group of effects."""
    if alike == "all":
        return np.zeros(effects.known.shape, dtype=np.int64)
    event = np.where(effects.known, effects.event, -1.0)
    event_code = np.unique(event, return_inverse=True)[1].reshape(event.shape)
    if alike == "event":
        return event_code
    cohort = np.unique(effects.first_treated, return_inverse=True)[1]
    return np.asarray(event_code * (int(cohort.max()) + 1) + cohort[:, None])


def _refuse_parts(unchanged: Flags, periods: int) -> None:
    rounding = 1e-9 * max(1.0, float(unchanged.sum()))
    if np.linalg.matrix_rank(_between_periods(unchanged), tol=rounding) < periods - 1:
        raise AnalysisError(
            "outcome: before the change, units and periods fall into parts that no unit connects, "
            "so levels cannot be carried on. Give units seen in more periods."
        )
