"""Parameter files and notebooks fit, and stock papermill runs the one with the other."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SYNTHETIC = sorted((ROOT / "parameters").glob("*.yml"))
EVERY = [*SYNTHETIC, *sorted((ROOT / "parameters" / "real").glob("*.yml"))]
EVERY += sorted((HERE / "parameters").glob("*.yml"))


def notebook_of(parameters: Path) -> Path:
    """Return the notebook that a parameter file is for."""
    name = yaml.safe_load(parameters.read_text(encoding="utf-8"))["notebook"]
    return ROOT / "notebooks" / f"{name}.ipynb"


def names_in_cell(notebook: Path) -> set[str]:
    """Return the names that the notebook's parameters cell assigns."""
    cells = nbformat.read(notebook, 4).cells
    sources = [c["source"] for c in cells if "parameters" in c["metadata"].get("tags", [])]
    return {
        target.id
        for source in sources
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def written(notebook: Path) -> Path:
    """Return the notebook, or skip while it is not written."""
    if not notebook.exists():
        pytest.skip(f"notebook: {notebook.name} is not written yet")
    return notebook


@pytest.mark.parametrize("parameters", EVERY, ids=lambda path: path.stem)
def test_names_are_those_of_the_cell(parameters: Path) -> None:
    """A parameter file gives each name of the notebook's cell, and no other."""
    notebook = written(notebook_of(parameters))
    names = set(yaml.safe_load(parameters.read_text(encoding="utf-8")))
    assert names == names_in_cell(notebook)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", SYNTHETIC, ids=lambda path: path.stem)
def test_stock_papermill_runs_it(
    parameters: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`papermill notebook out.ipynb -f parameters` ends well, without evalkit's runner."""
    notebook = written(notebook_of(parameters))
    monkeypatch.delenv("EVALKIT_PROJECT")
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-W", "ignore", "-m", "papermill", f"notebooks/{notebook.name}"]
    command += [str(out), "-f", f"parameters/{parameters.name}", "--no-progress-bar"]
    run = subprocess.run(command, cwd=project, env=os.environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    cells = [cell for cell in nbformat.read(out, 4).cells if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells if cell["source"].strip())
