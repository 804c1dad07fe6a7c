"""Checks of an effect that is carried: what comes first, and how strong an unmeasured cause is.

They read what the design shows beside its estimate: the row `lead` (the exposure a period after the
outcome) and the table `vanishing` (the correlation at which nothing is left; Imai, Keele and
Yamamoto 2010, Statistical Science 25, 51-71).
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.asked import Asked, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate, size_that_matters
from evalkit.results import Check, Result
from evalkit.results.words import number

ORDER = Asked(
    "lead",
    "The exposure moves before the outcome, and not after it",
    "With earlier exposure held fixed, does the outcome go with exposure a period after it?",
    "If it fails, the outcome may move the exposure, or a third thing may move both",
)
UNMEASURED = Asked(
    "unmeasured",
    "No unmeasured cause moves both the mediator and the outcome",
    "How strongly must unmeasured causes of both be correlated to explain it away?",
    "If it fails, the part that goes by way of the mediator means nothing",
)


def check_lead(table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate) -> Check:
    """Judge what goes with exposure or dose a period after the outcome: it should be nothing."""
    rows = result.estimates[result.estimates["term"] == "lead"]
    if rows.empty:
        return cannot_tell(ORDER, "Too few periods, or one of them only, to see what comes first")
    total = result.estimates[result.estimates["term"] == "total"]
    size = abs(float(total.iloc[0]["estimate"])) if len(total) else 0.0
    matters = max(size, size_that_matters(result, parameters))
    what = "What goes with exposure that comes a period after the outcome"
    return answer_by(ORDER, seen_in(rows.iloc[0]), matters, what, harmless=0.0)


def check_unmeasured(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Say how strong an unmeasured cause must be to explain the carried part away."""
    vanishing = result.tables.get("vanishing")
    rho = np.array([]) if vanishing is None else np.abs(vanishing["rho"].to_numpy(float))
    known = rho[np.isfinite(rho)]
    if not len(known):
        return cannot_tell(UNMEASURED, "No data can test it")
    least = float(known.min())
    return answer(
        UNMEASURED,
        "cannot tell",
        f"No data can test it. A correlation of {number(least)} would suffice to leave it unsure",
        "Nothing: no data can test it",
        {"correlation": least},
    )
