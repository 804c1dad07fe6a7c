"""Are groups that were made alike by weights or matches alike, and is enough left of them?

They read what the design shows beside its estimate: `balance` after weighting, and `sample`. A
tenth of a standard deviation is the usual sign of imbalance (Austin 2009, Statistics in Medicine
28, 3083-3107).
"""

from typing import Any

import pandas as pd

from evalkit.checks.asked import DESCRIPTION, Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate
from evalkit.results import Check, Result
from evalkit.results.words import counted, decimals_for, number

LIKENESS = Asked(
    "likeness",
    "The groups that are compared are alike in what was measured",
    "How far apart are their measured causes once weighted or matched?",
    "If it fails, what still differs may have made the difference",
)
OVERLAP = Asked(
    "overlap",
    "Enough people could have been in either group",
    "How many rows of each group is the comparison worth?",
    "If it fails, a few rows carry the answer, or most have nobody to be compared with",
)
ROBUST = Asked(
    "doubly_robust",
    "Likeness and a model of the outcome lead to one answer",
    "Does the estimate that is right if either of the two is right differ?",
    "If it fails, one of the two is wrong, and nobody knows which",
)
UNLIKE = 0.1
FEWEST_WORTH = 30
LEAST_SHARE = 0.1
"""Share of a group's rows that it must still be worth."""


def check_likeness(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge the standardised differences that weighting or matching left."""
    balance = result.tables["balance"]
    after = balance["difference_after"]
    largest = balance.iloc[int(after.abs().argmax())]
    unlike = int((after.abs() > UNLIKE).sum())
    return answer(
        LIKENESS,
        "concern" if unlike else "passes",
        f"Of {counted(len(balance), 'measured cause')}, {unlike} differ by more than "
        f"{number(UNLIKE)} standard deviations; the furthest apart "
        f"({str(largest['cause']).replace('_', ' ')}) by {number(largest['difference_after'])}, "
        f"and {number(largest['difference_before'])} before",
        DESCRIPTION,
        {
            "causes": len(balance),
            "unlike": unlike,
            "limit": UNLIKE,
            "furthest": float(largest["difference_after"]),
            "furthest_before": float(largest["difference_before"]),
        },
    )


def check_overlap(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge how many rows each group is worth, and what share of it that is."""
    groups = result.tables["sample"].set_index("group")
    rows, worth = groups["n"].astype(float), groups["effective_n"].astype(float)
    enough = bool((worth >= FEWEST_WORTH).all() and (worth / rows >= LEAST_SHARE).all())
    numbers = {
        "with_it": float(rows["treated"]),
        "with_it_worth": float(worth["treated"]),
        "without": float(rows["untreated"]),
        "without_worth": float(worth["untreated"]),
    }
    said = [f"{number(value, 0)}" for value in numbers.values()]
    return answer(
        OVERLAP,
        "passes" if enough else "concern",
        f"{said[0]} rows with the intervention are worth {said[1]}, and {said[2]} without it are "
        f"worth {said[3]}",
        DESCRIPTION,
        numbers,
        0,
    )


def check_doubly_robust(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Compare the answer with the doubly robust estimate, to the least difference that matters."""
    rows = result.estimates[result.estimates["method"] == "doubly_robust"]
    if rows.empty or result.headline["method"] == "doubly_robust":
        return cannot_tell(ROBUST, "There is no other estimate to compare with")
    shift = float(rows.iloc[0]["estimate"] - result.headline["estimate"])
    matters = float(parameters.minimum_important_difference)
    decimals = decimals_for(shift, matters)
    return answer(
        ROBUST,
        "passes" if abs(shift) < matters else "concern",
        f"The doubly robust estimate differs by {number(shift, decimals)}; "
        f"{number(matters, decimals)} would matter",
        DESCRIPTION,
        {"differs_by": shift, "matters": matters},
        decimals,
    )
