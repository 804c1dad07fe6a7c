"""Did units without the intervention change because others near them had it?"""

from typing import Any

import pandas as pd

from evalkit.checks.arms import first_start, has_comparison, with_starts
from evalkit.checks.asked import Asked, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate, size_that_matters
from evalkit.checks.re_estimate import estimate_again
from evalkit.results import Check, Result

SPILL_OVER = Asked(
    "spill_over",
    "Units without the intervention are not touched by it",
    "Do neighbours of those with the intervention change when it starts?",
    "If it fails, the comparison moves too, and the difference is too small or too large",
)


def check_spill_over(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Among never-treated units, pretend that those of role `neighbour` had it, from its start."""
    if not has_comparison(table):
        return cannot_tell(SPILL_OVER, "There is no group that is always without the intervention")
    if "neighbour" not in table:
        return cannot_tell(
            SPILL_OVER,
            "Which units lie near those with the intervention is not in the data; the evaluator "
            "may map it as neighbour",
        )
    never = table[table["first_treated"].isna()]
    starts = pd.Series(first_start(table), index=never.index)
    starts = starts.where(never["neighbour"].astype(bool))
    if starts.isna().all() or starts.notna().all():
        return cannot_tell(
            SPILL_OVER, "All units without the intervention are neighbours of it, or none is"
        )
    again = estimate_again(*with_starts(never, parameters, starts), estimate)
    if again is None:
        return cannot_tell(SPILL_OVER, "There are too few neighbours, or others, to compare")
    return answer_by(
        SPILL_OVER,
        seen_in(again.headline),
        size_that_matters(result, parameters),
        "Change of neighbours, beyond that of other units without the intervention",
        harmless=parameters.minimum_important_difference,
    )
