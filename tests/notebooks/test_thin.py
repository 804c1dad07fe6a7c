"""Every notebook is thin: one question, calls only, one parameters cell, no stale output."""

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDIES = sorted((ROOT / "notebooks").glob("*.ipynb"))
REPORTS = sorted((ROOT / "reports").glob("*.ipynb"))
NOTEBOOKS = STUDIES + REPORTS
LONGEST_CELL = 12
HEADING = re.compile(r"^# \S", re.MULTILINE)
CHECKED = re.compile(r"^\s*#\s*NBVAL_CHECK_OUTPUT\s*$", re.MULTILINE)
HELP = re.compile(r"#\s*\S.{2,}$")
LITERALS = (ast.Constant, ast.List, ast.Dict, ast.UnaryOp)

Cell = dict[str, Any]


def cells_of(notebook: Path, kind: str) -> list[Cell]:
    """Return the cells of a kind: code or markdown."""
    return [cell for cell in nbformat.read(notebook, 4).cells if cell["cell_type"] == kind]


def is_parameters(cell: Cell) -> bool:
    """Tell whether a cell is tagged as the parameters cell."""
    return "parameters" in cell["metadata"].get("tags", [])


def is_literal(node: ast.expr) -> bool:
    """Tell whether an expression is a plain value, or a list or mapping of such."""
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return isinstance(node, LITERALS)


def faults_of_cell(cell: Cell) -> list[str]:
    """Return what a code cell holds that a thin notebook may not."""
    tree = ast.parse(cell["source"])
    kinds = {type(node) for node in ast.walk(tree)}
    definitions = {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda}
    loops = {ast.For, ast.While, ast.AsyncFor}
    faults = []
    if kinds & definitions:
        faults.append("defines a function or class")
    if kinds & loops:
        faults.append("has a loop")
    if re.search(r"\bsys\.path\b", cell["source"]):
        faults.append("touches sys.path")
    if len(cell["source"].splitlines()) > LONGEST_CELL and not is_parameters(cell):
        faults.append(f"is longer than {LONGEST_CELL} lines")
    return faults


def faults_of_output(cell: Cell) -> list[str]:
    """Return what is wrong with a cell's stored output: too much, or a check without any."""
    if CHECKED.search(cell["source"]):
        if not cell["outputs"] or cell["execution_count"] is None:
            return ["is checked by value and has no stored output: nbval would check nothing"]
        return []
    return ["has a stored output"] if cell["outputs"] else []


def faults_of_parameters(cell: Cell) -> list[str]:
    """Return what the parameters cell holds besides `name = literal  # help`."""
    lines = cell["source"].splitlines()
    faults = []
    for node in ast.parse(cell["source"]).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            faults.append(f"line {node.lineno} is not `name = value`")
            continue
        if not is_literal(node.value):
            faults.append(f"{targets[0].id} is not a literal")
        if not any(HELP.search(lines[n - 1]) for n in range(node.lineno, node.end_lineno + 1)):
            faults.append(f"{targets[0].id} has no help comment")
    return faults


def cell(
    source: str, tags: tuple[str, ...] = (), outputs: int = 0, count: int | None = None
) -> Cell:
    """Return a code cell made up for a test."""
    return {
        "source": source,
        "metadata": {"tags": list(tags)},
        "outputs": [{}] * outputs,
        "execution_count": count,
    }


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f():\n    return 1", "defines a function or class"),
        ("f = lambda: 1", "defines a function or class"),
        ("for x in y:\n    print(x)", "has a loop"),
        ("import sys\nsys.path.append('..')", "touches sys.path"),
        ("a = 1\n" * 13, "is longer than 12 lines"),
    ],
)
def test_a_thick_cell_is_seen(source: str, fault: str) -> None:
    """Each fault of a code cell is found."""
    assert faults_of_cell(cell(source)) == [fault]


def test_a_thin_cell_passes() -> None:
    """A call is no fault, nor is a long parameters cell."""
    assert faults_of_cell(cell("panel = make_panel(tables, parameters)")) == []
    assert faults_of_cell(cell("a = 1  # help\n" * 40, tags=("parameters",))) == []


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("a = 1  # how many", []),
        ("a = -1.5  # how much", []),
        ("a = [  # which ones\n    'x',\n]", []),
        ("a = 1", ["a has no help comment"]),
        ("a = f(1)  # how many", ["a is not a literal"]),
        ("import os  # for paths", ["line 1 is not `name = value`"]),
        ("a = b = 1  # how many", ["line 1 is not `name = value`"]),
    ],
)
def test_a_parameters_cell_is_judged(source: str, faults: list[str]) -> None:
    """Literals with a help comment pass; anything else is named."""
    assert faults_of_parameters(cell(source)) == faults


def test_an_output_is_judged() -> None:
    """A checked cell must have its output and count; any other must have none."""
    checked = "# NBVAL_CHECK_OUTPUT\nanswer"
    assert faults_of_output(cell(checked, outputs=1, count=3)) == []
    assert len(faults_of_output(cell(checked, outputs=1))) == 1
    assert len(faults_of_output(cell(checked, count=3))) == 1
    assert faults_of_output(cell("answer", outputs=1, count=3)) == ["has a stored output"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_thin(notebook: Path) -> None:
    """No cell defines, loops, touches sys.path or runs long."""
    found = {n: faults_of_cell(c) for n, c in enumerate(cells_of(notebook, "code"), 1)}
    assert {n: faults for n, faults in found.items() if faults} == {}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_committed_without_outputs(notebook: Path) -> None:
    """Only cells checked by value keep an output, and those do have one."""
    found = {n: faults_of_output(c) for n, c in enumerate(cells_of(notebook, "code"), 1)}
    assert {n: faults for n, faults in found.items() if faults} == {}


@pytest.mark.parametrize("notebook", STUDIES, ids=lambda path: path.name)
def test_notebook_asks_one_question(notebook: Path) -> None:
    """There is one heading of the first level, in the first cell, and it is a question."""
    text = [cell["source"] for cell in cells_of(notebook, "markdown")]
    assert sum(len(HEADING.findall(source)) for source in text) == 1
    first = nbformat.read(notebook, 4).cells[0]["source"].splitlines()[0]
    assert first.startswith("# ")
    assert first.rstrip().endswith("?")


@pytest.mark.parametrize("notebook", REPORTS, ids=lambda path: path.name)
def test_report_has_one_heading_at_most(notebook: Path) -> None:
    """A report's first-level heading is made from the data, or stands once in the text."""
    text = [cell["source"] for cell in cells_of(notebook, "markdown")]
    assert sum(len(HEADING.findall(source)) for source in text) <= 1


@pytest.mark.parametrize("notebook", STUDIES, ids=lambda path: path.name)
def test_parameters_stand_in_one_tagged_cell(notebook: Path) -> None:
    """Exactly one cell is tagged, and it holds literals with a help comment each."""
    tagged = [cell for cell in cells_of(notebook, "code") if is_parameters(cell)]
    assert len(tagged) == 1
    assert faults_of_parameters(tagged[0]) == []


@pytest.mark.parametrize("notebook", STUDIES, ids=lambda path: path.name)
def test_something_is_checked_by_value(notebook: Path) -> None:
    """Each study has a cell whose output nbval compares: without one it would check nothing."""
    assert any(CHECKED.search(cell["source"]) for cell in cells_of(notebook, "code"))
