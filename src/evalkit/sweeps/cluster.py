"""Run many studies on a Dask cluster; records come back as bytes and are sealed on this disk.

A task is a study's runner with the files that it reads: parameter file, notebook, register, lock
file, data of the project. Its key is the hash of the run, so that nothing is made twice. Workers
share no disk with this machine, need the same evalkit and packages (a run whose key would differ is
refused), and have one thread each. A worker that dies gives its runs to others; how a run ended
comes back as it does from a run on this machine. `on_worker` is what a worker does.
"""

import io
import queue
import tarfile
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import EXIT_CODES, EnvironmentFault, EvalkitError, Status
from evalkit.project import project_root, resolve_data_path
from evalkit.record.files import make_private, room_for, sync_folder
from evalkit.runs.code import Code, read_code
from evalkit.runs.listing import SealedRun, changed_files, newest_run, read_run, runs_folder
from evalkit.runs.lock import REPLACED, locked
from evalkit.runs.run import Plan, plan_run
from evalkit.sweeps.on_worker import make_run
from evalkit.sweeps.schedule import Order, Pulse, Report, RunEnding, count_runs

LARGEST_DATA = 20 * 1024**2
"""What a run may take along from the project; larger data lie in EVALKIT_DATA_ROOT of workers."""
_ALWAYS = ("pyproject.toml", "requirements.lock")
CONNECT = 30
AHEAD = 2
"""Runs sent for each worker before one of them has ended."""
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class _Sent:
    """A run that a worker is to make: its parameter file, its key, its study, why it is due."""

    parameters: Path
    key: str
    study: str
    why: str


def run_on_cluster(
    parameters: Iterable[Path],
    order: Order,
    address: str,
    *,
    report: Report = lambda _: None,
    pulse: Pulse = lambda _: None,
) -> list[RunEnding]:
    """Run each parameter file's study on the cluster at `address`, as `run_all` does here.

    Raises EnvironmentFault where there is no Dask, nobody answers, or a worker has more than one
    thread.
    """
    ended: list[RunEnding] = []

    def end(one: RunEnding) -> None:
        ended.append(one)
        report(one)

    with _connect(address) as client:
        out: dict[Any, _Sent] = {}
        waiting, come = deque(dict.fromkeys(parameters)), queue.Queue[Any]()
        code = read_code()
        try:
            while waiting or out:
                while waiting and len(out) < _most_out(client):
                    sent = _send(client, waiting.popleft(), order, code)
                    if isinstance(sent, RunEnding):
                        end(sent)
                    else:
                        out |= sent
                        next(iter(sent)).add_done_callback(come.put)
                pulse(count_runs(len(waiting), len(out), ended))
                with suppress(queue.Empty):
                    future = come.get(timeout=_TICK)
                    end(_take_in(future, out.pop(future)))
                    future.release()
        finally:
            for future in out:
                future.cancel()
    return ended


def _most_out(client: Any) -> int:
    """Return how many runs may be out: one under way and one to go on with for each worker.

    Data travel with a run, so that a sweep that was sent whole would fill the scheduler's memory.
    """
    return AHEAD * max(len(client.nthreads()), 1)


