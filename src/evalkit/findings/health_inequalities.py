"""Who has the poorest experience, and what became of the gap: the answer by rule, in words.

A change for the better on average does not answer the question by itself: where the gap grew with
it, the answer says both; where the gap closed because others lost, it says that ("levelling down").
"""

import re
from typing import Literal

import pandas as pd

from evalkit.equity.gap_change import ALL, CHANGE, POOREST, REST
from evalkit.equity.groups import DIMENSIONS, LEAST, NOT_KNOWN
from evalkit.equity.strata import name_strata
from evalkit.equity.study import Inequalities
from evalkit.findings.beside_least import beside_least, value_beside_least
from evalkit.findings.open_questions import list_not_shown
from evalkit.results import Check, Finding, pick_row
from evalkit.results.words import interval, listed, number, values_table
from evalkit.study.schemas.health_inequalities import HealthInequalities

Claim = Literal[
    "gap closed",
    "gap closed by levelling down",
    "gap wider",
    "mean up, gap wider",
    "gap not changed by what matters",
    "poorest fare worse",
    "poorest fare better",
    "unclear",
    "cannot be told",
]


_DIGIT = re.compile(r"\d")


def conclude_inequalities(
    found: Inequalities, checks: list[Check], parameters: HealthInequalities
) -> Finding:
    """Choose the claim that the numbers and the checks allow, and say it in plain English."""
    claim = choose_claim(found, checks, parameters)
    answer = _answer(claim, found, checks, parameters)
    meaning = (
        *_say_change(found, parameters),
        _say_poorest(found, parameters),
        _say_gap(found, parameters),
        _say_parts(found, parameters),
        _say_strata(found, parameters),
    )
    limits = (*_limits(found, parameters), *list_not_shown(checks))
    kept = tuple(said for said in meaning if said)
    return Finding(claim, answer, kept, limits, _values(found, parameters))


def choose_claim(found: Inequalities, checks: list[Check], parameters: HealthInequalities) -> Claim:
    """Decide by rule: the change in the gap, which checks must allow; without one, the gap."""
    better = 1 if parameters.outcome_better == "higher" else -1
    if found.change.empty:
        side = _side(pick_row(found.gaps, measure="gap"), better)
        if side == 0:
            return "unclear"
        return "poorest fare better" if side > 0 else "poorest fare worse"
    moved = pick_row(found.change, group=CHANGE)
    side, least = _side(moved, better), parameters.minimum_important_difference
    small = least is not None and max(-moved["conf_low"], moved["conf_high"]) < least
    if side == 0 and not small:
        return "unclear"
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "cannot be told"
    if side > 0:
        lost = _side(pick_row(found.change, group=REST), better) < 0
        return "gap closed by levelling down" if lost else "gap closed"
    if side < 0:
        gained = all(_side(pick_row(found.change, group=of), better) > 0 for of in (ALL, REST))
        return "mean up, gap wider" if gained else "gap wider"
    return "gap not changed by what matters"


def _side(row: "pd.Series[float]", better: int) -> int:
    """1 where the interval lies wholly on the better side of zero, -1 on the worse, 0 on both."""
    low, high = sorted((better * row["conf_low"], better * row["conf_high"]))
    return int(low > 0) - int(high < 0)


def _answer(
    claim: Claim, found: Inequalities, checks: list[Check], parameters: HealthInequalities
) -> str:
    if found.change.empty:
        return _describe(claim, found, parameters)
    moved, everybody = (pick_row(found.change, group=name) for name in (CHANGE, ALL))
    better = 1 if parameters.outcome_better == "higher" else -1
    change = _sized(moved, parameters)
    name = parameters.intervention_name or "the intervention"
    whole = f"{parameters.outcome_name} moved by {_sized(everybody, parameters)} over all people"
    if claim == "mean up, gap wider":
        return (
            f"Experience improved on average, and the gap grew: with {name} {whole}, and the most "
            f"deprived fifth fell behind the rest by a further {change}."
        )
    if claim == "gap wider":
        return f"The gap grew: with {name} the most deprived fifth fell behind by {change}."
    if claim == "gap closed by levelling down":
        lost = _sized(pick_row(found.change, group=REST), parameters)
        return (
            f"The gap closed because others lost (levelling down): everybody else lost {lost}, and "
            f"the gap shrank by {change}."
        )
    if claim == "gap closed":
        return (
            f"The gap closed: with {name} the most deprived fifth gained on the rest by {change}; "
            f"{whole}."
        )
    if claim == "cannot be told":
        why = [c.assumption for c in checks if c.blocks and c.verdict != "passes"]
        first = why[0][0].lower() + why[0][1:]
        return f"Whether {name} changed the gap cannot be told: it is not shown that {first}."
    if claim == "gap not changed by what matters":
        return f"The gap changed by less than would matter to people: by {change}."
    side = "towards" if better * moved["estimate"] > 0 else "away from"
    return (
        f"Whether {name} changed the gap is unclear: the most deprived fifth moved {side} the rest "
        f"by {change}, which chance alone could make."
    )


