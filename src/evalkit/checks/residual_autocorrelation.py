"""Do the residuals of a series still hang together, so that its interval is too narrow?

The residuals are those of the regression after what carries over from one period to the next was
taken out, and two earlier ones are asked whether they still explain them, the regressors taken
out in the same way held fixed: the F form of the test of Breusch (1978, Australian Economic Papers
17, 334-355) and Godfrey (1978, Econometrica 46, 1293-1301). Tests that forget the regressors, such
as that of Ljung and Box, stop too many good series that are short. The smallest first-order
autocorrelation found four times in five is about the sum of two normal quantiles over the root of
the number of periods: short series show little.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import POWER, Estimate, p_words, shown_p
from evalkit.designs.interrupted_model import build_model
from evalkit.designs.interrupted_series import arrange
from evalkit.fits.segmented_regression import make_design
from evalkit.inference.arrays import Floats
from evalkit.inference.autoregressive_errors import find_gaps, whiten
from evalkit.inference.serial_correlation import breusch_godfrey
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

RESIDUALS = Asked(
    "residual_autocorrelation",
    "What is left unexplained of one period says nothing about the next",
    "Does what is left of one period still tell something of the next?",
    "If it fails, the interval is too narrow",
)
MATTERS = 0.3
"""A first-order autocorrelation from which an interval that ignores it is a quarter too narrow."""

FEWEST = 8
"""With fewer periods, no autocorrelation can be estimated."""

LAGS = 2
"""Earlier periods that are asked: what carries over once was taken out, what it left is near."""

CARRIED = "Correlation of neighbouring errors"
"""Row of a design's `autocorrelation` that says how much was taken to carry over."""


def check_residual_autocorrelation(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Test the residuals of the longest series in `Result.tables["series"]`.

    At the 5% level it stopped 4.6% of 500 good series of 48 months alone (Ljung and Box's test:
    11.2%), 10.8% of those of 24 months and 2.8% of 250 of 120.
    """
    series = _read_residuals(result.tables.get("series"))
    longest = max(series, key=len, default=np.empty(0))
    periods = len(longest)
    regressors = _regressors(table, result, parameters, periods)
    if periods < max(FEWEST, regressors.shape[1] + LAGS + 2):
        reason = f"The longest series has {counted(periods, 'period')}, too few to tell"
        return cannot_tell(RESIDUALS, reason, {"periods": periods})
    first = autocorrelation(longest)
    p_value = carrying_p(longest, regressors)
    alpha = 1 - parameters.confidence_level
    reach = float((stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(POWER)) / np.sqrt(periods))
    verdict: Verdict = "passes" if reach <= MATTERS else "cannot tell"
    if p_value < alpha:
        verdict = "concern"
    said = {
        "passes": "No sign that it does",
        "concern": "It does",
        "cannot tell": "Not found, but so short a series could not have shown it",
    }[verdict]
    return answer(
        RESIDUALS,
        verdict,
        f"What is left of neighbouring periods correlates by {number(first)}; whether {LAGS} "
        f"periods together tell something of the next: {p_words(p_value)}. {said}",
        f"With {counted(periods, 'period')}, would find a correlation of {number(reach)} or more "
        f"four times in five; {number(MATTERS)} is taken to matter",
        {
            "correlation": first,
            "lags": LAGS,
            "p_value": shown_p(p_value),
            "periods": periods,
            "detectable": reach,
            "limit": MATTERS,
        },
        {"p_value": 3},
    )


def autocorrelation(residuals: Floats) -> float:
    """Correlation of each residual with the next, about their mean."""
    centred = residuals - residuals.mean()
    return float(centred[1:] @ centred[:-1]) / float(centred @ centred)


def carrying_p(residuals: Floats, regressors: Floats) -> float:
    """P-value that earlier residuals (n,) tell nothing of the next, regressors (n, p) held fixed.

    The F form of Breusch and Godfrey's test, which keeps its level in short series.
    """
    own = residuals - regressors @ np.linalg.lstsq(regressors, residuals, rcond=None)[0]
    rows, left = len(own), len(own) - regressors.shape[1] - LAGS
    share = breusch_godfrey(regressors, own, LAGS).statistic / rows
    return float(stats.f.sf(share / LAGS / max(1 - share, 1e-12) * left, LAGS, left))


def _regressors(table: pd.DataFrame, result: Result, parameters: Any, periods: int) -> Floats:
    """Return what the series was regressed on, less what carries over (n, p); else a constant."""
    constant = np.ones((periods, 1))
    if not isinstance(parameters, InterruptedTimeSeries) or "autocorrelation" not in result.tables:
        return constant
    told = result.tables["autocorrelation"].set_index("measure")["carrying_over"]
    model = build_model(arrange(table, parameters), parameters)
    design = make_design(model.segments, model.time, model.causes, model.control)
    own = np.ones(len(model.time), bool) if model.control is None else ~model.control
    carried = np.array([float(told[CARRIED])])
    white = whiten(design[own], find_gaps(model.time[own]), carried)[0][0]
    return white if len(white) == periods else constant


def _read_residuals(series: pd.DataFrame | None) -> list[Floats]:
    if series is None or "residual" not in series:
        return []
    by = next((name for name in ("series", "group", "unit") if name in series), None)
    parts = [series] if by is None else [part for _, part in series.groupby(by)]
    return [part["residual"].dropna().to_numpy(float) for part in parts]
