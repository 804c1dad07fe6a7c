"""CARE measure (Consultation and Relational Empathy): ten items of 1 to 5, summed to 10-50.

Up to two items missing or "does not apply" are replaced by the mean of the rest; with more there
is no score. The rule is recalled, not verified against the official technical document.
"""

import pandas as pd

from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import Measure

CARE_ITEMS = tuple(f"care{number:02d}" for number in range(1, 11))
MOST_MISSING = 2


def score_care(answers: pd.DataFrame) -> pd.Series:
    """Score each consultation (row) 10-50, higher better; columns `CARE_ITEMS`, 1 poor to 5."""
    need_columns(answers, CARE_ITEMS, "CARE measure")
    codes = answers[list(CARE_ITEMS)]
    need_options(codes, range(1, 6), "CARE measure")
    missing = codes.isna().sum(axis=1)
    total = codes.mean(axis=1) * len(CARE_ITEMS)
    return total.where(missing <= MOST_MISSING).astype(float).rename("care")


CARE = Measure(
    "care_measure",
    "CARE measure: empathy in the consultation",
    "patients",
    ("relational",),
    ("T05", "T06"),
    "score, 10-50",
    "higher",
    "sum of ten items; up to two missing replaced by the mean of the rest",
    "recalled",
    "the rule for missing items; items and licence",
)
