"""`evalkit run`, `list` and `show`: one answer, one message a fault, the worst exit code."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from evalkit.cli import run as commands
from evalkit.record.hashes import hash_bytes

STUDY = "staff_wellbeing"
KEY = "0123456789ab"
RECORD = {
    "title": "Staff wellbeing",
    "synthetic": True,
    "finding": {"answer": "It cannot be told."},
    "protocol": {
        "stamp": "exploratory",
        "stamp_reason": "the run departs from the registered plan",
        "registered_hash": "a" * 64,
        "registered_on": "2026-02-03",
        "registrations": 2,
        "departures": [{"name": "exposure_lag", "registered": 1, "run": 2}],
        "changes_since_first": [{"name": "exposure_lag", "first": 0, "now": 2}],
    },
    "checks": [{"verdict": "concern", "question": "Enough?", "finding": "20 trusts."}],
    "sources": [
        {"name": "staff", "rows": 7, "profile": "staff", "synthetic": True, "sha256": "b" * 64}
    ],
    "hashes": {"data": "c" * 64},
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a sealed run, as far as showing it needs one."""
    folder = tmp_path / "reports" / "runs" / STUDY / KEY
    folder.mkdir(parents=True)
    content = json.dumps(RECORD).encode()
    (folder / "record.json").write_bytes(content)
    run = {"status": "ok", "finished": "2026-03-01T10:20:30+00:00"}
    files = {"record.json": hash_bytes(content)}
    (folder / "run.json").write_text(json.dumps({**run, "files": files}))
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str) -> Result:
    """Call the three commands as the program does."""
    app = typer.Typer()
    app.command("run")(commands.run)
    app.command("list")(commands.list_runs)
    app.command("show")(commands.show)
    return CliRunner().invoke(app, list(words))


def test_show_tells_answer_stamp_departures_checks_and_hashes(project: Path) -> None:
    """All that a reader must know of a run stands on one screen, the answer first."""
    shown = call("show", STUDY).stdout
    assert shown.splitlines()[0] == "It cannot be told."
    for told in (
        "Synthetic data",
        "Stamp: exploratory",
        "Stamp: exploratory (the run departs from the registered plan)",
        "Registered on 2026-02-03; registrations so far: 2.",
        "exposure_lag: registered 1, run 2",
        "Choices that differ from the first registered protocol: 1",
        "exposure_lag: first 0, now 2",
        "concern: Enough? 20 trusts.",
        "staff: 7 rows, profile staff, synthetic",
        "data: cccccccccccc",
        "Verified",
        f"reports/runs/{STUDY}/{KEY}/record.json",
    ):
        assert told in shown


def test_show_says_when_a_file_is_not_as_sealed(project: Path) -> None:
    """A record changed by hand is shown as not verified, and so is one with a file more."""
    folder = project / "reports" / "runs" / STUDY / KEY
    (folder / "more.csv").write_text("x")
    shown = call("show", KEY[:6]).stdout
    assert "Not verified: 1 files changed since sealing: more.csv" in shown
    assert "Verified:" not in shown


def test_show_names_the_studies_that_there_are(project: Path) -> None:
    """An unknown study is a parameter fault that names those with a sealed run."""
    fault = call("show", "staff").exception
    assert "Studies with a sealed run: staff_wellbeing" in str(fault)


def test_list_shows_sealed_runs_only(project: Path) -> None:
    """Unsealed folders, and folders that only look like a run, are not listed."""
    (project / "reports" / "runs" / STUDY / "unsealed").mkdir()
    (project / "reports" / "runs" / STUDY / "ffffffffffff").mkdir()
    lines = call("list").stdout.splitlines()
    assert lines == [f"{STUDY}  {KEY}  2026-03-01T10:20  exploratory"]


def test_the_exit_code_is_the_worst_of_all_files(project: Path) -> None:
    """Each file's fault is told, and the command ends with the worst of their codes."""
    for folder in ("notebooks", "parameters"):
        (project / folder).mkdir()
    (project / "a.yml").write_text("notebook: unknown\n")
    (project / "b.yml").write_text("notebook: [\n")
    result = call("run", "a.yml", "b.yml")
    assert result.exit_code == 2
    assert "a.yml" in result.stderr
    assert "b.yml" in result.stderr
