"""Five questions on value, each with what was looked at and what was found, and no marks.

Economy, efficiency, effectiveness, cost-effectiveness and equity are the heads under which a
judgement on value for money is made (the 5Es, as in the Magenta Book's 2026 update; not verified
against it). A judgement needs levels that people agreed before any result was seen; none is made
up here. What was found is chosen by rule from the study's own intervals, and what nobody measured
stands as not measured, with what it would take.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from evalkit.findings.beside_least import interval_beside_least
from evalkit.findings.value_for_money import choose_claim, side_of
from evalkit.measures.cost_lines import OWN_LINES
from evalkit.measures.value_for_money import Value, name_payer
from evalkit.measures.value_sample import CARERS, COST, EVERYBODY, GAP, SICKNESS
from evalkit.results import Check, pick_row
from evalkit.study.schemas.value_for_money import ValueForMoney

NOT_MEASURED = "Not measured"
SHOWN = ("estimate", "conf_low", "conf_high")

Row = dict[str, Any]


def tabulate_rubric(value: Value, checks: list[Check], parameters: ValueForMoney) -> pd.DataFrame:
    """One row a thing looked at: `head, looked_at, found, estimate, conf_low, conf_high, unit, n`.

    Numbers are those of the consequences and lines of cost, NaN where none is given.
    """
    claim = choose_claim(value, checks, parameters)
    rows = [
        *_economy(value, checks, parameters),
        *_efficiency(value, parameters),
        *_effectiveness(value, claim, checks, parameters),
        *_cost_effectiveness(value, claim, parameters),
        *_equity(value, claim, parameters),
    ]
    columns = ["head", "looked_at", "found", *SHOWN, "unit", "n"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys([*SHOWN, "n"], float))


def _economy(value: Value, checks: list[Check], parameters: ValueForMoney) -> Iterator[Row]:
    """What was spent on what; a price elsewhere to hold it against is in no source."""
    head, unit = "Economy", parameters.currency
    whole = all(check.verdict == "passes" for check in checks if check.name == "costs")
    found = "Known, item by item" if whole else "Known in part: costs may be missing"
    of = value.costs
    payer = parameters.perspective
    per_cell = of.loc[of["payer"] == payer, "per_unit_period"].sum()
    people = float(of["people"].max()) if len(of) else np.nan
    looked = f"Cost to {name_payer(payer)} for each unit and period with the intervention"
    yield _row(head, looked, found, float(per_cell), unit=unit, n=people)
    for item in OWN_LINES:
        line = of.loc[of["item"] == item, "per_unit_period"]
        looked = f"Of all costs, {item.replace('_', ' ')} for each unit and period"
        if len(line):
            yield _row(head, looked, found, float(line.sum()), unit=unit, n=people)
        else:
            yield _row(head, looked, NOT_MEASURED)
    yield _row(head, "The same staff and things at the best price to be had", NOT_MEASURED)


def _efficiency(value: Value, parameters: ValueForMoney) -> Iterator[Row]:
    """What was spent for each person cared for; other outputs are in no source."""
    head = "Efficiency"
    more, less, same = "More than without it", "Less than without it", "Not told apart from none"
    for payer in dict.fromkeys([parameters.perspective, EVERYBODY]):
        row = pick_row(value.consequences, key=f"{COST}{payer}")
        side = int(row["conf_low"] > 0) - int(row["conf_high"] < 0)
        yield _measured(head, row, {1: more, 0: same, -1: less}[side])
    if SICKNESS in set(value.consequences["key"]):
        row = pick_row(value.consequences, key=SICKNESS)
        side = int(row["conf_low"] > 0) - int(row["conf_high"] < 0)
        said = {1: more, 0: "Not told apart from no change", -1: "Fewer than without it"}
        yield _measured(head, row, said[side])
    else:
        yield _row(head, "Days of staff sickness", NOT_MEASURED)
    yield _row(head, "What was done for the money: sessions held, people trained", NOT_MEASURED)


def _effectiveness(
    value: Value, claim: str, checks: list[Check], parameters: ValueForMoney
) -> Iterator[Row]:
    """The gain, against the smallest that matters, and as a design of its own finds it."""
    head, row = "Effectiveness", pick_row(value.consequences, key="outcome")
    yield _measured(head, row, _say_gain(row, claim, parameters))
    for check in (c for c in checks if c.name == "second_opinion" and c.table is not None):
        found = dict(zip(check.table["name"], check.table["value"], strict=True))
        said = "Agrees" if check.verdict == "passes" else "Does not agree"
        ends = (found["design"], found["low"], found["high"])
        looked = "The same gain by a design with its own inference"
        yield _row(head, looked, said, *ends, unit=parameters.outcome_unit, n=row["n"])
    yield _row(head, "Health gained, and care used elsewhere or later", NOT_MEASURED)


def _cost_effectiveness(value: Value, claim: str, parameters: ValueForMoney) -> Iterator[Row]:
    """The cost of a gain where one is shown and dearer; no price is held against it."""
    head, per = "Cost-effectiveness", value.per_gain
    unit = parameters.currency
    looked = f"Cost of a gain of {parameters.gain_unit:g} {parameters.outcome_unit} for one person"
    people = float(value.consequences["n"].min())
    if claim.startswith("better and dearer") and per is not None:
        doubt = ", if the gain is the intervention's" if claim.endswith("'s") else ""
        said = f"Given{doubt}; not judged, since no price of a gain is agreed"
        ends = (per.estimate, per.conf_low, per.conf_high)
        yield _row(head, looked, said, *ends, unit=unit, n=people)
    else:
        why = {
            "cannot be told": "whose gain it is cannot be told",
            "no gain shown": "no gain is shown",
            "worse": "experience became worse",
        }
        reason = why.get(claim, "it cost no more, beyond chance")
        yield _row(head, looked, f"Not given: {reason}", unit=unit)
    yield _row(head, "What else the money could have bought", NOT_MEASURED)


def _equity(value: Value, claim: str, parameters: ValueForMoney) -> Iterator[Row]:
    """Who gained: the most deprived fifth beside everybody else, and carers."""
    head, there = "Equity", set(value.consequences["key"])
    doubt = ""
    if claim == "cannot be told" or claim.endswith("'s"):
        doubt = "; whether by the intervention is not known"
    words = {
        GAP: ("caught up", "fell behind", "Gap between the most deprived fifth and everybody else"),
        CARERS: ("gained", "lost", "Carers' own quality of life"),
    }
    who = {GAP: "The most deprived fifth", CARERS: "Carers"}
    for key, (up, down, absent) in words.items():
        if key not in there:
            yield _row(head, absent, NOT_MEASURED)
            continue
        row = pick_row(value.consequences, key=key)
        side = side_of(row, "higher" if key == CARERS else parameters.outcome_better)
        moved = f"{who[key]} {up if side > 0 else down}, beyond chance{doubt}"
        yield _measured(head, row, moved if side else "Not told apart from no change")
    yield _row(head, "Other groups: ethnicity, age, sex, disability", NOT_MEASURED)


def _say_gain(row: "pd.Series[float]", claim: str, parameters: ValueForMoney) -> str:
    """Say by rule what the gain's interval shows, and whether it matters."""
    if claim == "cannot be told":
        return "Cannot be told: see the checks"
    if claim == "no gain shown":
        return "Not told apart from no change"
    if claim == "worse":
        return "Worse, beyond chance"
    doubt = ", if it is the intervention's" if claim.endswith("'s") else ""
    least = parameters.minimum_important_difference
    if least is None:
        return f"Better, beyond chance{doubt}"
    size = {
        "all of it": "by as much as matters or more",
        "some of it": "whether by enough to matter is not told",
        "none of it": "by less than matters",
    }[interval_beside_least(row, least)]
    return f"Better, beyond chance{doubt}; {size}"


def _measured(head: str, row: "pd.Series[Any]", found: str) -> Row:
    """Make the row of a consequence."""
    ends = (row["difference"], row["conf_low"], row["conf_high"])
    return _row(head, str(row["label"]), found, *ends, unit=str(row["unit"]), n=row["n"])


def _row(
    head: str,
    looked_at: str,
    found: str,
    estimate: float = np.nan,
    conf_low: float = np.nan,
    conf_high: float = np.nan,
    *,
    unit: str = "",
    n: float = np.nan,
) -> Row:
    ends = dict(zip(SHOWN, (estimate, conf_low, conf_high), strict=True))
    return {"head": head, "looked_at": looked_at, "found": found, **ends, "unit": unit, "n": n}