def _describe(claim: Claim, found: Inequalities, parameters: HealthInequalities) -> str:
    gap = _sized(pick_row(found.gaps, measure="gap"), parameters)
    name = parameters.outcome_name
    if claim == "unclear":
        return f"No clear gap in {name} by deprivation: {gap} between most deprived fifth and rest."
    word = "worse" if claim == "poorest fare worse" else "better"
    return (
        f"In {name} the most deprived fifth fare {word} than everybody else, by {gap}. This "
        "describes who fares worse, not why."
    )


def _sized(row: "pd.Series[float]", parameters: HealthInequalities) -> str:
    """Write a size without its sign, with the interval on the same side."""
    sign = -1 if row["estimate"] < 0 else 1
    low, high = sorted((sign * row["conf_low"], sign * row["conf_high"]))
    ends = interval(low, high, parameters.confidence_level)
    return f"{number(abs(row['estimate']))} {parameters.outcome_unit} ({ends})"


def _say_change(found: Inequalities, parameters: HealthInequalities) -> list[str]:
    if found.change.empty:
        return []
    poorest, rest = (pick_row(found.change, group=name) for name in (POOREST, REST))
    level = parameters.confidence_level

    def say(row: "pd.Series[float]") -> str:
        ends = interval(row["conf_low"], row["conf_high"], level)
        return f"{number(row['estimate'])} {parameters.outcome_unit} ({ends})"

    name = parameters.intervention_name or "the intervention"
    said = [
        f"Change beyond that without {name}: for the most deprived fifth {say(poorest)}; for "
        f"everybody else {say(rest)}."
    ]
    least = parameters.minimum_important_difference
    if least is not None:
        moved = pick_row(found.change, group=CHANGE)
        size, ends = float(moved["estimate"]), (float(moved["conf_low"]), float(moved["conf_high"]))
        beside = beside_least(size, least, parameters.outcome_unit, ends)
        said.append(f"The change in the gap is {beside}.")
    return said


def _say_poorest(found: Inequalities, parameters: HealthInequalities) -> str:
    """Name the groups that clearly fare worse than everybody else; their numbers are a table's.

    People of no PLUS group who clearly fare better say that those of any fare worse together.
    """
    better = 1 if parameters.outcome_better == "higher" else -1
    groups = found.groups[found.groups["group"] != NOT_KNOWN]
    in_none = (groups["dimension"] == DIMENSIONS["plus_group"]) & (groups["group"] == "None")
    side = pd.Series(better, groups.index, dtype=float).mask(in_none, -better)
    ends = groups[["difference_low", "difference_high"]].astype(float).mul(side, axis=0)
    sizes = side * groups["difference"].astype(float)
    worse = groups.loc[sizes[(ends < 0).all(axis=1)].sort_values(kind="stable").index]
    if worse.empty:
        return "No group fares clearly worse than everybody else."
    alone = (worse["dimension"] == DIMENSIONS["plus_group"]).sum() == 1
    named = [
        _name_plus(alone=alone) if in_none[row] else f"{dimension} ({_name_group(group)})"
        for row, dimension, group in zip(
            worse.index, worse["dimension"], worse["group"], strict=True
        )
    ]
    return f"Clearly worse than everybody else, the worst first: {', '.join(named)}."


def _name_group(group: str) -> str:
    """A name with a number in it is not said: a sentence's numbers are those of its values."""
    return "a group that the table names" if _DIGIT.search(group) else group


def _name_plus(*, alone: bool) -> str:
    return "PLUS groups taken together" + (" (no one of them by itself)" if alone else "")


def _say_gap(found: Inequalities, parameters: HealthInequalities) -> str:
    gap, slope = (pick_row(found.gaps, measure=name) for name in ("gap", "slope_index"))
    ends = interval(slope["conf_low"], slope["conf_high"], parameters.confidence_level)
    return (
        f"Over all periods the most deprived fifth differ from the rest by "
        f"{number(gap['estimate'])} {parameters.outcome_unit}; from the most to the least deprived "
        f"the fitted line rises by {number(slope['estimate'])} ({ends})."
    )


