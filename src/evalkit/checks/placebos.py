"""Would the design find an effect where there cannot be one? At other times, on other outcomes.

A placebo that shows nothing passes only if it would have shown an effect as large as matters.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import has_start, with_false_start
from evalkit.checks.asked import Asked, Seen, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate, judge, size_that_matters, worst
from evalkit.checks.re_estimate import effect_on, estimate_again
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

CONSEQUENCE = "If it fails, something else makes such differences, and may have made the answer"
DATE = Asked(
    "placebo_date",
    "Nothing but the intervention changes what is compared at its start",
    "Is there a difference at a start pretended before the true one?",
    CONSEQUENCE,
)
OUTCOMES = Asked(
    "placebo_outcomes",
    "What else moved the outcome would not spare outcomes that the intervention cannot move",
    "Is there a difference in outcomes that the intervention cannot have moved?",
    CONSEQUENCE,
)


def check_placebo_date(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Estimate the same on the time before the start, with a start pretended in its middle.

    No difference there is harmless: the pretended time is shorter than the true one.
    """
    pretended = with_false_start(table, parameters) if has_start(table) else None
    if pretended is None:
        return cannot_tell(
            DATE, "There are too few periods before the start to pretend another in them"
        )
    again = estimate_again(*pretended, estimate)
    if again is None:
        return cannot_tell(
            DATE, "The time before the start is too short to estimate the same in it"
        )
    seen, matters = seen_in(again.headline), size_that_matters(result, parameters)
    return answer_by(DATE, seen, matters, "Difference at the pretended start", harmless=0.0)


def check_placebo_outcomes(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Estimate the same on each outcome that `placebo_outcomes` names, in standard deviations.

    With several, each interval is widened (Bonferroni) so that all hold together.
    """
    named = [role for role in getattr(parameters, "placebo_outcomes", []) if role in table]
    if not named:
        return cannot_tell(OUTCOMES, "No outcome is named that the intervention cannot have moved")
    level = 1 - (1 - parameters.confidence_level) / len(named)
    strict = parameters.model_copy(update={"confidence_level": level})
    found = {role: _in_deviations(role, table, strict, estimate) for role in named}
    seen = {role: one for role, one in found.items() if one is not None}
    spread = float(table["outcome"].std())
    if not seen or not spread > 0:
        return cannot_tell(OUTCOMES, "No such outcome could be estimated from these data")
    important = parameters.minimum_important_difference / spread
    return _word(seen, important, size_that_matters(result, parameters) / spread)


def _in_deviations(
    role: str, table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> Seen | None:
    values = table[role].astype(float)
    row = effect_on(values, table, parameters, estimate)
    if row is None or not np.isfinite([row["conf_low"], row["conf_high"]]).all():
        return None
    one, spread = seen_in(row), float(values.std())
    return replace(
        one,
        estimate=one.estimate / spread,
        low=one.low / spread,
        high=one.high / spread,
        reach=one.reach / spread,
    )


def _word(seen: dict[str, Seen], harmless: float, matters: float) -> Check:
    verdicts: list[Verdict] = [
        judge(one.low, one.high, one.reach, harmless, matters) for one in seen.values()
    ]
    largest = max(seen, key=lambda role: abs(seen[role].estimate))
    size, reach = seen[largest].estimate, max(one.reach for one in seen.values())
    decimals = decimals_for(size, reach, matters)
    differ, verdict = verdicts.count("concern"), worst(verdicts)
    said = {
        "passes": "No sign of an effect where there can be none",
        "concern": "That is a difference where there can be none",
        "cannot tell": "Not shown, but one large enough to make the answer could have been missed",
    }[verdict]
    fine = {"largest_difference": size, "detectable": reach, "matters": matters}
    return answer(
        OUTCOMES,
        verdict,
        f"{_told(differ, len(seen), largest.replace('_', ' '))} {number(size, decimals)} standard "
        f"deviations. {said}",
        f"Would find {number(reach, decimals)} standard deviations or more four times in five; "
        f"{number(matters, decimals)} would be enough to make the answer",
        fine | {"differ": differ, "outcomes": len(seen)},
        dict.fromkeys(fine, decimals),
    )


def _told(differ: int, outcomes: int, largest: str) -> str:
    if outcomes == 1:
        return f"{largest.capitalize()} {'differs' if differ else 'does not differ'} clearly:"
    told = f"Of {counted(outcomes, 'such outcome')}, {differ or 'none'} differ clearly"
    return f"{told}; the largest difference, in {largest}, is"
