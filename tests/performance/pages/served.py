"""Two servers over the same releases: ours, and a plain Voila notebook with the statistics."""

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = "/usr/bin/chromium"
STATISTICS = "import pandas, seaborn, pingouin, linearmodels\n"
_SERVED = runpy.run_path(str(ROOT / "tests" / "reports" / "served.py"))
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address and its process."""

    address: str
    process: int

    def kernels(self) -> list[int]:
        """Return the processes of its kernels."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process)],
            capture_output=True,
            check=False,
        )
        return [int(number) for number in listed.stdout.split()]

    def megabytes(self) -> float:
        """Return what its kernels hold, each page of memory counted once (PSS)."""
        return sum(map(_megabytes, self.kernels()))


def _megabytes(process: int) -> float:
    try:
        held = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", held, re.MULTILINE)
    return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def serve_ours(released: Path, log: Path, *options: str) -> Iterator[Served]:
    """Serve as `evalkit serve` does."""
    running = _SERVED["start_server"](released, log, *options)
    try:
        yield Served(running.address, running.process.pid)
    finally:
        _SERVED["stop_server"](running)


@contextmanager
def serve_plain(released: Path, folder: Path) -> Iterator[Served]:
    """Serve the same notebook by stock Voila; its first cell imports the statistics stack too."""
    notebook = json.loads((ROOT / "reports" / "study.ipynb").read_text("utf-8"))
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    first["source"] = [STATISTICS, *first["source"]]
    path = folder / "study.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", str(path), "--no-browser", f"--port={port}"]
    started = subprocess.Popen(
        command,
        env={**os.environ, "EVALKIT_RELEASED": str(released)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield Served(f"http://127.0.0.1:{port}/", started.pid)
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(timeout=30)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("The plain Voila server did not start.")
