"""Checks of what a comparison was made from: how close a mixture ran, and a control's own course.

They read what a design shows beside its estimate: `fit` of a synthetic control, and `baseline` of
an interrupted series with a control.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.asked import DESCRIPTION, Asked, Seen, answer, answer_by, cannot_tell
from evalkit.checks.judging import POWER, Estimate, size_that_matters
from evalkit.results import Check, Result
from evalkit.results.words import counted, number

MATCH = Asked(
    "match",
    "The mixture of others ran close to those with the intervention before the start",
    "How far was it from them before the start?",
    "If it fails, the mixture is no picture of what would have been",
)
COURSE = Asked(
    "control_course",
    "The control series ran on the same course before the start",
    "Do the slopes of the two series differ before the start?",
    "If it fails, the control is no picture of what would have been",
)
CLOSE = 0.25
"""Root mean squared distance before the start, in standard deviations, that is close."""

FEWEST_OTHERS = 10
"""With fewer others, a mixture cannot be made and placebos show little."""


def check_match(table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate) -> Check:
    """Judge how close the mixture ran before the start, and from how many it could be made."""
    found = result.tables["fit"].set_index("name")["value"]
    misfit, others, before = (float(found[n]) for n in ("misfit", "donors", "pre_periods"))
    chance = others > before
    passes = misfit <= CLOSE and others >= FEWEST_OTHERS
    said = "; with more others than periods before, a close match may be chance" if chance else ""
    return answer(
        MATCH,
        "concern" if not passes else "cannot tell" if chance else "passes",
        f"Before the start it was {number(misfit)} standard deviations away, made from "
        f"{counted(int(others), 'other unit')} over {counted(int(before), 'period')}{said}",
        DESCRIPTION,
        {"misfit": misfit, "others": others, "periods_before": before},
    )


def check_control_course(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge the difference in slope before the start, by what it would come to after it.

    Where the change in slope is what answers, all sizes are per period, and so is this one.
    """
    baseline = result.tables.get("baseline")
    if baseline is None:
        return cannot_tell(COURSE, "There is no control series")
    row = baseline.iloc[-1]
    after = int(table.loc[table["treated"].astype(bool), "time"].nunique())
    low, high, size = (float(row[n]) for n in ("conf_low", "conf_high", "estimate"))
    if str(row["label"]).startswith("Ratio"):
        return cannot_tell(COURSE, "Slopes are ratios here, which have no size in the outcome")
    usual = stats.norm.isf((1 - float(row["level"])) / 2)
    reach = (high - low) / 2 / usual * (usual + stats.norm.ppf(POWER))
    ahead = 1 if getattr(parameters, "primary", "level") == "slope" else after
    seen = Seen(ahead * size, ahead * low, ahead * high, ahead * reach, float(row["level"]))
    if not np.isfinite([seen.low, seen.high]).all():
        return cannot_tell(COURSE, "The slopes before the start could not be compared")
    return answer_by(
        COURSE,
        seen,
        size_that_matters(result, parameters),
        "Difference in slope before the start, a period"
        if ahead == 1
        else "By the end the difference in slope before the start would come to",
        harmless=float(parameters.minimum_important_difference),
    )
