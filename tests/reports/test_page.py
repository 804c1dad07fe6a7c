"""The notebooks' calls tell faults in words, and read nothing but what was released."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports import page

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
import sys, os
opened = []
sys.addaudithook(lambda event, details: event == "open" and opened.append(str(details[0])))
from evalkit.reports.page import open_study, show_detail, show_gallery
from evalkit.reports.page import show_organisation, show_summary
from IPython.display import display
opened_study = open_study("study=staff_wellbeing&organisation=S03")
for show in (show_summary, show_organisation, show_detail):
    show(opened_study)
show_gallery()
import json
heavy = {"pandas", "numpy", "matplotlib", "scipy", "statsmodels", "duckdb"} & set(sys.modules)
print("RESULT" + json.dumps([opened, sorted(heavy), [sys.prefix, sys.base_prefix]]))
"""


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gathers what the notebook would show."""
    shown: list[str] = []
    monkeypatch.setattr(page, "display", lambda part: shown.append(part.data))
    return shown


@pytest.fixture
def named(released: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the folder of releases as the server does."""
    monkeypatch.setenv("EVALKIT_RELEASED", str(released))
    return released


def test_a_lone_study_needs_no_name(named: Path) -> None:
    """With one released study the bare address opens it."""
    opened = page.open_study("")
    assert opened.bundle is not None
    assert opened.view.study == "staff_wellbeing"


def test_unknown_study_is_told_in_words(named: Path, screen: list[str]) -> None:
    """An unknown study shows one heading, one sentence and the way to the list."""
    page.show_summary(page.open_study("study=<script>"))
    (shown,) = screen
    assert shown.count("<h1>") == 1
    assert "no released study has this name" in shown
    assert "<script>" not in shown
    assert 'href="./"' in shown


def test_nothing_released_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: list[str]
) -> None:
    """A study page over an empty folder says that nothing was released, and what to do."""
    monkeypatch.setenv("EVALKIT_RELEASED", str(tmp_path))
    page.show_summary(page.open_study(""))
    (shown,) = screen
    assert "Nothing has been released yet" in shown


def test_a_part_that_fails_says_so_without_its_values(
    content: dict[str, Any],
    write: Callable[[dict[str, Any]], Path],
    monkeypatch: pytest.MonkeyPatch,
    screen: list[str],
) -> None:
    """A part that cannot be drawn shows a sentence; no traceback and no value come with it."""
    content["tables"]["organisations"]["columns"][3]["name"] = "patient 12345"
    content["protocol"] = {"primary_analysis": "within"}
    monkeypatch.setenv("EVALKIT_RELEASED", str(write(content)))
    page.show_summary(page.open_study(""))
    (shown,) = screen
    assert "could not be drawn (KeyError)" in shown
    assert "12345" not in shown
    assert "Traceback" not in shown


def test_report_opens_only_python_and_what_was_released(released: Path) -> None:
    """An audit hook sees no file outside Python and the released folder, and no statistics."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH],
        env={**os.environ, "EVALKIT_RELEASED": str(released), "HOME": "/nonexistent"},
        cwd=released.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    opened, heavy, prefixes = json.loads(done.stdout.split("RESULT")[1])
    allowed = [*prefixes, str(ROOT / "src"), str(released), "/usr/lib/python", "/dev/null"]
    outside = [
        path
        for path in opened
        if not path.isdigit() and not any(str(Path(path)).startswith(root) for root in allowed)
    ]
    assert outside == []
    assert heavy == []
    assert any(path.endswith("bundle.json") for path in opened)
