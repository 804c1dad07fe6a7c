"""Parameter files and notebooks fit, and stock papermill runs the one with the other."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

from evalkit.disclosure.release import release_study
from evalkit.errors import Status
from evalkit.runs.run import run_study
from evalkit.sweeps.schedule import RunEnding, run_all

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SYNTHETIC = sorted((ROOT / "parameters").glob("*.yml"))
EVERY = [*SYNTHETIC, *sorted((ROOT / "parameters" / "real").glob("*.yml"))]
EVERY += sorted((HERE / "parameters").glob("*.yml"))
SETTINGS = ("pyproject.toml", "requirements.lock")
SOME = ("staff_wellbeing", "before_after", "plan_a_study")
BY_HAND = [path.stem for path in SYNTHETIC] if os.environ.get("EVALKIT_EVERY_FORK") else SOME
"""Studies that are also run without evalkit's runner, and by fresh processes."""


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


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunEnding]]:
    """How each parameter file's study ended, all run in one copy of the project."""
    folder = tmp_path_factory.mktemp("every") / "project"
    for part in (*("notebooks", "parameters", "data/synthetic"), *SETTINGS):
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALKIT_PROJECT", str(folder))
        found = run_all([folder / "parameters" / path.name for path in SYNTHETIC])
        yield {one.parameters.stem: one for one in found}


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("parameters", SYNTHETIC, ids=lambda path: path.stem)
def test_it_runs_to_a_sealed_record(parameters: Path, ended: dict[str, RunEnding]) -> None:
    """Each study ends well, as `evalkit run parameters/*.yml` runs them."""
    one = ended[parameters.stem]
    assert (one.status, one.tries) == (Status.OK, 1), one.message


@pytest.mark.slow
@pytest.mark.parametrize("parameters", SYNTHETIC, ids=lambda path: path.stem)
def test_it_can_be_released(parameters: Path, ended: dict[str, RunEnding], tmp_path: Path) -> None:
    """What each study found is protected, proved and scanned, and something of it is released."""
    one = ended[parameters.stem]
    run = one.parameters.parents[1] / "reports" / "runs" / parameters.stem / str(one.key)
    outcome = release_study(run, released=tmp_path / "released")
    assert (outcome.folder / "bundle.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_HAND)
def test_stock_papermill_runs_it(
    name: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`papermill notebook out.ipynb -f parameters` ends well, without evalkit's runner."""
    monkeypatch.delenv("EVALKIT_PROJECT")
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-W", "ignore", "-m", "papermill", f"notebooks/{name}.ipynb"]
    command += [str(out), "-f", f"parameters/{name}.yml", "--no-progress-bar"]
    run = subprocess.run(command, cwd=project, env=os.environ, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    cells = [cell for cell in nbformat.read(out, 4).cells if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells if cell["source"].strip())


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_HAND)
def test_a_run_by_forks_is_a_fresh_run(
    name: str, ended: dict[str, RunEnding], project: Path
) -> None:
    """The record that forks made has the bytes of the one that fresh processes make.

    `make forks` asks this of every notebook.
    """
    fresh = run_study(project / "parameters" / f"{name}.yml").sealed
    made = ended[name]
    assert fresh.key == made.key
    record = made.parameters.parents[1] / "reports" / "runs" / name / fresh.key / "record.json"
    assert record.read_bytes() == (fresh.folder / "record.json").read_bytes()
