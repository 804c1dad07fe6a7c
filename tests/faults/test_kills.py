"""Killed outright, a run goes on to the same record; `make kills` does it at random moments."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.runs.listing import list_runs
from evalkit.runs.run import run_study
from tests.faults.kills import (
    KINDS,
    POINTS,
    SURVIVED,
    files_of,
    read_kills,
    whole_under_final_names,
)

STUDY = "staff_wellbeing"
ENDS_ITSELF = """
import os, signal, sys
from pathlib import Path
from evalkit.runs.run import run_study
event, ending, warm, parameters = sys.argv[1:]
def look(name, arguments):
    if name != event or not str(arguments[0]).endswith(ending):
        return
    if name == "os.rename" or "w" in str(arguments[1]):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(look)
run_study(Path(parameters), force=True, warm=warm)
"""
"""Runs a study anew, and kills itself right before it writes or moves one file."""


def killed_before(event: str, ending: str, root: Path, warm: str) -> int:
    """Run the study until right before this; return with which signal it ended."""
    command = [sys.executable, "-c", ENDS_ITSELF, event, ending, warm]
    path = root / "parameters" / f"{STUDY}.yml"
    environment = os.environ | {"EVALKIT_PROJECT": str(root)}
    return -subprocess.run([*command, str(path)], env=environment, timeout=300).returncode


@pytest.mark.parametrize(
    ("event", "ending", "left"),
    [
        ("os.rename", "notebook.ipynb", 1),
        ("open", "run.json", 1),
        ("os.rename", "staging", 0),
    ],
    ids=["staged", "half its papers", "between its two moves"],
)
def test_killed_as_its_files_appear_a_run_goes_on_to_the_same_record(
    event: str, ending: str, left: int, warm: str, small: Path
) -> None:
    """A study that is sealed and run anew: its files stay whole, and come back byte for byte."""
    path = small / "parameters" / f"{STUDY}.yml"
    run_study(path, warm=warm)
    reference = files_of(small)
    assert killed_before(event, ending, small, warm) == signal.SIGKILL
    assert len(list_runs(small)) == left
    assert whole_under_final_names(small)
    assert run_study(path, warm=warm).skipped
    assert files_of(small) == reference
    assert whole_under_final_names(small)


def test_what_is_not_whole_is_seen(warm: str, small: Path) -> None:
    """A file that is gone from a sealed folder, or a folder without papers, does not pass."""
    sealed = run_study(small / "parameters" / f"{STUDY}.yml", warm=warm).sealed
    assert whole_under_final_names(small)
    (sealed.folder / "notebook.ipynb").unlink()
    assert not whole_under_final_names(small)


def test_every_kill_on_file_was_survived() -> None:
    """Runs and sweeps were killed, at most twenty of each and each moment once."""
    kills = read_kills()
    assert {kill.kind for kill in kills} <= set(KINDS)
    assert len({(kill.kind, kill.point) for kill in kills}) == len(kills)
    assert {kill.point for kill in kills} <= set(range(POINTS))
    assert {kill.outcome for kill in kills} == {SURVIVED}


def test_a_fork_server_whose_starter_is_gone_does_not_go_on_importing(tmp_path: Path) -> None:
    """With nobody at its input it ends before it is ready, and so within the time of an orphan."""
    command = [sys.executable, "-m", "evalkit.runs.fork_server", str(tmp_path / "s")]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=300)
    assert ended.stdout == b""
    assert not (tmp_path / "s").exists()
