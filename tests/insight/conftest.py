"""An empty project, into which tests put what their study needs."""

import csv
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from evalkit.record.table_files import formula_safe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project that has settings and no study, and stand in it."""
    root = tmp_path / "project"
    for part in ("notebooks", "parameters"):
        (root / part).mkdir(parents=True)
    for part in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / part, root / part)
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    monkeypatch.setenv("EVALKIT_RELEASED", str(root / "reports" / "released"))
    return root


@pytest.fixture
def formulae_in() -> Callable[[Path], list[str]]:
    """Return a function that lists the cells of a release's tables which a sheet would calculate.

    A plain number, which a minus may start, is none.
    """

    def is_number(cell: str) -> bool:
        try:
            float(cell)
        except ValueError:
            return False
        return True

    def find(released: Path) -> list[str]:
        tables = (path.read_text("utf-8") for path in (released / "tables").glob("*.csv"))
        cells = [cell for text in tables for row in csv.reader(StringIO(text)) for cell in row]
        return [cell for cell in cells if formula_safe(cell) != cell and not is_number(cell)]

    return find
