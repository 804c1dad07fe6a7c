"""A design's answer in words: what changed, against what, how sure, and what it does not show.

The claim is chosen by a rule from the interval, the minimum important difference, the checks
that block, and whether design and checks allow it to be read as cause. No other rule, and nobody's
taste.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.checks.by_design import ONE_MUST_PASS, support_cause
from evalkit.designs.by_site import BySite
from evalkit.findings.comparisons import COMPARISONS, Comparison, put
from evalkit.findings.multiverse import add_multiverse
from evalkit.findings.open_questions import list_open_questions
from evalkit.findings.sites import add_sites
from evalkit.planning.multiverse import Multiverse
from evalkit.results import Check, Finding, Result
from evalkit.results.words import (
    capital,
    counted_in_words,
    decimals_for,
    interval,
    listed,
    measured,
    number,
    period_word,
    values_table,
)
from evalkit.study.schemas.design_study import DesignStudy

Claim = Literal[
    "improved",
    "worsened",
    "associated with better",
    "associated with worse",
    "changed for the better",
    "changed for the worse",
    "no difference that matters",
    "unclear",
    "cannot be told",
]


_NUMERAL = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences share: size, interval and direction, against what, and what matters.

    `told` completes "the outcome was ...", to the end of a sentence or two, and `moved` "it
    changed the outcome by ...".
    """

    told: str
    moved: str
    important: str
    decimals: int


def conclude(
    table: pd.DataFrame,
    result: Result,
    checks: list[Check],
    parameters: DesignStudy,
    multiverse: Multiverse | None = None,
    sites: BySite | None = None,
) -> Finding:
    """Choose the claim that the numbers and the checks allow, and say it in plain English.

    All analyses that the plan allows, where they were run, change no claim, nor do the sites, where
    the study names any; what they say together is added to what it means.
    """
    comparison = COMPARISONS[result.design]
    claim = choose_claim(result, checks, parameters)
    words = _phrase(table, result, comparison, parameters)
    asked = f"whether {put(_question(result), parameters)}"
    answer = _answer(claim, words, asked, checks, parameters)
    meaning = (
        _size(claim, words, result, parameters),
        *_why(claim, result, checks),
        *result.remarks,
    )
    limits = (
        f"{put(comparison.hidden, parameters)}.",
        *list_open_questions(checks, "Could not be tested"),
    )
    numbers = [_values(table, result, parameters, words.decimals), *_quoted(claim, checks)]
    numbers.append(_remarked(result.remarks))
    values = pd.concat(numbers, ignore_index=True)
    finding = Finding(claim, answer, meaning, limits, values)
    return add_sites(add_multiverse(finding, multiverse, parameters), sites, parameters)


def choose_claim(result: Result, checks: list[Check], parameters: DesignStudy) -> Claim:
    """Decide by rule: blocking checks, then the interval against zero and what would matter."""
    row = result.headline
    if COMPARISONS[result.design].described and _has_interval(row):
        return _describe_change(row, parameters)
    if not _has_interval(row) or any(c.blocks and c.verdict != "passes" for c in checks):
        return "cannot be told"
    if not (row["conf_low"] > 0 or row["conf_high"] < 0):
        return _no_clear_difference(row, parameters)
    better = _is_better(row, parameters)
    if support_cause(result, checks):
        return "improved" if better else "worsened"
    return "associated with better" if better else "associated with worse"


def _describe_change(row: pd.Series, parameters: DesignStudy) -> Claim:
    if row["conf_low"] > 0 or row["conf_high"] < 0:
        better = _is_better(row, parameters)
        return "changed for the better" if better else "changed for the worse"
    return _no_clear_difference(row, parameters)


def _no_clear_difference(row: pd.Series, parameters: DesignStudy) -> Claim:
    important = parameters.minimum_important_difference
    small = row["conf_low"] > -important and row["conf_high"] < important
    return "no difference that matters" if small else "unclear"


