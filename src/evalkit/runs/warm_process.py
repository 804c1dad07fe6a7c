"""Ask a fork server for processes, and hold them as `subprocess.Popen` would."""

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from evalkit.runs.environment import kernel_environment

WARM_VARIABLE = "EVALKIT_WARM"
"""Names the fork server's socket, for a process that may ask it."""
_SERVER = "evalkit.runs.fork_server"
_QUIET_ALLOCATOR = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Keeps Arrow from starting a thread when it is imported."""


class WarmProcess:
    """A process that a fork server made; it is killed when this object's connection closes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._heard = connection, b""
        self.pid: int = self._next()["pid"]
        self.returncode: int | None = None
        self.stdin: BinaryIO | None = None
        self.stdout: BinaryIO | None = None
        self.stderr: BinaryIO | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        if self.returncode is None and self._readable(0.0):
            self._hear()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if until is None else max(until - time.monotonic(), 0.0)
            if not self._readable(left):
                raise subprocess.TimeoutExpired("warm process", timeout or 0.0)
            self._hear()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, if it is still there."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Want nothing more of the process: its server kills it, if it still runs."""
        self._connection.close()

    def _readable(self, seconds: float | None) -> bool:
        return b"\n" in self._heard or bool(select.select([self._connection], [], [], seconds)[0])

    def _hear(self) -> None:
        try:
            self.returncode = self._next()["returncode"]
        except (OSError, EOFError):  # the server is gone, and has killed what it made
            self.returncode = -signal.SIGKILL
        self._connection.close()

    def _next(self) -> dict[str, int]:
        while b"\n" not in self._heard:
            more = self._connection.recv(4096)
            if not more:
                raise EOFError
            self._heard += more
        line, self._heard = self._heard.split(b"\n", 1)
        told: dict[str, int] = json.loads(line)
        return told


def start_warm(
    program: str,
    arguments: Sequence[str],
    *,
    address: str,
    environment: Mapping[str, str],
    folder: Path,
    files: tuple[int, int, int],
) -> WarmProcess:
    """Ask the server at `address` for a program, with these files as its input and outputs.

    Raises OSError or EOFError where no server answers.
    """
    request = {
        "program": program,
        "arguments": list(arguments),
        "env": dict(environment),
        "cwd": str(folder),
    }
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        socket.send_fds(connection, [json.dumps(request).encode()], list(files))
        return WarmProcess(connection)
    except (OSError, EOFError):
        connection.close()
        raise


def start_piped(
    program: str,
    arguments: Sequence[str],
    *,
    address: str,
    environment: Mapping[str, str],
    folder: Path,
) -> WarmProcess:
    """Ask the server for a program that is written to and read from through pipes.

    Raises OSError or EOFError where no server answers.
    """
    its_input, to_it = os.pipe()
    from_it, its_output = os.pipe()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        made = start_warm(
            program,
            arguments,
            address=address,
            environment=environment,
            folder=folder,
            files=(its_input, its_output, nowhere),
        )
    except (OSError, EOFError):
        os.close(to_it)
        os.close(from_it)
        raise
    finally:
        for file in (its_input, its_output, nowhere):
            os.close(file)
    made.stdin, made.stdout = os.fdopen(to_it, "wb"), os.fdopen(from_it, "rb")
    return made


@contextmanager
def warm_stack(*, wanted: bool = True) -> Iterator[str | None]:
    """Start a fork server and yield its address; None where none is wanted or can be."""
    folder = Path(tempfile.mkdtemp(prefix="ekw"))
    server = _start(folder / "s") if wanted and sys.platform == "linux" else None
    try:
        yield str(folder / "s") if server is not None else None
    finally:
        if server is not None:
            server.communicate()  # closing its input ends it
        shutil.rmtree(folder, ignore_errors=True)


@cache
def own_stack() -> str | None:
    """Start a fork server for this process, once, that ends with it; None where there can be none.

    It ends also where this process is killed outright, since its input closes then.
    """
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(warm_stack())


def _start(address: Path) -> "subprocess.Popen[bytes] | None":
    """Start the server and wait until it has imported; None if it cannot fork safely."""
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", _SERVER, str(address)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kernel_environment(os.environ, _QUIET_ALLOCATOR),
        start_new_session=True,
    )
    assert server.stdout is not None  # noqa: S101  (given by PIPE)
    said = server.stdout.readline().strip()
    if said == b"ready":
        return server
    server.kill()
    server.communicate()
    return None
