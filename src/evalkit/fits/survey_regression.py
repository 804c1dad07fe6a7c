"""Regression on survey data: weighted scores solved, errors from the way the survey was drawn.

Coefficients solve the weighted score equations (`weighted_scores`); their
covariance is the linearised sandwich (Binder 1983; Lumley 2010, chapter 5). Tests use the
sampling units less the strata, plus one, less the coefficients, as degrees of freedom.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import SurveyDesign, linearised_cov
from evalkit.fits.weighted_scores import Family, solve_weighted
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate


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
    family: Family = "linear",
) -> SurveyRegression:
    """Regress `outcome` (n,) on `regressors` (n, p), constant included among them.

    Rows that miss a value get no weight. Raises AnalysisError where regressors are collinear,
    where they separate the outcome, and where too few sampling units are left.
    """
    known = ~np.isnan(outcome) & ~np.isnan(regressors).any(axis=1)
    weight = np.where(known, design.weight, 0.0)
    y, x = np.where(known, outcome, 0.0), np.where(known[:, None], regressors, 0.0)
    df = design.df + 1 - x.shape[1]
    _refuse(x.shape[1], df)
    solved = solve_weighted(y, x, weight, family)
    cov = linearised_cov(solved.scores @ solved.inverse, design)
    return SurveyRegression(names, solved.coef, cov, df, int(known.sum()))


def _refuse(regressors: int, df: float) -> None:
    if df < 1:
        raise AnalysisError(
            f"survey regression: {regressors} coefficients leave no degrees of freedom with the "
            "sampling units at hand. Use fewer regressors."
        )
