"""What the code imports is declared, and what is declared is used."""

import ast
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
OWN = {"evalkit"}
OPTIONAL = {"pyspark"}
"""Of the extra `spark`, which is not locked: imported where somebody asks for it."""
EXTRAS = ("cluster", "postgresql")
"""Extras that are locked, since the tests need them too."""
ORACLE = "_oracle"
"""Scripts that made stored values with software of their own; no test runs them."""

RUN_BY_NAME = {
    "editables": "hatchling needs it to install the package in place",
    "hatchling": "builds the package",
    "import-linter": "make lint",
    "ipykernel": "runs the notebooks",
    "jupyterlab": "make lab",
    "mypy": "make lint",
    "nbval": "make test",
    "odfpy": "pandas writes .ods files with it, in tests",
    "openpyxl": "pandas writes .xlsx files with it, in tests",
    "pandas-stubs": "types for mypy",
    "psycopg": "ibis asks PostgreSQL with it",
    "pytest-timeout": "an option of pytest",
    "pytest-xdist": "an option of pytest",
    "ruff": "make lint",
    "types-pyyaml": "types for mypy",
}


def declared() -> tuple[set[str], set[str]]:
    """Return the packages declared for running, extras too, and for running and testing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    run = names_of(project["dependencies"] + [line for name in EXTRAS for line in extras[name]])
    return run, run | names_of(extras["test"])


def names_of(lines: Iterable[str]) -> set[str]:
    """Return the packages that some requirements name."""
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported(source: str) -> set[str]:
    """Return the top names that a piece of code imports, third parties' only."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - OWN - OPTIONAL


def code_of(path: Path) -> str:
    """Return the Python in a module or a notebook."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, 4).cells
    return "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")


def packages_of(paths: Iterable[Path]) -> dict[str, set[str]]:
    """Return each imported top name with the packages that hold it."""
    holders = packages_distributions()
    names = {name for path in paths for name in imported(code_of(path))}
    return {name: {canonicalize_name(p) for p in holders.get(name, [])} for name in names}


def shipped() -> list[Path]:
    """Return the package's modules, the notebooks and the reports."""
    folders = [(ROOT / "notebooks").glob("*.ipynb"), (ROOT / "reports").glob("*.ipynb")]
    return [*(ROOT / "src").rglob("*.py"), *(path for folder in folders for path in folder)]


def test_imports_are_seen_wherever_they_stand() -> None:
    """An import at the head, inside a function, or from a module below is found by its top name."""
    source = "import os, numpy.linalg\ndef f():\n    from scipy import stats\n    from . import x\n"
    assert imported(source) == {"numpy", "scipy"}


def test_what_is_shipped_imports_declared_packages_only() -> None:
    """Each import of the package and the notebooks is of a requirement that stands by name."""
    run, _ = declared()
    assert [name for name, packages in packages_of(shipped()).items() if not packages & run] == []


def test_the_tests_import_declared_packages_only() -> None:
    """Each import of the tests is of a requirement, of the tests or of the package."""
    _, everything = declared()
    files = list((ROOT / "tests").rglob("*.py"))
    here = {path.stem for path in files} | {path.parent.name for path in files}
    used = packages_of(path for path in files if not path.stem.endswith(ORACLE))
    strange = [name for name, packages in used.items() if not packages & everything]
    assert [name for name in strange if name not in here] == []


def test_nothing_is_declared_in_vain() -> None:
    """Each requirement is imported, or is in the list of those that are run by name."""
    _, everything = declared()
    used = packages_of([*shipped(), *(ROOT / "tests").rglob("*.py")])
    reached = {package for packages in used.values() for package in packages}
    assert everything - reached - RUN_BY_NAME.keys() == set()


@pytest.mark.parametrize("name", RUN_BY_NAME)
def test_what_is_run_by_name_is_declared(name: str) -> None:
    """The list of packages run by name holds none that was dropped."""
    assert name in declared()[1]
