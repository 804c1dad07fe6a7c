"""nbval, as `make test` calls it, compares what is marked and forgives what cannot repeat."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("pyproject.toml", "tests/nbval.args", "tests/nbval_sanitise.cfg")
CHECK = "# NBVAL_CHECK_OUTPUT\n"


STAGING = CHECK + "import os, pathlib\npathlib.Path(os.environ['EVALKIT_STAGING']).name"
CELLS = {
    "right": (CHECK + "1 + 1", "2"),
    "wrong": (CHECK + "1 + 1", "3"),
    "not checked": ("1 + 1", "3"),
    "error": ("1 / 0", "3"),
    "address": (CHECK + "object()", "<object at 0x123456789abc>"),
    "staging": (STAGING, "'a staging folder'"),
}


def code_cell(source: str, stored: str, count: int) -> nbformat.NotebookNode:
    """Return a cell with a stored result."""
    result = new_output("execute_result", data={"text/plain": stored}, execution_count=count)
    return new_code_cell(source, execution_count=count, outputs=[result])


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Run a notebook with all the cells as `make test` does; return those that failed."""
    folder = tmp_path_factory.mktemp("nbval") / "a project"
    for name in (*SETTINGS, "notebooks/one.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name in SETTINGS:
            shutil.copy(ROOT / name, folder / name)
    cells = [code_cell(*cell, n) for n, cell in enumerate(CELLS.values(), 1)]
    nbformat.write(new_notebook(cells=cells), folder / "notebooks" / "one.ipynb")
    command = [sys.executable, "-m", "pytest", "@tests/nbval.args", "notebooks"]
    environment = os.environ | {"EVALKIT_STAGING": str(folder / "a staging folder")}
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


def test_a_notebook_writes_where_the_environment_says(failed: set[str]) -> None:
    """A notebook sees EVALKIT_STAGING, so that what it writes lands in a temporary folder."""
    assert "staging" not in failed
