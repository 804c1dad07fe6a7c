"""A process that has imported what studies import, and forks a ready child for each that asks.

`warm_process.warm_stack` starts it. It imports, uses once what is slow when it is first used, and
never computes: a child of a process that has threads may hang, so where there is one after that it
ends at once, and runs fall back to fresh processes. It hashes evalkit's source before it imports
it: a run records that hash, and once the source on disk is another, every request is turned away
and runs are made by fresh processes. Requests come over a Unix socket, one a connection: a line of
JSON with the program's name, its arguments, environment and folder, and the three files of its
input and output. The server answers with the child's pid, and with its exit code when it ends. A
child whose connection closes, because whoever asked for it went away, is killed with all its
children; so are all when the server's own standard input closes.
"""

import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.record.schema import import_jsonschema
from evalkit.runs.code import Code, read_code
from evalkit.runs.environment import ONE_THREAD

LONGEST_REQUEST = 1 << 20
FILES = 3
THREADS = "/proc/self/task"
ROOMS = ("record", "checks", "findings", "measures", "equity", "insight", "planning", "designs")
"""Rooms of evalkit whose modules are all imported beforehand; what they import comes with them."""
PACKAGES = (
    "IPython.core.interactiveshell",
    "ibis.backends.duckdb",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "linearmodels.panel",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib_inline.backend_inline",
    "nbclient",
    "papermill",
    "pingouin",
    "pyarrow.parquet",
    "seaborn",
    "evalkit.charts",
    "evalkit.data",
    "evalkit.runs.runner",
    "evalkit.runs.worker",
)
WHEN_NEEDED = (
    "PIL.JpegImagePlugin",
    "pandas.io.formats.csvs",
    "pandas.io.formats.string",
    "pandera.backends.pandas.base",
    "pandera.backends.pandas.builtin_checks",
    "pandera.backends.pandas.container",
)
"""Parts that packages import when they are first needed; another version may lack one."""


def run_worker(_: list[str], __: Code) -> None:
    """Run one notebook, as `python -m evalkit.runs.worker` does."""
    from evalkit.runs.worker import main as work

    work()


def run_kernel(arguments: list[str], _: Code) -> None:
    """Be a kernel, as `python -m ipykernel_launcher` is."""
    from ipykernel.kernelapp import launch_new_instance

    _use_backend()
    sys.argv = ["ipykernel_launcher", *arguments]
    launch_new_instance()


def run_study(_: list[str], code: Code) -> None:
    """Run one study of several, as `python -m evalkit.runs.runner` does."""
    from evalkit.runs.runner import main as run

    run(code)


PROGRAMS: dict[str, Callable[[list[str], Code], None]] = {
    "worker": run_worker,
    "kernel": run_kernel,
    "runner": run_study,
}


@dataclass(slots=True)
class Server:
    """What is open: where requests come in, who waits for which child; and what was imported."""

    listener: socket.socket
    code: Code
    waiting: list[socket.socket] = field(default_factory=list)
    children: dict[int, socket.socket] = field(default_factory=dict)


def main() -> None:
    """Import, say `ready` (or why not), and serve until standard input closes."""
    os.environ.update(ONE_THREAD)
    gc.disable()  # hardly anything of what is imported becomes garbage
    code = read_code()
    import_all()
    _look_up_versions()
    _use_once()
    if not code.is_as_read():
        print("changed", flush=True)
        return
    if sum(1 for _ in Path(THREADS).iterdir()) > 1:
        print("threads", flush=True)
        return
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    gc.freeze()
    gc.enable()
    print("ready", flush=True)
    serve(Server(listener, code))


def import_all() -> None:
    """Import what notebooks and their runner import."""
    import_jsonschema()
    for name in PACKAGES:
        importlib.import_module(name)
        _end_if_alone()
    for name in WHEN_NEEDED:
        with suppress(ImportError):
            importlib.import_module(name)
    for room in ROOMS:
        package = importlib.import_module(f"evalkit.{room}")
        for module in pkgutil.iter_modules(package.__path__, f"evalkit.{room}."):
            importlib.import_module(module.name)
            _end_if_alone()


