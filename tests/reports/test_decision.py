"""The decision box: rule, what it says, what was decided, by whom, why, and where they part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DataError
from evalkit.reports.bundle import read_bundle
from evalkit.reports.decision import NONE_SET, write_decision
from evalkit.reports.summary import write_summary

Write = Callable[[dict[str, Any]], Path]
CONDITION = {
    "part": "guard_rails",
    "guards": "equity",
    "words": "The gap",
    "asks": "at least -0.1",
    "found": "-0.04",
    "unit": "points",
    "state": "holds",
    "why": None,
    "table": "subgroups",
}
TOLD: dict[str, Any] = {
    "planned_look": "2026-05-01",
    "set_by": "A board <script>",
    "standing": "the rule was registered before results were seen",
    "registered_on": "2026-03-01",
    "says": "adapt",
    "because": "a guard-rail is broken",
    "conditions": [CONDITION],
    "early_looks": [],
    "decisions": [],
}
MADE = {
    "date": "2026-05-03",
    "decision": "spread",
    "by": "A. Board",
    "why": "People asked for it",
    "rule_says": "adapt",
    "record_sha256": "f" * 64,
}


def _box(write: Write, content: dict[str, Any], **told: Any) -> str:
    content["decision"] = {**TOLD, **told}
    return write_decision(read_bundle(write(content), "staff_wellbeing"))


def test_the_rule_and_what_it_says_stand_in_the_box(write: Write, content: dict[str, Any]) -> None:
    """Outcome with its reason, standing with its day, and each condition with its number."""
    box = _box(write, content)
    assert "Nothing is decided yet." in box
    assert "The rule says: <strong>adapt</strong>" in box
    assert "because a guard-rail is broken." in box
    assert "registered before results were seen, on 1 March 2026" in box
    assert "<td>The gap</td><td>at least \u22120.1</td><td>\u22120.04 points</td>" in box
    assert "<script>" not in box


def test_a_decision_that_departs_from_the_rule_says_so(
    write: Write, content: dict[str, Any]
) -> None:
    """Who, when, why, and the departure; one that keeps to it has no such sentence."""
    box = _box(write, content, decisions=[MADE])
    assert "Decided: spread" in box
    assert "by A. Board, 3 May 2026. Why: People asked for it." in box
    assert "It departs from the rule, which said: adapt." in box
    assert "on an earlier release" in box
    kept = _box(write, content, decisions=[MADE | {"decision": "adapt"}])
    assert "departs" not in kept


def test_an_early_look_stands_on_the_page(write: Write, content: dict[str, Any]) -> None:
    """Who looked before the day, and why."""
    look = {"date": "2026-04-01", "by": "B. Curious", "why": "An alarm"}
    assert "Seen before the planned day</strong> by B. Curious, 1 April 2026" in _box(
        write, content, early_looks=[look]
    )


def test_the_page_stays_shut_until_the_planned_day(write: Write, content: dict[str, Any]) -> None:
    """A release with a day that is still to come is not read, unless an early look is logged."""
    content["decision"] = TOLD | {"planned_look": "2999-01-01"}
    with pytest.raises(DataError, match="not to be seen before 2999-01-01"):
        read_bundle(write(content), "staff_wellbeing")
    content["decision"]["early_looks"] = [{"date": "2026-04-01", "by": "B", "why": "C"}]
    assert read_bundle(write(content), "staff_wellbeing").decision["early_looks"]


def test_a_study_without_a_rule_says_that(write: Write, content: dict[str, Any]) -> None:
    """One sentence in the answer's card, and no empty box."""
    summary = write_summary(read_bundle(write(content), "staff_wellbeing"), [])
    assert summary.index("The answer") < summary.index(NONE_SET) < summary.index("On this page")
