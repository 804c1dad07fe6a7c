"""What a gain cost, by rule, in words: consequences first, no price of a gain taken for granted.

A cost per gain is said only of a gain that is shown, and whose own cause is not in doubt; a gap
that grew or carers who lost are said in the answer beside it, never set off against it.
"""

from typing import Literal

import numpy as np
import pandas as pd

from evalkit.findings.beside_least import say_beside_least
from evalkit.measures.cost_lines import OWN_LINES
from evalkit.measures.value_for_money import Value, name_payer
from evalkit.measures.value_sample import CARERS, COST, EVERYBODY, GAP, SICKNESS
from evalkit.results import Check, Finding, pick_row
from evalkit.results.words import capital, interval, number, values_table
from evalkit.study.schemas.value_for_money import ValueForMoney

Claim = Literal[
    "better and dearer",
    "better and no dearer",
    "better and dearer, if it is the intervention's",
    "better and no dearer, if it is the intervention's",
    "no gain shown",
    "worse",
    "cannot be told",
]
BESIDE = {GAP: "gap wider", CARERS: "carers worse off"}
SURE = 95.0
"""Per cent from which a price on the curve is called nearly certain to be worth it."""


def conclude_value(value: Value, checks: list[Check], parameters: ValueForMoney) -> Finding:
    """Choose the claim that consequences and checks allow, and say it in plain English."""
    claim = choose_claim(value, checks, parameters)
    harms = find_harms(value, parameters)
    whole = ", ".join([claim, *(BESIDE[name] for name in harms)])
    answer = " ".join(
        [_answer(claim, value, parameters), *(_say_harm(n, value, parameters) for n in harms)]
    )
    meaning = (
        *_say_importance(claim, value, parameters),
        *_say_price(claim, value, parameters),
        _say_lines(value, parameters),
        *_say_others(value, harms, parameters),
    )
    open_ = [c.assumption[0].lower() + c.assumption[1:] for c in checks if c.verdict != "passes"]
    limits = (
        *_limits(parameters),
        *([f"Not shown to hold: {'; '.join(open_)}."] if open_ else []),
    )
    kept = tuple(said for said in meaning if said)
    return Finding(whole, answer, kept, limits, _values(value, parameters))


def choose_claim(value: Value, checks: list[Check], parameters: ValueForMoney) -> Claim:
    """Decide by rule: blocking checks, then the gain's interval, then that of the cost."""
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "cannot be told"
    side = side_of(_row(value, "outcome"), parameters.outcome_better)
    if side < 0:
        return "worse"
    if side == 0:
        return "no gain shown"
    dearer = float(_row(value, f"{COST}{parameters.perspective}")["conf_low"]) > 0
    alike = all(c.verdict == "passes" for c in checks if c.name == "earlier")
    if alike:
        return "better and dearer" if dearer else "better and no dearer"
    return (
        "better and dearer, if it is the intervention's"
        if dearer
        else "better and no dearer, if it is the intervention's"
    )


def find_harms(value: Value, parameters: ValueForMoney) -> list[str]:
    """Name what got worse beyond chance: the gap by deprivation, carers' quality of life."""
    there = set(value.consequences["key"])
    harms = (
        [GAP] if GAP in there and side_of(_row(value, GAP), parameters.outcome_better) < 0 else []
    )
    if CARERS in there and float(_row(value, CARERS)["conf_high"]) < 0:
        harms.append(CARERS)
    return harms


def list_not_measured(value: Value) -> list[str]:
    """List what a statement on value would hold, and these data do not."""
    there = set(value.consequences["key"])
    absent = {
        GAP: "Whether the gap by deprivation changed",
        CARERS: "Carers' own quality of life",
        SICKNESS: "Staff sickness",
    }
    return [
        *(words for key, words in absent.items() if key not in there),
        "What a point of experience is worth: no value is agreed, so none is used",
        "Health gained (QALYs), and care used elsewhere or later",
        "Staff engagement and turnover",
        "What other sources say of the same change: complaints, comments and stories",
        "What else the money could have bought",
    ]


