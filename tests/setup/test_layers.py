"""The import contracts hold, they cover every room, and the command starts light."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "evalkit"
HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "matplotlib",
    "seaborn",
    "statsmodels",
    "linearmodels",
    "pingouin",
    "pandera",
    "ibis",
    "duckdb",
    "pyarrow",
    "papermill",
    "voila",
    "jsonschema",
)
OPEN_TO_REPORTS = {"errors", "reports"}


@pytest.fixture(scope="module")
def contracts() -> configparser.ConfigParser:
    """Return .importlinter."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def rooms() -> set[str]:
    """Return the modules and folders straight under src/evalkit."""
    return {
        path.stem
        for path in SOURCE.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or path.suffix == ".py"
    } - {"__init__"}


def imports_of(path: Path) -> set[str]:
    """Return the top names of what a file imports, at its head or inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_contracts_hold() -> None:
    """No module imports from a layer above its own."""
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_report_is_closed_to_every_other_room(contracts: configparser.ConfigParser) -> None:
    """The report's contract names each room but errors and its own."""
    forbidden = contracts["importlinter:contract:reports"]["forbidden_modules"].split()
    named = {name.removeprefix("evalkit.") for name in forbidden if name.startswith("evalkit.")}
    assert named == rooms() - OPEN_TO_REPORTS


def test_pingouin_is_imported_in_one_module() -> None:
    """The package under GPL-3 stands behind one module at most."""
    users = [path.name for path in SOURCE.rglob("*.py") if "pingouin" in imports_of(path)]
    assert len(users) <= 1, users


def test_command_starts_without_the_heavy_packages() -> None:
    """`evalkit --help` answers at once: naming the commands loads no statistics and no tables."""
    code = f"import sys, evalkit.cli.main\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []
