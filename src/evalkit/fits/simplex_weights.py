"""Weights that are never negative and sum to one, by least squares.

`fit_simplex_weights` finds the exact minimum by an active set (Lawson and Hanson 1974, Solving
Least Squares Problems, chapter 23, with the sum as a further constraint). `fit_frank_wolfe_weights`
walks towards it as the authors of synthetic difference-in-differences do, and stops where they
stop (Arkhangelsky et al. 2021, American Economic Review 111, algorithm 1 and their software): it is
slower and less exact, and is here to show that a difference from their figures is the solver's.
What must hold: no missing values.
"""

from typing import Literal

import numpy as np

from evalkit.inference.arrays import Floats, Ints

Solver = Literal["exact", "frank_wolfe"]

RELATIVE_RIDGE = 1e-9
"""Share of the mean squared distance added to the diagonal, so that the weights are unique."""
SLACK = 1e-10
"""Share of the mean squared distance by which an optimum may be missed."""


def fit_simplex_weights(donors: Floats, target: Floats, ridge: float = 0.0) -> Floats:
    """Minimise |target - donors w|^2 + ridge |w|^2 over w >= 0 with sum 1; returns (donors,).

    `donors` is (rows, donors) and `target` (rows,). Among weights that fit equally well the
    most even are returned.
    """
    distance = donors - target[:, None]
    gram = distance.T @ distance
    scale = float(np.trace(gram)) / len(gram) or 1.0
    gram[np.diag_indices_from(gram)] += ridge + RELATIVE_RIDGE * scale
    weights = np.zeros(len(gram))
    weights[np.argmin(np.diag(gram))] = 1.0
    for _ in range(20 * len(gram)):
        slope = gram @ weights
        short = slope - slope @ weights
        entering = int(np.argmin(np.where(weights > 0, 0.0, short)))
        if short[entering] >= -SLACK * scale or weights[entering] > 0:
            break
        chosen = np.append(np.flatnonzero(weights), entering)
        weights = _settle(gram, weights, chosen)
    return weights


def _settle(gram: Floats, start: Floats, chosen: Ints) -> Floats:
    """Minimise over the chosen donors, dropping those whose weight would fall below zero."""
    weights = start[chosen]
    while True:
        best = np.linalg.solve(gram[np.ix_(chosen, chosen)], np.ones(len(chosen)))
        best = best / best.sum()
        if (best > 0).all():
            settled = np.zeros(len(gram))
            settled[chosen] = best
            return settled
        falling = best <= 0
        steps = weights[falling] / (weights[falling] - best[falling])
        weights = weights + steps.min() * (best - weights)
        kept = weights > SLACK
        kept[np.flatnonzero(falling)[np.argmin(steps)]] = False
        chosen, weights = chosen[kept], weights[kept]


def fit_frank_wolfe_weights(
    donors: Floats, target: Floats, ridge: float, least_decrease: float
) -> Floats:
    """Minimise the same sum by 100 steps, drop small weights, and walk on to `least_decrease`."""
    even = np.full(donors.shape[1], 1 / donors.shape[1])
    weights = _walk(donors, target, even, ridge, least_decrease, 100)
    weights = np.where(weights <= weights.max() / 4, 0.0, weights)
    return _walk(donors, target, weights / weights.sum(), ridge, least_decrease, 10_000)


def _walk(
    donors: Floats, target: Floats, weights: Floats, ridge: float, least_decrease: float, steps: int
) -> Floats:
    before: float = np.inf
    for _ in range(steps):
        error = donors @ weights - target
        slope = donors.T @ error + ridge * weights
        towards = int(np.argmin(slope))
        change = -weights
        change[towards] += 1
        shift = donors @ change
        curve = shift @ shift + ridge * (change @ change)
        if curve == 0:
            break
        weights = weights + min(max(-float(slope @ change) / float(curve), 0.0), 1.0) * change
        error = donors @ weights - target
        value = float(error @ error + ridge * (weights @ weights)) / len(target)
        if before - value <= least_decrease**2:
            break
        before = value
    return weights
