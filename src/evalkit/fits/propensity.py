"""Weights that make two groups alike in measured causes, and the equations that make them.

By the propensity, a logistic regression of treatment on the causes: everyone (inverse
probability), the treated, or those who could have been in either group (overlap weights). Or by
entropy balance, which moves the weights as little as can be so that means agree exactly.
What must hold: all that both chose the treatment and moves the outcome is measured; nobody is
certain of either group.
Sources: Li, Morgan and Zaslavsky 2018, Journal of the American Statistical Association
113:390-400 (balancing weights); Hainmueller 2012, Political Analysis 20:25-46 (entropy balance);
Zhao and Percival 2017, Journal of Causal Inference 5(1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.inference.arrays import Flags, Floats

Target = Literal["everyone", "treated", "overlap"]

CERTAIN = 30.0
"""Log odds of treatment from which on somebody counts as certain of their group."""
STEPS = 100
CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class Weighed:
    """Weights (n,) of rows within their group, the tilt (n,) of the population they speak for.

    `equations` (n, k) are the rows' terms of what the weights were fitted by.
    """

    weights: Floats
    tilt: Floats
    equations: Floats


@dataclass(frozen=True, slots=True)
class WeightModel:
    """Fitted parameters (k,) of weights, and the function that makes weights of any."""

    solution: Floats
    weigh: Callable[[Floats], Weighed]

    @property
    def fitted(self) -> Weighed:
        """Weights at the solution."""
        return self.weigh(self.solution)


def with_constant(covariates: Floats) -> Floats:
    """Centre and scale covariates (n, p), and put a constant before them."""
    spread = covariates.std(axis=0)
    scaled = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return np.column_stack([np.ones(len(covariates)), scaled])


def fit_propensity(design: Floats, treated: Flags, prior: Floats | None = None) -> Floats:
    """Coefficients (k,) of a logistic regression of `treated` on `design` (n, k), by Newton.

    `numpy.linalg.LinAlgError` where columns are collinear or the groups can be told apart.
    """
    base = np.ones(len(design)) if prior is None else prior
    coef = np.zeros(design.shape[1])
    for _ in range(STEPS):
        score = propensity(design, coef)
        slope = design.T @ (base * (treated - score))
        curve = (design * (base * score * (1 - score))[:, None]).T @ design
        step = np.linalg.solve(curve, slope)
        coef = coef + step * min(1.0, 5 / max(float(np.abs(design @ step).max()), 1e-300))
        if np.abs(design @ coef).max() > CERTAIN:
            break
        if np.abs(step).max() < CLOSE:
            return np.asarray(coef)
    raise np.linalg.LinAlgError("the groups can be told apart, so the propensity has no fit")


def propensity(design: Floats, coef: Floats) -> Floats:
    """Probability (n,) of treatment."""
    return np.asarray(1 / (1 + np.exp(-np.clip(design @ coef, -700, 700))))


def propensity_weights(
    design: Floats, treated: Flags, target: Target, prior: Floats | None = None
) -> WeightModel:
    """Weights from the propensity for a target population.

    `design` (n, k) has a constant; `prior` (n,) are weights that rows have beforehand.
    """
    base = np.ones(len(design)) if prior is None else prior

    def weigh(coef: Floats) -> Weighed:
        score = propensity(design, coef)
        own = np.where(treated, score, 1 - score)
        tilt = {
            "everyone": np.ones(len(score)),
            "treated": score,
            "overlap": score * (1 - score),
        }[target]
        population = treated.astype(float) if target == "treated" else tilt
        terms = design * (base * (treated - score))[:, None]
        return Weighed(base * tilt / own, base * population, terms)

    return WeightModel(fit_propensity(design, treated, prior), weigh)


def entropy_weights(
    design: Floats, treated: Flags, target: Target, prior: Floats | None = None
) -> WeightModel:
    """Weights that give each group the means of the target (the treated, or everyone).

    `numpy.linalg.LinAlgError` where no positive weights can reach those means.
    """
    if target == "overlap":
        raise ValueError("entropy balance has no overlap population; use propensity weights")
    base = np.ones(len(design)) if prior is None else prior
    causes = design[:, 1:]
    population = base * treated if target == "treated" else base
    moved = [~treated] if target == "treated" else [~treated, treated]
    size = causes.shape[1]
    means = population @ causes / population.sum()
    slopes = [_tilt_to(causes[group] - means, base[group]) for group in moved]

    def weigh(solution: Floats) -> Weighed:
        centred = causes - solution[:size]
        weights, terms = base.copy(), [centred * population[:, None]]
        for place, group in enumerate(moved, start=1):
            slope = solution[size * place : size * (place + 1)]
            weights = np.where(group, base * np.exp(np.minimum(centred @ slope, 700)), weights)
            terms.append(centred * (weights * group)[:, None])
        return Weighed(weights, population, np.column_stack(terms))

    return WeightModel(np.concatenate([means, *slopes]), weigh)


def _tilt_to(centred: Floats, base: Floats) -> Floats:
    """Slopes of the exponential tilt after which the weighted mean of `centred` is zero."""
    slope = np.zeros(centred.shape[1])
    for _ in range(STEPS):
        weights = base * np.exp(centred @ slope - (centred @ slope).max())
        gradient = weights @ centred / weights.sum()
        if np.abs(gradient).max() < CLOSE:
            return slope
        curve = (centred * weights[:, None]).T @ centred / weights.sum()
        curve = curve - np.outer(gradient, gradient)
        step = np.linalg.solve(curve, gradient)
        slope = slope - step * min(1.0, 2 / max(float(np.abs(centred @ step).max()), 1e-300))
        if np.abs(centred @ slope).max() > 2 * CERTAIN:
            break
    raise np.linalg.LinAlgError("no positive weights reach the means asked for")
