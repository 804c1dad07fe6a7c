"""The answer of a lagged panel in words: what came before what, how sure, and what it is not.

The design permits no causal verb: nobody assigned wellbeing by chance. The strongest claim is
that better staff wellbeing *came before* better experience, within trusts.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evalkit.results import Check, Finding, Result, pick_row
from evalkit.results.words import (
    counted_in_words,
    decimals_for,
    interval,
    listed,
    measured,
    number,
    period_word,
    values_table,
)
from evalkit.study.schema import StaffWellbeing

Claim = Literal["came before", "came before worse", "not seen", "cannot be told", "unclear"]

BLOCKING = ("variation", "clusters", "order", "influence")
"""Checks without which the order of things, or its absence, is not claimed."""


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What the sentences share: the size, its interval, the step, and when it was seen."""

    difference: str
    interval: str
    step: str
    when: str
    decimals: int
    periods: int


def conclude(
    panel: pd.DataFrame, result: Result, checks: list[Check], parameters: StaffWellbeing
) -> Finding:
    """Choose the claim that the numbers and the checks allow, and say it in plain English."""
    row = result.headline
    claim = choose_claim(row, checks, parameters.minimum_important_difference)
    phrases = _phrase(panel, row, parameters)
    meaning = (
        _size(claim, row, phrases, parameters),
        _between(result, checks, phrases, parameters),
        *_why(claim, checks),
    )
    answer = _answer(claim, checks, row, phrases, parameters)
    limits = _limits(checks, parameters)
    numbers = [_values(result, phrases, parameters), *_quoted_values(claim, checks)]
    return Finding(claim, answer, meaning, limits, pd.concat(numbers, ignore_index=True))


def choose_claim(row: pd.Series, checks: list[Check], important: float) -> Claim:
    """Decide by rule: interval against zero and the minimum important difference, then checks."""
    blocked = any(c.verdict != "passes" for c in checks if c.name in BLOCKING)
    if _excludes_zero(row):
        if blocked:
            return "cannot be told"
        return "came before" if row["estimate"] > 0 else "came before worse"
    if blocked:
        return "cannot be told"
    small = row["conf_low"] > -important and row["conf_high"] < important
    return "not seen" if small else "unclear"


def _phrase(panel: pd.DataFrame, row: pd.Series, parameters: StaffWellbeing) -> _Phrases:
    size, low, high = row["estimate"], row["conf_low"], row["conf_high"]
    decimals = decimals_for(size, low, high)
    period = period_word(str(panel["period"].iloc[0]))
    lag = parameters.exposure_lag
    return _Phrases(
        difference=f"{number(abs(size), decimals)} {parameters.outcome_unit} "
        f"{'higher' if size >= 0 else 'lower'}",
        interval=interval(low, high, row["level"], decimals),
        step=f"{parameters.exposure_name} was {parameters.exposure_step:g} "
        f"{parameters.exposure_unit} {parameters.exposure_better} than usual for that trust",
        when=f"{counted_in_words(lag, period)} after" if lag else f"in {period}s when",
        decimals=decimals,
        periods=int(panel["time"].nunique()),
    )


def _answer(
    claim: Claim,
    checks: list[Check],
    row: pd.Series,
    phrases: _Phrases,
    parameters: StaffWellbeing,
) -> str:
    seen = (
        f"within trusts, {parameters.outcome_name} was {phrases.difference} ({phrases.interval}). "
        f"That is {phrases.when} {phrases.step}."
    )
    return {
        "came before": f"Yes{_but_small(row, parameters)}: {seen}",
        "came before worse": f"No, the opposite: {seen}",
        "not seen": f"No difference that would matter is seen: {seen}",
        "unclear": f"There is no clear evidence either way: {seen} A difference that matters is "
        "neither shown nor ruled out.",
        "cannot be told": f"It cannot be told: {seen} {_obstacle(checks)}",
    }[claim]


def _but_small(row: pd.Series, parameters: StaffWellbeing) -> str:
    """Say in the answer itself that the whole interval lies below what would matter."""
    important = parameters.minimum_important_difference
    if row["conf_high"] >= important:
        return ""
    least = measured(important, parameters.outcome_unit)
    return f", though by less than the {least} that would matter"


def _obstacle(checks: list[Check]) -> str:
    """Why the order, or its absence, cannot be claimed: the first obstacle that stands."""
    failed = {c.name: c for c in checks if c.verdict != "passes"}
    if "variation" in failed:
        return (
            "But there was little movement within trusts to see it in. Neither an effect nor its "
            "absence is shown."
        )
    if "clusters" in failed:
        return "But there are too few trusts to go by."
    if "order" in failed and failed["order"].verdict == "concern":
        return "But the two move together too soon for staff wellbeing to have come first."
    if "order" in failed:
        return "But which of the two moves first could not be tested."
    return "But the answer rests on one trust."


