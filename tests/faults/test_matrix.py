"""The table of faults: whole, made into its page, and true of the tests that it names."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.page import FOLDER, PAGE, STATES, make_page, read_matrix

ROOT = FOLDER.parents[1]
ROWS = 50
NEEDED = {"row", "input", "expected", "result", "state", "tests"}


@cache
def functions_of(path: Path) -> frozenset[str]:
    """Return the names of the tests of a file; none where there is no file."""
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def faults_of_row(row: dict[str, object]) -> list[str]:
    """Say what is wrong with a row of the table."""
    lacking = [f"has no {name}" for name in NEEDED - row.keys()]
    if lacking:
        return lacking
    faults = [] if row["state"] in STATES else ["has no known state"]
    refused = row["state"] == "refused"
    faults += [] if ("refusal" in row) == refused else ["state and refusal differ"]
    tests = list(row["tests"]) if isinstance(row["tests"], list) else []
    faults += [] if tests else ["names no test"]
    for test in tests:
        path, _, name = str(test).partition("::")
        if not name.startswith("test_") or name not in functions_of(ROOT / path):
            faults.append(f"names {test}, which is not there")
    return faults


def test_every_row_is_there_and_says_all() -> None:
    """Fifty rows in order, each with its state, and each named test exists."""
    rows = read_matrix()
    assert [row["row"] for row in rows] == list(range(1, ROWS + 1))
    faults = {row["row"]: faults_of_row(row) for row in rows}
    assert {number: found for number, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tests": ["tests/faults/test_matrix.py::test_nothing"]}, "is not there"),
        ({"tests": ["tests/nowhere.py::test_x"]}, "is not there"),
        ({"tests": []}, "names no test"),
        ({"state": "refused"}, "state and refusal differ"),
        ({"refusal": "x"}, "state and refusal differ"),
        ({"state": "fine"}, "no known state"),
    ],
)
def test_a_wrong_row_is_seen(change: dict[str, object], told: str) -> None:
    """A row that promises what is not there is found."""
    right = {"row": 1, "input": "x", "expected": "x", "result": "x", "state": "held"}
    here = ["tests/faults/test_matrix.py::test_a_wrong_row_is_seen"]
    assert faults_of_row({**right, "tests": here}) == []
    assert told in "; ".join(faults_of_row({**right, "tests": here, **change}))


def test_the_page_is_what_the_table_gives() -> None:
    """`python tests/faults/page.py` would change nothing."""
    assert PAGE.read_text("utf-8") == make_page()
