"""A sealed run in a project, for the commands that release and verify."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MakeRun = Callable[..., Path]


def _made_runs() -> object:
    """Load the made run of the disclosure tests."""
    path = Path(__file__).parents[1] / "disclosure" / "conftest.py"
    spec = importlib.util.spec_from_file_location("made_runs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_runs"] = module
    spec.loader.exec_module(module)
    return module


_made = _made_runs()
listed, make_run = _made.listed, _made.make_run  # type: ignore[attr-defined]


@pytest.fixture
def sealed_run(tmp_path: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> MakeRun:
    """Stand in a project; return a function that puts a sealed run where runs lie."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))

    def put(**parts: object) -> Path:
        make_run(**parts)
        (tmp_path / "reports").mkdir()
        (tmp_path / "runs").rename(tmp_path / "reports" / "runs")
        return tmp_path / "reports" / "released" / "staff_wellbeing"

    return put
