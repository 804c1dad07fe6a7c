"""The answer of the Friends and Family Test in words: a change, or a change in how it was asked.

The claim follows from the interval of what remains once mode of collection, case mix and response
rate are taken out; the change as collected alone never makes one. Never a cause: nobody
was there to compare with.
"""

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.findings.beside_least import say_beside_least
from evalkit.findings.open_questions import list_open_questions
from evalkit.measures.feedback_series import BETTER
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.results.words import capital, interval, lowered, measured, number, values_table
from evalkit.study.schemas.friends_and_family import FriendsAndFamily

Claim = Literal[
    "more favourable",
    "less favourable",
    "a change in how it is collected",
    "no change that matters",
    "no clear change",
    "cannot be told",
]
_DECIMALS = 1
_NOT_COMPARED = (
    "Nobody was there to compare with: whatever else happened at that time would look the same."
)
_FEW_ANSWER = (
    "People choose whether to answer, and are not a sample of those cared for. The test says how "
    "feedback moves in the organisations looked at; it cannot compare organisations, nor rank them."
)

AS_COLLECTED = "As collected"
"""Name of the series that breaks in the way of asking cut in two."""


def conclude_feedback(
    result: Result, checks: list[Check], icons: pd.DataFrame, parameters: FriendsAndFamily
) -> Finding:
    """Choose the claim that the parts of the change allow, and say it in plain English."""
    claim = choose_claim(result, checks, parameters)
    meaning = (
        _say_parts(result),
        _say_importance(claim, result, parameters),
        *_say_charts(icons, checks),
        _say_nonresponse(result),
        *(f"{remark}." for remark in result.remarks),
    )
    limits = (_NOT_COMPARED, _FEW_ANSWER, *list_open_questions(checks))
    return Finding(
        claim,
        _answer(claim, result, parameters),
        tuple(said for said in meaning if said),
        limits,
        _values(result, parameters),
    )


def _say_charts(icons: pd.DataFrame, checks: list[Check]) -> list[str]:
    """Say what each chart says, and of what was collected that no change is read across a break."""
    broken = any(check.name == "breaks" and check.verdict == "concern" for check in checks)
    warning = " It runs across a break in how people were asked."
    return [
        f"{row.series}: {lowered(str(row.says))}"
        + (warning if broken and row.series == AS_COLLECTED else "")
        for row in icons.itertuples()
    ]


def choose_claim(result: Result, checks: list[Check], parameters: FriendsAndFamily) -> Claim:
    """Decide by rule from what remains; a change as collected that is not left is one of asking."""
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "cannot be told"
    remaining = result.headline
    if _clear(remaining):
        up = remaining["estimate"] > 0
        favourable = up == (BETTER[parameters.answers_counted] == "higher")
        return "more favourable" if favourable else "less favourable"
    total = pick_row(result.estimates, term="total")
    if _clear(total) and _explained(total, remaining):
        return "a change in how it is collected"
    return "no change that matters" if _is_small(remaining, parameters) else "no clear change"


def list_not_measured_by_feedback(parameters: FriendsAndFamily) -> list[str]:
    """List what the test does not ask, whatever its answers."""
    return [
        "Which facet of experience changed (relational, functional, felt): one overall question",
        "Where along the journey: no touchpoint is asked about",
        "People who were asked and did not answer, and people who were never asked",
        "Age, sex, ethnic group and deprivation of those who answered: not in the counts",
        "Unpaid carers' own experience",
    ]


def _is_small(row: pd.Series, parameters: FriendsAndFamily) -> bool:
    important = parameters.minimum_important_difference
    return important is not None and bool(
        row["conf_low"] > -important and row["conf_high"] < important
    )


def _explained(total: pd.Series, remaining: pd.Series) -> bool:
    """Say whether at least half of the change as collected goes with how it was collected."""
    parts = float(total["estimate"] - remaining["estimate"])
    return parts * float(total["estimate"]) > 0 and abs(parts) >= abs(float(total["estimate"])) / 2