def _look_up_versions() -> None:
    """Learn once which versions are installed: to read it takes each run longer than to fork."""
    from evalkit.project import project_root
    from evalkit.record.hashes import installed_versions

    with suppress(EvalkitError):
        installed_versions(project_root())


def _use_once() -> None:
    from evalkit.runs.first_use import use_once

    use_once()


def _end_if_alone() -> None:
    """End where standard input has closed: whoever started the server was killed meanwhile."""
    if select.select([0], [], [], 0)[0]:
        os._exit(0)


def serve(server: Server) -> None:
    """Fork whoever is asked for, tell who ended, and kill whom nobody waits for any more."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, _notice)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        sockets: list[Any] = [server.listener, *server.waiting, *server.children.values()]
        ready = select.select([0, woken, *sockets], [], [])[0]
        if 0 in ready and not os.read(0, 1):
            _end(server)
            return
        if woken in ready:
            with suppress(BlockingIOError):
                os.read(woken, 1024)
        if server.listener in ready:
            server.waiting.append(server.listener.accept()[0])
        _drop_deserted(server, ready)
        for asking in [one for one in server.waiting if one in ready]:
            server.waiting.remove(asking)
            _answer(server, asking)
        _reap(server)


def _notice(_signal: int, _frame: FrameType | None) -> None:
    """Let the end of a child wake the loop."""


def _answer(server: Server, asking: socket.socket) -> None:
    """Fork the child that a request asks for, and tell its pid; none once the source is another."""
    line, files, _, _ = socket.recv_fds(asking, LONGEST_REQUEST, FILES)
    if not line or len(files) != FILES or not server.code.is_as_read():
        for file in files:
            os.close(file)
        asking.close()
        return
    pid = os.fork()
    if pid == 0:
        _become(server, asking, json.loads(line), files)
    for file in files:
        os.close(file)
    server.children[pid] = asking
    _tell(asking, {"pid": pid})


def _become(server: Server, asking: socket.socket, request: Any, files: list[int]) -> None:
    """Turn a fork of the server into the program asked for; never return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        for open_socket in (server.listener, asking, *server.waiting, *server.children.values()):
            open_socket.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.closerange(FILES, max(files) + 64)
        os.environ.clear()
        os.environ.update(request["env"])
        os.environ.update(ONE_THREAD)
        time.tzset()
        os.chdir(request["cwd"])
        _reseed()
        PROGRAMS[request["program"]](request["arguments"], server.code)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        with suppress(Exception):
            sys.stdout.flush()
        os._exit(code)


def _reseed() -> None:
    """Give a child random numbers of its own."""
    import numpy as np

    random.seed()
    np.random.seed()  # noqa: NPY002  (the state that every fork would share)


def _use_backend() -> None:
    """Let matplotlib, imported before the environment was known, take its backend from it."""
    import matplotlib as mpl

    chosen = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    mpl.rcParams["backend"] = chosen


def _drop_deserted(server: Server, ready: list[Any]) -> None:
    """Kill each child whose connection has been closed by the one that asked for it."""
    for pid, asked in server.children.items():
        if asked in ready and not _still_there(asked):
            _kill(pid)


def _still_there(asked: socket.socket) -> bool:
    try:
        return bool(asked.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _reap(server: Server) -> None:
    """Tell the exit code of each child that has ended, and forget it."""
    for pid in list(server.children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            asked = server.children.pop(pid)
            _tell(asked, {"returncode": os.waitstatus_to_exitcode(status)})
            asked.close()


def _tell(to: socket.socket, words: dict[str, int]) -> None:
    with suppress(OSError):
        to.sendall(json.dumps(words).encode() + b"\n")


def _end(server: Server) -> None:
    for pid in server.children:
        _kill(pid)
    with suppress(OSError):
        Path(sys.argv[1]).unlink()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
