"""A PostgreSQL server of the tests' own, from the system's package: made, started and ended."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WAIT = 60
USER = "evaluator"
SUPPOSED = Path("/usr/lib/postgresql")
SETTINGS = {"listen_addresses": "127.0.0.1", "fsync": "off", "log_min_messages": "panic"}


def find_programs() -> Path:
    """Return the folder of the newest server's programs, or skip."""
    folders = [path.parent for path in SUPPOSED.glob("*/bin/postgres")]
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    if not folders:
        pytest.skip("postgresql: install Debian's package postgresql to run this test")
    return max(folders, key=lambda path: [int(n) for n in path.parts if n.isdigit()])


@contextmanager
def start_server() -> Iterator[str]:
    """Start a server with an empty database; yield its address, which holds a secret."""
    programs, port, secret = find_programs(), free_port(), secrets.token_hex(8)
    owner = as_nobody()
    folder = Path(tempfile.mkdtemp(prefix="evalkit-postgres-"))
    server = None
    try:
        written = folder / "secret"
        written.write_text(secret)
        if owner:
            shutil.chown(folder, **owner)
            shutil.chown(written, **owner)
        make = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER, "--no-sync"]
        make += ["-A", "scram-sha-256", "--pwfile", str(written), "-E", "UTF8", "--locale", "C"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, **owner)
        options = [f"-p{port}", f"-k{folder}", *(f"-c{n}={value}" for n, value in SETTINGS.items())]
        server = subprocess.Popen(
            [
                str(programs / "postgres"),
                f"-D{folder / 'data'}",
                f"-p{port}",
                f"-k{folder}",
                *options,
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **owner,
        )
        address = f"postgres://{USER}:{secret}@127.0.0.1:{port}/postgres"
        wait_for(address)
        yield address
    finally:
        if server is not None:
            server.terminate()
            server.wait(timeout=WAIT)
        shutil.rmtree(folder, ignore_errors=True)


def as_nobody() -> dict[str, str]:
    """Say as whom the server runs: root may not run it."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(address: str) -> None:
    """Wait until the server answers."""
    import psycopg

    until = time.monotonic() + WAIT
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
