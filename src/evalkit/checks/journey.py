"""Checks of a study of the journey: what was asked, by how many questions, and how firmly."""

import numpy as np
import pandas as pd

from evalkit.measures.journey_grid import NOT_MEASURED
from evalkit.measures.journey_scores import ItemScores
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number, values_table

AGAIN = 90.0
"""Per cent of draws in which the poorest part should be the poorest again."""
TOP = 80.0
"""Per cent with the best score from which a question can hardly tell good from very good."""


def check_journey(
    result: Result, scores: ItemScores, respondents: pd.DataFrame, respondent: str | None
) -> list[Check]:
    """Ask what a comparison of parts of the journey rests on."""
    grid = result.tables["grid"]
    return [
        check_whole(grid),
        check_questions(grid),
        check_again(result.tables["stability"]),
        check_top(scores.items),
        check_respondents(respondents, respondent),
    ]


def check_whole(grid: pd.DataFrame) -> Check:
    """Ask whether every moment and every facet is asked about at all."""
    measured = grid[grid["place"] != NOT_MEASURED]
    moments, facets = measured["touchpoint"].nunique(), measured["facet"].nunique()
    every = (grid["touchpoint"].nunique(), grid["facet"].nunique())
    return Check(
        "Every moment of the journey and every facet is asked about",
        "How many moments, facets and parts have a question that enough people answered?",
        "passes" if (moments, facets) == every else "concern",
        f"{moments} of {every[0]} moments, {facets} of {every[1]} facets, and {len(measured)} of "
        f"{len(grid)} parts",
        "A part without a question is not measured, which is neither good nor poor",
        "The poorest part may be one that nobody asked about",
        values_table(
            {"moments": moments, "facets": facets, "parts": len(measured), "of_parts": len(grid)}, 0
        ),
        name="whole_journey",
    )


def check_questions(grid: pd.DataFrame) -> Check:
    """Ask whether the poorest part rests on more than one question."""
    measured = grid[grid["place"] != NOT_MEASURED]
    items = int(measured.sort_values("score", kind="stable")["items"].iloc[0])
    return Check(
        "The poorest part is poor by more than one question",
        "On how many questions does it rest?",
        "passes" if items > 1 else "concern",
        f"On {counted(items, 'question')}",
        "One question cannot be told from what it asks about",
        "The wording of the question, and not care at that moment, may be what is low",
        values_table({"questions": items}, 0),
        name="questions",
    )


def check_again(stability: pd.DataFrame) -> Check:
    """Ask how often the poorest part would be the poorest again."""
    share = float(stability["poorest_again"].iloc[0])
    return Check(
        "The same part would be the poorest with other people of the same units",
        "How often is it so, drawing scores anew?",
        "passes" if share >= AGAIN else "concern",
        f"In {number(share, 0)}% of draws",
        f"Below {number(AGAIN, 0)}% is a concern",
        "Another part may be as poor: look at all those that are poorer than the rest",
        values_table({"again": share, "limit": AGAIN}, 0),
        name="poorest_again",
    )


def check_top(items: pd.DataFrame) -> Check:
    """Ask whether questions leave room above: nearly all with the best score tell little."""
    words = (
        "Questions can tell good from very good",
        "How many questions have the best score from nearly everybody?",
    )
    consequence = "A part may look better than it is, and an improvement there could not be seen"
    known = items["top"].dropna()
    if known.empty:
        said = "Units' scores are given, not people's answers"
        return Check(*words, "cannot tell", said, "", consequence, name="room_above")
    full = int((known >= TOP).sum())
    verdict: Verdict = "concern" if full else "passes"
    return Check(
        *words,
        verdict,
        f"{full} of {len(known)}, at {number(TOP, 0)}% or more; the highest share is "
        f"{number(float(known.max()), 0)}%",
        f"{number(TOP, 0)}% or more is a concern",
        consequence,
        values_table(
            {"full": full, "questions": len(known), "limit": TOP, "highest": float(known.max())}, 0
        ),
        name="room_above",
    )


def check_respondents(respondents: pd.DataFrame, respondent: str | None) -> Check:
    """Ask whose answers count, and how many answered for others and are left out."""
    words = (
        "People answered for themselves",
        "How many answers were given for somebody else?",
    )
    consequence = "People who answer for others see other things: the two are never put together"
    if respondents.empty or respondent is None:
        said = "Who answered for whom is not in the data"
        return Check(*words, "cannot tell", said, "", consequence, name="respondents")
    mine = respondents["respondent"] == respondent
    share = 100 * float(respondents.loc[~mine, "n"].sum() / respondents["n"].sum())
    return Check(
        *words,
        "passes",
        f"{number(share, 1)}% of answers, which are left out and shown apart",
        "",
        consequence,
        values_table({"left_out": share if np.isfinite(share) else 0.0}, 1),
        name="respondents",
    )
