"""Files that take longest are begun first, so that two workers come to the end together."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytest_plugins = ("pytester",)


def test_rooms_that_start_processes_are_begun_first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of such a room comes before one of a room that the alphabet puts first."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    for room in ("data", "runs", "study"):
        path = pytester.mkdir(room) / f"test_{room}.py"
        path.write_text("def test_one():\n    pass\n")
    told = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--collect-only", "-q")
    found = re.findall(r"test_(\w+)\.py", "\n".join(told.outlines))
    assert found == ["runs", "data", "study"]
