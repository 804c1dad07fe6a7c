"""Parameter files and notebooks fit: each study is run, released, and some run in other ways."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
import yaml

from evalkit.disclosure.release import release_study
from evalkit.errors import Status
from evalkit.runs.run import run_study
from evalkit.sweeps.schedule import Order, RunEnding, run_all

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SYNTHETIC = sorted((ROOT / "parameters").glob("*.yml"))
EVERY = [*SYNTHETIC, *sorted((ROOT / "parameters" / "real").glob("*.yml"))]
EVERY += sorted((HERE / "parameters").glob("*.yml"))
SOME = ("staff_wellbeing", "before_after", "plan_a_study")
BY_HAND = [path.stem for path in SYNTHETIC] if os.environ.get("EVALKIT_EVERY_FORK") else SOME
"""Studies that are also run without evalkit's runner, and by fresh processes."""
ALLOW_OTHERS = {"difference_in_differences": True, "interrupted_time_series": False}
"""Studies whose plan allows other analyses, and whether their clusters can change places."""
NUMERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


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
def ended(shared_project: Path, forks: str | None) -> Iterator[dict[str, RunEnding]]:
    """How each parameter file's study ended, all run in one copy of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALKIT_PROJECT", str(shared_project))
        files = [shared_project / "parameters" / path.name for path in SYNTHETIC]
        found = run_all(files, Order(warm=forks))
        yield {one.parameters.stem: one for one in found}


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("parameters", SYNTHETIC, ids=lambda path: path.stem)
def test_it_runs_to_a_sealed_record(parameters: Path, ended: dict[str, RunEnding]) -> None:
    """Each study ends well, as `evalkit run parameters/*.yml` runs them."""
    one = ended[parameters.stem]
    assert (one.status, one.tries) == (Status.OK, 1), one.message


def folder_of(one: RunEnding) -> Path:
    """Return the folder of a sealed run."""
    return one.parameters.parents[1] / "reports" / "runs" / one.parameters.stem / str(one.key)


@pytest.fixture(scope="module")
def release(
    ended: dict[str, RunEnding], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Return a function that releases a study, once and beside no other, and gives the folder."""

    @cache
    def once(name: str) -> Path:
        home = tmp_path_factory.mktemp("released")
        return release_study(folder_of(ended[name]), released=home / "released").folder

    return once


@pytest.mark.slow
@pytest.mark.parametrize("parameters", SYNTHETIC, ids=lambda path: path.stem)
def test_it_can_be_released(parameters: Path, release: Callable[[str], Path]) -> None:
    """What each study found is protected, proved and scanned, and something of it is released."""
    assert (release(parameters.stem) / "bundle.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("study", ALLOW_OTHERS)
def test_the_record_holds_every_analysis(
    study: str, ended: dict[str, RunEnding], release: Callable[[str], Path]
) -> None:
    """Each combination has a row, the plan's own is the headline, and words say staged numbers.

    The release then scans the same words, and shows table and figure.
    """
    folder = folder_of(ended[study])
    record: dict[str, Any] = json.loads((folder / "record.json").read_text("utf-8"))
    allowed = yaml.safe_load((ROOT / "parameters" / f"{study}.yml").read_text("utf-8"))
    allowed = allowed["alternatives"]
    assert record["protocol"]["choices"]["alternatives"] == allowed
    names = ("specifications", "estimates", "headline")
    tables = {name: pd.read_parquet(folder / "tables" / f"{name}.parquet") for name in names}
    frame, head = tables["specifications"], tables["estimates"].iloc[0]
    assert len(frame) == prod(1 + len(given) for given in allowed.values())
    own = frame[frame["analysis"] == "The plan's own"]
    assert own["estimate"].tolist() == pytest.approx([head["estimate"]])
    assert own["conf_low"].tolist() == pytest.approx([head["conf_low"]])
    assert set(allowed) <= set(frame)
    said = record["finding"]["meaning"][-1]
    assert said.startswith(f"The plan allowed {len(frame)} analyses")
    assert ("chance alone" in said) == ALLOW_OTHERS[study]
    stored = set(tables["headline"]["value"].abs())
    assert {float(text) for text in NUMERAL.findall(said)} <= stored
    figures = {figure["name"]: figure for figure in record["figures"]}
    assert figures["specification_curve"]["table"] == "specifications"
    bundle = json.loads((release(study) / "bundle.json").read_text("utf-8"))
    assert {"specifications", "multiverse"} <= set(bundle["tables"])
    assert "specification_curve" in bundle["figures"]
    assert bundle["finding"]["meaning"][-1] == said


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_HAND)
def test_stock_papermill_runs_it(
    name: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`papermill notebook out.ipynb -f parameters` ends well, without evalkit's runner."""
    monkeypatch.delenv("EVALKIT_PROJECT")
    out = tmp_path / "out.ipynb"
    notebook = notebook_of(project / "parameters" / f"{name}.yml").relative_to(ROOT)
    command = [sys.executable, "-W", "ignore", "-m", "papermill", str(notebook)]
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


@pytest.mark.slow
def test_the_command_releases_what_forks_made(ended: dict[str, RunEnding]) -> None:
    """`evalkit release` makes such a run again by fresh processes, and releases it."""
    one = ended[name := "regression_discontinuity"]
    project = one.parameters.parents[1]
    command = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "release"]
    told = subprocess.run([*command, name], cwd=project, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-2000:]
    run = json.loads((folder_of(one) / "run.json").read_text("utf-8"))
    assert run["processes"] == "fresh"
    assert (project / "reports" / "released" / name / "bundle.json").exists()
