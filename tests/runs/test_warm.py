"""Runs by forks of a process that has imported the stack: the same record, and nothing left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import papermill
import pytest

from evalkit.errors import AnalysisError, RunError, Status
from evalkit.runs.confirm import confirm_fresh
from evalkit.runs.execute import Limits
from evalkit.runs.run import run_study
from evalkit.runs.warm_process import start_warm

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def warm(forks: str | None) -> str:
    """The address of one fork server."""
    if forks is None:
        pytest.skip("fork server: this system can have none")
    return forks


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A file that swallows all."""
    file = os.open(os.devnull, os.O_RDWR)
    yield file
    os.close(file)


def test_a_warm_run_makes_the_record_of_a_fresh_one(warm: str, parameter_file: Path) -> None:
    """Both seal the same bytes under the same key, and say how they were made."""
    fresh = run_study(parameter_file).sealed
    before = (fresh.folder / "record.json").read_bytes()
    made = run_study(parameter_file, force=True, warm=warm).sealed
    assert (fresh.run["processes"], made.run["processes"]) == ("fresh", "warm")
    assert (made.key, (made.folder / "record.json").read_bytes()) == (fresh.key, before)


def test_a_warm_run_is_made_afresh_before_it_is_released(
    warm: str, notebook: Write, parameter_file: Path
) -> None:
    """An equal record is confirmed; one that hangs on how it was made is refused."""
    made = run_study(parameter_file, warm=warm).sealed
    assert confirm_fresh(made).run["processes"] == "fresh"
    notebook(
        "import sys\n_own = Finding\nif 'evalkit.runs.runner' in sys.modules:\n"
        "    Finding = lambda claim, *rest: _own('another', *rest)"
    )
    with pytest.raises(AnalysisError, match="another record"):
        confirm_fresh(run_study(parameter_file, warm=warm).sealed)


def test_nothing_of_one_run_is_seen_by_the_next(
    warm: str, notebook: Write, parameter_file: Path
) -> None:
    """Names, options, environment, folder and random numbers begin anew in each run."""
    leak = (
        "import os, random, numpy, pandas\n"
        "assert 'EVALKIT_TRACE' not in os.environ and pandas.options.display.max_rows == 60\n"
        "assert '_trace' not in globals() and os.path.basename(os.getcwd()) == 'notebooks'\n"
        "assert 'EVALKIT_WARM' not in os.environ\n"
        f"_seen = {str(parameter_file.with_suffix('.numbers'))!r}\n"
        "with open(_seen, 'a') as _file:\n"
        "    print(random.random(), numpy.random.random(), file=_file)\n"
        "os.environ['EVALKIT_TRACE'] = _trace = '1'\n"
        "pandas.options.display.max_rows = 7\nos.chdir('/')"
    )
    notebook(leak)
    for _ in range(2):
        run_study(parameter_file, force=True, warm=warm)
    numbers = parameter_file.with_suffix(".numbers").read_text().split()
    assert len(set(numbers)) == 4


def test_a_warm_run_out_of_time_leaves_no_process(
    warm: str, notebook: Write, parameter_file: Path, tmp_path: Path
) -> None:
    """A time-out kills the kernel and what the kernel started."""
    pids = tmp_path / "pids"
    notebook(
        "import os, subprocess, time\nchild = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\ntime.sleep(300)"
    )
    with pytest.raises(RunError) as fault:
        run_study(parameter_file, limits=Limits(run=8), warm=warm)
    assert fault.value.status is Status.TIMEOUT
    assert not any(is_alive(int(pid)) for pid in pids.read_text().split())


def is_alive(pid: int) -> bool:
    """Tell whether a process is there within two seconds, and is no zombie."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.05)
    return True


def test_a_kernel_that_dies_is_seen(warm: str, notebook: Write, parameter_file: Path) -> None:
    """A warm kernel killed from outside ends the run as a fresh one's death does."""
    notebook("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(RunError) as fault:
        run_study(parameter_file, warm=warm)
    assert fault.value.status is Status.KERNEL_DIED


def test_where_no_server_answers_the_run_is_fresh(parameter_file: Path, tmp_path: Path) -> None:
    """An address where nobody listens costs nothing but the speed."""
    made = run_study(parameter_file, warm=str(tmp_path / "nobody")).sealed
    assert made.run["processes"] == "fresh"


def test_no_server_where_a_thread_is_alive() -> None:
    """A server that finds a thread after its imports says so, and serves nobody."""
    program = (
        "import sys, threading, time\n"
        "from evalkit.runs import fork_server as server\n"
        "server.import_all = lambda: threading.Thread(\n"
        "    target=time.sleep, args=(2,), daemon=True).start()\n"
        "sys.argv = ['server', 'nowhere']\nserver.main()"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "threads\n"


def test_a_process_goes_when_whoever_asked_goes(warm: str, nowhere: int, tmp_path: Path) -> None:
    """Closing the connection kills a process that would run on."""
    files = (nowhere, nowhere, nowhere)
    made = start_warm(
        "kernel", [], address=warm, environment=os.environ, folder=tmp_path, files=files
    )
    assert made.poll() is None
    made.close()
    assert not is_alive(made.pid)


def test_its_end_is_told_with_the_exit_code(warm: str, nowhere: int, tmp_path: Path) -> None:
    """A signal's number comes back as subprocess would give it."""
    made = start_warm(
        "kernel",
        [],
        address=warm,
        environment=os.environ,
        folder=tmp_path,
        files=(nowhere, nowhere, nowhere),
    )
    made.terminate()
    assert made.wait(timeout=10) == -signal.SIGTERM


def test_papermill_runs_it_as_an_engine(tmp_path: Path) -> None:
    """`engine_name="evalkit_warm"` runs a notebook in a process that has the stack."""
    cell = nbformat.v4.new_code_cell(
        "import os, sys\n'evalkit.checks.by_design' in sys.modules, "
        "b'fork_server' in open(f'/proc/{os.getpid()}/cmdline', 'rb').read()"
    )
    kernel = {"kernelspec": {"name": "python3", "display_name": "3", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    done = papermill.execute_notebook(
        book, None, engine_name="evalkit_warm", progress_bar=False, cwd=str(tmp_path)
    )
    assert done.cells[0].outputs[0].data["text/plain"] == "(True, True)"
