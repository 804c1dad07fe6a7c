"""Fill in what is missing several times over, and carry the doubt into the answer.

Chained equations (van Buuren 2018, Flexible Imputation of Missing Data, chapters 3 and 4): each
column in turn is regressed on all the others, the coefficients drawn anew from their posterior,
and the missing values drawn about the line, or matched to one of the five people whose line is
nearest, so that only values that somebody gave can be given. Answers are pooled by Rubin's rules
(1987) with Barnard and Rubin's degrees of freedom (1999, Biometrika 86:948-955).
Must hold: given the other columns, whether a value is missing does not depend on the value; the
analysis uses no column, interaction or cluster that the filling in did not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.estimates import Estimate, make_estimate

DONORS = 5
RIDGE = 1e-6
"""Share of each regressor's size that is added to its square, for regressors that overlap."""


@dataclass(frozen=True, slots=True)
class ImputedEstimate:
    """The pooled estimate, and the share of its information that the missing values took."""

    estimate: Estimate
    fraction_missing: float
    imputations: int


def impute_chained(
    values: Floats,
    rng: np.random.Generator,
    *,
    imputations: int = 20,
    rounds: int = 10,
    method: Literal["matched", "normal"] = "matched",
    cluster: Ints | None = None,
) -> Floats:
    """Return `values` (n, p) filled in, (imputations, n, p); NaN is missing.

    Give every column of the analysis, the outcome and treatment among them, and as `cluster` (n,)
    the units whose levels differ: each gets a level of its own. Raises AnalysisError for a column
    with too few values for the number of regressors.
    """
    levels = np.empty((len(values), 0)) if cluster is None else _levels(cluster)
    missing = np.isnan(values)
    _refuse(missing, levels.shape[1])
    order = [j for j in np.argsort(missing.sum(axis=0)) if missing[:, j].any()]
    filled = np.empty((imputations, *values.shape))
    for at in range(imputations):
        filled[at] = _start(values, missing, rng)
        for _ in range(rounds):
            for j in order:
                x = np.column_stack(
                    [np.ones(len(values)), np.delete(filled[at], j, axis=1), levels]
                )
                gap = missing[:, j]
                filled[at, gap, j] = _draw(values[~gap, j], x[~gap], x[gap], rng, method)
    return filled


def fit_over_imputations(
    filled: Floats,
    fit: Callable[[Floats], tuple[float, float]],
    *,
    complete_df: float = np.inf,
    level: float = 0.95,
) -> ImputedEstimate:
    """Estimate by `fit`, which returns an estimate and its standard error from one table (n, p).

    `complete_df` are the degrees of freedom there would be with nothing missing.
    """
    answers = np.array([fit(table) for table in filled])
    return pool_by_rubin(answers[:, 0], answers[:, 1] ** 2, complete_df=complete_df, level=level)


def pool_by_rubin(
    estimates: Floats, variances: Floats, *, complete_df: float = np.inf, level: float = 0.95
) -> ImputedEstimate:
    """Pool the answers (m,) of completed tables and their variances (m,).

    Raises AnalysisError for fewer than two.
    """
    m = len(estimates)
    if m < 2:
        raise AnalysisError(f"imputation: {m} completed tables. Make at least two, better twenty.")
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total if total > 0 else 0.0
    df = _barnard_rubin(share, m, complete_df)
    ratio = share / (1 - share) if share < 1 else np.inf
    fraction = (ratio + 2 / (df + 3)) / (ratio + 1) if share < 1 else 1.0
    found = make_estimate(float(np.mean(estimates)), float(np.sqrt(total)), df=df, level=level)
    return ImputedEstimate(found, float(fraction) if share > 0 else 0.0, m)


def _barnard_rubin(share: float, m: int, complete_df: float) -> float:
    of_draws = (m - 1) / share**2 if share > 0 else np.inf
    if np.isinf(complete_df):
        return float(of_draws)
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return float(observed if np.isinf(of_draws) else 1 / (1 / of_draws + 1 / observed))


def _levels(cluster: Ints) -> Floats:
    return np.asarray(cluster[:, None] == np.unique(cluster)[None, 1:], dtype=float)


def _start(values: Floats, missing: np.ndarray, rng: np.random.Generator) -> Floats:
    """Missing values replaced by ones drawn from the same column."""
    filled = values.copy()
    for j in np.flatnonzero(missing.any(axis=0)):
        known = values[~missing[:, j], j]
        filled[missing[:, j], j] = rng.choice(known, int(missing[:, j].sum()))
    return filled


def _draw(y: Floats, x: Floats, x_gap: Floats, rng: np.random.Generator, method: str) -> Floats:
    """Values for the rows `x_gap`, from a line fitted to `y` on `x` and drawn anew."""
    squares = x.T @ x
    inverse = np.linalg.inv(squares + np.diag(RIDGE * np.diag(squares) + 1e-12))
    best = inverse @ x.T @ y
    spread = np.sqrt(float(np.sum((y - x @ best) ** 2)) / rng.chisquare(len(y) - x.shape[1]))
    coef = best + spread * np.linalg.cholesky(inverse) @ rng.normal(size=len(best))
    if method == "normal":
        return np.asarray(x_gap @ coef + spread * rng.normal(size=len(x_gap)))
    return _match(y, x @ best, x_gap @ coef, rng)


def _match(y: Floats, known: Floats, wanted: Floats, rng: np.random.Generator) -> Floats:
    """For each wanted line, the value of one of the donors whose own line is nearest."""
    order = np.argsort(known, kind="stable")
    ordered, donors = known[order], min(DONORS, len(y))
    around = np.searchsorted(ordered, wanted)[:, None] + np.arange(-donors, donors)[None, :]
    inside = (around >= 0) & (around < len(y))
    held = np.clip(around, 0, len(y) - 1)
    distance = np.where(inside, np.abs(ordered[held] - wanted[:, None]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :donors]
    chosen = nearest[np.arange(len(wanted)), rng.integers(0, donors, len(wanted))]
    return np.asarray(y[order[held[np.arange(len(wanted)), chosen]]])


def _refuse(missing: np.ndarray, levels: int) -> None:
    rows, columns = missing.shape
    known = rows - missing.sum(axis=0)
    regressors = columns + levels
    thin = int(np.sum((known <= regressors + DONORS) & (known < rows)))
    if thin:
        raise AnalysisError(
            f"imputation: {thin} of {columns} columns have too few values to fill in the rest "
            f"from {regressors} regressors. Leave those columns out."
        )
