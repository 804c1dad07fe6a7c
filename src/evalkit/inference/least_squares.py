"""Least squares with or without unit effects, and the errors that clusters do not enter.

Errors: iid (one variance), and HC1 of MacKinnon and White 1985 (Journal of Econometrics).
Absorbed unit effects count among the parameters of both.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import absorb, inverse_root


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """Coefficients (p,), inverse of X'X `bread` (p, p), and the rows they came from.

    `regressors` (n, p) and `residual` (n,) have lost their units' means and are scaled by the
    root of the weight; `absorbed` counts the unit effects.
    """

    coef: Floats
    bread: Floats
    regressors: Floats
    residual: Floats
    absorbed: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.residual)

    @property
    def df(self) -> int:
        """Rows less parameters, the unit effects among them."""
        return self.n - len(self.coef) - self.absorbed


def fit_least_squares(
    outcome: Floats,
    regressors: Floats,
    *,
    unit: Ints | None = None,
    weight: Floats | None = None,
) -> LeastSquares:
    """Regress `outcome` (n,) on `regressors` (n, p), effects of `unit` codes taken out.

    Without `unit` a constant belongs among the regressors. `weight` (n,) is positive.
    """
    scaled = absorb(np.column_stack([regressors, outcome]), unit, weight)
    x, y = scaled[:, :-1], scaled[:, -1]
    root = inverse_root(x.T @ x)
    bread = root @ root.T
    coef = bread @ (x.T @ y)
    absorbed = 0 if unit is None else int(unit.max()) + 1
    return LeastSquares(coef, bread, x, y - x @ coef, absorbed)


def iid_covariance(fit: LeastSquares) -> Floats:
    """Covariance (p, p) where every row's error has the same variance and none are related."""
    return np.asarray(fit.bread * (fit.residual @ fit.residual) / fit.df)


def robust_covariance(fit: LeastSquares) -> Floats:
    """Covariance (p, p) where the rows' variances differ: HC1, n / (n - k)."""
    half = fit.bread @ (fit.regressors * fit.residual[:, None]).T
    return np.asarray(half @ half.T * fit.n / fit.df)
