"""Runs on a real Dask scheduler and workers, in processes of their own that share no folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.errors import EnvironmentFault, Status
from evalkit.runs.listing import changed_files, list_runs
from evalkit.sweeps import cluster as on_cluster
from evalkit.sweeps.files import read_sweep, write_parameters
from evalkit.sweeps.schedule import Order

WAIT = 120
STUDY = "staff_wellbeing"
Write = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class Machines:
    """A scheduler's address, and its workers' processes."""

    address: str
    workers: list["subprocess.Popen[bytes]"]


def start(part: str, *words: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Start a part of Dask where nothing of the project is."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("EVALKIT_")}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"distributed.cli.dask_{part}", *words],
        cwd=folder,
        env=inherited,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler and two workers; whichever still runs is ended."""
    pytest.importorskip("distributed", reason="cluster: install evalkit[cluster] to run this test")
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    file = folder / "scheduler.json"
    words = ("--scheduler-file", str(file), "--no-dashboard")
    made = [start("scheduler", *words, "--host", "127.0.0.1", "--port", "0", folder=folder)]
    until = time.monotonic() + WAIT
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.1)
    lone = (*words, "--nthreads", "1", "--no-nanny")
    made += [start("worker", *lone, folder=folder) for _ in range(2)]
    try:
        yield Machines(yaml.safe_load(file.read_text())["address"], made[1:])
    finally:
        for process in made:
            process.kill()
            process.wait()


def test_no_run_is_lost_or_made_twice_though_a_worker_dies(
    machines: Machines, project: Path, notebook: Write
) -> None:
    """A worker killed in its run: every record is there once, as sealed; faults keep their kind."""
    notebook("import time\ntime.sleep(1)\nif seed == 3:\n    raise ValueError('not to be told')")
    sweep = project / "parameters" / "steps.yml"
    values = {"sweep": "steps", "base": f"{STUDY}.yml", "grid": {"seed": [1, 2, 3, 4]}}
    sweep.write_text(yaml.safe_dump(values))
    paths = [write_parameters(run, project / "made") for run in read_sweep(sweep)[1]]
    wait_for_workers(machines)

    def kill_one(now: object) -> None:
        if machines.workers[0].poll() is None and has_runner(machines.workers[0].pid):
            machines.workers[0].send_signal(signal.SIGKILL)

    ended = on_cluster.run_on_cluster(paths, Order(), machines.address, pulse=kill_one)
    assert machines.workers[0].poll() == -signal.SIGKILL
    status = {one.parameters.stem: one.status for one in ended}
    assert status.pop("steps_3") == Status.ANALYSIS_ERROR
    assert set(status.values()) == {Status.OK}, [one.message for one in ended]
    assert not any("not to be told" in one.message for one in ended)
    runs = list_runs(project)
    assert sorted(run.study for run in runs) == ["steps_1", "steps_2", "steps_4"]
    assert not any(changed_files(run) for run in runs)
    again = on_cluster.run_on_cluster(paths[:2], Order(), machines.address)
    assert [one.skipped for one in again] == [True, True]


def wait_for_workers(machines: Machines) -> None:
    """Wait until both workers are known to the scheduler."""
    from distributed import Client

    with Client(machines.address, timeout=WAIT, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=WAIT)


def has_runner(worker: int) -> bool:
    """Tell whether a worker has a process of its own that makes a run."""
    found = subprocess.run(["ps", "--ppid", str(worker), "-o", "args="], capture_output=True)
    return b"evalkit.runs.runner" in found.stdout


def test_where_nobody_answers_it_is_told(project: Path, parameter_file: Path) -> None:
    """Without Dask, or at an address where nothing is, there is one message, and code 6."""
    found = CliRunner().invoke(app, ["run", "--cluster", "tcp://127.0.0.1:9", str(parameter_file)])
    assert isinstance(found.exception, EnvironmentFault)
    assert "--cluster" in str(found.exception)
