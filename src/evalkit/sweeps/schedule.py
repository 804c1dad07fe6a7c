"""Run many studies, some at a time, each in processes of its own; try again what chance ended.

A fork server imports the stack once; where there can be none, each run starts afresh. Runs that
are sealed as they would be made now are skipped, so a sweep that was stopped goes on with what is
missing. A crash or a time-out is tried again; a fault of parameters, data or analysis never is:
it would end in the same way.
"""

import json
import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.errors import Status
from evalkit.runs.execute import Limits, Process
from evalkit.runs.warm_process import start_piped, warm_stack

TRIES = 3
AGAIN = frozenset({Status.KERNEL_DIED, Status.NO_MEMORY, Status.TIMEOUT, Status.LOCKED})
"""Ends that chance may have brought about."""
_RUNNER = "evalkit.runs.runner"
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Order:
    """How several runs are made; `warm` is a fork server that is there, or one is started."""

    force: bool = False
    limits: Limits = field(default_factory=Limits)
    at_once: int = 2
    fresh: bool = False
    accept_stale: bool = False
    warm: str | None = None


@dataclass(frozen=True, slots=True)
class RunEnding:
    """How one run of several ended; `message` is the answer, or what went wrong."""

    parameters: Path
    status: Status
    exit_code: int
    message: str
    tries: int
    skipped: bool = False
    key: str | None = None
    seconds: float = 0.0
    why: str = ""


@dataclass(slots=True)
class _Running:
    parameters: Path
    tries: int
    process: Process
    heard: bytes = b""
    end: dict[str, Any] = field(default_factory=dict)


Report = Callable[[RunEnding], None]
Pulse = Callable[[Mapping[str, int]], None]


def run_all(
    parameters: Iterable[Path],
    order: Order = Order(),
    *,
    report: Report = lambda _: None,
    pulse: Pulse = lambda _: None,
) -> list[RunEnding]:
    """Run each parameter file's study; return how each ended, in the order in which they ended.

    `report` is told of each end, `pulse` several times a second the counts of `count_runs`. An
    interruption ends all processes, and is raised; what was sealed stays.
    """
    waiting = deque((path, 1) for path in parameters)
    ended: list[RunEnding] = []
    wanted = not order.fresh and order.warm is None
    with warm_stack(wanted=wanted) as made, selectors.DefaultSelector() as selector:
        running: dict[Any, _Running] = {}
        warm = order.warm or made
        try:
            while waiting or running:
                while waiting and len(running) < order.at_once:
                    _begin(*waiting.popleft(), order, warm, selector, running)
                pulse(count_runs(len(waiting), len(running), ended))
                for chosen, _ in selector.select(_TICK):
                    one = running[chosen.fileobj]
                    if not _listen(one):
                        continue
                    del running[chosen.fileobj]
                    selector.unregister(chosen.fileobj)
                    ending = _ending(one)
                    if ending.status in AGAIN and one.tries < TRIES:
                        waiting.append((one.parameters, one.tries + 1))
                        continue
                    ended.append(ending)
                    report(ending)
        finally:
            for left in running.values():
                _stop(left.process)
    return ended


def count_runs(waiting: int, running: int, ended: Iterable[RunEnding]) -> dict[str, int]:
    """Count runs as whoever watches sees them: `waiting, running, ended, failed`."""
    known = list(ended)
    failed = sum(one.status is not Status.OK for one in known)
    return {"waiting": waiting, "running": running, "ended": len(known), "failed": failed}


def _begin(
    path: Path,
    tries: int,
    order: Order,
    warm: str | None,
    selector: selectors.BaseSelector,
    running: dict[Any, _Running],
) -> None:
    process = _start(warm)
    job = {
        "parameters": str(path.resolve()),
        "force": order.force,
        "timeout": order.limits.run,
        "cell_timeout": order.limits.cell,
        "warm": warm,
        "accept_stale": order.accept_stale,
    }
    assert process.stdin is not None  # noqa: S101  (given by PIPE)
    assert process.stdout is not None  # noqa: S101  (given by PIPE)
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
    os.set_blocking(process.stdout.fileno(), False)
    selector.register(process.stdout, selectors.EVENT_READ)
    running[process.stdout] = _Running(path, tries, process)


def _start(warm: str | None) -> Process:
    """Start a runner, as a fork where that can be; it takes what this process may see."""
    if warm is not None:
        with suppress(OSError, EOFError):
            return start_piped(
                "runner", [], address=warm, environment=os.environ, folder=Path.cwd()
            )
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", _RUNNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _listen(one: _Running) -> bool:
    """Hear what a runner says; return whether it has ended."""
    assert one.process.stdout is not None  # noqa: S101  (given by PIPE)
    more = os.read(one.process.stdout.fileno(), 1 << 16)
    *lines, one.heard = (one.heard + more).split(b"\n")
    for event in map(json.loads, lines):
        if event.pop("event") == "end":
            one.end = event
    return not more


def _ending(one: _Running) -> RunEnding:
    """Say how a runner ended; one that said nothing died."""
    _stop(one.process)
    told = one.end or {
        "status": Status.KERNEL_DIED,
        "exit_code": 5,
        "message": f"{one.parameters.stem}: the process that ran it died. Memory may have run "
        "out; run fewer at once, then run again.",
    }
    return RunEnding(
        parameters=one.parameters,
        status=Status(told["status"]),
        exit_code=told["exit_code"],
        message=told["message"],
        tries=one.tries,
        skipped=told.get("skipped", False),
        key=told.get("key"),
        seconds=told.get("seconds", 0.0),
        why=told.get("why", ""),
    )


def _stop(process: Process) -> None:
    """Let a runner end in order, and end it if it does not."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
