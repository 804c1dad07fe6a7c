"""How a check judges: what was looked for is shown to be small, shown to be there, or neither.

A test that finds nothing passes only where it would have found what matters. How small a thing
it finds four times in five is the minimum detectable effect of Bloom (1995, Evaluation Review
19, 547-556): the standard error times the sum of two quantiles of t.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.results import Result, Verdict
from evalkit.results.words import number

Estimate = Callable[[pd.DataFrame, Any], Result]
"""A design's `estimate(table, parameters)`, which a check takes as an argument."""

POWER = 0.8
"""How often a test is to find what matters: four times in five."""

SMALLEST_P = 0.001
"""P-values are not written smaller than this."""


def judge(low: float, high: float, reach: float, harmless: float, matters: float) -> Verdict:
    """Pass what is shown to be harmless, or is not found by a test that finds what matters.

    `low` and `high` bound the interval, `reach` is what is found four times in five, and
    `matters` the size from which it matters, `harmless` that up to which it does not; all in one
    unit.
    """
    if -harmless < low and high < harmless:
        return "passes"
    if low > 0 or high < 0:
        return "concern"
    return "passes" if reach <= matters else "cannot tell"


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the gravest of several verdicts: a concern, then what cannot be told."""
    order: tuple[Verdict, ...] = ("concern", "cannot tell", "passes")
    return next(verdict for verdict in order if verdict in verdicts)


def reach_of(row: pd.Series) -> float:
    """Size of an effect that the interval in a row of estimates excludes zero for, 4 times in 5."""
    return (quantile(row, 0.5 + row["level"] / 2) + quantile(row, POWER)) * standard_error(row)


def standard_error(row: pd.Series) -> float:
    """Standard error that a row's interval amounts to; its own where it has no interval.

    Intervals by permutation or resampling may be wider than the error beside them says.
    """
    width = float(row["conf_high"] - row["conf_low"])
    if np.isfinite(width):
        return width / 2 / quantile(row, 0.5 + row["level"] / 2)
    return float(row["std_error"])


def quantile(row: pd.Series, probability: float) -> float:
    """Quantile of t with the row's degrees of freedom, of the normal where it has none."""
    df = degrees_of_freedom(row)
    return float(stats.t.ppf(probability, df) if np.isfinite(df) else stats.norm.ppf(probability))


def degrees_of_freedom(row: pd.Series) -> float:
    """Degrees of freedom of a row of estimates; infinite where it has none."""
    df = float(row["df"]) if pd.notna(row["df"]) else np.inf
    return df if df > 0 else np.inf


def excludes_zero(row: pd.Series) -> bool:
    """Say whether the interval of a row of estimates leaves zero out."""
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def size_that_matters(result: Result, parameters: Any) -> float:
    """Bias that alone could make the answer: the estimate, or the least difference that matters."""
    important = float(parameters.minimum_important_difference)
    return max(abs(float(result.headline["estimate"])), important)


def p_words(p_value: float) -> str:
    """Write a p-value: `p = 0.034`, or `p = 0.001 or less`."""
    small = p_value <= SMALLEST_P
    return f"p = {number(shown_p(p_value), 3)}{' or less' if small else ''}"


def shown_p(p_value: float) -> float:
    """Return the p-value as `p_words` writes it."""
    return max(round(p_value, 3), SMALLEST_P)
