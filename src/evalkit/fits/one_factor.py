"""One factor behind several items: loadings, and how well one factor tells their correlations.

Maximum likelihood (Joreskog 1967, Psychometrika 32:443-482) or minimum residuals (Harman and
Jones 1966) on the items' correlations, the loadings solved for given unique variances; solved
here because the library at hand starts from random values. Fit indices use the sample
size n, not n - 1, as lavaan does: chi-squared, CFI (Bentler 1990), RMSEA (Steiger and Lind 1980),
SRMR over the p (p + 1) / 2 distinct elements (Bentler 1995). Must hold for omega: one factor,
errors of the items unrelated (McDonald 1999, Test Theory, chapter 6).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

Method = Literal["maximum_likelihood", "minimum_residual"]
FEWEST_ITEMS = 3
LEAST_UNIQUE = 0.005
"""Lowest unique variance of a standardised item: one that ends here has no proper solution."""


@dataclass(frozen=True, slots=True)
class OneFactorFit:
    """Loadings and unique variances (p,) of standardised items, and the items' spread (p,).

    `chisq` on `df` compares with any covariance; `cfi`, `rmsea`, `srmr` as usual; `n` people.
    """

    loadings: Floats
    unique: Floats
    spread: Floats
    n: int
    chisq: float
    df: float
    cfi: float
    rmsea: float
    srmr: float

    @property
    def proper(self) -> bool:
        """Whether every item keeps a unique variance above the lowest allowed."""
        return bool(np.all(self.unique > LEAST_UNIQUE * 1.001))

    def omega(self, *, standardised: bool = False) -> float:
        """Share of the variance of the items' sum (or of their z-scores') that the factor is."""
        scale = np.ones_like(self.spread) if standardised else self.spread
        common = float(np.sum(scale * self.loadings)) ** 2
        return common / (common + float(np.sum(scale**2 * self.unique)))


def fit_one_factor(items: Floats, *, method: Method = "maximum_likelihood") -> OneFactorFit:
    """Fit one factor to the complete rows of `items` (n, p); the loadings' sum is positive.

    Raises AnalysisError for fewer than three items, fewer complete rows than items, or items
    that do not vary or repeat one another.
    """
    complete = items[~np.isnan(items).any(axis=1)]
    _refuse(complete)
    correlation = np.asarray(np.corrcoef(complete, rowvar=False))
    loadings, unique = _solve(correlation, method)
    spread = complete.std(axis=0)
    indices = _fit_indices(correlation, loadings, unique, len(complete))
    return OneFactorFit(loadings, unique, spread, len(complete), **indices)


def _solve(correlation: Floats, method: Method) -> tuple[Floats, Floats]:
    """Loadings and unique variances (p,), the loadings' sum being positive."""
    start = np.clip(0.5 / np.diag(np.linalg.inv(correlation)), 2 * LEAST_UNIQUE, 0.99)
    found = optimize.minimize(
        _DISTANCES[method],
        start,
        args=(correlation,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUE, 1.0)] * len(start),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 2000},
    )
    loadings = _LOADINGS[method](np.asarray(found.x), correlation)
    return loadings * (1.0 if loadings.sum() >= 0 else -1.0), np.asarray(found.x, dtype=float)


def _likely_loadings(unique: Floats, correlation: Floats) -> Floats:
    root = np.sqrt(unique)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    return np.asarray(root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0)))


def _likely_distance(unique: Floats, correlation: Floats) -> tuple[float, Floats]:
    """Likelihood distance at the best loadings, and its slope in each unique variance."""
    root = np.sqrt(unique)
    others = np.linalg.eigvalsh(correlation / np.outer(root, root))[:-1]
    loadings = _likely_loadings(unique, correlation)
    slope = (loadings**2 + unique - np.diag(correlation)) / unique**2
    return float(np.sum(others - np.log(others) - 1)), slope


def _least_loadings(unique: Floats, correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlation - np.diag(unique))
    return np.asarray(vectors[:, -1] * np.sqrt(max(values[-1], 0.0)))


def _least_distance(unique: Floats, correlation: Floats) -> tuple[float, Floats]:
    """Half the squared residuals at the best loadings, and their slope."""
    loadings = _least_loadings(unique, correlation)
    residual = correlation - np.diag(unique) - np.outer(loadings, loadings)
    return float(np.sum(residual**2)) / 2, -np.diag(residual)


_LOADINGS = {"maximum_likelihood": _likely_loadings, "minimum_residual": _least_loadings}
_DISTANCES = {"maximum_likelihood": _likely_distance, "minimum_residual": _least_distance}


def _fit_indices(r: Floats, loadings: Floats, unique: Floats, n: int) -> dict[str, float]:
    p = len(r)
    implied = np.outer(loadings, loadings) + np.diag(unique)
    log_r, log_implied = (float(np.linalg.slogdet(m)[1]) for m in (r, implied))
    chisq = n * (log_implied + float(np.trace(np.linalg.solve(implied, r))) - log_r - p)
    df = p * (p - 3) / 2
    beyond, none = max(chisq - df, 0.0), max(-n * log_r - p * (p - 1) / 2, 0.0)
    apart = (r - implied)[np.tril_indices(p)]
    return {
        "chisq": chisq,
        "df": df,
        "cfi": 1 - beyond / max(none, beyond) if max(none, beyond) > 0 else 1.0,
        "rmsea": float(np.sqrt(beyond / (n * df))) if df > 0 else float("nan"),
        "srmr": float(np.sqrt(np.mean(apart**2))),
    }


def _refuse(items: Floats) -> None:
    rows, p = items.shape
    if p < FEWEST_ITEMS or rows <= p:
        raise AnalysisError(
            f"one factor: {p} items and {rows} complete rows. "
            f"Give at least {FEWEST_ITEMS} items and more complete rows than items."
        )
    rank = int(np.linalg.matrix_rank(items - items.mean(axis=0)))
    if rank < p:
        raise AnalysisError(
            f"one factor: {p} items carry the information of {rank}. "
            "Remove items that do not vary, or that repeat others."
        )