def _has_interval(row: pd.Series) -> bool:
    """Say whether the estimate has an interval; without one, nothing says how sure it is."""
    return bool(np.isfinite([row["conf_low"], row["conf_high"]]).all())


def _is_better(row: pd.Series, parameters: DesignStudy) -> bool:
    return bool((row["estimate"] > 0) == (parameters.outcome_better == "higher"))


def _phrase(
    table: pd.DataFrame, result: Result, comparison: Comparison, parameters: DesignStudy
) -> _Words:
    row, unit = result.headline, parameters.outcome_unit
    if row["term"] in comparison.per_period:
        unit = f"{unit} per {period_word(str(table['period'].iloc[0]))}"
    against = comparison.against if result.permits_cause else comparison.alone or comparison.against
    against = comparison.by_term.get(row["term"], against)
    decimals = decimals_for(row["estimate"], row["conf_low"], row["conf_high"])
    side = "higher" if row["estimate"] >= 0 else "lower"
    size = f"{number(abs(row['estimate']), decimals)} {unit}"
    against = put(against, parameters)
    held = interval(row["conf_low"], row["conf_high"], row["level"], decimals)
    important = measured(parameters.minimum_important_difference, unit)
    beside = f"{side} {against}" if "than " in against else against
    moved = f"{size} ({held}). It was {beside}."
    told = f"{size} {side} ({held}). That is {beside}."
    if comparison.described:
        told = f"{size} {side} {against} ({held})."
    return _Words(told, moved, important, decimals)


def _question(result: Result) -> str:
    """What was asked: whether one thing changed another only where the design may tell that."""
    comparison = COMPARISONS[result.design]
    if comparison.described:
        return "{outcome} changed once {intervention} began"
    return "{intervention} changed {outcome}" if result.permits_cause else comparison.associated


def _answer(
    claim: Claim, words: _Words, asked: str, checks: list[Check], parameters: DesignStudy
) -> str:
    """Say what happened, how large and how sure in the first sentence; then against what.

    What the answer is not has a sentence of its own.
    """
    name, outcome = parameters.intervention_name, parameters.outcome_name
    seen = f"{capital(outcome)} was {words.told}"
    if claim in ("improved", "worsened"):
        return f"{capital(name)} {claim} {outcome} by {words.moved}"
    if claim in ("associated with better", "associated with worse"):
        return f"{seen} This is an association. It does not show that {name} caused it."
    if claim in ("changed for the better", "changed for the worse"):
        return (
            f"{seen} This describes a change. Without a comparison it does not show that {name} "
            "caused it."
        )
    if claim == "no difference that matters":
        return (
            f"There is no clear evidence of a difference. {seen} The smallest difference that "
            f"would matter, {words.important}, does not fit these data."
        )
    if claim == "unclear":
        return (
            f"It is unclear {asked}. {seen} These data fit no difference. They also fit one "
            "that would matter."
        )
    return f"It cannot be told from these data {asked}. {_why_untold(checks)}"


def _why_untold(checks: list[Check]) -> str:
    reasons = [check for check in checks if check.blocks and check.verdict != "passes"]
    if not reasons:
        return "No interval can be given, so nothing says how sure the estimate is."
    count = capital(counted_in_words(len(reasons), "thing"))
    fails = "does" if len(reasons) == 1 else "do"
    return f"{count} that must hold to say so {fails} not hold, or cannot be tested."


def _size(claim: Claim, words: _Words, result: Result, parameters: DesignStudy) -> str:
    row, important = result.headline, parameters.minimum_important_difference
    share = number(100 * abs(row["estimate"]) / important, 0)
    if claim == "cannot be told":
        return (
            f"The estimate by itself is {share}% of the smallest difference that would matter to "
            f"people ({words.important}), but it may not be read as an effect."
        )
    reaches = max(abs(row["conf_low"]), abs(row["conf_high"])) >= important
    whole = min(abs(row["conf_low"]), abs(row["conf_high"])) >= important
    clear = row["conf_low"] > 0 or row["conf_high"] < 0
    fits = (
        "all of the interval is at least that large"
        if whole and clear
        else "the interval holds differences that would matter and others that would not"
        if reaches
        else "all of the interval is smaller than that"
    )
    return (
        f"The difference is {share}% of the smallest that would matter ({words.important}). "
        f"{capital(fits)}."
    )


