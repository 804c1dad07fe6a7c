"""Items that measure given factors, in one group or alike in several: confirmatory factors.

Maximum likelihood under normal errors (Joreskog 1971, Psychometrika 36:409-426; means as in
Sorbom 1974). Every item measures one factor; factors go together; errors of items do not. In
several groups everything may differ (`configural`), loadings are one (`metric`), or loadings and
intercepts are (`scalar`), which comparing groups' means supposes. Factors have spread 1 and mean 0
in the first group. Own algebra, as the library at hand gets fit indices wrong. Fit indices as in
lavaan: CFI (Bentler 1990), RMSEA times the root of the groups (Steiger 1998), SRMR with means
where there are groups. Must hold: complete rows, roughly normal answers on five points or more.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from evalkit.errors import AnalysisError
from evalkit.fits.factor_model import FAR, Layout, Moments, discrepancy, make_layout, unpack
from evalkit.inference.arrays import Floats, Ints

Step = Literal["configural", "metric", "scalar"]
LEAST_UNIQUE_SHARE = 1e-3
"""An item whose own share of variance is lower has no proper solution."""
LARGEST_SLOPE = 1e-4
"""Slope of the discrepancy above which the search is not taken to have ended."""

_SEARCHES: dict[str, dict[str, float]] = {
    "L-BFGS-B": {"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30},
    "SLSQP": {"maxiter": 5000, "ftol": 1e-14},
}


@dataclass(frozen=True, slots=True)
class FactorFit:
    """Estimates by group (g), item (p) and factor (k), and how well they tell the moments.

    `loadings`, `intercepts`, `unique` are (g, p); `factor_cov` (g, k, k); `factor_means` and
    `mean_errors` (g, k), the first group's mean being 0 and its spread 1.
    """

    step: Step
    loadings: Floats
    intercepts: Floats
    unique: Floats
    factor_cov: Floats
    factor_means: Floats
    mean_errors: Floats
    n: int
    chisq: float
    df: int
    cfi: float
    tli: float
    rmsea: float
    srmr: float
    log_likelihood: float
    proper: bool

    @property
    def standardised(self) -> Floats:
        """Loadings of standardised items on standardised factors (g, p)."""
        shared = self.loadings**2 * self._factor_variances
        return np.asarray(np.sign(self.loadings) * np.sqrt(shared / (shared + self.unique)))

    @property
    def factor_correlations(self) -> Floats:
        """Correlations of factors (g, k, k)."""
        spread = np.sqrt(np.diagonal(self.factor_cov, axis1=1, axis2=2))
        return np.asarray(self.factor_cov / (spread[:, :, None] * spread[:, None, :]))

    @property
    def _factor_variances(self) -> Floats:
        variances = np.diagonal(self.factor_cov, axis1=1, axis2=2)
        return np.asarray(variances[:, self._factor_of])

    _factor_of: Ints


def fit_confirmatory_factors(
    items: Floats, factor: Ints, group: Ints | None = None, *, step: Step = "configural"
) -> FactorFit:
    """Fit `items` (n, p), item i measuring factor `factor[i]` (0 to k - 1), in `group` (n,).

    Rows with an item missing are left out. Raises AnalysisError for too few items of a factor, too
    few rows in a group, items that repeat one another, or a search that does not end.
    """
    groups = np.zeros(len(items), dtype=np.int64) if group is None else group
    complete = ~np.isnan(items).any(axis=1)
    moments = _moments(items[complete], groups[complete], factor)
    layout = make_layout(factor, len(moments.n), step)
    return _describe(_search(layout, moments), layout, moments, step)


def _search(layout: Layout, moments: Moments) -> Floats:
    """Find the point whose moments are nearest; where a leap ends the first search, by another.

    Factors that are all but one lead along the edge of what a covariance may be.
    """
    for method, options in _SEARCHES.items():
        found = optimize.minimize(
            discrepancy,
            layout.start(moments),
            args=(layout, moments),
            jac=True,
            method=method,
            options=options,
        )
        ended, slope = discrepancy(np.asarray(found.x), layout, moments)
        if ended < FAR and np.max(np.abs(slope)) < LARGEST_SLOPE:
            return np.asarray(found.x)
    raise AnalysisError(
        f"factors: the search for {layout.size} estimates did not end. Look whether the items "
        "measure the factors they are said to, or name fewer factors."
    )


def _moments(items: Floats, group: Ints, factor: Ints) -> Moments:
    _refuse(items, group, factor)
    labels = np.unique(group)
    parts = [items[group == label] for label in labels]
    return Moments(
        np.array([len(part) for part in parts], dtype=float),
        np.stack([part.mean(axis=0) for part in parts]),
        np.stack([np.cov(part, rowvar=False, bias=True) for part in parts]),
    )


def _describe(point: Floats, layout: Layout, moments: Moments, step: Step) -> FactorFit:
    model = unpack(point, layout, moments)
    n = float(moments.n.sum())
    distance, _ = discrepancy(point, layout, moments)
    chisq = n * distance
    df = layout.moments - layout.size
    unique_share = model.unique / np.diagonal(model.covariance, axis1=1, axis2=2)
    return FactorFit(
        step=step,
        loadings=model.loadings,
        intercepts=model.intercepts,
        unique=model.unique,
        factor_cov=model.factor_cov,
        factor_means=model.factor_means,
        mean_errors=layout.mean_errors(point, moments),
        n=int(n),
        chisq=chisq,
        df=df,
        **_indices(chisq, df, moments),
        srmr=_srmr(model.covariance, model.means, moments),
        log_likelihood=_log_likelihood(chisq, moments),
        proper=bool(np.all(unique_share > LEAST_UNIQUE_SHARE)),
        _factor_of=layout.factor,
    )


def _indices(chisq: float, df: int, moments: Moments) -> dict[str, float]:
    """CFI, TLI and RMSEA against items that do not go together at all."""
    n, groups = float(moments.n.sum()), len(moments.n)
    p = moments.means.shape[1]
    logs = np.linalg.slogdet(moments.covariance)[1]
    diagonals = np.log(np.diagonal(moments.covariance, axis1=1, axis2=2)).sum(axis=1)
    null, null_df = float(moments.n @ (diagonals - logs)), groups * p * (p - 1) / 2
    beyond, none = max(chisq - df, 0.0), max(null - null_df, 0.0)
    worst = max(beyond, none)
    tli = (null / null_df - chisq / df) / (null / null_df - 1) if df > 0 else float("nan")
    return {
        "cfi": 1 - beyond / worst if worst > 0 else 1.0,
        "tli": tli,
        "rmsea": float(np.sqrt(groups * beyond / (n * df))) if df > 0 else float("nan"),
    }


def _srmr(covariance: Floats, means: Floats, moments: Moments) -> float:
    """Root mean square of standardised residuals, groups weighted by people."""
    groups, p = moments.means.shape
    spread = np.sqrt(np.diagonal(moments.covariance, axis1=1, axis2=2))
    apart = (moments.covariance - covariance) / (spread[:, :, None] * spread[:, None, :])
    rows, columns = np.tril_indices(p)
    squares = np.sum(apart[:, rows, columns] ** 2, axis=1)
    elements = len(rows)
    if groups > 1:
        squares = squares + np.sum(((moments.means - means) / spread) ** 2, axis=1)
        elements += p
    return float(moments.n @ np.sqrt(squares / elements) / moments.n.sum())


def _log_likelihood(chisq: float, moments: Moments) -> float:
    p = moments.means.shape[1]
    logs = np.linalg.slogdet(moments.covariance)[1]
    saturated = -0.5 * float(moments.n @ (p * np.log(2 * np.pi) + logs + p))
    return saturated - chisq / 2


def _refuse(items: Floats, group: Ints, factor: Ints) -> None:
    p = items.shape[1]
    per_factor = np.bincount(factor)
    least = 3 if len(per_factor) == 1 else 2
    if len(factor) != p or per_factor.min() < least:
        raise AnalysisError(
            f"factors: a factor has {int(per_factor.min())} of {p} items. Give each factor "
            f"{least} or more, and every item one factor."
        )
    sizes = [int(np.sum(group == label)) for label in np.unique(group)]
    if not sizes or min(sizes) <= p:
        raise AnalysisError(
            f"factors: a group has {min(sizes, default=0)} complete rows for {p} items. "
            "Give every group more rows than items, or join groups."
        )
    for label in np.unique(group):
        part = items[group == label]
        rank = int(np.linalg.matrix_rank(part - part.mean(axis=0)))
        if rank < p:
            raise AnalysisError(
                f"factors: in a group {p} items carry the information of {rank}. "
                "Remove items that do not vary, or that repeat others."
            )
