"""An empty project, into which tests put what their study needs."""

import shutil
from pathlib import Path

import pytest

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
