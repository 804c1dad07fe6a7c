"""Apply a study's decision rule to its released tables, and write what the page says of it.

The rule reads protected tables only, so that it can tell nothing that they hide. What cannot be
told never counts in favour.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evalkit.disclosure.numerals import Known, numbers_in
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.results.words import number
from evalkit.study.decision_record import CHOICES, DecisionRecord, read_decision_record
from evalkit.study.decision_rule import Condition, DecisionRule, GuardRail, read_rule

HOLDS, FAILS, UNTOLD = "holds", "does not hold", "cannot be told"
_PARTS = ("stop_if", "guard_rails", "spread_if", "continue_if")
_KEYS = "planned_look set_by standing registered_on says because conditions early_looks decisions"
_CONDITION = "part guards words asks found unit state why table"
_ENTRY = "date decision by why rule_says record_sha256"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HASH = re.compile(r"[0-9a-f]{64}")

Tables = Mapping[str, ProtectedTable]


def released_decision(root: Path, study: str, tables: Tables) -> dict[str, Any]:
    """Return what a bundle says of the rule and of the decisions; nothing where there is none."""
    record = read_decision_record(root, study)
    if record.rule is None and not record.decisions:
        return {}
    rule = record.rule
    return {**(apply_rule(rule, tables) if rule else {}), **_log_of(record)}


def rule_numbers(root: Path, study: str) -> Known:
    """Return the thresholds of a study's rule: none is made from data."""
    rule = read_rule(root, study)
    parts = [getattr(rule, part) for part in _PARTS] if rule else []
    return numbers_in(_asks(condition) for part in parts for condition in part)


def apply_rule(rule: DecisionRule, tables: Tables) -> dict[str, Any]:
    """Return what the rule says of these tables, and each of its conditions with its number."""
    found = {
        part: [_try(part, condition, tables) for condition in getattr(rule, part)]
        for part in _PARTS
    }
    says, because = _say(found)
    return {
        "planned_look": rule.planned_look,
        "set_by": rule.set_by,
        "says": says,
        "because": because,
        "conditions": [entry for part in _PARTS for entry in found[part]],
    }


def _say(found: Mapping[str, list[dict[str, Any]]]) -> tuple[str, str]:
    """Choose by the rule's order: stop, adapt, spread, continue, and adapt where none holds."""
    states = {part: [entry["state"] for entry in entries] for part, entries in found.items()}
    untold = UNTOLD in (*states["stop_if"], *states["guard_rails"])
    if HOLDS in states["stop_if"]:
        return "stop", "a condition for stopping holds"
    if FAILS in states["guard_rails"]:
        return "adapt", "a guard-rail is broken"
    spread = set(states["spread_if"]) == {HOLDS}
    if spread and not untold:
        return "spread", "all conditions for spreading hold, and every guard-rail is kept"
    if set(states["continue_if"]) == {HOLDS}:
        held = "; it is not spread, because a guard-rail cannot be told" if spread else ""
        return "continue", f"all conditions for continuing hold{held}"
    return "adapt", "neither the conditions for spreading nor those for continuing all hold"


def _try(part: str, condition: Condition, tables: Tables) -> dict[str, Any]:
    """Hold one number of the tables against its threshold."""
    entry: dict[str, Any] = {
        "part": part,
        "guards": condition.guards if isinstance(condition, GuardRail) else None,
        "words": condition.words,
        "asks": _asks(condition),
        "table": condition.table,
        **dict.fromkeys(("found", "unit", "why")),
        "state": UNTOLD,
    }
    if isinstance(condition, GuardRail) and condition.not_measured is not None:
        return {**entry, "why": condition.not_measured}
    value, shown, unit, why = _look_up(condition, tables)
    if value is None:
        return {**entry, "why": why}
    low, high = condition.at_least, condition.at_most
    holds = (low is None or value >= low) and (high is None or value <= high)
    return {**entry, "found": shown, "unit": unit, "state": HOLDS if holds else FAILS}


def _look_up(
    condition: Condition, tables: Tables
) -> tuple[float | None, str | None, str, str | None]:
    """Return a number as released, as written and with its unit; or why there is none."""
    table, name = tables.get(str(condition.table)), str(condition.column)
    if table is None or name not in table.decimals:
        return None, None, "", "the study has no such number"
    frame = table.frame
    named = [c for c in frame.columns if c not in table.decimals]
    rows = next((r for c in named if len(r := frame[frame[c].astype(str) == condition.row])), None)
    if rows is None or len(rows) != 1:
        many = "more than one row has" if rows is not None else "no row has"
        return None, None, "", f"{many} the name that the rule gives"
    cell = rows.iloc[0][name]
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != cell:
        return None, None, "", "the number is not shown"
    column = next(c for c in table.spec.columns if c.name == name)
    return float(cell), number(cell, table.decimals[name]), column.unit, None


def _asks(condition: Condition) -> str:
    if condition.at_least is not None:
        return f"at least {condition.at_least:g}"
    return f"at most {condition.at_most:g}" if condition.at_most is not None else ""


def _log_of(record: DecisionRecord) -> dict[str, Any]:
    return {
        "standing": record.standing,
        "registered_on": record.registered_on,
        "early_looks": list(record.early_looks),
        "decisions": list(record.decisions),
    }


def decision_leaks(
    part: Any, known: Mapping[str, Known], rule: Known
) -> Iterator[tuple[str, str, Known | None]]:
    """Yield each text of the part with the numbers it may hold, and every place not allowed.

    `rule` are the numbers of the rule itself.
    """
    if not isinstance(part, dict):
        yield "decision", "is no JSON object", None
        return
    if set(part) - set(_KEYS.split()):
        yield "decision", "holds names that are not in the contract", None
    for key in ("set_by", "standing", "because"):
        yield "decision", str(part.get(key) or ""), Known()
    if part.get("says") not in (None, *CHOICES):
        yield "decision", "is none of the decisions", None
    for day in (part.get("planned_look"), part.get("registered_on")):
        if day is not None and not _DATE.fullmatch(str(day)):
            yield "decision", "is no date", None
    for entry in part.get("conditions") or []:
        yield from _condition_leaks(entry, known, rule)
    for entry in (*(part.get("early_looks") or []), *(part.get("decisions") or [])):
        yield from _entry_leaks(entry)


def _condition_leaks(
    entry: dict[str, Any], known: Mapping[str, Known], rule: Known
) -> Iterator[tuple[str, str, Known | None]]:
    """Yield a condition's words: its number must stand in its own table."""
    if set(entry) - set(_CONDITION.split()):
        yield "decision", "holds names that are not in the contract", None
    own = known.get(str(entry.get("table")), Known())
    yield "decision", str(entry.get("found") or ""), own
    yield "decision", str(entry.get("asks") or ""), rule
    for key in ("part", "guards", "words", "unit", "state", "why"):
        yield "decision", str(entry.get(key) or ""), own if key == "unit" else Known()


def _entry_leaks(entry: dict[str, Any]) -> Iterator[tuple[str, str, Known | None]]:
    if set(entry) - set(_ENTRY.split()):
        yield "decision", "holds names that are not in the contract", None
    if not _DATE.fullmatch(str(entry.get("date"))):
        yield "decision", "is no date", None
    digest = entry.get("record_sha256")
    if digest is not None and not _HASH.fullmatch(str(digest)):
        yield "decision", "is no hash", None
    for key in ("decision", "by", "why", "rule_says"):
        yield "decision", str(entry.get(key) or ""), Known()
