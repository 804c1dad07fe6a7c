"""Several studies, or a sweep, by `evalkit run`: what is said while they run and when they end."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evalkit.cli.decide import NOT_YET, may_look
from evalkit.errors import EvalkitError, Status
from evalkit.project import project_root
from evalkit.runs.failure import stoppable
from evalkit.sweeps.cluster import run_on_cluster
from evalkit.sweeps.files import choose_runs, is_sweep, read_sweep, write_parameters
from evalkit.sweeps.schedule import Order, RunEnding, run_all

SWEEPS = "sweeps"


@dataclass(frozen=True, slots=True)
class Showing:
    """How much is said, and to whom: to people, or in lines of JSON."""

    quiet: bool = False
    as_json: bool = False


def run_many(
    paths: list[Path], order: Order, where: list[str], showing: Showing, cluster: str | None = None
) -> int:
    """Run all that the files name, here or on a cluster; return the gravest end's exit code."""
    began = time.monotonic()
    files, ended = _find_parameters(paths, where)
    for fault in ended:
        _tell(fault, showing, len(ended))
    if files:
        ended += _run(files, order, showing, cluster)
    _sum_up(ended, time.monotonic() - began, showing)
    return max((one.exit_code for one in ended), default=0)


def _run(files: list[Path], order: Order, showing: Showing, cluster: str | None) -> list[RunEnding]:
    with stoppable(f"{len(files)} studies"), _bar(len(files), showing) as pulse:
        told = partial(_tell, showing=showing, of=len(files))
        if cluster is None:
            return run_all(files, order, report=told, pulse=pulse)
        return run_on_cluster(files, order, cluster, report=told, pulse=pulse)


def _find_parameters(paths: list[Path], where: list[str]) -> tuple[list[Path], list[RunEnding]]:
    """List the parameter files, and what was refused before any run.

    Those of a sweep are written under reports/sweeps first.
    """
    files: list[Path] = []
    refused: list[RunEnding] = []
    for path in paths:
        try:
            if is_sweep(path):
                name, runs = read_sweep(path)
                folder = project_root() / "reports" / SWEEPS / name / "parameters"
                files += [write_parameters(run, folder) for run in choose_runs(runs, where)]
            else:
                files.append(path)
        except EvalkitError as fault:
            refused.append(RunEnding(path, fault.status, fault.exit_code, str(fault), tries=0))
    return list(dict.fromkeys(files)), refused


def _tell(one: RunEnding, showing: Showing, of: int) -> None:
    """Say how one run ended: on standard error what went wrong."""
    if showing.as_json:
        print(json.dumps(_as_json(one)), flush=True)
    elif one.status is not Status.OK:
        print(one.message, file=sys.stderr, flush=True)
    elif of <= _FEW:
        done = "skipped" if one.skipped else f"ran in {one.seconds:.1f} s"
        print(f"{one.parameters.stem} ({done}): {_message(one)}", flush=True)


_FEW = 30
"""Of more runs than these, the answers are not printed one by one."""


def _message(one: RunEnding) -> str:
    """Return the answer of a run, unless its results are not to be seen yet."""
    shown = one.status is not Status.OK or may_look(one.parameters.stem)
    return one.message if shown else NOT_YET


def _as_json(one: RunEnding) -> dict[str, Any]:
    return {
        "parameters": one.parameters.name,
        "status": one.status,
        "exit_code": one.exit_code,
        "skipped": one.skipped,
        "key": one.key,
        "tries": one.tries,
        "seconds": one.seconds,
        "message": _message(one),
    }


def _sum_up(ended: list[RunEnding], seconds: float, showing: Showing) -> None:
    ran = sum(one.status is Status.OK and not one.skipped for one in ended)
    skipped, failed = (
        sum(one.skipped for one in ended),
        [one for one in ended if one.status is not Status.OK],
    )
    if showing.as_json:
        counts = {"ran": ran, "skipped": skipped, "failed": len(failed)}
        print(json.dumps({"ended": len(ended), **counts, "seconds": round(seconds, 2)}))
        return
    rate = f", {ran / seconds:.2f} a second" if ran else ""
    print(
        f"{len(ended)} studies in {seconds:.1f} s: {ran} ran{rate}, {skipped} skipped because "
        f"nothing changed, {len(failed)} failed."
    )


_REMEMBERED = 3600.0
"""Seconds that the time left is judged by: runs may take minutes."""


def _describe(now: Mapping[str, int], seconds: float) -> str:
    """Say what runs, what waits, what failed and how fast it goes."""
    parts = [f"{now['running']} running", f"{now['waiting']} waiting"]
    if now["failed"]:
        parts.append(f"{now['failed']} failed")
    if now["ended"]:
        parts.append(f"{60 * now['ended'] / max(seconds, 1e-9):.1f} a minute")
    return ", ".join(parts)


@contextmanager
def _bar(total: int, showing: Showing) -> Iterator[Any]:
    """Show how many have ended, run, wait and failed, how fast, and the time left.

    Nothing where nobody looks.
    """
    if showing.quiet or showing.as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    began, screen = time.monotonic(), Console(stderr=True)
    with Bar(*columns, console=screen, transient=True, speed_estimate_period=_REMEMBERED) as bar:
        task = bar.add_task("studies", total=total)

        def show(now: Mapping[str, int]) -> None:
            words = _describe(now, time.monotonic() - began)
            bar.update(task, description=words, completed=now["ended"])

        yield show