def _size(claim: Claim, row: pd.Series, phrases: _Phrases, parameters: StaffWellbeing) -> str:
    """Set the difference, or where nothing is claimed its interval, beside what would matter."""
    important = parameters.minimum_important_difference
    least = measured(important, parameters.outcome_unit)
    if claim in ("came before", "came before worse"):
        share = number(100 * abs(row["estimate"]) / important, 0)
        return (
            f"The difference is {share}% of the {least} that the protocol sets as "
            "the smallest that would matter."
        )
    if -important < row["conf_low"] and row["conf_high"] < important:
        return f"The whole interval lies within the {least} that would matter."
    return f"The interval also holds differences as large as the {least} that would matter."


def _between(
    result: Result, checks: list[Check], phrases: _Phrases, parameters: StaffWellbeing
) -> str:
    """Say what comparing trusts shows, and how it stands to the comparison within them."""
    row = pick_row(result.estimates, method="between")
    text = interval(row["conf_low"], row["conf_high"], row["level"], phrases.decimals)
    side = "higher" if row["estimate"] >= 0 else "lower"
    size = f"{number(abs(row['estimate']), phrases.decimals)} {parameters.outcome_unit} {side}"
    seen = (
        f"Compared with each other, trusts with staff better by the same step have "
        f"{parameters.outcome_name} {size} ({text})."
    )
    if not _excludes_zero(row):
        return f"{seen} No clear association between trusts is shown."
    return f"{seen} {_relation(result, checks)}"


def _relation(result: Result, checks: list[Check]) -> str:
    """How an association between trusts stands to what is seen within them."""
    apart = any(c.name == "between" and c.verdict == "concern" for c in checks)
    if apart and not _excludes_zero(result.headline):
        return (
            "That association between trusts is not seen within trusts: trusts with happier staff "
            "differ in other ways too, so it says nothing of what follows when a trust changes."
        )
    if apart:
        return (
            "That is not the same as within trusts: trusts with happier staff differ in other "
            "ways too, so it says nothing of what follows when a trust changes."
        )
    return (
        "That does not clearly differ from what is seen within trusts, but trusts with happier "
        "staff may differ in other ways too, so it is not used for the answer."
    )


def _excludes_zero(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def _why(claim: Claim, checks: list[Check]) -> tuple[str, ...]:
    if claim == "came before":
        return (
            "This is what would be seen if better wellbeing led to better experience. It is not "
            "proof: nobody was assigned to have more wellbeing.",
        )
    if claim == "not seen":
        return ("No clear evidence of a difference is not proof that there is none.",)
    return tuple(f"{c.finding}." for c in _quoted(claim, checks))


def _quoted(claim: Claim, checks: list[Check]) -> list[Check]:
    """The checks that stood in the way of a claim, in the order in which they are named."""
    failed = {c.name: c for c in checks if c.verdict != "passes"}
    if claim in ("came before", "not seen"):
        return []
    return [failed[name] for name in BLOCKING if name in failed]


def _quoted_values(claim: Claim, checks: list[Check]) -> list[pd.DataFrame]:
    """The numbers of the checks that are quoted, named after their check."""
    quoted = [check for check in _quoted(claim, checks) if not check.table.empty]
    return [c.table.assign(name=c.name + "_" + c.table["name"]) for c in quoted]


def _limits(checks: list[Check], parameters: StaffWellbeing) -> tuple[str, ...]:
    adjusted = [role.replace("_", " ") for role in parameters.adjust_for]
    causes = f"; {listed(adjusted)}" if adjusted else "; no other measured cause"
    hidden = (
        "A cause that nobody measured, and that moves staff first and patients later, would look "
        "the same."
        if parameters.exposure_lag
        else "A cause that nobody measured could hide an association, or make one."
    )
    return (
        hidden,
        "Allowed for: what stays the same in a trust, and what changes in all trusts at "
        f"once{causes}.",
        "Averages of a trust say nothing of single members of staff or patients.",
        *_open_questions("In doubt in these data", "concern", checks),
        *_open_questions("Could not be tested", "cannot tell", checks),
    )


def _open_questions(heading: str, verdict: str, checks: list[Check]) -> tuple[str, ...]:
    """List the assumptions with this verdict in one sentence; none where there are none."""
    found = [c.assumption[0].lower() + c.assumption[1:] for c in checks if c.verdict == verdict]
    return (f"{heading}: that {'; that '.join(found)}.",) if found else ()


def _values(result: Result, phrases: _Phrases, parameters: StaffWellbeing) -> pd.DataFrame:
    row, between = result.headline, pick_row(result.estimates, method="between")
    important = parameters.minimum_important_difference
    fine = {
        "difference": row["estimate"],
        "low": row["conf_low"],
        "high": row["conf_high"],
        "between_trusts": between["estimate"],
        "between_low": between["conf_low"],
        "between_high": between["conf_high"],
    }
    plain = {"step": parameters.exposure_step, "minimum_important_difference": important}
    whole = {
        "level": 100 * row["level"],
        "share_of_important": 100 * abs(row["estimate"]) / important,
        "trusts": row["clusters"],
        "periods": phrases.periods,
        "rows": row["n"],
    }
    decimals = dict.fromkeys(fine, phrases.decimals) | dict.fromkeys(whole, 0) | {"level": 1}
    return values_table(fine | plain | whole, decimals)
