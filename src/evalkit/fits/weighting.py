"""The difference of two weighted groups, and the doubly robust one, with errors of all steps.

The weighted difference is of weighted means. The doubly robust one predicts each group's outcome
for the target population by regression and corrects it by the weighted residuals: it holds if
either the weights or the regressions are right.
Sources: Lunceford and Davidian 2004, Statistics in Medicine 23:2937-2960 (stacked equations);
Mao, Li and Greene 2019, Statistical Methods in Medical Research 28:2439-2454 (augmented balancing
weights).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.fits.propensity import Weighed, WeightModel
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.stacked_equations import influence_of


@dataclass(frozen=True, slots=True)
class ContrastFit:
    """A difference, and the influence (n,) of each row on it."""

    estimate: float
    influence: Floats


def weighted_difference(outcome: Floats, treated: Flags, weights: Floats) -> float:
    """Difference of the weighted means of treated and others."""
    means = [np.average(outcome[group], weights=weights[group]) for group in (treated, ~treated)]
    return float(means[0] - means[1])


def doubly_robust_difference(
    outcome: Floats, treated: Flags, design: Floats, weighed: Weighed, prior: Floats
) -> float:
    """Difference predicted by regressions within groups, corrected by weighted residuals."""
    groups = (treated, ~treated)
    lines = [_regress(design[g], outcome[g], prior[g]) for g in groups]
    gap, one, other = _parts(outcome, groups, design, weighed, lines)
    return float(gap + one - other)


def fit_weighted_difference(outcome: Floats, treated: Flags, model: WeightModel) -> ContrastFit:
    """Fit the difference of weighted means, with the influence of fitting the weights."""
    groups = (treated, ~treated)
    weights, size = model.fitted.weights, len(model.solution)
    means = [np.average(outcome[group], weights=weights[group]) for group in groups]

    def equations(theta: Floats) -> Floats:
        weighed = model.weigh(theta[:size])
        terms = [
            weighed.weights * group * (outcome - mean)
            for group, mean in zip(groups, theta[size:], strict=True)
        ]
        return np.column_stack([weighed.equations, *terms])

    influence = influence_of(equations, np.concatenate([model.solution, means]))
    return ContrastFit(float(means[0] - means[1]), influence[:, -2] - influence[:, -1])


def fit_doubly_robust(
    outcome: Floats, treated: Flags, design: Floats, model: WeightModel, prior: Floats
) -> ContrastFit:
    """Fit the difference by regressions within groups, corrected by weighted residuals.

    `design` (n, k) has a constant and the causes of the outcome; `prior` (n,) are the weights that
    rows have beforehand, ones where none.
    """
    groups = (treated, ~treated)
    size, width = len(model.solution), design.shape[1]
    lines = [_regress(design[g], outcome[g], prior[g]) for g in groups]
    parts = _parts(outcome, groups, design, model.fitted, lines)

    def equations(theta: Floats) -> Floats:
        weighed = model.weigh(theta[:size])
        coefs = [theta[size : size + width], theta[size + width : size + 2 * width]]
        gap, *corrections = theta[size + 2 * width :]
        terms = [weighed.equations]
        for group, coef in zip(groups, coefs, strict=True):
            terms.append(design * (prior * group * (outcome - design @ coef))[:, None])
        terms.append((weighed.tilt * (design @ (coefs[0] - coefs[1]) - gap))[:, None])
        for group, coef, correction in zip(groups, coefs, corrections, strict=True):
            residual = outcome - design @ coef - correction
            terms.append((weighed.weights * group * residual)[:, None])
        return np.column_stack(terms)

    influence = influence_of(equations, np.concatenate([model.solution, *lines, parts]))
    of_parts = influence[:, -3:]
    combined = of_parts[:, 0] + of_parts[:, 1] - of_parts[:, 2]
    return ContrastFit(float(parts[0] + parts[1] - parts[2]), combined)


def _regress(design: Floats, outcome: Floats, prior: Floats) -> Floats:
    weighted = design * prior[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ design, weighted.T @ outcome))


def _parts(
    outcome: Floats,
    groups: tuple[Flags, Flags],
    design: Floats,
    weighed: Weighed,
    lines: list[Floats],
) -> Floats:
    """The predicted gap in the target population, and each group's mean weighted residual."""
    gap = np.average(design @ (lines[0] - lines[1]), weights=weighed.tilt)
    corrections = [
        np.average((outcome - design @ line)[group], weights=weighed.weights[group])
        for group, line in zip(groups, lines, strict=True)
    ]
    return np.array([gap, *corrections])


def effective_number(weights: Floats) -> float:
    """How many rows of equal weight would tell as much (Kish 1965)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))
