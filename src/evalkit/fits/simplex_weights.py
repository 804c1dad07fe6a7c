"""Weights that are never negative and sum to one, by least squares.

`fit_simplex_weights` finds the exact minimum by scipy's non-negative least squares (Lawson and
Hanson 1974, Solving Least Squares Problems, chapter 23). `fit_frank_wolfe_weights` walks towards it
as the authors of synthetic difference-in-differences do, and stops where they stop (Arkhangelsky
et al. 2021, American Economic Review 111, algorithm 1 and their software): it is slower and less
exact, and is here to show that a difference from their figures is the solver's.
What must hold: no missing values.
"""

from typing import Literal

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from evalkit.inference.arrays import Floats

Solver = Literal["exact", "frank_wolfe"]

RELATIVE_RIDGE = 1e-9
"""Share of the mean squared distance added to the diagonal, so that the weights are unique."""
MOST_STEPS = 30
"""Steps of the active set, for each donor, before it gives up."""


def fit_simplex_weights(donors: Floats, target: Floats, ridge: float = 0.0) -> Floats:
    """Minimise |target - donors w|^2 + ridge |w|^2 over w >= 0 with sum 1; returns (donors,).

    `donors` is (rows, donors) and `target` (rows,). Among weights that fit equally well the
    most even are returned. With G = L L' the sum of squares is w'Gw: the solution without the
    sum, of |L'z - L^-1 1|, is the one with it but for its size.
    """
    distance = donors - target[:, None]
    gram = distance.T @ distance
    scale = float(np.trace(gram)) / len(gram) or 1.0
    gram /= scale
    gram[np.diag_indices_from(gram)] += ridge / scale + RELATIVE_RIDGE
    root = np.linalg.cholesky(gram)
    aim = solve_triangular(root, np.ones(len(gram)), lower=True, check_finite=False)
    weights = nnls(root.T, aim, maxiter=MOST_STEPS * len(gram))[0]
    return np.asarray(weights / weights.sum())


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
