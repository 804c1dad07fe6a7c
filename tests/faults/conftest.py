"""A fork server that the tests of faults share, and small projects to break."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evalkit.runs.warm_process import warm_stack
from tests.runs.conftest import write_project


@pytest.fixture(scope="session")
def warm() -> Iterator[str]:
    """The address of one fork server."""
    with warm_stack() as address:
        if address is None:
            pytest.skip("fork server: this system can have none")
        yield address


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a project whose notebook does little."""
    root = write_project(tmp_path / "small")
    monkeypatch.setenv("EVALKIT_PROJECT", str(root))
    return root