def _say_parts(found: Inequalities, parameters: HealthInequalities) -> str:
    if not _tells_parts(found):
        return ""
    within, between = (pick_row(found.parts, part=name) for name in ("within", "between"))
    return (
        f"Of the gap, {number(within['estimate'])} {parameters.outcome_unit} lie within providers, "
        f"people of one place compared with each other, and {number(between['estimate'])} between "
        "them, from who is cared for where."
    )


def _tells_parts(found: Inequalities) -> bool:
    """Parts are of a gap: where none is clear there is nothing to take apart."""
    return not found.parts.empty and _side(pick_row(found.gaps, measure="gap"), 1) != 0


def _say_strata(found: Inequalities, parameters: HealthInequalities) -> str:
    strata = found.strata
    if strata.table.empty:
        return ""
    return (
        f"Combinations of {name_strata([str(n) for n in parameters.strata])} hold "
        f"{number(100 * strata.between, 1)}% of the variation between people; beyond what each "
        "characteristic gives by itself, combinations are shown drawn towards zero as far as their "
        "noise warrants."
    )


def _limits(found: Inequalities, parameters: HealthInequalities) -> list[str]:
    said = [
        f"Deprivation is that of the area where people live (Index of Multiple Deprivation "
        f"{parameters.imd_version}), not their own.",
        "Groups are described as they are: a difference between them is no cause.",
        "Many groups stand beside each other: with these intervals a few would stand apart by "
        "chance alone.",
    ]
    if NOT_KNOWN in set(found.groups["group"]):
        said.append("People whose group is not known are shown as a group of their own.")
    return said


def _values(found: Inequalities, parameters: HealthInequalities) -> pd.DataFrame:
    """Each number of the sentences, by name, rounded as it is said."""
    rows: dict[str, float] = {}
    answer = (
        pick_row(found.gaps, measure="gap")
        if found.change.empty
        else pick_row(found.change, group=CHANGE)
    )
    rows |= {"difference": answer["estimate"], "low": answer["conf_low"]}
    rows |= {"high": answer["conf_high"], "level": parameters.confidence_level}
    for name, table, key in (
        ("gap", found.gaps, "measure"),
        ("slope_index", found.gaps, "measure"),
    ):
        rows |= _ends(name, pick_row(table, **{key: name}))
    for group in () if found.change.empty else (ALL, POOREST, REST, CHANGE):
        row = pick_row(found.change, group=group)
        rows |= _ends(f"change_{group.replace('core20:', '')}", row)
    for part in ("within", "between") if _tells_parts(found) else ():
        rows[f"gap_{part}"] = pick_row(found.parts, part=part)["estimate"]
    least = parameters.minimum_important_difference
    decimals = dict.fromkeys(rows, 2)
    if least is not None:
        rows["minimum_important_difference"] = least
        if not found.change.empty:
            moved = float(pick_row(found.change, group=CHANGE)["estimate"])
            name, value, places = value_beside_least(moved, least)
            rows[name], decimals[name] = value, places
    if not found.strata.table.empty:
        rows["between_strata"] = 100 * found.strata.between
        decimals["between_strata"] = 1
    return values_table(rows, decimals)


def _ends(name: str, row: "pd.Series[float]") -> dict[str, float]:
    return {
        name: row["estimate"],
        f"{name}_low": row["conf_low"],
        f"{name}_high": row["conf_high"],
    }


def list_not_measured(groups: pd.DataFrame, parameters: HealthInequalities) -> list[str]:
    """List what a statement on inequalities would hold, and these data do not."""
    there = set(groups["dimension"])
    absent = [DIMENSIONS[name] for name in DIMENSIONS if DIMENSIONS[name] not in there]
    least = [DIMENSIONS[name] for name in LEAST if DIMENSIONS[name] in absent]
    said = [f"Differences by {listed([name.lower() for name in absent])}"] if absent else []
    if least:
        said.append(f"Of what must be shown at the least: {listed(least)}")
    if parameters.plus_chosen_by is None:
        said.append("PLUS groups chosen by the people here")
    few = groups[groups["mean"].isna() & ~groups["group"].isin([NOT_KNOWN, "None"])]
    said += [
        f"{dimension} ({_name_group(group)}): too few answers"
        for dimension, group in zip(few["dimension"], few["group"], strict=True)
    ]
    return [*said, "Why groups fare differently", "What people in no survey would have said"]
