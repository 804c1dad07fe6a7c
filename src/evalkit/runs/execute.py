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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import Status
from evalkit.record.files import is_no_room

_GRACE = 5.0
_TICK = 0.25
_WORKER = "evalkit.runs.worker"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, in seconds, one cell and a whole run may take."""

    cell: int = 900
    run: int = 3600


@dataclass(frozen=True, slots=True)
class Job:
    """One notebook to run: what goes in, where its executed copy goes, what it may see."""

    notebook: Mapping[str, Any]
    parameters: Mapping[str, Any]
    output: Path
    working_folder: Path
    environment: Mapping[str, str]
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a notebook ended, as seen from outside; `cell` counts code cells from 1."""

    status: Status
    cell: int = 0
    exception: str | None = None
    message: str | None = None


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
        return _watch(worker, job.limits, watch, tick)
    finally:
        _stop(worker, watch)


def count_cells(notebook: Mapping[str, Any]) -> int:
    """Count the code cells that are not blank, as a reader of the notebook does."""
    return sum(
        cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())
        for cell in notebook["cells"]
    )


def _start(job: Job) -> "subprocess.Popen[bytes]":
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=job.working_folder,
        env=dict(job.environment),
        start_new_session=True,
    )
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


def _watch(
    worker: "subprocess.Popen[bytes]",
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


def _listen(
    worker: "subprocess.Popen[bytes]", answers: "queue.Queue[dict[str, Any] | None]"
) -> None:
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


def _stop(worker: "subprocess.Popen[bytes]", watch: _Watch) -> None:
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
