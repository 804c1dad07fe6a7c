"""Start and stop the report as its user does: a process of its own, on a free port."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = "import typer; from evalkit.cli.report import serve; typer.run(serve)"
PRIVATE_VALUE = "not-for-any-kernel"


@dataclass(frozen=True, slots=True)
class Server:
    """A running report: its address, its process and the file of its log."""

    address: str
    process: subprocess.Popen[str]
    log: Path


def start_server(released: Path, log: Path, *extra: str, project: Path = ROOT) -> Server:
    """Start the report with a secret in its environment, and wait until it names its address."""
    environment = {
        **os.environ,
        "EVALKIT_PROJECT": str(project),
        "DATABASE_PASSWORD": PRIVATE_VALUE,
    }
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", START, "--port", "0", "--released", str(released), *extra],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        )
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        if found:
            return Server(found.group(), process, log)
    raise AssertionError(f"The report did not start: {log.read_text()[-500:]}")


def stop_server(server: Server) -> int:
    """Stop it as a service manager does, and return its exit code."""
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(timeout=30)
    assert server.process.stdout is not None
    server.process.stdout.close()
    return code
