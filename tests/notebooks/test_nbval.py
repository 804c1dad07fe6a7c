"""nbval, as `make test` calls it, compares what is marked and forgives what cannot repeat."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
FILES = ("nbval.args", "nbval_sanitise.cfg", "nbval_staging.py")
SETTINGS = ("pyproject.toml", *(f"tests/{name}" for name in FILES))
NBVAL = runpy.run_path(str(ROOT / "tests" / "run.py"))["NBVAL"]
CHECK = "# NBVAL_CHECK_OUTPUT\n"


STAGING = """import os, pathlib
folder = pathlib.Path(os.environ['EVALKIT_STAGING'])
folder.mkdir(parents=True)
folder.parent.name"""
CELLS = {
    "right": (CHECK + "1 + 1", "2"),
    "wrong": (CHECK + "1 + 1", "3"),
    "not checked": ("1 + 1", "3"),
    "error": ("1 / 0", "3"),
    "address": (CHECK + "object()", "<object at 0x123456789abc>"),
    "staging": (CHECK + STAGING, "'a staging folder'"),
}


def code_cell(source: str, stored: str, count: int) -> nbformat.NotebookNode:
    """Return a cell with a stored result."""
    result = new_output("execute_result", data={"text/plain": stored}, execution_count=count)
    return new_code_cell(source, execution_count=count, outputs=[result])


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Run all the cells in two notebooks as `make test` does; return those that failed."""
    folder = tmp_path_factory.mktemp("nbval") / "a project"
    for name in SETTINGS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "notebooks").mkdir()
    cells = [code_cell(*cell, n) for n, cell in enumerate(CELLS.values(), 1)]
    for name in ("one", "two"):
        nbformat.write(new_notebook(cells=cells), folder / "notebooks" / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", *NBVAL, "notebooks"]
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = outer | {"EVALKIT_STAGING": str(folder / "a staging folder")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    numbers = re.findall(r"^FAILED .*::Cell (\d+)", done.stdout, flags=re.MULTILINE)
    return {list(CELLS)[int(number)] for number in numbers}


def test_a_wrong_value_in_a_marked_cell_fails(failed: set[str]) -> None:
    """A marked cell must give its stored output; the right one does."""
    assert "wrong" in failed
    assert "right" not in failed


def test_an_unmarked_cell_must_only_run(failed: set[str]) -> None:
    """An unmarked cell may differ from its stored output, but not raise."""
    assert "error" in failed
    assert "not checked" not in failed


def test_what_cannot_repeat_is_forgiven(failed: set[str]) -> None:
    """A memory address differs at each run and is no failure."""
    assert "address" not in failed


def test_each_notebook_writes_where_no_other_does(failed: set[str]) -> None:
    """Two notebooks run at once have folders of their own, below the one that is named."""
    assert "staging" not in failed
