"""Regression on survey data: weighted scores solved, errors from the way the survey was drawn.

Coefficients solve the weighted score equations of a linear or a logistic model; their
covariance is the linearised sandwich (Binder 1983; Lumley 2010, chapter 5). Tests use the
sampling units less the strata, plus one, less the coefficients, as degrees of freedom.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import SurveyDesign, linearised_cov
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate

STEPS = 50
SETTLED = 1e-12
"""Newton steps end when no coefficient moves by more than this share of its size."""


@dataclass(frozen=True, slots=True)
class SurveyRegression:
    """Names and coefficients (p,), covariance (p, p), degrees of freedom, people used."""

    names: tuple[str, ...]
    coef: Floats
    cov: Floats
    df: float
    n: int

    def estimate(self, name: str, level: float = 0.95) -> Estimate:
        """Return one coefficient with its interval."""
        at = self.names.index(name)
        error = float(np.sqrt(self.cov[at, at]))
        return make_estimate(float(self.coef[at]), error, df=self.df, level=level)


def fit_survey_regression(
    outcome: Floats,
    regressors: Floats,
    names: tuple[str, ...],
    design: SurveyDesign,
    *,
    family: Literal["linear", "logistic"] = "linear",
) -> SurveyRegression:
    """Regress `outcome` (n,) on `regressors` (n, p), constant included among them.

    Rows that miss a value get no weight. Raises AnalysisError where regressors are collinear,
    where they separate the outcome, and where too few sampling units are left.
    """
    known = ~np.isnan(outcome) & ~np.isnan(regressors).any(axis=1)
    weight = np.where(known, design.weight, 0.0)
    y, x = np.where(known, outcome, 0.0), np.where(known[:, None], regressors, 0.0)
    df = design.df + 1 - x.shape[1]
    _refuse(x[weight > 0], df)
    coef = _solve_linear(y, x, weight) if family == "linear" else _solve_logistic(y, x, weight)
    fitted = x @ coef if family == "linear" else 1 / (1 + np.exp(-x @ coef))
    spread = np.ones(len(y)) if family == "linear" else fitted * (1 - fitted)
    bread = np.linalg.inv(x.T @ (x * (weight * spread)[:, None]))
    influence = x * (weight * (y - fitted))[:, None] @ bread
    return SurveyRegression(names, coef, linearised_cov(influence, design), df, int(known.sum()))


def _solve_linear(y: Floats, x: Floats, weight: Floats) -> Floats:
    weighted = x * weight[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ x, weighted.T @ y))


def _solve_logistic(y: Floats, x: Floats, weight: Floats) -> Floats:
    coef = np.zeros(x.shape[1])
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-np.clip(x @ coef, -30, 30)))
        curve = x.T @ (x * (weight * share * (1 - share))[:, None])
        if np.linalg.cond(curve) > 1 / np.finfo(float).eps:
            break
        step = np.linalg.solve(curve, x.T @ (weight * (y - share)))
        coef = coef + step
        if np.all(np.abs(step) <= SETTLED * (1 + np.abs(coef))):
            return coef
    raise AnalysisError(
        f"logistic survey regression: no solution in {STEPS} steps; the regressors may tell the "
        "outcome without error. Drop or merge a rare group."
    )


def _refuse(x: Floats, df: float) -> None:
    rank = int(np.linalg.matrix_rank(x))
    if rank < x.shape[1]:
        raise AnalysisError(
            f"survey regression: {x.shape[1]} regressors carry the information of {rank}. "
            "Remove the regressors that others determine."
        )
    if df < 1:
        raise AnalysisError(
            f"survey regression: {x.shape[1]} coefficients leave no degrees of freedom with the "
            "sampling units at hand. Use fewer regressors."
        )
