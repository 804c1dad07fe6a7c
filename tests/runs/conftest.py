"""A small project with a tiny notebook, that goes through the real schema and runner."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from evalkit.record.hashes import hash_file
from evalkit.runs.run import run_study
from evalkit.study.schema import StaffWellbeing

REPOSITORY = Path(__file__).parents[2]
STUDY = "staff_wellbeing"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}

CONCLUDE = """
import os
from dataclasses import dataclass
from pathlib import Path
import pandas as pd
from evalkit.record import Column, TableSpec, open_staging
from evalkit.record.hashes import hash_file
from evalkit.results import Check, Finding, Result
from evalkit.study.parameters import open_parameters
@dataclass(frozen=True)
class Source:
    name: str; profile: str; layout: str; sha256: str; rows: int; synthetic: bool
parameters = open_parameters(globals())
from evalkit.project import project_root
def source(name, path):
    profile = getattr(parameters, f"{name}_profile")
    return Source(name, profile, "table", hash_file(project_root() / path), 2, True)
files = {"staff": parameters.staff_file, "patient": parameters.patient_file}
tables = {name: source(name, path) for name, path in files.items()}
staging = open_staging(parameters, tables)
row = dict(term="exposure", estimate=parameters.exposure_step / 3, std_error=0.1, conf_low=-0.1,
           conf_high=0.3, level=0.95, n=40, clusters=20, outcome="outcome", facet="overall",
           group="all", method="within", df=19.0)
estimates = pd.DataFrame([row])
words = [Column(name, name, "label") for name in estimates.select_dtypes(exclude="number")]
numbers = [Column(name, name, "estimate", ("staff",), "clusters", 2)
           for name in estimates.select_dtypes("number")]
spec = TableSpec("estimates", "Estimates", "One row.", tuple(words + numbers))
staging.table(spec, estimates.assign(label="Within trusts")[[c.name for c in spec.columns]])
staging.figure("answer", chart="estimates", table="estimates", title="One estimate", options={})
""".strip()
END = """
staging.conclude(
    result=Result("lagged_panel", estimates, {"method": "within", "facet": "overall"}),
    finding=Finding("cannot_tell", "It cannot be told.", ("Nothing was seen.",), ("Tiny.",)),
    checks=[Check("Enough trusts", "Are there enough trusts?", "passes", "20 trusts.", "", "",
                  pd.DataFrame({"n": [20]}))],
    not_measured=["Carers' experience"],
)
""".strip()


def write_project(root: Path) -> Path:
    """Lay out a project that the real parameter file runs in, with its own tiny data."""
    for folder in ("notebooks", "parameters", "data/synthetic/staff_wellbeing/effect"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    (root / "requirements.lock").write_text("pandas==3.1.1\n")
    shutil.copy(REPOSITORY / "parameters" / f"{STUDY}.yml", root / "parameters")
    for name in ("staff", "patients"):
        path = root / "data/synthetic/staff_wellbeing/effect" / f"{name}.csv"
        path.write_text("trust,quarter\nR01,2021-Q1\nR02,2021-Q1\n")
    declare_synthetic(root, "staff", "patients")
    write_notebook(root)
    return root


def declare_synthetic(root: Path, *names: str) -> None:
    """List these files, with their hashes, in the project's datapackage, and no others."""
    folder = root / "data" / "synthetic"
    listed = [f"staff_wellbeing/effect/{name}.csv" for name in names]
    resources = [{"path": p, "hash": f"sha256:{hash_file(folder / p)}"} for p in listed]
    package = {"name": "tiny", "synthetic": True, "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(package))


def write_notebook(root: Path, *middle: str, end: str = END, start: str = CONCLUDE) -> Path:
    """Write the study's notebook: parameters cell, start, what a test puts between, end."""
    cells = [
        nbformat.v4.new_markdown_cell("# Does it?"),
        _parameters_cell(root),
        *(nbformat.v4.new_code_cell(source) for source in (start, *middle, end) if source),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = root / "notebooks" / f"{STUDY}.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)))
    return path


def _parameters_cell(root: Path) -> Any:
    values = yaml.safe_load((root / "parameters" / f"{STUDY}.yml").read_text())
    lines = [f"{name} = {values.get(name)!r}  # help" for name in StaffWellbeing.model_fields]
    return nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["parameters"]})


def change_parameter(root: Path, **changed: Any) -> Path:
    """Write the parameter file anew with some values changed."""
    path = root / "parameters" / f"{STUDY}.yml"
    values = yaml.safe_load(path.read_text()) | changed
    path.write_text(json.dumps(values))
    return path


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one sealed run in it, made once."""
    root = write_project(tmp_path_factory.mktemp("sealed") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVALKIT_PROJECT", str(root))
        run_study(root / "parameters" / f"{STUDY}.yml")
    return root


@pytest.fixture
def sealed_project(sealed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project with one sealed run, to spoil."""
    root = shutil.copytree(sealed_once, tmp_path / "sealed")
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    return root


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of its own, found by its variable."""
    root = write_project(tmp_path / "project")
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    return root


@pytest.fixture
def declare(sealed_project: Path) -> Callable[..., None]:
    """Declare these of the sealed project's files synthetic, and no others."""
    return lambda *names: declare_synthetic(sealed_project, *names)


@pytest.fixture
def parameter_file(project: Path) -> Path:
    """The project's parameter file."""
    return project / "parameters" / f"{STUDY}.yml"


@pytest.fixture
def notebook(project: Path) -> Callable[..., Path]:
    """Write the project's notebook with other cells."""
    return lambda *middle, **parts: write_notebook(project, *middle, **parts)


@pytest.fixture
def left(project: Path) -> Callable[[], list[str]]:
    """List what lies below the project's folder of runs."""
    return lambda: sorted(
        path.relative_to(project / "reports").as_posix()
        for path in (project / "reports").rglob("*")
        if path.is_file()
    )