def side_of(row: "pd.Series[float]", better_is: str) -> int:
    """1 where the interval lies wholly on the better side of zero, -1 on the worse, 0 on both."""
    better = 1 if better_is == "higher" else -1
    low, high = sorted((better * row["conf_low"], better * row["conf_high"]))
    return int(low > 0) - int(high < 0)


def _answer(claim: Claim, value: Value, parameters: ValueForMoney) -> str:
    name = parameters.intervention_name or "the intervention"
    gain = _sized(_row(value, "outcome"), parameters.outcome_unit, parameters)
    cost = _sized(_row(value, f"{COST}{parameters.perspective}"), parameters.currency, parameters)
    payer = name_payer(parameters.perspective)
    paid = f"{payer} paid {cost} more for each person cared for"
    if claim == "cannot be told":
        return (
            f"What {name} was worth cannot be told: whether it changed "
            f"{parameters.outcome_name} is not known. {paid[0].upper()}{paid[1:]}."
        )
    if claim == "no gain shown":
        return (
            f"Costs without a shown benefit: with {name} {paid}, and {parameters.outcome_name} "
            f"changed by {gain}, which may be nothing. No cost of a gain is given."
        )
    if claim == "worse":
        return f"With {name} {paid}, and {parameters.outcome_name} became worse, by {gain}."
    better = f"with {name} {parameters.outcome_name} became better by {gain}, and {paid}"
    if claim.endswith("intervention's"):
        told = "These data cannot show that both kinds of unit would have changed alike without it"
        return f"{better[0].upper()}{better[1:]}. {told}."
    return f"{better[0].upper()}{better[1:]}."


def _say_harm(name: str, value: Value, parameters: ValueForMoney) -> str:
    if name == GAP:
        moved = _sized(_row(value, GAP), parameters.outcome_unit, parameters)
        return f"The most deprived fifth fell behind everybody else by {moved}."
    lost = _sized(_row(value, CARERS), "points of 12 in quality of life", parameters)
    return f"Carers lost {lost}."


def _say_price(claim: Claim, value: Value, parameters: ValueForMoney) -> list[str]:
    """Say the cost per gain where a gain is shown and dearer, and what price makes it worth it."""
    per, unit = value.per_gain, number(parameters.gain_unit, 1)
    if not claim.startswith("better and dearer") or per is None:
        return []
    ends = (
        "no interval is given: by the stricter method that a ratio needs, the gain may be none"
        if np.isnan(per.conf_low)
        else interval(per.conf_low, per.conf_high, per.level)
    )
    condition = "If the gain is the intervention's, " if claim.endswith("'s") else ""
    gain = "a gain of"
    said = [
        f"{capital(condition + gain)} {unit} {parameters.outcome_unit} for one person cost "
        f"{name_payer(parameters.perspective)} {number(per.estimate)} {parameters.currency} "
        f"({ends}). Near that price the chance that the gain is worth its cost is about even."
    ]
    sure = value.curve[value.curve["probability"] >= SURE]
    if len(sure):
        price = f"{number(sure['price'].iloc[0])} {parameters.currency}"
        said.append(
            f"{capital(condition + price)} is the lowest of the prices looked at from which the "
            f"chance that it is worth its cost is {number(SURE, 0)}% or more."
        )
    return said


def _say_importance(claim: Claim, value: Value, parameters: ValueForMoney) -> list[str]:
    """Say whether the gain is as large as matters, which its interval alone tells."""
    least, row = parameters.minimum_important_difference, _row(value, "outcome")
    if least is None or not claim.startswith("better"):
        return []
    said, unit = say_beside_least(row, least), parameters.outcome_unit
    return [f"The gain {said} the smallest difference that matters, {number(least)} {unit}."]


def _say_lines(value: Value, parameters: ValueForMoney) -> str:
    """Say payments to people with lived experience and carers' time, each by itself."""
    lines = value.costs.groupby("item")["per_person"].sum()
    words = {
        "lived_experience_payment": "payments to people with lived experience",
        "carer_time": "carers' time",
    }
    said = [
        f"{words[name]}, {number(lines[name])} {parameters.currency}"
        for name in OWN_LINES
        if name in lines
    ]
    whole = _sized(_row(value, f"{COST}{EVERYBODY}"), parameters.currency, parameters)
    if not said:
        return f"All costs together, whoever bore them: {whole} for each person cared for."
    return (
        f"For each person cared for: {'; '.join(said)}. All costs together, whoever bore them, "
        f"were {whole}."
    )


