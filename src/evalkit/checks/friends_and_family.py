"""Checks of a change in feedback: collected alike, answered alike, and not under way before."""

import numpy as np
import pandas as pd

from evalkit.measures.nonresponse_bounds import find_tipping
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number, values_table

COMPARABLE = 90.0
LEAST_COMPARABLE = 50.0
"""Per cent of answers in cells collected in both times: below the second nothing is concluded."""
RATE_MOVE = 5.0
"""Percentage points by which the response rate may move before who answers may have changed."""
UNKNOWN_MOVE = 2.0
"""Percentage points by which "don't know" may move, as it counts among all answers."""


def check_feedback(result: Result, series: pd.DataFrame, adjusted: pd.DataFrame) -> list[Check]:
    """Ask what a change in feedback rests on.

    `series` as `tabulate_series` returns it, `adjusted` the chart of the series collected alike.
    """
    levels, bounds = result.tables["levels"], result.tables["nonresponse"]
    before = adjusted["mean"].notna() & (adjusted["after"] == 0)
    return [
        check_comparable(levels),
        check_breaks(adjusted),
        check_response(levels),
        check_nonresponse(bounds, result),
        check_unknown(series, adjusted["after"].to_numpy(float)),
        check_before(adjusted[before]),
    ]


def check_comparable(levels: pd.DataFrame) -> Check:
    """Ask how much was collected in the same ways before and after; under half blocks."""
    share = float(levels["comparable"].iloc[0])
    verdict: Verdict = "passes" if share >= COMPARABLE else "concern"
    return Check(
        "Answers were collected in the same ways before and after",
        "How many answers came in ways, and from groups, that were there both before and after?",
        verdict,
        f"{number(share, 1)}% of answers did",
        f"Below {number(LEAST_COMPARABLE, 0)}% nothing is concluded",
        "Answers collected in one time only say nothing of a change, which is one of collection",
        values_table(
            {"comparable": share, "enough": COMPARABLE, "least": LEAST_COMPARABLE},
            {"comparable": 1, "enough": 0, "least": 0},
        ),
        name="comparable",
        blocks=share < LEAST_COMPARABLE,
    )


def check_breaks(adjusted: pd.DataFrame) -> Check:
    """Ask in how many periods the modes of collection moved."""
    broken = int((adjusted["broken"] != "").sum())
    found = f"The modes moved in {counted(broken, 'period')}" if broken else "They never moved"
    return Check(
        "How answers are collected does not move from one period to the next",
        "Did any mode's share move by more than marks a break?",
        "concern" if broken else "passes",
        found,
        "Slow moves mark no break; they are in the mode mix",
        "The series as collected cannot be read across a break; the one collected alike can",
        values_table({"broken": broken, "periods": len(adjusted)}, 0),
        name="breaks",
    )


def check_response(levels: pd.DataFrame) -> Check:
    """Ask whether as many answer as before."""
    rates = levels["response_rate"].to_numpy(float)
    moved = float(rates[1] - rates[0])
    words = ("As many of those asked answer as before", "Did the response rate change?")
    consequence = "If it fails, those who answer may be others than before"
    if not np.isfinite(moved):
        said = "How many were asked is not known throughout"
        return Check(*words, "cannot tell", said, "", consequence, name="response_rate")
    return Check(
        *words,
        "passes" if abs(moved) <= RATE_MOVE else "concern",
        f"It was {number(rates[0], 1)}% before and {number(rates[1], 1)}% after",
        f"A move of more than {number(RATE_MOVE, 0)} percentage points is a concern",
        consequence,
        values_table(
            {"rate_before": rates[0], "rate_after": rates[1], "limit": RATE_MOVE},
            {"rate_before": 1, "rate_after": 1, "limit": 0},
        ),
        name="response_rate",
    )


def check_nonresponse(bounds: pd.DataFrame, result: Result) -> Check:
    """Ask how far people who did not answer would have to differ for the change to be none."""
    words = (
        "People who did not answer changed as those who did",
        "How far would they have to differ, once more and once less, for the change to be none?",
    )
    consequence = "The change among all who were asked may be none, or the other way about"
    if bounds.empty:
        said = "How many were asked is not known throughout"
        return Check(*words, "cannot tell", said, "", consequence, name="nonresponse")
    row = result.headline
    if row["conf_low"] <= 0 <= row["conf_high"]:
        said = (
            "There is no clear change that others could undo, and they could have one of their own"
        )
        return Check(*words, "cannot tell", said, "", consequence, name="nonresponse")
    tipping = float(bounds["tipping"].iloc[0])
    rates = result.tables["levels"]["response_rate"].to_numpy(float)
    end = min(abs(float(row["conf_low"])), abs(float(row["conf_high"])))
    nearest = find_tipping(end, (rates[0], rates[1]))
    most, least = (float(f(bounds["points"])) for f in (np.max, np.min))
    verdict: Verdict = "passes" if tipping > most else "concern"
    if least < tipping <= most:
        verdict = "cannot tell"
    return Check(
        *words,
        verdict,
        f"Had they differed by {number(tipping, 1)} percentage points, one way before and the "
        f"other way after, the change would be none; {number(nearest)} points would already put "
        "none within its interval",
        f"Differences of {number(least, 0)} to {number(most, 0)} percentage points were tried",
        consequence,
        values_table(
            {"tipping": tipping, "nearest": nearest, "least": least, "most": most},
            {"tipping": 1, "nearest": 2, "least": 0, "most": 0},
        ),
        name="nonresponse",
    )


def check_unknown(series: pd.DataFrame, after: np.ndarray) -> Check:
    """Ask whether "don't know" moved: it is in the total of which percentages are shares."""
    late = after > 0
    shares = [
        100 * float((rows["dont_know"] / 100 * rows["answers"]).sum() / rows["answers"].sum())
        for rows in (series[~late], series[late])
    ]
    moved = abs(shares[1] - shares[0])
    return Check(
        "As many say that they do not know as before",
        'Did the share of "don\'t know" change?',
        "passes" if moved <= UNKNOWN_MOVE else "concern",
        f"It was {number(shares[0], 1)}% before and {number(shares[1], 1)}% after",
        f"A move of more than {number(UNKNOWN_MOVE, 0)} percentage points is a concern",
        "Percentages may move though no opinion did, as they are shares of all answers",
        values_table(
            {"before": shares[0], "after": shares[1], "limit": UNKNOWN_MOVE},
            {"before": 1, "after": 1, "limit": 0},
        ),
        name="dont_know",
    )


def check_before(before: pd.DataFrame) -> Check:
    """Ask whether feedback, collected alike, was moving before the start."""
    unusual = int((before["kind"] != "Usual variation").sum())
    found = f"{counted(unusual, 'period')} before the start had unusual values"
    return Check(
        "Feedback was not changing already",
        "Was there unusual variation before the start, with answers collected alike?",
        "concern" if unusual else "passes",
        found if unusual else "None of the periods before the start had unusual values",
        f"With {counted(len(before), 'period')} a slow change would not be seen",
        "If it fails, what came after may be what was under way",
        values_table({"unusual": unusual, "periods": len(before)}, 0),
        name="before",
    )
