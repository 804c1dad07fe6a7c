"""The decision rule on protected tables: each outcome by hand, and what hidden cells do to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure.decision import apply_rule, decision_leaks, rule_numbers
from evalkit.disclosure.numerals import Known, table_numbers
from evalkit.disclosure.release import release_study
from evalkit.disclosure.scan import text_leaks
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.errors import DisclosureError
from evalkit.record import Column, TableSpec
from evalkit.record.withheld import Withheld
from evalkit.study.decision_rule import DecisionRule, rule_path

SPEC = TableSpec(
    name="estimates",
    title="Estimates",
    description="Made by hand.",
    columns=(
        Column("label", "Estimate", "label"),
        Column("conf_low", "Low", "estimate", ("data",), unit="points", base="n", decimals=2),
        Column("conf_high", "High", "estimate", ("data",), unit="points", base="n", decimals=2),
        Column("n", "Rows", "count", ("data",)),
    ),
)
RULE: dict[str, Any] = {
    "study": "pathway",
    "planned_look": "2026-05-01",
    "set_by": "A board",
    "stop_if": [
        {"words": "Best case", "table": "estimates", "row": "all", "column": "conf_high"}
        | {"at_most": 0.0}
    ],
    "guard_rails": [
        {"guards": "equity", "words": "The gap", "table": "estimates", "row": "gap"}
        | {"column": "conf_low", "at_least": -0.1},
        {"guards": "staff", "words": "Staff", "table": "estimates", "row": "staff"}
        | {"column": "conf_low", "at_least": -0.1},
    ],
    "spread_if": [
        {"words": "Worst case", "table": "estimates", "row": "all", "column": "conf_low"}
        | {"at_least": 0.2}
    ],
    "continue_if": [
        {"words": "Worst case", "table": "estimates", "row": "all", "column": "conf_low"}
        | {"at_least": 0.0}
    ],
}
Cell = float | str


def tables(low: Cell, high: Cell, gap: Cell = 0.0, staff: Cell = 0.0) -> dict[str, ProtectedTable]:
    """Return one protected table with the effect, the gap and the staff measure."""
    frame = pd.DataFrame(
        {
            "label": ["all", "gap", "staff"],
            "conf_low": [low, gap, staff],
            "conf_high": [high, 1.0, 1.0],
            "n": [40, 40, 40],
        }
    ).astype(object)
    decimals = {"conf_low": 2, "conf_high": 2, "n": 0}
    return {"estimates": ProtectedTable(SPEC, frame, decimals, {})}


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((0.25, 0.4), "spread"),
        ((0.2, 0.4), "spread"),
        ((0.19, 0.4), "continue"),
        ((-0.01, 0.4), "adapt"),
        ((-0.4, 0.0), "stop"),
        ((-0.4, 0.01), "adapt"),
        ((0.25, 0.4, -0.11), "adapt"),
        ((0.25, 0.4, 0.0, -0.2), "adapt"),
        ((-0.4, -0.1, -0.5), "stop"),
        ((0.25, 0.4, "[c]"), "continue"),
        ((0.25, 0.4, 0.0, "[c]"), "continue"),
        ((0.25, "[c]"), "continue"),
        (("[c]", 0.4), "adapt"),
    ],
)
def test_the_rule_says_what_its_order_says(numbers: tuple[Cell, ...], says: str) -> None:
    """Stop, broken guard-rails, spread, continue, adapt; a hidden number never counts in favour."""
    assert apply_rule(DecisionRule.model_validate(RULE), tables(*numbers))["says"] == says


def test_each_condition_tells_its_number_as_released() -> None:
    """Value at its decimals, unit of its column, threshold, and how it came out."""
    told = apply_rule(DecisionRule.model_validate(RULE), tables(0.1, 0.4, -0.11))
    kept = [(e["part"], e["found"], e["unit"], e["asks"], e["state"]) for e in told["conditions"]]
    assert kept == [
        ("stop_if", "0.40", "points", "at most 0", "does not hold"),
        ("guard_rails", "-0.11", "points", "at least -0.1", "does not hold"),
        ("guard_rails", "0.00", "points", "at least -0.1", "holds"),
        ("spread_if", "0.10", "points", "at least 0.2", "does not hold"),
        ("continue_if", "0.10", "points", "at least 0", "holds"),
    ]


@pytest.mark.parametrize(
    ("part", "value", "why"),
    [
        ("table", "absent", "no such number"),
        ("column", "label", "no such number"),
        ("row", "nobody", "no row has"),
    ],
)
def test_a_number_that_is_not_there_cannot_be_told(part: str, value: str, why: str) -> None:
    """A name that the study does not have is said, and holds spreading back."""
    rail = RULE["guard_rails"][0] | {part: value}
    rule = DecisionRule.model_validate(RULE | {"guard_rails": [rail, RULE["guard_rails"][1]]})
    told = apply_rule(rule, tables(0.25, 0.4))
    assert told["says"] == "continue"
    assert why in told["conditions"][1]["why"]


def test_a_name_of_two_rows_is_no_name() -> None:
    """Where two rows have the name, neither is taken."""
    made = tables(0.25, 0.4)
    made["estimates"].frame.loc[1, "label"] = "all"
    told = apply_rule(DecisionRule.model_validate(RULE), made)
    assert told["says"] == "adapt"
    assert "more than one row" in told["conditions"][0]["why"]


def _faults(part: dict[str, Any]) -> list[str]:
    known = {"estimates": table_numbers(tables(0.1, 0.4)["estimates"])}
    rule = Known(exact=frozenset({0.0, 0.1, 0.2}))
    return [
        what
        for place, text, numbers in decision_leaks(part, known, rule)
        for what in (
            [text]
            if numbers is None
            else [why for _, why, _ in text_leaks(text, place, numbers, Withheld())]
        )
    ]


def test_the_scan_knows_every_place_of_the_part() -> None:
    """What the rule made passes; a strange number, name, word or person in any place does not."""
    good = apply_rule(DecisionRule.model_validate(RULE), tables(0.1, 0.4))
    entry = {"date": "2026-05-02", "decision": "adapt", "by": "A", "why": "B", "rule_says": "adapt"}
    good |= {"decisions": [entry], "early_looks": [], "standing": "in time", "registered_on": None}
    assert _faults(good) == []
    first = good["conditions"][0]
    planted = [
        {"because": "it was 0.37"},
        {"says": "rejoice"},
        {"planned_look": "soon"},
        {"extra": 1},
        {"conditions": [first | {"found": "0.37"}]},
        {"conditions": [first | {"asks": "at most 0.37"}]},
        {"conditions": [first | {"words": "of 12 people"}]},
        {"conditions": [first | {"person": "x"}]},
        {"decisions": [entry | {"why": "call 0113 496 0000"}]},
        {"decisions": [entry | {"record_sha256": "x"}]},
    ]
    for change in planted:
        assert _faults(good | change), change


def _write_rule(project: Path) -> None:
    path = rule_path(project, "staff_wellbeing")
    path.parent.mkdir(parents=True)
    row = "{words: Low, table: headline, row: low, column: value, "
    path.write_text(
        'study: staff_wellbeing\nplanned_look: "2026-05-01"\nset_by: A board\n'
        f"stop_if:\n  - {row}at_most: -9.5}}\n"
        "guard_rails:\n  - {guards: equity, words: The gap, not_measured: Nobody was asked}\n"
        "  - {guards: staff, words: Staff, not_measured: Nobody was asked}\n"
        f"spread_if:\n  - {row}at_least: 0.2}}\ncontinue_if:\n  - {row}at_least: -0.5}}\n",
        "utf-8",
    )


def test_a_release_holds_what_the_rule_says(
    make_run: Callable[..., Path], listed: Path, tmp_path: Path
) -> None:
    """The bundle tells rule, standing and outcome; its thresholds pass the scan as parameters."""
    import json

    _write_rule(tmp_path)
    outcome = release_study(make_run(), released=tmp_path / "reports" / "released")
    told = json.loads((outcome.folder / "bundle.json").read_text("utf-8"))["decision"]
    assert told["says"] == "continue"
    assert told["conditions"][0]["asks"] == "at most -9.5"
    assert rule_numbers(tmp_path, "staff_wellbeing").exact == {9.5, 0.2, 0.5}


def test_a_broken_rule_stops_the_release(make_run: Callable[..., Path], tmp_path: Path) -> None:
    """A log that was edited by hand is no log: nothing is released."""
    _write_rule(tmp_path)
    log = tmp_path / "parameters" / "registered" / "decisions" / "staff_wellbeing.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text('{"decision": "spread"}\n', "utf-8")
    home = tmp_path / "reports" / "released"
    with pytest.raises(Exception, match="not an entry") as caught:
        release_study(make_run(), released=home)
    assert not isinstance(caught.value, DisclosureError)
    assert not (home / "staff_wellbeing").exists()
