"""`evalkit run` as a reader sees it: the answer, the reason, the record, and a bar meanwhile."""

import os
import pty
import re
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

STUDY = "staff_wellbeing"
COMMAND = """
import typer
from evalkit.cli import run
app = typer.Typer()
app.command()(run.run)
app()
"""


def read_all(controller: int, into: list[bytes]) -> None:
    """Read what a terminal is sent until it is closed."""
    with suppress(OSError):
        while piece := os.read(controller, 4096):
            into.append(piece)


def test_a_terminal_sees_progress_and_the_answer_comes_first(sealed_project: Path) -> None:
    """While it works a bar names the stage and the cells; then come answer, reason and record."""
    controller, terminal = pty.openpty()
    seen: list[bytes] = []
    reader = threading.Thread(target=read_all, args=(controller, seen))
    reader.start()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, f"parameters/{STUDY}.yml", "--force"],
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=True,
        cwd=sealed_project,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    reader.join(10)
    os.close(controller)
    shown = b"".join(seen).decode()
    assert f"{STUDY}: running" in shown
    assert re.search(
        r"[1-3]/3", shown
    )  # a bar is drawn ten times a second, so a cell may pass unseen
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "It cannot be told."
    assert lines[1].startswith("Ran in ")
    assert lines[2].startswith(f"Record: reports/runs/{STUDY}/")


def test_a_skipped_run_says_why_and_is_quiet_outside_a_terminal(sealed_project: Path) -> None:
    """Nothing is drawn where nobody looks, and the reason for skipping is told."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, f"parameters/{STUDY}.yml"],
        capture_output=True,
        check=True,
        cwd=sealed_project,
    )
    assert b"nothing changed since" in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[1].startswith(b"Skipped in ")
    assert done.stderr == b""
