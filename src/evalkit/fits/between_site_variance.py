"""How much sites' true effects differ: the variance between them, by the usual estimators.

DerSimonian and Laird (1986, Controlled Clinical Trials 7:177-188), Paule and Mandel (1982, Journal
of Research of the NBS 87:377-385), maximum and restricted maximum likelihood by Fisher scoring
from Hedges' estimate (Viechtbauer 2005, Journal of Educational and Behavioral Statistics
30:261-293), each about a line in the sites' covariates, and none below zero. Must hold: the sites'
estimates are independent, about normal, and their sampling variances known.
"""

from typing import Literal

import numpy as np
from scipy import optimize

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

Method = Literal["fixed", "dersimonian_laird", "paule_mandel", "reml", "ml"]
STEPS, DAMPED_AFTER = 1000, 30
"""Steps of scoring at most, and those after which each is halved, for they may go to and fro."""


def fit_between_variance(
    estimates: Floats,
    variances: Floats,
    regressors: Floats,
    method: Method,
    *,
    tolerance: float = 1e-10,
) -> float:
    """Return the variance of true effects about the line in `regressors` (k, p); 0 where "fixed".

    It stops when a step is below `tolerance`. R's metafor stops sooner unless told: the
    likelihood methods at 1e-5, Paule and Mandel's at 1.2e-4.
    """
    if method == "fixed":
        return 0.0
    if method == "dersimonian_laird":
        return _from_q(estimates, variances, regressors)
    if method == "paule_mandel":
        return _paule_mandel(estimates, variances, regressors, tolerance)
    return _score(estimates, variances, regressors, method, tolerance)


def projection(variances: Floats, regressors: Floats) -> Floats:
    """Return P (k, k) with y'Py the weighted squares left about the line, weights 1 / variances."""
    weighted = regressors / variances[:, None]
    inverse = np.linalg.inv(regressors.T @ weighted)
    return np.asarray(np.diag(1 / variances) - weighted @ inverse @ weighted.T, dtype=float)


def _from_q(y: Floats, v: Floats, x: Floats) -> float:
    p = projection(v, x)
    excess = float(y @ p @ y) - (len(y) - x.shape[1])
    return float(max(excess / float(np.trace(p)), 0.0))


def _paule_mandel(y: Floats, v: Floats, x: Floats, tolerance: float) -> float:
    """The variance at which the weighted squares equal their degrees of freedom."""
    free: int = len(y) - x.shape[1]

    def excess(tau2: float) -> float:
        return float(y @ projection(v + tau2, x) @ y) - free

    if excess(0.0) <= 0:
        return 0.0
    highest = 100.0
    while excess(highest) > 0:
        highest *= 2
    return float(optimize.brentq(excess, 0.0, highest, xtol=tolerance))


def _score(y: Floats, v: Floats, x: Floats, method: Method, tolerance: float) -> float:
    tau2 = _hedges(y, v, x)
    for count in range(STEPS):
        w = 1 / (v + tau2)
        p = projection(v + tau2, x)
        squares = float(y @ p @ p @ y)
        if method == "ml":
            step = (squares - float(w.sum())) / float(np.sum(w**2))
        else:
            step = (squares - float(np.trace(p))) / float(np.sum(p**2))
        if count >= DAMPED_AFTER:
            step /= 2
        while tau2 + step < 0:
            step /= 2
        tau2 += step
        if abs(step) <= tolerance:
            return tau2
    raise AnalysisError(
        f"pooling: the variance between {len(y)} sites did not settle in {STEPS} steps. "
        "Use the estimator of Paule and Mandel."
    )


def _hedges(y: Floats, v: Floats, x: Floats) -> float:
    p = projection(np.ones_like(v), x)
    excess = float(y @ p @ y) - float(np.diag(p) @ v)
    return float(max(excess / (len(y) - x.shape[1]), 0.0))