@contextmanager
def _connect(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise EnvironmentFault(
            "--cluster: Dask is not installed. Install evalkit[cluster], here and on every worker."
        ) from None
    client = None
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
        threads = set(client.nthreads().values())
    except (OSError, ValueError):
        threads = set()
    if client is None:
        raise EnvironmentFault(f"--cluster {address}: nobody answers. Start dask scheduler there.")
    try:
        if threads != {1}:
            found = "no worker is there" if not threads else "workers have more than one thread"
            raise EnvironmentFault(
                f"--cluster {address}: {found}. Start each by dask worker --nthreads 1."
            )
        yield client
    finally:
        client.close()


def _send(client: Any, path: Path, order: Order, code: Code) -> "dict[Any, _Sent] | RunEnding":
    """Send a run that is due; say how it ended if it is not, or cannot be made."""
    root = project_root()
    try:
        with tempfile.TemporaryDirectory(prefix="evalkit-") as work:
            plan = plan_run(root, path, Path(work), code)
        same = plan.as_planned(newest_run(root, plan.parameters.study))
        if same is not None and not order.force and not changed_files(same):
            return _skip(path, same)
        files = _pack(root, path, plan)
    except EvalkitError as fault:
        return _as_fault(path, fault.status, str(fault))
    job = {
        "parameters": f"parameters/{path.name}",
        "key": plan.inputs.short_key,
        "study": plan.parameters.study,
        "timeout": order.limits.run,
        "cell_timeout": order.limits.cell,
        "fresh": order.fresh,
    }
    future = client.submit(
        make_run, job, files, key=f"evalkit-{plan.inputs.key}", pure=False, retries=1
    )
    return {future: _Sent(path, plan.inputs.short_key, plan.parameters.study, "made on a cluster")}


def _pack(root: Path, path: Path, plan: Plan) -> dict[str, bytes]:
    """Read each file that the run reads, by its name in the project.

    They are part of the task: what is placed on a worker is lost with it.
    """
    wanted = {name: root / name for name in _ALWAYS if (root / name).is_file()}
    wanted[f"notebooks/{plan.parameters.notebook}.ipynb"] = (
        root / "notebooks" / f"{plan.parameters.notebook}.ipynb"
    )
    wanted[f"parameters/{path.name}"] = path
    register = root / "parameters" / "registered" / f"{plan.parameters.study}.jsonl"
    if register.is_file():
        wanted[register.relative_to(root).as_posix()] = register
    for name, written in plan.values.items():
        if name.endswith("_file") and written is not None and not written.startswith("{"):
            file = resolve_data_path(written, root)
            folders = [file.parent, *(p for p in file.parent.parents if p.is_relative_to(root))]
            packages = [folder / "datapackage.json" for folder in folders]
            wanted |= {
                found.relative_to(root.resolve()).as_posix(): found
                for found in (file, *packages)
                if found.is_file() and found.is_relative_to(root.resolve())
            }
    size = sum(file.stat().st_size for file in wanted.values())
    if size > LARGEST_DATA:
        raise EnvironmentFault(
            f"{path.name}: {size / 1024**2:.0f} MB of data in the project are too many to send to "
            "workers. Write the path as {data_root}/..., and set EVALKIT_DATA_ROOT on each."
        )
    return {name: file.read_bytes() for name, file in wanted.items()}


def _take_in(future: Any, one: _Sent) -> RunEnding:
    """Seal what came back, or say what became of it."""
    if future.status != "finished":
        kind = type(future.exception()).__name__ if future.status == "error" else future.status
        return _as_fault(
            one.parameters,
            Status.KERNEL_DIED,
            f"{one.study}: the cluster gave it up ({kind}). Memory of workers may have run out; "
            "run again.",
        )
    told = future.result()
    sealed = told.pop("sealed")
    ending = RunEnding(one.parameters, why=one.why, **{**told, "status": Status(told["status"])})
    if sealed is None:
        return ending
    if told["key"] != one.key:
        return _as_fault(
            one.parameters,
            Status.ENVIRONMENT,
            f"{one.study}: the worker's evalkit, packages or data differ from those here, and so "
            "would its record. Install the same lock file on every worker.",
        )
    try:
        _seal_here(sealed, one)
    except EvalkitError as fault:
        return _as_fault(one.parameters, fault.status, str(fault))
    return ending


def _seal_here(packed: bytes, one: _Sent) -> None:
    """Unpack a sealed run beside where it belongs, check it, and move it there at once."""
    runs = runs_folder(project_root())
    with locked(runs, one.study) as work:
        made = work / one.key
        with room_for(made), tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            made.mkdir(mode=0o700)
            archive.extractall(made, filter="data")
        run = read_run(made)
        if run is None or changed_files(run):
            raise EnvironmentFault(
                f"{one.study}: what came back from the cluster is not as it was sealed. Run again."
            )
        final = runs / one.study / one.key
        with room_for(final):
            make_private(final.parent)
            if final.exists():
                final.rename(work / f"{REPLACED}{final.name}")
            made.rename(final)
            sync_folder(final.parent)


def _skip(path: Path, same: SealedRun) -> RunEnding:
    answer = str(same.record["finding"]["answer"])
    why = f"nothing changed since {same.run['finished']}"
    return RunEnding(path, Status.OK, 0, answer, 1, skipped=True, key=same.key, why=why)


def _as_fault(path: Path, status: Status, message: str) -> RunEnding:
    return RunEnding(path, status, EXIT_CODES[status], message, 1)
