"""A real scheduler and two workers of Dask, in processes of their own that share no folder."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

WAIT = 120


@dataclass(frozen=True, slots=True)
class Machines:
    """A scheduler's address, and its workers' processes."""

    address: str
    workers: list["subprocess.Popen[bytes]"]


@contextmanager
def start_machines(folder: Path) -> Iterator[Machines]:
    """Start a scheduler and two workers where nothing of the project is; end what still runs."""
    file = folder / "scheduler.json"
    words = ("--scheduler-file", str(file), "--no-dashboard")
    made = [_start("scheduler", *words, "--host", "127.0.0.1", "--port", "0", folder=folder)]
    try:
        until = time.monotonic() + WAIT
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.1)
        lone = (*words, "--nthreads", "1", "--no-nanny")
        made += [_start("worker", *lone, folder=folder) for _ in range(2)]
        machines = Machines(yaml.safe_load(file.read_text())["address"], made[1:])
        _wait_for_workers(machines)
        yield machines
    finally:
        for process in made:
            process.kill()
            process.wait()


def _start(part: str, *words: str, folder: Path) -> "subprocess.Popen[bytes]":
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("EVALKIT_")}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", f"distributed.cli.dask_{part}", *words],
        cwd=folder,
        env=inherited,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for_workers(machines: Machines) -> None:
    """Wait until both workers are known to the scheduler."""
    from distributed import Client

    with Client(machines.address, timeout=WAIT, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=WAIT)


def makes_a_run(worker: int) -> bool:
    """Tell whether a worker has its run's processes: its fork server has a child."""
    servers = _children_of(str(worker))
    return bool(servers) and bool(_children_of(",".join(servers)))


def _children_of(processes: str) -> list[str]:
    found = subprocess.run(["ps", "--ppid", processes, "-o", "pid="], capture_output=True)
    return found.stdout.decode().split()
