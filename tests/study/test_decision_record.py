"""The rule's register, the planned day, and the log of looks and decisions."""

from datetime import date
from pathlib import Path

import pytest

from evalkit.errors import DisclosureError, ParameterError
from evalkit.study.decision_record import (
    CHANGED,
    IN_TIME,
    NOT_REGISTERED,
    REGISTERED_LATE,
    log_decision,
    log_early_look,
    read_decision_record,
    refuse_early_look,
    register_rule,
)
from evalkit.study.decision_rule import rule_path

BEFORE, DAY, AFTER = date(2026, 4, 30), date(2026, 5, 1), date(2026, 6, 1)
RULE = """\
study: pathway
planned_look: "2026-05-01"
set_by: A board
stop_if:
  - {words: Upper end, table: estimates, row: effect, column: conf_high, at_most: 0.0}
guard_rails:
  - {guards: equity, words: The gap, not_measured: Nobody was asked}
  - {guards: staff, words: How staff fare, not_measured: No staff answered}
spread_if:
  - {words: Lower end, table: estimates, row: effect, column: conf_low, at_least: 0.2}
continue_if:
  - {words: Lower end, table: estimates, row: effect, column: conf_low, at_least: 0.0}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a rule for one study."""
    path = rule_path(tmp_path, "pathway")
    path.parent.mkdir(parents=True)
    path.write_text(RULE, "utf-8")
    return tmp_path


def decide(project: Path, why: str = "People asked for it", by: str = "A. Board") -> None:
    """Log that the study is spread."""
    log_decision(
        project,
        "pathway",
        AFTER,
        decision="spread",
        by=by,
        why=why,
        rule_says="adapt",
        record_sha256="a" * 64,
    )


def test_a_rule_registered_before_results_is_in_time(project: Path) -> None:
    """Registered once, it stands with its day; without registration that is said."""
    assert read_decision_record(project, "pathway").standing == NOT_REGISTERED
    register_rule(project, "pathway", BEFORE, results_seen=False)
    record = read_decision_record(project, "pathway")
    assert (record.standing, record.registered_on) == (IN_TIME, "2026-04-30")


def test_a_rule_registered_with_results_seen_is_late(project: Path) -> None:
    """What was registered after results is said to be."""
    register_rule(project, "pathway", BEFORE, results_seen=True)
    assert read_decision_record(project, "pathway").standing == REGISTERED_LATE


def test_a_threshold_that_is_moved_later_is_seen(project: Path) -> None:
    """The first entry binds: to register the new rule as well does not wash it clean."""
    register_rule(project, "pathway", BEFORE, results_seen=False)
    path = rule_path(project, "pathway")
    path.write_text(RULE.replace("at_least: 0.2", "at_least: 0.1"), "utf-8")
    assert read_decision_record(project, "pathway").standing == CHANGED
    register_rule(project, "pathway", AFTER, results_seen=False)
    assert read_decision_record(project, "pathway").standing == CHANGED


def test_a_planned_day_that_is_moved_is_seen(project: Path) -> None:
    """The day belongs to the rule."""
    register_rule(project, "pathway", BEFORE, results_seen=False)
    path = rule_path(project, "pathway")
    path.write_text(RULE.replace("2026-05-01", "2026-04-01"), "utf-8")
    assert read_decision_record(project, "pathway").standing == CHANGED


def test_results_stay_shut_until_their_day(project: Path) -> None:
    """The day before is refused with the day, the day itself is not."""
    with pytest.raises(DisclosureError, match="not to be seen before 2026-05-01"):
        refuse_early_look(project, "pathway", BEFORE)
    refuse_early_look(project, "pathway", DAY)
    refuse_early_look(project, "a_study_without_a_rule", BEFORE)


def test_an_early_look_is_logged_before_anything_is_shown(project: Path) -> None:
    """Name, reason and day stand in the log; on the day itself nothing is logged."""
    refuse_early_look(project, "pathway", BEFORE, ("B. Curious", "A safety alarm"))
    refuse_early_look(project, "pathway", DAY, ("C. Later", "None needed"))
    looks = read_decision_record(project, "pathway").early_looks
    assert looks == ({"date": "2026-04-30", "by": "B. Curious", "why": "A safety alarm"},)


def test_decisions_are_kept_oldest_first_with_what_the_rule_said(project: Path) -> None:
    """The log is only ever added to."""
    decide(project)
    decide(project, "On second thoughts, still")
    log_early_look(project, "pathway", BEFORE, "B. Curious", "A safety alarm")
    decisions = read_decision_record(project, "pathway").decisions
    assert [entry["why"] for entry in decisions] == [
        "People asked for it",
        "On second thoughts, still",
    ]
    assert decisions[0]["rule_says"] == "adapt"


def test_a_log_that_was_changed_is_refused(project: Path) -> None:
    """A line that was edited no longer fits its hash."""
    decide(project)
    path = project / "parameters" / "registered" / "decisions" / "pathway.jsonl"
    path.write_text(path.read_text("utf-8").replace("A. Board", "B. Other"), "utf-8")
    with pytest.raises(ParameterError, match="does not fit its hash"):
        read_decision_record(project, "pathway")


@pytest.mark.parametrize(
    ("by", "why", "said"),
    [
        ("", "A reason", "none of a person"),
        ("A. Board", "", "a reason is needed"),
        ("A. Board", "It rose by 3 points", "holds a number"),
        ("A. Board", "Twelve patients objected", "how many people"),
        ("9", "A reason", "none of a person"),
        ("A. Board", "x" * 501, "at most 500"),
        ("A. Board\u202e", "A reason", "cannot be printed"),
    ],
)
def test_a_decision_needs_a_name_and_a_reason_in_words(
    project: Path, by: str, why: str, said: str
) -> None:
    """Numbers belong on the page; nothing is logged where anything is wrong."""
    with pytest.raises(ParameterError, match=said):
        decide(project, why, by)
    assert read_decision_record(project, "pathway").decisions == ()
