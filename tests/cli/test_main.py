"""The command as a whole: one message for a fault, its exit code, and an end by Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evalkit.errors import EXIT_CODES, Status

START = "from evalkit.cli.main import main; main()"


def test_every_status_has_its_exit_code() -> None:
    """Each status ends with a code, and only `ok` with 0."""
    assert set(EXIT_CODES) == set(Status)
    assert [status for status, code in EXIT_CODES.items() if code == 0] == [Status.OK]


def test_a_fault_is_one_message(project: Path) -> None:
    """A file that is not there gives one message on standard error, no traceback, code 2."""
    ended = subprocess.run(
        [sys.executable, "-c", START, "run", "parameters/absent.yml"],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == EXIT_CODES[Status.INVALID_PARAMETERS]
    assert "parameters/absent.yml: no such file" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("debug", [False, True])
def test_a_fault_of_its_own_names_its_class_alone(project: Path, debug: bool) -> None:
    """A bug shows its class and no traceback, unless EVALKIT_DEBUG asks for one; code 1."""
    broken = (
        "import evalkit.project as p\n"
        "def fail(*a): raise ValueError('patient 12345')\n"
        f"p.project_root = fail\n{START}"
    )
    ended = subprocess.run(
        [sys.executable, "-c", broken, "synth", "--check"],
        cwd=project,
        capture_output=True,
        text=True,
        env=os.environ | ({"EVALKIT_DEBUG": "1"} if debug else {}),
    )
    assert ended.returncode == EXIT_CODES[Status.BUG]
    assert ("patient 12345" in ended.stderr) == debug
    assert "ValueError" in ended.stderr


def test_ctrl_c_ends_with_seven(project: Path) -> None:
    """Ctrl-C in a command that does not run a study ends with one message and code 7."""
    running = subprocess.Popen(
        [sys.executable, "-c", START, "synth", "--folder", str(project / "made")],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (project / "made").exists():
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == EXIT_CODES[Status.INTERRUPTED]
    assert "Interrupted" in said
    assert "Traceback" not in said
