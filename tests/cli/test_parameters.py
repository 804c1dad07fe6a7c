"""`evalkit parameters` and `evalkit register`, as a person types them."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.study.register import read_register
from evalkit.study.schema import StaffWellbeing

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
import typer
from evalkit.cli import parameters
from evalkit.errors import EvalkitError

app = typer.Typer()
app.command("parameters")(parameters.describe)
app.command("register")(parameters.register)
try:
    app()
except EvalkitError as fault:
    print(fault, file=sys.stderr)
    sys.exit(fault.exit_code)
"""


def run(*words: str, columns: int = 80, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own, piped, on a screen of so many columns."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": str(columns)},
        check=False,
    )


def test_every_parameter_is_told_with_type_default_and_meaning() -> None:
    """Eighty columns, no colour codes, no name cut short, every description whole."""
    told = run("parameters", "staff_wellbeing")
    assert told.returncode == 0, told.stderr
    assert all(len(line) <= 80 for line in told.stdout.splitlines())
    assert "\x1b" not in told.stdout
    assert "…" not in told.stdout
    words = " ".join(told.stdout.split())
    for name, field in StaffWellbeing.model_fields.items():
        meaning = f"{name} {field.description} type:"
        assert meaning in words
    assert "type: whole number from 0 to 8 default: none, it must be given" in words
    assert "type: number from 0.5 to 0.999 default: 0.95" in words
    assert "type: path, or null default: null" in words


def test_a_file_is_told_with_its_values() -> None:
    """The study's own values stand where the defaults stood, and brackets are not swallowed."""
    told = run("parameters", "parameters/staff_wellbeing.yml", columns=200)
    words = " ".join(told.stdout.split())
    assert told.returncode == 0, told.stderr
    assert 'value: ["agency_share", "bed_occupancy"]' in words
    assert "type: whole number from 0 to 8 value: 1" in words


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        ("parameters", "staff_welbeing", "Did you mean staff_wellbeing? Known: before_after, "),
        ("parameters", "n=1;import os", "Known: before_after, "),
        ("parameters", "absent.yml", "absent.yml: no such file."),
        ("register", "absent.yml", "absent.yml: no such file."),
    ],
)
def test_an_unknown_name_ends_with_2_and_says_what_is_known(
    command: str, name: str, said: str
) -> None:
    """One message on standard error, nothing on standard output, no traceback."""
    told = run(command, name)
    assert (told.returncode, told.stdout) == (2, "")
    assert said in told.stderr
    assert "Traceback" not in told.stderr


def test_registering_writes_once_and_lists_what_changed(project: Path) -> None:
    """First time written, second time not, and a changed choice is told old and new."""
    path = project / "parameters" / "staff_wellbeing.yml"
    register = project / "parameters" / "registered" / "staff_wellbeing.jsonl"
    register.unlink(missing_ok=True)
    first = run("register", str(path), cwd=project)
    assert first.returncode == 0, first.stderr
    assert "protocol registered on" in first.stdout
    second = run("register", str(path), cwd=project)
    assert "Nothing was written." in second.stdout
    assert len(read_register(register)) == 1
    path.write_text(path.read_text().replace("exposure_lag: 1", "exposure_lag: 2"))
    third = run("register", str(path), cwd=project)
    assert "exposure_lag: 1 (a whole number) became 2 (a whole number)" in third.stdout
    entries = read_register(register)
    assert [entry.protocol["exposure_lag"] for entry in entries] == [1, 2]
    assert datetime.date.fromisoformat(entries[-1].date) <= datetime.date.today()


RESULTS = (
    "reports/runs/staff_wellbeing/0123456789ab/record.json",
    "reports/runs/staff_wellbeing/unsealed/staged.json",
    "reports/released/staff_wellbeing/bundle.json",
)


@pytest.mark.parametrize("result", [None, *RESULTS])
def test_registering_notes_whether_there_were_results(project: Path, result: str | None) -> None:
    """A sealed run, one that was only staged and a release are results; another study's are not."""
    path = project / "parameters" / "staff_wellbeing.yml"
    register = project / "parameters" / "registered" / "staff_wellbeing.jsonl"
    register.unlink(missing_ok=True)
    other = RESULTS[0].replace("staff_wellbeing", "staff_wellbeing_2021_2022")
    for name in (other, result):
        if name is not None:
            (project / name).parent.mkdir(parents=True)
            (project / name).write_text("{}")
    told = run("register", str(path), cwd=project)
    assert told.returncode == 0, told.stderr
    assert ("runs that follow this plan are exploratory" in told.stdout) is bool(result)
    assert [entry.results_seen for entry in read_register(register)] == [bool(result)]


def test_a_changed_register_is_refused_with_2(project: Path) -> None:
    """Whoever edits what was registered cannot register on top of it."""
    path = project / "parameters" / "staff_wellbeing.yml"
    register = project / "parameters" / "registered" / "staff_wellbeing.jsonl"
    register.unlink(missing_ok=True)
    run("register", str(path), cwd=project)
    entry = json.loads(register.read_text())
    entry["protocol"]["exposure_lag"] = 3
    changed = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    register.write_text(changed)
    told = run("register", str(path), cwd=project)
    assert told.returncode == 2
    assert "line 1 holds a protocol that does not fit its hash" in told.stderr
    assert register.read_text() == changed
