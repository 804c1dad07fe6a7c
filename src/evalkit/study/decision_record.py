"""What is known of a study's decision rule: when it was registered, who looked early, who decided.

Beside the register of protocols stand two of the same form, tied line to line and only ever added
to: `rules/<study>.jsonl` holds the rule, `decisions/<study>.jsonl` early looks and decisions.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evalkit.errors import DisclosureError, ParameterError
from evalkit.study.canonical import canonical_text, hash_text
from evalkit.study.decision_rule import DecisionRule, read_rule
from evalkit.study.people_in_words import holds_number
from evalkit.study.register import Entry, Registered, append_entry, read_register

Choice = Literal["continue", "adapt", "spread", "stop"]
CHOICES: tuple[Choice, ...] = ("continue", "adapt", "spread", "stop")
IN_TIME = "the rule was registered before results were seen"
NOT_REGISTERED = "the rule was not registered before results were seen"
REGISTERED_LATE = "the rule was registered after results were seen"
CHANGED = "the rule is not the one that was registered first"
_LONGEST_NAME, _LONGEST_WHY = 100, 500


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A study's rule, how it stands to its register, early looks and decisions, oldest first."""

    rule: DecisionRule | None
    standing: str
    registered_on: str | None
    early_looks: tuple[dict[str, Any], ...]
    decisions: tuple[dict[str, Any], ...]


def read_decision_record(root: Path, study: str) -> DecisionRecord:
    """Read all that is known of a study's rule and of what was decided."""
    rule = read_rule(root, study)
    entries = read_register(_folder(root, "rules") / f"{study}.jsonl")
    log = read_register(_folder(root, "decisions") / f"{study}.jsonl")
    told = [{"date": entry.date, **entry.protocol} for entry in log]
    return DecisionRecord(
        rule=rule,
        standing=_standing(rule, entries) if rule else "",
        registered_on=entries[-1].date if entries else None,
        early_looks=tuple(_without(t, "kind") for t in told if t["kind"] == "early look"),
        decisions=tuple(_without(t, "kind") for t in told if t["kind"] == "decision"),
    )


def register_rule(
    root: Path, study: str, date: datetime.date, *, results_seen: bool
) -> Registered | None:
    """Add a study's rule to its register; None where it has no rule."""
    rule = read_rule(root, study)
    if rule is None:
        return None
    written: dict[str, object] = rule.model_dump(mode="json", exclude_none=True)
    return append_entry(_folder(root, "rules"), study, written, date, results_seen=results_seen)


def log_decision(
    root: Path,
    study: str,
    date: datetime.date,
    *,
    decision: Choice,
    by: str,
    why: str,
    rule_says: str | None,
    record_sha256: str,
) -> Registered:
    """Add a decision to the log; refuse what is no name, and reasons that hold numbers."""
    entry: dict[str, object] = {
        "kind": "decision",
        "decision": decision,
        **_person(study, by, why, "--why"),
        "rule_says": rule_says,
        "record_sha256": record_sha256,
    }
    return append_entry(_folder(root, "decisions"), study, entry, date, results_seen=True)


def log_early_look(root: Path, study: str, date: datetime.date, by: str, why: str) -> Registered:
    """Add to the log that somebody looked before the planned day, and why."""
    entry: dict[str, object] = {"kind": "early look", **_person(study, by, why, "--look-early")}
    return append_entry(_folder(root, "decisions"), study, entry, date, results_seen=True)


def refuse_early_look(
    root: Path, study: str, today: datetime.date, early: tuple[str, str] | None = None
) -> None:
    """Refuse to show results before the day that the rule plans; `early` is a name and a reason.

    An early look is logged before anything is shown.
    """
    rule = read_rule(root, study)
    if rule is None or today >= datetime.date.fromisoformat(rule.planned_look):
        return
    if early is None:
        raise DisclosureError(
            f"{study}: results are not to be seen before {rule.planned_look}, the day that the "
            "decision rule plans. Wait, or add --look-early NAME REASON, which is logged and "
            "stands on the page."
        )
    log_early_look(root, study, today, *early)


def _standing(rule: DecisionRule, entries: tuple[Entry, ...]) -> str:
    """Say in words how a rule stands to its register: the first entry binds."""
    if not entries:
        return NOT_REGISTERED
    if entries[0].results_seen:
        return REGISTERED_LATE
    digest = hash_text(canonical_text(rule.model_dump(mode="json", exclude_none=True)))
    return IN_TIME if entries[0].hash == digest else CHANGED


def _person(study: str, by: str, why: str, option: str) -> dict[str, str]:
    name, words = " ".join(by.split()), " ".join(why.split())
    faults = []
    if not 0 < len(name) <= _LONGEST_NAME or not any(map(str.isalpha, name)) or holds_number(name):
        faults.append(f"the name is none of a person: give at most {_LONGEST_NAME} letters")
    if not 0 < len(words) <= _LONGEST_WHY or not any(map(str.isalpha, words)):
        faults.append(f"a reason is needed: add {option} with at most {_LONGEST_WHY} letters")
    if holds_number(words):
        faults.append(
            "the reason holds a number, or how many people: leave it out, the page has the numbers"
        )
    if not (name + words).isprintable():
        faults.append("the words hold characters that cannot be printed")
    if faults:
        raise ParameterError(f"{study}: {'; '.join(faults)}. Nothing was logged.")
    return {"by": name, "why": words}


def _without(entry: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != name}


def _folder(root: Path, kind: str) -> Path:
    return root / "parameters" / "registered" / kind
