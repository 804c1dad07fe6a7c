"""Relational Aspects of Care Questionnaire, short forms RAC-Q-12 and RAC-Q-14.

Kelly et al. 2018 (Patient Related Outcome Measures 9:173-181): items on how staff treat people,
near to the time of care. The two forms differ in what "not applicable" means:
missing in the 12, no problem in the 14. The score here is the mean of items spaced equally from 0
to 10 (best), for those with half of them known; the developers' own scoring and wording are not
verified against the official document, so scores are this project's.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import mean_of_answered, need_columns
from evalkit.measures.placement import Measure

NaPolicy = Literal["missing", "no_problem"]
LENGTHS: dict[int, NaPolicy] = {12: "missing", 14: "no_problem"}
"""Items of each short form, and what "not applicable" means in it."""


def score_rac_q(
    answers: pd.DataFrame,
    items: Sequence[str],
    *,
    options: int,
    not_applicable: int | None = None,
    na_policy: NaPolicy | None = None,
    least_share: float = 0.5,
) -> pd.Series:
    """Score each person 0-10, higher better, on the 12 or 14 `items` (columns of `answers`).

    Answers are 1 (best) to `options`, and `not_applicable` its own number. `na_policy` is that of
    the form unless given. Missing where fewer than `least_share` of the items are known. Raises
    AnalysisError for another number of items, or answers that are no option.
    """
    if len(items) not in LENGTHS:
        raise AnalysisError(
            f"RAC-Q: {len(items)} items are named, and the short forms have 12 or 14. "
            "Name the items of one of them."
        )
    policy = na_policy or LENGTHS[len(items)]
    if policy not in LENGTHS.values():
        raise AnalysisError("RAC-Q: na_policy is missing or no_problem. Choose one of them.")
    need_columns(answers, items, "RAC-Q")
    codes = answers[list(items)].to_numpy(dtype=float, na_value=np.nan)
    aside = codes == not_applicable if not_applicable is not None else np.zeros(codes.shape, bool)
    wrong = ~np.isnan(codes) & ~aside & ~np.isin(codes, np.arange(1, options + 1))
    if wrong.any():
        raise AnalysisError(
            f"RAC-Q: {int(wrong.sum())} answers are no option from 1 to {options}. "
            "Say which number means not applicable, and leave other answers empty."
        )
    scores = 10 * (options - codes) / (options - 1)
    scores[aside] = np.nan if policy == "missing" else 10.0
    found = pd.DataFrame(scores, index=answers.index, columns=list(items))
    return mean_of_answered(found, least_share).rename("rac_q")


RAC_Q = Measure(
    "rac_q",
    "Relational Aspects of Care Questionnaire (RAC-Q-12, RAC-Q-14)",
    "patients",
    ("relational",),
    ("T04", "T07"),
    "score, 0-10",
    "higher",
    "mean of equally spaced items; not applicable missing (12) or no problem (14)",
    "published",
    "words and options of the items, the developers' own scoring, the rule for missing answers",
)
