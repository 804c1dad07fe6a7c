"""Paths of mediation: from an exposure by way of one or several mediators to an outcome.

Path a: a mediator per unit of the exposure. Path b: the outcome per unit of a mediator, the
exposure and the other mediators held fixed. Direct: what the exposure does beside them.
Indirect = a x b; total = direct + all indirect. Mediators stand side by side (parallel), with
correlated residuals; everything is least squares, so all comes from cross-products.
Standard errors of products by the delta method. Two conventions: `ml` divides residual sums by
N and uses the normal (as lavaan), `ols` divides by N - K and uses t (as lm).
Sources: Sobel 1982 (Sociological Methodology 13:290-312); MacKinnon 2008 (Introduction to
Statistical Mediation Analysis, chapters 3 to 5); Preacher and Hayes 2008 (Behavior Research
Methods 40:879-891) for parallel mediators.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

Convention = Literal["ml", "ols"]
Row = tuple[str, int, float, float, float]
"""Term, mediator, estimate, standard error, degrees of freedom (infinite: normal)."""


@dataclass(frozen=True, slots=True)
class _Degrees:
    """What residual sums are divided by, and the degrees of freedom of t."""

    spread: float
    of_t: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Order of columns in cross-products: `fixed` ones (exposure first), mediators, outcome."""

    fixed: int
    mediators: int = 1


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths with any leading shape: `a, b` (..., mediators), `direct` (...)."""

    a: Floats
    b: Floats
    direct: Floats

    @property
    def indirect(self) -> Floats:
        """By way of each mediator, (..., mediators)."""
        return self.a * self.b

    @property
    def total(self) -> Floats:
        """Direct and indirect together, (...)."""
        return np.asarray(self.direct + self.indirect.sum(axis=-1))


def solve_paths(products: Floats, layout: Layout) -> Paths:
    """Solve for the paths of each matrix of cross-products (..., p, p).

    A column that is all zero (a period that a resample lacks) gets coefficient zero.
    """
    k, last = layout.fixed, layout.fixed + layout.mediators
    a = solve_block(products[..., :k, :k], products[..., :k, k:last])[..., 0, :]
    onward = solve_block(products[..., :last, :last], products[..., :last, last:])[..., 0]
    return Paths(a, onward[..., k:], onward[..., 0])


def solve_block(left: Floats, right: Floats) -> Floats:
    """Solve symmetric systems (..., k, k), leaving out columns that are all zero."""
    empty = np.diagonal(left, axis1=-2, axis2=-1) <= 0
    if empty.any():
        left = left + empty[..., None] * np.eye(left.shape[-1])
    try:
        return np.asarray(np.linalg.solve(left, right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(left, hermitian=True) @ right)


def fit_mediation(
    exposure: Floats,
    mediators: Floats,
    outcome: Floats,
    covariates: Floats | None = None,
    *,
    convention: Convention = "ols",
    level: float = 0.95,
) -> pd.DataFrame:
    """Fit the paths: `term, mediator, estimate, std_error, conf_low, conf_high, p_value, df`.

    `exposure` and `outcome` (n,), `mediators` (n, m), `covariates` (n, c). Terms: `path_a`,
    `path_b`, `indirect` and `mediator_alone` for each mediator (counted from 1), `direct` and
    `total` (mediator 0). `mediator_alone` regresses the outcome on a mediator without the
    exposure: it is not path b, and stands here because some software prints it in its place.
    """
    fixed = exposure[:, None] if covariates is None else np.column_stack([exposure, covariates])
    layout = Layout(fixed.shape[1], mediators.shape[1])
    columns = np.column_stack([fixed, mediators, outcome])
    _refuse(columns, layout)
    centred = columns - columns.mean(axis=0)
    products: Floats = centred.T @ centred
    rows = _rows(products, layout, len(outcome), convention)
    return _table(rows, level)


def _refuse(columns: Floats, layout: Layout) -> None:
    complete = np.isfinite(columns).all()
    if not complete or len(columns) < columns.shape[1] + 2:
        raise AnalysisError(
            f"mediation: {len(columns)} rows for {columns.shape[1]} columns, or some are missing. "
            "Give complete rows, at least two more than there are columns."
        )
    centred = columns[:, :-1] - columns[:, :-1].mean(axis=0)
    scaled = centred / np.maximum(np.linalg.norm(centred, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-8) < layout.fixed + layout.mediators:
        raise AnalysisError(
            "mediation: an exposure, mediator or covariate does not vary, or is a sum of the "
            "others. Take it out."
        )


def _rows(products: Floats, layout: Layout, n: int, convention: Convention) -> list[Row]:
    k, last = layout.fixed, layout.fixed + layout.mediators
    paths = solve_paths(products, layout)
    df_a, df_b = _degrees(n, k, convention), _degrees(n, last, convention)
    cov_a = _residual(products, k)[:-1, :-1] / df_a.spread * _inverse(products, k)[0, 0]
    cov_b = _residual(products, last)[0, 0] / df_b.spread * _inverse(products, last)
    se_a, se_b = np.sqrt(np.diag(cov_a)), np.sqrt(np.diag(cov_b)[k:])
    se_indirect = np.sqrt(paths.b**2 * se_a**2 + paths.a**2 * se_b**2)
    rows: list[Row] = []
    for j in range(layout.mediators):
        rows += [
            ("path_a", j + 1, float(paths.a[j]), float(se_a[j]), df_a.of_t),
            ("path_b", j + 1, float(paths.b[j]), float(se_b[j]), df_b.of_t),
            ("indirect", j + 1, float(paths.indirect[j]), float(se_indirect[j]), np.inf),
            _one_slope("mediator_alone", products, [k + j, *range(1, k)], n, convention, j + 1),
        ]
    rows.append(("direct", 0, float(paths.direct), float(np.sqrt(cov_b[0, 0])), df_b.of_t))
    if convention == "ols":
        return [*rows, _one_slope("total", products, [*range(k)], n, convention)]
    slope = np.concatenate([[1.0], np.zeros(k - 1), paths.a])
    variance = paths.b @ cov_a @ paths.b + slope @ cov_b @ slope
    return [*rows, ("total", 0, float(paths.total), float(np.sqrt(variance)), np.inf)]


def _degrees(n: int, regressors: int, convention: Convention) -> _Degrees:
    left = n - regressors - 1
    return _Degrees(n, np.inf) if convention == "ml" else _Degrees(left, left)


def _one_slope(
    term: str,
    products: Floats,
    regressors: list[int],
    n: int,
    convention: Convention,
    mediator: int = 0,
) -> Row:
    """The outcome's slope on the first of the columns named."""
    keep = [*regressors, len(products) - 1]
    block, k = products[np.ix_(keep, keep)], len(regressors)
    degrees = _degrees(n, k, convention)
    variance = _residual(block, k)[0, 0] / degrees.spread * _inverse(block, k)[0, 0]
    coef = solve_block(block[:k, :k], block[:k, k:])[0, 0]
    return term, mediator, float(coef), float(np.sqrt(variance)), degrees.of_t


def _residual(products: Floats, k: int) -> Floats:
    """Residual cross-products of the columns after the first `k`, these held fixed."""
    explained = products[k:, :k] @ np.linalg.solve(products[:k, :k], products[:k, k:])
    return np.asarray(products[k:, k:] - explained)


def _inverse(products: Floats, k: int) -> Floats:
    return np.asarray(np.linalg.inv(products[:k, :k]), dtype=float)


def _table(rows: list[Row], level: float) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["term", "mediator", "estimate", "std_error", "df"])
    half = stats.t.ppf(0.5 + level / 2, table["df"]) * table["std_error"]
    table["conf_low"], table["conf_high"] = table["estimate"] - half, table["estimate"] + half
    table["p_value"] = 2 * stats.t.sf((table["estimate"] / table["std_error"]).abs(), table["df"])
    return table
