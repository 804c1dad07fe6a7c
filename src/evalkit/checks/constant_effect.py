"""Is the effect the same in every period since the start, as a single number takes it to be?

Where effects grow or fade, one effect for all periods is no average of them, and can have the other
sign (Kenny and others 2022, Statistics in Medicine 41:4311-4339).
"""

from typing import Any

import pandas as pd

from evalkit.checks.asked import DESCRIPTION, Asked, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate, size_that_matters
from evalkit.results import Check, Result

CONSTANT = Asked(
    "constant_effect",
    "The effect is the same in every period since the start",
    "Does it change, in a straight line, from the first period since the start to the last?",
    "If it fails, one number for all periods is no average of them and can have the wrong sign",
)


def check_constant_effect(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Read the change that the design itself estimated, unless its answer is an average."""
    if parameters.effect_over_time == "averaged":
        said = "The answer is an average over the periods since the start, whatever their course"
        return answer(CONSTANT, "passes", said, DESCRIPTION, {})
    growth = result.tables.get("growth")
    if growth is None:
        return cannot_tell(CONSTANT, "The effects of two periods since the start cannot be told")
    return answer_by(
        CONSTANT,
        seen_in(growth.iloc[0]),
        size_that_matters(result, parameters),
        "Change of the effect from the first period since the start to the last",
        harmless=parameters.minimum_important_difference,
    )
