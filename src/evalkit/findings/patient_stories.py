"""Whether stories were acted on, in words: a share of stories against what was aimed at.

The claim follows from where the target lies in the interval. No sentence says how common anything
is that stories are about.
"""

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.findings.open_questions import list_not_shown
from evalkit.insight.stories import ALL, SHARES, Register
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.results.words import interval, number, values_table
from evalkit.study.schemas.patient_stories import PatientStories

Claim = Literal["as aimed at", "less than aimed at", "cannot be told from it", "too few stories"]
_LIMITS = (
    "Stories are told because they teach. They do not say how common a thing is, and no share of "
    "what they are about is given.",
    "Whether an action made care better is not known from its being done.",
    "A story that its teller withdrew is in no part of this page; earlier copies of the page are "
    "to be taken down by whoever holds them.",
)
_OF = {
    "with_action": ("stories", "had an action agreed"),
    "closed_on_time": ("actions that were due", "were done by the day they were due"),
    "fed_back": ("stories", "had a teller who was told what came of it"),
}
"""For each share, of what it is and what it is the share of."""
_AGREED = {
    "internal": "to staff's reading it",
    "board": "to a board's reading it",
    "public": "to the public's reading it",
}


def conclude_stories(
    register: Register, result: Result, checks: list[Check], parameters: PatientStories
) -> Finding:
    """Choose the claim that the share and its interval allow, and say it in plain English."""
    claim = choose_claim(result, checks, parameters)
    others = [name for name in SHARES if name != parameters.share]
    meaning = (
        *(_say_share(result, name) for name in others if claim != "too few stories"),
        _say_readers(register, parameters),
    )
    answer = _answer(claim, result, parameters)
    limits = (*_LIMITS, *list_not_shown(checks))
    return Finding(claim, answer, meaning, limits, _values(result, parameters))


def choose_claim(result: Result, checks: list[Check], parameters: PatientStories) -> Claim:
    """Decide by rule: enough stories first, then the interval against the target."""
    row = result.headline
    if any(check.blocks for check in checks) or np.isnan(row["estimate"]):
        return "too few stories"
    if row["conf_low"] >= parameters.target:
        return "as aimed at"
    return (
        "less than aimed at" if row["conf_high"] < parameters.target else "cannot be told from it"
    )


def list_not_in_stories() -> list[str]:
    """List what stories cannot tell, whatever is in them."""
    return [
        "How common anything is that stories are about",
        "People who were never asked for a story, and those who did not wish to tell one",
        "Whether what was done made care better: no outcome is linked to an action",
        "How it was for the teller to tell it",
    ]


def _answer(claim: Claim, result: Result, parameters: PatientStories) -> str:
    if claim == "too few stories":
        return (
            "There are too few stories to say a share of them; each can still be read and acted on."
        )
    row = result.headline
    said = {
        "as aimed at": "the share that was aimed at, or more",
        "less than aimed at": "less than was aimed at",
        "cannot be told from it": "which cannot be told from what was aimed at",
    }[claim]
    return f"{_say_size(parameters.share, row)}: {said}, {number(parameters.target, 0)}%."


def _say_share(result: Result, name: str) -> str:
    row = pick_row(result.estimates, term=name, group=ALL)
    if np.isnan(row["estimate"]):
        return f"{SHARES[name]}: no action was due."
    return f"{_say_size(name, row)}."


def _say_size(name: str, row: "pd.Series[float]") -> str:
    of, what = _OF[name]
    ends = interval(row["conf_low"], row["conf_high"], row["level"], 0)
    return f"Of {of}, {number(row['estimate'], 0)}% {what} ({ends})"


def _say_readers(register: Register, parameters: PatientStories) -> str:
    agreed = _AGREED[parameters.audience]
    if not register.readable.any():
        return f"No story is shown: no teller has agreed {agreed}."
    return (
        f"The stories shown are those whose tellers agreed {agreed}. The others count in the "
        "shares, and not a word of them is here."
    )


def _values(result: Result, parameters: PatientStories) -> pd.DataFrame:
    """Every number that the sentences say."""
    held = {"target": parameters.target, "level": 100 * parameters.confidence_level}
    for name in SHARES:
        row = pick_row(result.estimates, term=name, group=ALL)
        for part in ("estimate", "conf_low", "conf_high"):
            held[f"{name}_{part}"] = float(row[part])
    return values_table({name: v for name, v in held.items() if np.isfinite(v)}, 0)
