"""Weighted regression with a linear, logistic or log line: the solution of its score equations.

Families with their canonical link, so the scores are the regressors times the weighted residual
(McCullagh and Nelder 1989, chapter 2). Shared by the fits that differ in their errors alone.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

Family = Literal["linear", "logistic", "log"]
STEPS = 60
SETTLED = 1e-12
"""Newton steps end when no coefficient moves by more than this share of its size."""
FAR = 30.0
"""The line is held within this distance of zero, where shares are 0 or 1 in effect."""


@dataclass(frozen=True, slots=True)
class WeightedSolution:
    """Coefficients (p,), each row's score (n, p) and the inverse of the curvature (p, p)."""

    coef: Floats
    scores: Floats
    inverse: Floats


def solve_weighted(y: Floats, x: Floats, weight: Floats, family: Family) -> WeightedSolution:
    """Solve for the coefficients of `x` (n, p); rows of weight zero play no part.

    Raises AnalysisError for collinear regressors, and where no solution is reached because the
    regressors tell the outcome without error.
    """
    _refuse_collinear(x[weight > 0])
    coef = np.zeros(x.shape[1])
    for _ in range(STEPS):
        fitted, spread = _curve(x @ coef, family)
        curvature = x.T @ (x * (weight * spread)[:, None])
        if np.linalg.cond(curvature) > 1 / np.finfo(float).eps:
            break
        step = np.linalg.solve(curvature, x.T @ (weight * (y - fitted)))
        coef = coef + step
        if np.all(np.abs(step) <= SETTLED * (1 + np.abs(coef))):
            fitted, spread = _curve(x @ coef, family)
            inverse = np.asarray(np.linalg.inv(x.T @ (x * (weight * spread)[:, None])), dtype=float)
            return WeightedSolution(coef, x * (weight * (y - fitted))[:, None], inverse)
    raise AnalysisError(
        f"{family} regression: no solution in {STEPS} steps; the regressors may tell the outcome "
        "without error. Drop or merge a rare group."
    )


def _curve(line: Floats, family: Family) -> tuple[Floats, Floats]:
    """Fitted values and the variance that goes with them."""
    if family == "linear":
        return line, np.ones_like(line)
    held = np.clip(line, -FAR, FAR)
    if family == "log":
        return np.exp(held), np.exp(held)
    share = 1 / (1 + np.exp(-held))
    return share, share * (1 - share)


def _refuse_collinear(x: Floats) -> None:
    rank = int(np.linalg.matrix_rank(x)) if len(x) else 0
    if rank < x.shape[1]:
        raise AnalysisError(
            f"regression: {x.shape[1]} regressors carry the information of {rank}. "
            "Remove the regressors that others determine."
        )