def _clear(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def _answer(claim: Claim, result: Result, parameters: FriendsAndFamily) -> str:
    levels = result.tables["levels"]["percentage"].to_numpy(float)
    name, start = capital(parameters.outcome_name), parameters.start_period
    seen = (
        f"{name} went from {number(levels[0], _DECIMALS)}% to {number(levels[1], _DECIMALS)}% "
        f"from {start} on"
    )
    left = _sized(result.headline)
    if claim == "cannot be told":
        return (
            f"{seen}, but most answers were collected in ways, or from groups, that were not there "
            "in both times, so that it cannot be told whether feedback changed."
        )
    if claim == "a change in how it is collected":
        return (
            f"{seen}. This is no sign that feedback changed: most of it goes with how answers were "
            f"collected, from whom, or how many answered, and what remains is {left}, which may be "
            "none."
        )
    if claim == "no change that matters":
        return (
            f"{seen}. Beyond how it was collected feedback hardly changed: what remains is {left}, "
            f"less than the smallest difference that matters, "
            f"{measured(parameters.minimum_important_difference or 0.0, 'percentage points')}."
        )
    if claim == "no clear change":
        return (
            f"{seen}. There is no clear evidence that feedback changed beyond how it was "
            f"collected: what remains is {left}. That is not evidence of no change."
        )
    return (
        f"{seen}. Feedback was {claim} than before, beyond how it was collected: what remains is "
        f"{left}."
    )


def _sized(row: pd.Series) -> str:
    said = number(row["estimate"], _DECIMALS)
    return (
        f"{said} percentage points "
        f"({interval(row['conf_low'], row['conf_high'], row['level'], _DECIMALS)})"
    )


def _say_parts(result: Result) -> str:
    words = {
        "mode_mix": "how answers were collected",
        "case_mix": "from whom they came",
        "response": "how many answered",
    }
    sizes = dict(zip(result.estimates["term"], result.estimates["estimate"], strict=True))
    parts = [
        f"{number(sizes[term], _DECIMALS)} with {said}"
        for term, said in words.items()
        if term in sizes
    ]
    total = pick_row(result.estimates, term="total")
    none = "" if _clear(total) else ", which may be none"
    return (
        f"The change as collected is {_sized(total)}{none}. Of it go {', '.join(parts)}; the rest "
        "remains."
    )


def _say_importance(claim: Claim, result: Result, parameters: FriendsAndFamily) -> str:
    important, row = parameters.minimum_important_difference, result.headline
    if important is None or claim not in ("more favourable", "less favourable"):
        return ""
    least = measured(important, "percentage points")
    return f"It {say_beside_least(row, important)} the smallest difference that matters, {least}."


def _say_nonresponse(result: Result) -> str:
    bounds, levels = result.tables["nonresponse"], result.tables["levels"]
    if bounds.empty:
        return ""
    rates = [number(rate, _DECIMALS) for rate in levels["response_rate"]]
    row = bounds.iloc[0]
    low, high = (number(row[name], _DECIMALS) for name in ("free_low", "free_high"))
    return (
        f"Of those asked {rates[0]}% answered before and {rates[1]}% after. If the others differed "
        f"from them by up to {row['points']:g} percentage points, otherwise before than after, the "
        f"change among all who were asked lies anywhere from {low} to {high} percentage points."
    )


def _values(result: Result, parameters: FriendsAndFamily) -> pd.DataFrame:
    levels, bounds = result.tables["levels"], result.tables["nonresponse"]
    numbers = {
        "before": levels["percentage"].iloc[0],
        "after": levels["percentage"].iloc[1],
        "comparable": levels["comparable"].iloc[0],
        "rate_before": levels["response_rate"].iloc[0],
        "rate_after": levels["response_rate"].iloc[1],
        "minimum_important_difference": parameters.minimum_important_difference,
        "level": 100 * parameters.confidence_level,
    }
    for row in result.estimates.to_dict("records"):
        numbers[str(row["term"])] = row["estimate"]
        if row["term"] in ("remaining", "total"):
            numbers |= {
                f"{row['term']}_low": row["conf_low"],
                f"{row['term']}_high": row["conf_high"],
            }
    if not bounds.empty:
        numbers |= {
            "others_differ_by": bounds["points"].iloc[0],
            "all_asked_low": bounds["free_low"].iloc[0],
            "all_asked_high": bounds["free_high"].iloc[0],
        }
    known = {name: float(v) for name, v in numbers.items() if v is not None and np.isfinite(v)}
    places = dict.fromkeys(known, _DECIMALS) | {"minimum_important_difference": 4}
    return values_table(known, places)
