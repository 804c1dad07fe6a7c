"""Do the residuals of a series still hang together, so that its interval is too narrow?

The first autocorrelations of the residuals are tested together (Ljung and Box 1978, Biometrika
65, 297-303). The smallest first-order autocorrelation found four times in five is about the sum
of two normal quantiles over the root of the number of periods: short series show little.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import POWER, Estimate, p_words, shown_p
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number

RESIDUALS = Asked(
    "residual_autocorrelation",
    "What is left unexplained of one period says nothing about the next",
    "Do the residuals of the series hang together?",
    "If it fails, the interval is too narrow",
)
MATTERS = 0.3
"""A first-order autocorrelation from which an interval that ignores it is a quarter too narrow."""

FEWEST = 8
"""With fewer periods, no autocorrelation can be estimated."""


def check_residual_autocorrelation(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Test the residuals of `Result.tables["series"]`, one series after another."""
    series = _read_residuals(result.tables.get("series"))
    periods = max((len(one) for one in series), default=0)
    if periods < FEWEST:
        reason = f"The longest series has {counted(periods, 'period')}, too few to tell"
        return cannot_tell(RESIDUALS, reason, {"periods": periods})
    longest = max(series, key=len)
    first = autocorrelations(longest, 1)[0]
    lags = max(1, min(periods // 5, 12))
    p_value = ljung_box_p(longest, lags)
    alpha = 1 - parameters.confidence_level
    reach = float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(POWER)) / np.sqrt(periods))
    verdict: Verdict = "passes" if reach <= MATTERS else "cannot tell"
    if p_value < alpha:
        verdict = "concern"
    said = {
        "passes": "No sign that they hang together",
        "concern": "They hang together",
        "cannot tell": "Not found, but so short a series could not have shown it",
    }[verdict]
    return answer(
        RESIDUALS,
        verdict,
        f"Of neighbouring periods, the residuals correlate by {number(first)}; taken together over "
        f"{counted(lags, 'lag')}, {p_words(p_value)}. {said}",
        f"With {counted(periods, 'period')}, would find a correlation of {number(reach)} or more "
        f"four times in five; {number(MATTERS)} is taken to matter",
        {
            "correlation": first,
            "lags": lags,
            "p_value": shown_p(p_value),
            "periods": periods,
            "detectable": reach,
            "limit": MATTERS,
        },
        {"p_value": 3},
    )


def autocorrelations(residuals: Floats, lags: int) -> Floats:
    """Autocorrelations of the first `lags` orders, (lags,)."""
    centred = residuals - residuals.mean()
    total = float(centred @ centred)
    found = [float(centred[lag:] @ centred[:-lag]) / total for lag in range(1, lags + 1)]
    return np.array(found)


def ljung_box_p(residuals: Floats, lags: int) -> float:
    """P-value that the first `lags` autocorrelations are all zero (Ljung and Box 1978)."""
    n, found = len(residuals), autocorrelations(residuals, lags)
    statistic = n * (n + 2) * float(np.sum(found**2 / (n - np.arange(1, lags + 1))))
    return float(stats.chi2.sf(statistic, lags))


def _read_residuals(series: pd.DataFrame | None) -> list[Floats]:
    if series is None or "residual" not in series:
        return []
    by = next((name for name in ("series", "group", "unit") if name in series), None)
    parts = [series] if by is None else [part for _, part in series.groupby(by)]
    return [part["residual"].dropna().to_numpy(float) for part in parts]
