"""Killed at any moment, a run leaves no partial folder, no process, and can be made again."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import EXIT_CODES, LockedError, RunError, Status
from evalkit.runs.failure import stoppable
from evalkit.runs.listing import list_runs
from evalkit.runs.lock import REPLACED, WORK_FOLDER, locked
from evalkit.runs.run import run_study

STUDY = "staff_wellbeing"
ORPHAN_SECONDS = 10
RUNNER = """
import sys
from pathlib import Path
from evalkit.errors import EvalkitError
from evalkit.runs.run import run_study
try:
    run_study(Path(sys.argv[1]))
except EvalkitError as fault:
    sys.exit(fault.exit_code)
"""
Write = Callable[..., Path]
Left = Callable[[], list[str]]


def start_runner(parameter_file: Path, **more: object) -> "subprocess.Popen[bytes]":
    """Run the study in a process of its own."""
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", RUNNER, str(parameter_file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **more,
    )


def sleeping_cell(pids: Path) -> str:
    """Write the processes of the kernel and a child of it to a file, then sleep."""
    return (
        "import os, subprocess, time\nchild = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} ')\ntime.sleep(300)"
    )


def wait_for(path: Path) -> list[int]:
    """Wait until the notebook has written its processes."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if path.exists() and path.read_text().endswith(" "):
            return [int(word) for word in path.read_text().split()]
        time.sleep(0.1)
    raise TimeoutError(path)


def still_running(processes: list[int]) -> list[int]:
    """Return those that still live after the time that orphans are given."""
    until = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < until:
        alive = [p for p in processes if _lives(p)]
        if not alive:
            return []
        time.sleep(0.1)
    return alive


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_runner_killed_in_the_middle_leaves_nothing_that_counts(
    tmp_path: Path, parameter_file: Path, notebook: Write, left: Left, forks: str | None
) -> None:
    """After kill -9 no kernel lives on, nothing is sealed, and the next run sweeps and succeeds."""
    pids = tmp_path / "pids"
    notebook(sleeping_cell(pids))
    runner = start_runner(parameter_file)
    processes = wait_for(pids)
    assert all(_lives(process) for process in processes)
    runner.kill()
    output, _ = runner.communicate()
    assert still_running(processes) == []
    assert list_runs() == []
    assert {name.split("/")[1] for name in left()} == {WORK_FOLDER}
    assert output == b""
    notebook()
    outcome = run_study(parameter_file, warm=forks)
    assert [run.key for run in list_runs()] == [outcome.sealed.key]
    assert {name.split("/")[1] for name in left()} == {STUDY}


def test_a_request_to_end_stops_the_kernel_and_exits_with_seven(
    tmp_path: Path, parameter_file: Path, notebook: Write, left: Left
) -> None:
    """SIGTERM ends kernel and runner in order, and leaves the status alone."""
    pids = tmp_path / "pids"
    notebook(sleeping_cell(pids), start="")
    runner = start_runner(parameter_file)
    processes = wait_for(pids)
    runner.terminate()
    output, _ = runner.communicate(timeout=20)
    assert (runner.returncode, output) == (EXIT_CODES[Status.INTERRUPTED], b"")
    assert still_running(processes) == []
    assert left() == [f"runs/{STUDY}/last_failure.json"]


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_request_to_end_becomes_an_interruption(request_to_end: signal.Signals) -> None:
    """Ctrl-C, a request to terminate and a closed terminal end alike; handlers are put back."""
    before = signal.getsignal(request_to_end)
    with pytest.raises(RunError) as caught, stoppable(STUDY):
        os.kill(os.getpid(), request_to_end)
        time.sleep(5)
    assert caught.value.status is Status.INTERRUPTED
    assert signal.getsignal(request_to_end) is before


def test_a_disk_without_room_ends_with_five_and_keeps_nothing(
    parameter_file: Path, left: Left
) -> None:
    """A file that cannot be written in full is never kept, nor called a result."""

    def limit_file_size() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    runner = start_runner(parameter_file, preexec_fn=limit_file_size)
    runner.communicate(timeout=60)
    assert runner.returncode == EXIT_CODES[Status.NO_SPACE]
    assert list_runs() == []
    assert set(left()) <= {f"runs/{STUDY}/last_failure.json"}


def test_a_second_run_of_the_same_study_is_refused(project: Path, parameter_file: Path) -> None:
    """While one run holds the study, another is told its process and exits with 9."""
    with (
        locked(project / "reports" / "runs", STUDY),
        pytest.raises(LockedError, match=f"process {os.getpid()}") as caught,
    ):
        run_study(parameter_file)
    assert caught.value.exit_code == 9


def test_the_lock_of_a_dead_run_is_taken_over(project: Path, left: Left) -> None:
    """A lock file that nobody holds stops nobody, and what lay in its work folder is swept."""
    runs = project / "reports" / "runs"
    (runs / WORK_FOLDER / f"{STUDY}-dead").mkdir(parents=True)
    (runs / WORK_FOLDER / f"{STUDY}.lock").write_text("1")
    with locked(runs, STUDY) as work:
        assert [path.name for path in work.parent.glob(f"{STUDY}-*")] == [work.name]
    assert left() == []


def test_a_sealed_run_whose_replacing_was_cut_short_is_put_back(sealed_project: Path) -> None:
    """Killed between the two renames, the earlier sealed run returns with the next lock."""
    runs = sealed_project / "reports" / "runs"
    sealed = list_runs()[0]
    aside = runs / WORK_FOLDER / f"{STUDY}-dead"
    aside.mkdir(parents=True)
    sealed.folder.rename(aside / f"{REPLACED}{sealed.key}")
    assert list_runs() == []
    with locked(runs, STUDY):
        pass
    assert list_runs() == [sealed]


@pytest.mark.slow
def test_stock_papermill_fills_a_folder_that_stays_unsealed(
    project: Path, parameter_file: Path
) -> None:
    """Without the runner the record is staged, and counts as no sealed run."""
    command = [shutil.which("papermill", path=Path(sys.executable).parent) or "papermill"]
    subprocess.run(
        [*command, f"notebooks/{STUDY}.ipynb", "out.ipynb", "-f", str(parameter_file)],
        cwd=project,
        check=True,
        capture_output=True,
    )
    unsealed = project / "reports" / "runs" / STUDY / "unsealed"
    assert (unsealed / "staged.json").exists()
    assert not (unsealed / "record.json").exists()
    assert list_runs() == []