def _why(claim: Claim, result: Result, checks: list[Check]) -> tuple[str, ...]:
    if claim == "cannot be told":
        stopped = [c for c in checks if c.blocks and c.verdict != "passes"]
        return tuple(f"{c.finding}." for c in stopped)
    if claim in ("unclear", "no difference that matters"):
        return ("No clear evidence of a difference is not proof that there is none.",)
    if claim in ("improved", "worsened"):
        return (
            "It may be read as an effect as long as the assumptions listed under how sure we are "
            f"hold. {_seen_against(checks)}",
        )
    if result.permits_cause and claim in ("associated with better", "associated with worse"):
        return (_why_no_cause(result, checks),)
    return ()


def _seen_against(checks: list[Check]) -> str:
    """What the checks say together, naming those that raise a concern or could not tell."""
    if not checks:
        return "No check of them was made."
    said = [
        f"{_named(found)} {one if len(found) == 1 else several}"
        for verdict, one, several in (
            ("concern", "raises a concern", "raise a concern"),
            ("cannot tell", "could not tell", "could not tell"),
        )
        if (found := [check for check in checks if check.verdict == verdict])
    ]
    if not said:
        return "The checks there found none that stands against it."
    rest = any(check.verdict == "passes" for check in checks)
    others = " The others found nothing against it." if rest else ""
    return f"Of the checks there, {'; '.join(said)}.{others}"


def _why_no_cause(result: Result, checks: list[Check]) -> str:
    """Say which checks would have had to pass for the answer to be read as cause."""
    asked = ONE_MUST_PASS[result.design]
    needed = [check for check in checks if check.name in asked]
    if not needed:
        return "It may not be read as an effect: no check was made of what that asks for."
    which = "this check" if len(needed) == 1 else "one of these checks"
    return f"It may not be read as an effect: {which} would have to pass, {_named(needed)}."


def _named(checks: list[Check]) -> str:
    return listed([check.name.replace("_", " ") for check in checks])


def _quoted(claim: Claim, checks: list[Check]) -> list[pd.DataFrame]:
    """The numbers of the checks that are quoted, named after their check."""
    if claim != "cannot be told":
        return []
    stopped = [c for c in checks if c.blocks and c.verdict != "passes" and not c.table.empty]
    named = [c for c in stopped if {"name", "value"} <= set(c.table)]
    return [c.table.assign(name=c.name + "_" + c.table["name"])[["name", "value"]] for c in named]


def _remarked(remarks: tuple[str, ...]) -> pd.DataFrame:
    """The numbers that the design's remarks say, in their order, so that each is on record."""
    said = [float(text) for text in _NUMERAL.findall(" ".join(remarks).replace(",", ""))]
    names = [f"remark_{place}" for place in range(1, len(said) + 1)]
    return pd.DataFrame({"name": names, "value": said})


def _values(
    table: pd.DataFrame, result: Result, parameters: DesignStudy, decimals: int
) -> pd.DataFrame:
    row, important = result.headline, parameters.minimum_important_difference
    fine = {"difference": row["estimate"], "low": row["conf_low"], "high": row["conf_high"]}
    whole = {
        "share_of_important": 100 * abs(row["estimate"]) / important,
        "units": table["unit"].nunique(),
        "periods": table["time"].nunique(),
        "rows": row["n"],
    }
    plain = {"minimum_important_difference": important, "level": 100 * row["level"]}
    places = dict.fromkeys(fine, decimals) | dict.fromkeys(whole, 0)
    places |= {"level": 1, "minimum_important_difference": 4}
    return values_table(fine | plain | whole, places)
