"""Make `.venv` from requirements.lock and put evalkit into it; do nothing that is done already."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
LOG = VENV / "install.log"


def main() -> int:
    """Bring the environment up to date; return 0, or 6 after one clear message."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    fault = fault_of_interpreter(
        sys.version_info[:2], has_module("venv") and has_module("ensurepip")
    )
    if fault:
        print(fault, file=sys.stderr)
        return 6
    if not interpreter_works():
        print(
            f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]} ...", flush=True
        )
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode != 0:
            print(".venv: could not be made; Python's own message stands above.", file=sys.stderr)
            return 6
    lock = ["--require-hashes", "-r", "requirements.lock"]
    project = ["--no-deps", "--no-build-isolation", "-e", "."]
    return install("packages", LOCK, lock) or install("evalkit", PROJECT, project)


def fault_of_interpreter(version: tuple[int, ...], can_make_environments: bool) -> str | None:
    """Say what keeps this Python from serving, and what to do; None if nothing does."""
    if version < OLDEST:
        return (
            f"python: version {version[0]}.{version[1]} is too old. Install Python 3.11 or newer, "
            "then run for example `make study PYTHON=python3.11`."
        )
    if not can_make_environments:
        return (
            "python: the module venv is missing. Install it (on Debian and Ubuntu the package "
            "python3-venv), then run the same command again."
        )
    return None


def has_module(name: str) -> bool:
    """Tell whether this interpreter can import a module."""
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def venv_python() -> Path:
    """Return the environment's interpreter."""
    return VENV / "bin" / "python"


def interpreter_works() -> bool:
    """Tell whether .venv has a Python that starts and is new enough."""
    code = f"import pip, sys; sys.exit(sys.version_info[:2] < {OLDEST})"
    try:
        return subprocess.run([str(venv_python()), "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def install(what: str, source: Path, arguments: list[str]) -> int:
    """Install from `source` unless it was done; return 0, or 6 after a message.

    The stamp holds the hash of the file and of the folder, as a moved project needs it again.
    """
    stamp = VENV / f"installed-{what}"
    digest = hashlib.sha256(source.read_bytes() + bytes(ROOT)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return 0
    stamp.unlink(missing_ok=True)
    print(f"Installing {what} from {source.name} ...", flush=True)
    if run_pip(arguments) != 0:
        print(
            f"pip: {what} could not be installed. The end of its log stands above, all of it in "
            f"{LOG.relative_to(ROOT)}. Check the network and the disk, then run the same "
            "command again.",
            file=sys.stderr,
        )
        return 6
    stamp.write_text(digest)
    return 0


def run_pip(arguments: list[str]) -> int:
    """Run pip with its words in a log, a count of packages on screen, and on failure the end."""
    command = [str(venv_python()), "-m", "pip", "install", *arguments]
    lines: list[str] = []
    seen = 0
    with LOG.open("w", encoding="utf-8") as log:
        pip = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in pip.stdout or ():
            log.write(line)
            lines.append(line)
            found = line.startswith(("Collecting ", "Processing "))
            seen += found
            if found and seen % 25 == 0:
                print(f"  {seen} packages fetched", flush=True)
            if line.startswith("Installing collected packages") and seen:
                print("  unpacking (this takes a minute or two the first time)", flush=True)
        pip.wait()
    if pip.returncode != 0:
        print("".join(lines[-12:]), file=sys.stderr)
    return pip.returncode


if __name__ == "__main__":
    sys.exit(main())