def _say_others(value: Value, harms: list[str], parameters: ValueForMoney) -> list[str]:
    """Say of gap, carers and sickness what changed, where it is not in the answer already."""
    words = {
        GAP: ("The gap by deprivation changed by", parameters.outcome_unit),
        CARERS: ("Carers' quality of life changed by", "points of 12"),
        SICKNESS: ("Staff sickness per 100 people cared for changed by", "days"),
    }
    there = set(value.consequences["key"])
    said = [
        f"{start} {_signed(_row(value, key), unit, parameters)}."
        for key, (start, unit) in words.items()
        if key in there and key not in harms
    ]
    if SICKNESS in there and parameters.sickness_day_cost is not None:
        worth = parameters.sickness_day_cost * float(_row(value, SICKNESS)["difference"]) / 100
        said.append(
            f"At {number(parameters.sickness_day_cost)} {parameters.currency} a day, that is "
            f"{number(worth)} {parameters.currency} a person, shown apart: backfill may hold it "
            "already."
        )
    return said


def _limits(parameters: ValueForMoney) -> list[str]:
    said = [
        "No value of a point of experience is agreed. The cost of a gain and the curve show what "
        "it would have to be worth, and no verdict.",
        f"All amounts are in prices of one year, {parameters.price_year}; nothing is mixed.",
        "Costs that nobody recorded count as none.",
    ]
    if parameters.costs_are == "extra":
        said.append("Costs are those that the intervention added, as whoever recorded them judged.")
    return said


def _row(value: Value, key: str) -> "pd.Series[float]":
    return pick_row(value.consequences, key=key)


def _sized(row: "pd.Series[float]", unit: str, parameters: ValueForMoney) -> str:
    """Write a size without its sign, with the interval on the same side."""
    sign = -1 if row["difference"] < 0 else 1
    low, high = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    ends = interval(low, high, parameters.confidence_level)
    return f"{number(abs(row['difference']))} {unit} ({ends})"


def _signed(row: "pd.Series[float]", unit: str, parameters: ValueForMoney) -> str:
    ends = interval(row["conf_low"], row["conf_high"], parameters.confidence_level)
    return f"{number(row['difference'])} {unit} ({ends})"


def _values(value: Value, parameters: ValueForMoney) -> pd.DataFrame:
    """Each number of the sentences, by name, rounded as it is said."""
    gain = _row(value, "outcome")
    rows: dict[str, float] = {
        "difference": gain["difference"],
        "low": gain["conf_low"],
        "high": gain["conf_high"],
        "level": parameters.confidence_level,
        "price_year": parameters.price_year,
        "gain_unit": parameters.gain_unit,
        "sure": SURE,
        "sickness_rate_per": 100,
        "carers_best": 12,
    }
    for key in value.consequences["key"]:
        if key != "outcome":
            row, name = _row(value, key), key.replace(COST, "cost_")
            rows |= {name: row["difference"]}
            rows |= {f"{name}_low": row["conf_low"], f"{name}_high": row["conf_high"]}
    if value.per_gain is not None:
        per = value.per_gain
        rows["cost_of_gain"] = per.estimate
        if np.isfinite(per.conf_low):
            rows |= {"cost_of_gain_low": per.conf_low, "cost_of_gain_high": per.conf_high}
    sure = value.curve[value.curve["probability"] >= SURE]
    if len(sure):
        rows["price_nearly_sure"] = sure["price"].iloc[0]
    lines = value.costs.groupby("item")["per_person"].sum()
    rows |= {f"line_{name}": lines[name] for name in OWN_LINES if name in lines}
    if parameters.minimum_important_difference is not None:
        rows["minimum_important_difference"] = parameters.minimum_important_difference
    if parameters.sickness_day_cost is not None and SICKNESS in set(value.consequences["key"]):
        rows["sickness_day_cost"] = parameters.sickness_day_cost
        worth = parameters.sickness_day_cost * float(_row(value, SICKNESS)["difference"]) / 100
        rows["sickness_cost"] = worth
    return values_table(rows)
