"""Friends and Family Test: percentages from counts, and what may not be done with them.

Six answers: very good, good, neither, poor, very poor, don't know. The percentage positive is
very good and good, the negative one poor and very poor, over **all** answers, "don't know" among
them; no answers, no percentage. Percentages of several months, wards or organisations are worked
out again from added counts, never averaged. Source: NHS England's practice and its published
calculation. Intervals: Wilson 1927 (`fits.proportions`); they hold chance alone, not who answered.
Who is asked, how and by whom differs between organisations, so that ranking, comparing them and
funnel plots are refused (`refuse_friends_and_family`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval

ANSWERS = ("very_good", "good", "neither", "poor", "very_poor", "dont_know")
POSITIVE = ("very_good", "good")
NEGATIVE = ("poor", "very_poor")
UNKNOWN = ("dont_know",)
SHARES = {"positive": POSITIVE, "negative": NEGATIVE, "dont_know": UNKNOWN}

MODES = (
    "sms",
    "electronic_discharge",
    "electronic_home",
    "paper_discharge",
    "paper_home",
    "telephone",
    "online",
    "other",
)
"""Ways of collecting that the publisher tells apart."""


def score_feedback(counts: pd.DataFrame, *, by: Sequence[str], level: float = 0.95) -> pd.DataFrame:
    """Add up `counts` (columns `ANSWERS`, perhaps `eligible`) within `by`, and work out shares.

    Returns `by`, `answers`, and for `positive`, `negative` and `dont_know` the percentage with
    `_low` and `_high` (Wilson, at `level`); NaN where nobody answered. With `eligible`, also
    `response_rate` in per cent, unknown where any of the added counts is.
    """
    _refuse_counts(counts)
    summed = counts.groupby(list(by), sort=True, as_index=False)[list(ANSWERS)].sum()
    answers = summed[list(ANSWERS)].sum(axis=1)
    scored = summed[list(by)].assign(answers=answers)
    for name, columns in SHARES.items():
        events = summed[list(columns)].sum(axis=1).to_numpy(float)
        found = fit_wilson_interval(events, answers.to_numpy(float), level=level)
        scored[name] = 100 * found.estimate
        scored[f"{name}_low"] = 100 * found.conf_low
        scored[f"{name}_high"] = 100 * found.conf_high
    if "eligible" in counts:
        asked = counts.groupby(list(by), sort=True)["eligible"].sum(min_count=1, skipna=False)
        known = asked.to_numpy(float)
        scored["eligible"] = known
        scored["response_rate"] = 100 * answers / np.where(known > 0, known, np.nan)
    return scored


def positive_of(counts: pd.DataFrame) -> "pd.Series[float]":
    """Number of positive answers of each row."""
    return counts[list(POSITIVE)].sum(axis=1)


def answers_of(counts: pd.DataFrame) -> "pd.Series[float]":
    """Number of answers of each row, "don't know" among them."""
    return counts[list(ANSWERS)].sum(axis=1)


def refuse_friends_and_family(source: str, what: str) -> None:
    """Raise AnalysisError if a comparison of organisations (`what`) rests on this test."""
    if source.lower().replace(" ", "_") in ("fft", "friends_and_family", "friends_and_family_test"):
        raise AnalysisError(
            f"{what}: not for the Friends and Family Test. Who is asked, how, and who answers "
            "differ between organisations. Follow one organisation over time, or use a survey "
            "with a sample."
        )


def rank_units(scores: pd.DataFrame, *, value: str, source: str) -> pd.DataFrame:
    """Return `scores` with the rank of `value`, highest 1, ties sharing the mean; fft is refused.

    A rank is uncertain: show it only beside the interval of what is ranked.
    """
    refuse_friends_and_family(source, "ranks")
    return scores.assign(rank=scores[value].rank(ascending=False))


def compare_units(scores: pd.DataFrame, *, value: str, unit: str, source: str) -> pd.DataFrame:
    """Return each unit's distance from the plain mean of all; fft is refused."""
    refuse_friends_and_family(source, "a comparison of units")
    rows = scores[[unit, value]]
    return rows.assign(difference=rows[value] - rows[value].mean())


def _refuse_counts(counts: pd.DataFrame) -> None:
    lacking = [name for name in ANSWERS if name not in counts]
    if lacking:
        raise AnalysisError(
            f"counts of answers: {len(lacking)} of {len(ANSWERS)} are lacking "
            f"({', '.join(lacking)}). Give a column for each answer; 'don't know' is one."
        )
    values = counts[list(ANSWERS)].to_numpy(dtype=float, na_value=np.nan)
    wrong = int((~(values >= 0)).any(axis=1).sum())
    if wrong:
        raise AnalysisError(
            f"counts of answers: {wrong} of {len(counts)} rows have a count that is missing or "
            "negative. Give 0 where nobody chose an answer, and leave out months not collected."
        )
