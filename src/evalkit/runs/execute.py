"""Run a notebook in a process of its own, watch it, and say how it truly ended."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from evalkit.errors import Status
from evalkit.record.files import is_no_room
from evalkit.runs.warm_process import WARM_VARIABLE, WarmProcess, start_piped

_GRACE = 5.0
_TICK = 0.25
_WORKER = "evalkit.runs.worker"
Process: TypeAlias = "subprocess.Popen[bytes] | WarmProcess"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, in seconds, one cell and a whole run may take."""

    cell: int = 900
    run: int = 3600


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to run: what goes in, where its executed copy goes, what it may see.

    `warm` is the address of a fork server to ask for its processes.
    """

    notebook: Mapping[str, Any]
    parameters: Mapping[str, Any]
    output: Path
    working_folder: Path
    environment: Mapping[str, str]
    limits: Limits = Limits()
    warm: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a notebook ended, as seen from outside; `cell` counts code cells from 1.

    `warm` tells that its processes were forks of one that had imported the stack.
    """

    status: Status
    cell: int = 0
    exception: str | None = None
    message: str | None = None
    warm: bool = False


@dataclass(slots=True)
class _Watch:
    """What is known of a run under way."""

    started: float
    cell_started: float
    cell: int = 0
    kernel_group: int | None = None


def execute(job: Job, tick: Callable[[int, float], None]) -> Ending:
    """Run the notebook; no process of it outlives this call, whatever happens.

    `tick(cell, seconds)` is called several times a second while the notebook runs.
    """
    worker = _start(job)
    watch = _Watch(started=time.monotonic(), cell_started=time.monotonic())
    try:
        ending = _watch(worker, job.limits, watch, tick)
        return replace(ending, warm=isinstance(worker, WarmProcess))
    finally:
        _stop(worker, watch)


def count_cells(notebook: Mapping[str, Any]) -> int:
    """Count the code cells that are not blank, as a reader of the notebook does."""
    return sum(
        cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())
        for cell in notebook["cells"]
    )


def _start(job: Job) -> Process:
    worker = _start_warm(job) or _start_fresh(job)
    task = {
        "notebook": job.notebook,
        "parameters": job.parameters,
        "output": str(job.output),
        "cell_timeout": job.limits.cell,
    }
    assert worker.stdin is not None  # noqa: S101  (given by PIPE)
    with suppress(BrokenPipeError):
        worker.stdin.write(json.dumps(task).encode() + b"\n")
        worker.stdin.flush()
    return worker


def _start_fresh(job: Job) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=job.working_folder,
        env=dict(job.environment),
        start_new_session=True,
    )


def _start_warm(job: Job) -> WarmProcess | None:
    """Ask the fork server for a worker; None where there is no server, or none answers."""
    if job.warm is None:
        return None
    try:
        return start_piped(
            "worker",
            [],
            address=job.warm,
            environment={**job.environment, WARM_VARIABLE: job.warm},
            folder=job.working_folder,
        )
    except (OSError, EOFError):
        return None


def _watch(
    worker: Process,
    limits: Limits,
    watch: _Watch,
    tick: Callable[[int, float], None],
) -> Ending:
    answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(worker, answers), daemon=True).start()
    while True:
        tick(watch.cell, time.monotonic() - watch.started)
        if _overdue(watch, limits):
            return Ending(Status.TIMEOUT, watch.cell)
        try:
            event = answers.get(timeout=_TICK)
        except queue.Empty:
            continue
        if event is None:
            return Ending(Status.KERNEL_DIED, watch.cell)
        if event["event"] == "end":
            return _ending(event)
        _note(event, watch)


def _listen(worker: Process, answers: "queue.Queue[dict[str, Any] | None]") -> None:
    assert worker.stdout is not None  # noqa: S101  (given by PIPE)
    for line in worker.stdout:
        answers.put(json.loads(line))
    answers.put(None)


def _note(event: Mapping[str, Any], watch: _Watch) -> None:
    if event["event"] == "kernel":
        watch.kernel_group = event["group"]
    else:
        watch.cell = event["cell"]
        watch.cell_started = time.monotonic()


def _overdue(watch: _Watch, limits: Limits) -> bool:
    """Tell whether a limit has passed; a cell has a moment more, to answer its interrupt."""
    now = time.monotonic()
    cell_late = watch.cell > 0 and now - watch.cell_started > limits.cell + _GRACE
    return cell_late or now - watch.started > limits.run


def _ending(event: Mapping[str, Any]) -> Ending:
    status = Status(event["status"])
    if status is Status.NO_SPACE and not is_no_room(event.get("errno")):
        status = Status.ENVIRONMENT
    return Ending(status, event["cell"], event.get("exception"), event.get("message"))


def _stop(worker: Process, watch: _Watch) -> None:
    """Kill the kernel, its children and the worker, and wait until the worker is gone."""
    for group in (watch.kernel_group, worker.pid):
        if group is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
