"""How far from parallel may trends have been after the start, before zero is no longer ruled out?

Read from the design's table `honest_did`: the largest move from one period to the next, in shares
of the largest seen before the start, with which the mean effect of all periods since still has a
sign. A move as large as one seen already must be reckoned with, so the check passes from 1 on, and
below 1 it is a concern where the answer claims a difference. It stops no claim by itself: it says
how much an answer would bear, not that trends did part, which is the question of `pre_trends`.
Source: Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591.
"""

from typing import Any

import pandas as pd

from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate, excludes_zero
from evalkit.designs.staggered_sensitivity import EVERY, MOVES
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import number

HONEST_TRENDS = Asked(
    "honest_trends",
    "The answer would stand if trends parted as much after the start as they ever did before",
    "How far apart may trends have moved, and the answer still stand?",
    "If it fails, trends no stronger than those seen before the start could be all there is to it",
)
AS_MUCH_AS_SEEN = 1.0
MEASURE = "A measure, not a test: it says how much the answer would bear"
MEAN = "Taken over all periods since the start alike"


def check_honest_trends(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Say how many times as much as before trends may have parted; pass if as much or more.

    Less undoes an answer that leaves zero out; where it does not, there is nothing to undo.
    """
    del table, parameters, estimate
    bounds = result.tables.get("honest_did")
    if bounds is None or bounds.empty:
        return cannot_tell(
            HONEST_TRENDS,
            "There are not two periods before the start, one after the other, to see trends in",
        )
    moves = bounds[(bounds["average"] == EVERY) & (bounds["restriction"] == MOVES)]
    breakdown = round(float(moves["breakdown"].iloc[0]), 2)
    less: Verdict = "concern" if excludes_zero(result.headline) else "cannot tell"
    said = (
        f"{MEAN}, no effect is ruled out as long as trends parted, from one period to the next, at "
        f"most {number(breakdown)} times as much as they ever did before"
    )
    if breakdown == 0:
        said = f"{MEAN}, no effect is not ruled out even if trends never parted"
    return answer(
        HONEST_TRENDS,
        "passes" if breakdown >= AS_MUCH_AS_SEEN else less,
        said,
        MEASURE,
        {"times_as_much_as_before": breakdown},
    )
