"""The file of a decision rule: closed names, one threshold a condition, both guards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import ParameterError
from evalkit.study.decision_rule import read_rule, rule_path

ROOT = Path(__file__).parents[2]
RULE = """\
study: pathway
planned_look: "2026-05-01"
set_by: A board
stop_if:
  - {words: Upper end, table: estimates, row: effect, column: conf_high, at_most: 0.0}
guard_rails:
  - {guards: equity, words: The gap, table: subgroups, row: gap, column: estimate, at_least: -0.1}
  - {guards: staff, words: How staff fare, not_measured: No staff answered}
spread_if:
  - {words: Lower end, table: estimates, row: effect, column: conf_low, at_least: 0.2}
continue_if:
  - {words: Lower end, table: estimates, row: effect, column: conf_low, at_least: 0.0}
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a rule into a project, and returns the project."""

    def put(text: str) -> Path:
        path = rule_path(tmp_path, "pathway")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return tmp_path

    return put


def test_a_rule_is_read_as_it_is_written(write: Write) -> None:
    """Day, conditions with their thresholds, and a guard-rail that is not measured."""
    rule = read_rule(write(RULE), "pathway")
    assert rule is not None
    assert rule.planned_look == "2026-05-01"
    assert (rule.spread_if[0].column, rule.spread_if[0].at_least) == ("conf_low", 0.2)
    assert [rail.guards for rail in rule.guard_rails] == ["equity", "staff"]


def test_a_study_without_a_file_has_no_rule(tmp_path: Path) -> None:
    """No file is no fault."""
    assert read_rule(tmp_path, "pathway") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at_least: 0.2", "at_last: 0.2", "Did you mean at_least"),
        ("at_least: 0.2", "at_least: 0.2, at_most: 1.0", "give one threshold"),
        ("row: effect, column: conf_low, at_least: 0.2", "at_least: 0.2", "row, column missing"),
        ("guards: staff", "guards: cost", "none guards staff"),
        ("words: The gap", "words: The gap of 3", "no number may stand in it"),
        ("not_measured: No staff answered", "not_measured: None, at_most: 1.0", "not_measured and"),
        ("study: pathway", "study: other", "another study"),
        ("set_by: A board\n", "", "set_by: missing"),
        ("set_by: A board", "set_by: A board with two patients", "set_by"),
        ('"2026-05-01"', '"2026-05-41"', "planned_look"),
        ("at_least: 0.2", 'at_least: "0.2"', "at_least"),
    ],
)
def test_a_rule_that_could_be_read_two_ways_is_refused(
    write: Write, old: str, new: str, said: str
) -> None:
    """Unknown and missing names, two thresholds, numbers in words, a guard left out."""
    assert old in RULE
    with pytest.raises(ParameterError, match=said):
        read_rule(write(RULE.replace(old, new)), "pathway")


@pytest.mark.parametrize("path", sorted((ROOT / "parameters" / "decisions").glob("*.yml")), ids=str)
def test_each_rule_of_the_project_is_valid_and_has_a_study(path: Path) -> None:
    """A rule belongs to a parameter file of its name."""
    assert read_rule(ROOT, path.stem) is not None
    assert (ROOT / "parameters" / path.name).exists()
