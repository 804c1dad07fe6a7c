"""Run the tests, then every notebook from a fresh kernel, and say in one line how both ended."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
TWO_WORKERS = ["-n", "2", "--dist", "loadscope"]
IN_OUR_ORDER = "--no-loadscope-reorder"
"""Else files of few tests come last, and one that takes minutes may run alone in the end."""
NBVAL = [*TWO_WORKERS, "-p", "tests.nbval_staging", "-p", "no:cacheprovider", "@tests/nbval.args"]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Numeric threads of each of two workers."""
OK, NOTHING_COLLECTED = 0, 5


def main() -> int:
    """Run both stages, whatever the first one says; return 0 only if both passed."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    began = time.monotonic()
    tests = run_tests()
    notebooks = run_notebooks()
    words = f"tests: {in_words(tests)}; notebooks: {in_words(notebooks)}"
    minutes = (time.monotonic() - began) / 60
    print(f"make test: {words} ({minutes:.1f} minutes).", flush=True)
    return OK if tests == OK and notebooks in (OK, None) else 1


def run_tests() -> int:
    """Run tests/ on two workers; return pytest's exit code."""
    command = [*PYTEST, *TWO_WORKERS, IN_OUR_ORDER, "tests"]
    return subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD).returncode


def run_notebooks() -> int | None:
    """Run notebooks/ under nbval, two at a time, writing to temporary folders; None if none is."""
    if not any((ROOT / "notebooks").glob("*.ipynb")):
        return None
    with tempfile.TemporaryDirectory(prefix="evalkit-") as folder:
        environment = os.environ | ONE_THREAD | {"EVALKIT_STAGING": folder}
        command = [*PYTEST, *NBVAL, "notebooks"]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


def in_words(code: int | None) -> str:
    """Turn pytest's exit code into words."""
    if code is None:
        return "none to run"
    if code == NOTHING_COLLECTED:
        return "FAILED (nothing was collected)"
    return "passed" if code == OK else f"FAILED (pytest ended with {code})"


if __name__ == "__main__":
    sys.exit(main())
