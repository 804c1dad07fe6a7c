"""A fork server, and small projects to break."""

from pathlib import Path

import pytest

from tests.runs.conftest import write_project


@pytest.fixture(scope="session")
def warm(forks: str | None) -> str:
    """The address of one fork server."""
    if forks is None:
        pytest.skip("fork server: this system can have none")
    return forks


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a project whose notebook does little."""
    root = write_project(tmp_path / "small")
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    return root
