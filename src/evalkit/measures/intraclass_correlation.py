"""How far raters give the same target the same score: six intraclass correlations.

Shrout and Fleiss 1979 (Psychological Bulletin 86:420-428), intervals as in McGraw and Wong 1996
(Psychological Methods 1:30-46). ICC1: each target has raters of its own; ICC2: the raters are a
sample of raters, and their levels count; ICC3: these raters alone, their levels set aside; with
"k" the mean of all the raters. Targets that a rater missed are left out. Must hold: normal errors.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

FORMS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Mean squares of the two-way table without repeats, n targets by k raters."""

    targets: float
    within: float
    raters: float
    error: float
    n: int
    k: int


def fit_intraclass_correlations(ratings: Floats, *, level: float = 0.95) -> pd.DataFrame:
    """One row a form, for `ratings` (targets, raters): estimate, interval, F test of zero, targets.

    Raises AnalysisError for fewer than two complete targets or raters, or ratings all alike.
    """
    complete = ratings[~np.isnan(ratings).any(axis=1)]
    if min(complete.shape) < 2:
        raise AnalysisError(
            f"intraclass correlation: {complete.shape[0]} complete targets and "
            f"{complete.shape[1]} raters. Give at least two of each."
        )
    squares = _mean_squares(complete)
    if squares.within == 0 or squares.error == 0:
        raise AnalysisError(
            "intraclass correlation: the raters never disagree, so its error has no size. "
            "Report that they agree throughout."
        )
    rows = [*_one_way(squares, level), *_two_way(squares, level), *_fixed_raters(squares, level)]
    table = pd.DataFrame(rows, columns=["form", "estimate", "conf_low", "conf_high", "p_value"])
    return table.set_index("form").loc[list(FORMS)].reset_index().assign(n=squares.n)


def _mean_squares(x: Floats) -> _MeanSquares:
    n, k = x.shape
    between = k * float(np.sum((x.mean(axis=1) - x.mean()) ** 2))
    raters = n * float(np.sum((x.mean(axis=0) - x.mean()) ** 2))
    within = float(np.sum((x - x.mean()) ** 2)) - between
    error = within - raters
    return _MeanSquares(
        between / (n - 1),
        within / (n * (k - 1)),
        raters / (k - 1),
        max(error, 0.0) / ((n - 1) * (k - 1)),
        n,
        k,
    )


_Row = tuple[str, float, float, float, float]


def _one_way(s: _MeanSquares, level: float) -> list[_Row]:
    return _from_f("ICC1", s.targets / s.within, s.n - 1, s.n * (s.k - 1), s.k, level)


def _fixed_raters(s: _MeanSquares, level: float) -> list[_Row]:
    return _from_f("ICC3", s.targets / s.error, s.n - 1, (s.n - 1) * (s.k - 1), s.k, level)


def _from_f(form: str, f: float, df1: int, df2: int, k: int, level: float) -> list[_Row]:
    """Forms whose interval follows from that of one F ratio."""
    q = 0.5 + level / 2
    low, high = f / stats.f.ppf(q, df1, df2), f * stats.f.ppf(q, df2, df1)
    p_value = float(stats.f.sf(f, df1, df2))
    single = [float((v - 1) / (v + k - 1)) for v in (f, low, high)]
    mean = [float(1 - 1 / v) for v in (f, low, high)]
    return [
        (form, single[0], single[1], single[2], p_value),
        (f"{form}k", mean[0], mean[1], mean[2], p_value),
    ]


def _two_way(s: _MeanSquares, level: float) -> list[_Row]:
    """ICC2, whose interval approximates the mixture of two errors by one F (Satterthwaite)."""
    n, k = s.n, s.k
    single = (s.targets - s.error) / (s.targets + (k - 1) * s.error + k * (s.raters - s.error) / n)
    mean = (s.targets - s.error) / (s.targets + (s.raters - s.error) / n)
    ratio = s.raters / s.error
    top = (n - 1) * (k - 1) * (k * single * ratio + n * (1 + (k - 1) * single) - k * single) ** 2
    bottom = (n - 1) * k**2 * single**2 * ratio**2
    bottom += (n * (1 + (k - 1) * single) - k * single) ** 2
    df = top / bottom
    q = 0.5 + level / 2
    lower, upper = float(stats.f.ppf(q, n - 1, df)), float(stats.f.ppf(q, df, n - 1))
    noise = k * s.raters + (k * n - k - n) * s.error
    low = n * (s.targets - lower * s.error) / (lower * noise + n * s.targets)
    high = n * (upper * s.targets - s.error) / (noise + n * upper * s.targets)
    p_value = float(stats.f.sf(s.targets / s.error, n - 1, (n - 1) * (k - 1)))
    raised = [v * k / (1 + v * (k - 1)) for v in (low, high)]
    return [("ICC2", single, low, high, p_value), ("ICC2k", mean, raised[0], raised[1], p_value)]
