"""Robust errors and degrees of freedom of estimating equations, for few clusters.

Residuals are too small where a cluster pulls the fit towards itself, by its leverage H. From each
cluster's score u and information B, with M the inverse of the informations' sum, u is corrected:
`CR0` not at all (Liang and Zeger 1986); `CR1` by the square root of G/(G-1);
`kauermann_carroll` by (I - BM)^(-1/2) (2001, Journal of the American Statistical Association
96:1387-1396), which is CR2 where working variances are equal, and within 0.001% of clubSandwich's
CR2 in a logistic example; `mancl_derouen` by (I - BM)^-1 (2001, Biometrics 57:126-134), which is
CR3; `fay_graubard` by the diagonal of BM alone, bounded (2001, Biometrics 57:1198-1206).
Degrees of freedom are Satterthwaite's under the working covariance (Bell and McCaffrey 2002,
Survey Methodology 28:169-181).
"""

from typing import Literal

import numpy as np

from evalkit.fits.estimating_equations import EstimatingEquationsFit
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate

Correction = Literal["CR0", "CR1", "kauermann_carroll", "mancl_derouen", "fay_graubard"]

LARGEST_LEVERAGE = 0.75
"""Fay and Graubard's bound on the leverage of one coefficient in one cluster."""
WHOLE = 1e-8
"""A direction that one cluster determines alone leaves no residual to learn from."""


def correct_scores(fit: EstimatingEquationsFit, correction: Correction) -> Floats:
    """Matrices (C, p, p) that each cluster's score is multiplied by."""
    p = len(fit.coef)
    if correction in ("CR0", "CR1"):
        factor = np.sqrt(fit.clusters / (fit.clusters - 1)) if correction == "CR1" else 1.0
        return np.broadcast_to(factor * np.eye(p), fit.information.shape)
    if correction == "fay_graubard":
        leverage = np.einsum("cij,ji->ci", fit.information, fit.bread)
        diagonal = 1 / np.sqrt(1 - np.minimum(leverage, LARGEST_LEVERAGE))
        return np.asarray(diagonal[:, :, None] * np.eye(p))
    root, back = _root(fit.bread)
    values, vectors = np.linalg.eigh(root @ fit.information @ root)
    power = -0.5 if correction == "kauermann_carroll" else -1.0
    rest = 1 - values
    lifted = np.where(rest > WHOLE, np.clip(rest, WHOLE, None) ** power, 0.0)
    middle = (vectors * lifted[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return np.asarray(back @ middle @ root)


def _root(matrix: Floats) -> tuple[Floats, Floats]:
    """Symmetric square root of a positive matrix, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values)) @ vectors.T, (vectors / np.sqrt(values)) @ vectors.T


def robust_covariance(fit: EstimatingEquationsFit, correction: Correction) -> Floats:
    """Covariance (p, p) of the coefficients, clusters taken as independent and nothing more."""
    scores = np.einsum("cij,cj->ci", correct_scores(fit, correction), fit.scores)
    half = fit.bread @ scores.T
    return np.asarray(half @ half.T)


def satterthwaite_df(fit: EstimatingEquationsFit, weights: Floats, correction: Correction) -> float:
    """Degrees of freedom of a contrast's corrected variance under the working covariance."""
    turned = np.einsum("i,cij->cj", fit.bread @ weights, correct_scores(fit, correction))
    informed = np.einsum("ci,cij->cj", turned, fit.information)
    products = -informed @ fit.bread @ informed.T
    products[np.diag_indices_from(products)] += np.einsum("ci,ci->c", informed, turned)
    return float(np.trace(products) ** 2 / np.sum(products**2))


def robust_contrast(
    fit: EstimatingEquationsFit,
    weights: Floats,
    correction: Correction = "kauermann_carroll",
    *,
    df: float | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the sum of `weights` (p,) times the coefficients; df is Satterthwaite's if None."""
    error = float(np.sqrt(weights @ robust_covariance(fit, correction) @ weights))
    free = satterthwaite_df(fit, weights, correction) if df is None else df
    return make_estimate(float(weights @ fit.coef), error, df=free, level=level)
