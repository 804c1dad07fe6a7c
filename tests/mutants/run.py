"""Break a copy of the code on purpose, patch by patch, and show which test notices.

Each `*.patch` here begins with lines of comment: what is broken, then `# tests: <paths for
pytest>`. A notebook among them is run under nbval. The tests must pass before any patch; a
patch that does not apply, or that no test catches, fails the whole.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
NBVAL = "@tests/nbval.args"
TIME_LIMIT = 600
NOT_OURS = ("EVALKIT_PROJECT", "EVALKIT_STAGING")


@dataclass(frozen=True)
class Mutant:
    """A patch, what it breaks in words, and the tests that should notice."""

    path: Path
    breaks: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How pytest ended: how many passed, which failed, and what kept it from running."""

    passed: int
    failed: tuple[str, ...]
    fault: str = ""


def main() -> int:
    """Try every mutant, or those named as arguments; return 0 if each was caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mutants", nargs="*", help="names of patches (all)")
    wanted = [HERE / f"{Path(name).stem}.patch" for name in parser.parse_args().mutants]
    mutants = [read_mutant(path) for path in wanted or sorted(HERE.glob("*.patch"))]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        pristine = Path(folder) / "pristine"
        copy_tree(pristine)
        print(f"{len(mutants)} mutants; first the named tests as the code stands ...", flush=True)
        fault = fault_unpatched(mutants, pristine)
        if fault:
            print(f"make mutants: the tests do not pass unpatched: {fault}")
            return 1
        caught = [try_mutant(mutant, pristine, Path(folder) / "copy") for mutant in mutants]
    print(f"make mutants: {sum(caught)} of {len(mutants)} caught.")
    return 0 if mutants and all(caught) else 1


def read_mutant(path: Path) -> Mutant:
    """Read a patch's comment lines."""
    head = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    tests = [line.removeprefix("tests:").split() for line in head if line.startswith("tests:")]
    words = " ".join(line for line in head if not line.startswith("tests:"))
    if not words or len(tests) != 1 or not tests[0]:
        raise SystemExit(
            f"{path.name}: begin with `# what is broken` and one line `# tests: <paths>`."
        )
    return Mutant(path, words, tuple(tests[0]))


def copy_tree(target: Path) -> None:
    """Copy the working tree as git sees it, changes included, without what git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


def fault_unpatched(mutants: list[Mutant], copy: Path) -> str:
    """Run all the named tests once on unbroken code; return what is wrong, or nothing."""
    for tests in sorted({mutant.tests for mutant in mutants}):
        outcome = run_tests(tests, copy)
        if outcome.fault or outcome.failed or not outcome.passed:
            why = outcome.fault or ", ".join(outcome.failed) or "nothing ran"
            return f"{' '.join(tests)} ({why})"
    return ""


def try_mutant(mutant: Mutant, pristine: Path, copy: Path) -> bool:
    """Apply one patch to a new copy, run its tests, and print what came of it."""
    shutil.copytree(pristine, copy)
    try:
        if not applies(mutant.path, copy):
            return report(mutant, "patch does not apply")
        outcome = run_tests(mutant.tests, copy)
    finally:
        shutil.rmtree(copy)
    if outcome.fault:
        return report(mutant, f"NOT CAUGHT by a test: {outcome.fault}")
    if not outcome.failed:
        return report(mutant, f"NOT CAUGHT ({outcome.passed} tests passed)")
    return report(mutant, f"caught by {first_few(outcome.failed)}", caught=True)


def applies(patch: Path, copy: Path) -> bool:
    """Apply a patch with git, outside any repository; tell whether it fitted."""
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(copy.parent)}
    command = ["git", "apply", "--whitespace=nowarn", str(patch)]
    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stderr.strip())
    return run.returncode == 0


def run_tests(tests: tuple[str, ...], copy: Path) -> Outcome:
    """Run tests of a copy on the copy's own code."""
    environment = environment_of(copy)
    if fault := fault_of_import(copy, environment):
        return Outcome(0, (), fault)
    results = copy / "mutant-results.xml"
    results.unlink(missing_ok=True)
    nbval = [NBVAL] if any(".ipynb" in test for test in tests) else []
    options = ["-q", "-p", "no:cacheprovider", *nbval, f"--junitxml={results}"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        run = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        return Outcome(0, (), f"no end after {TIME_LIMIT} s")
    if run.returncode not in (0, 1):
        return Outcome(0, (), f"pytest ended with {run.returncode}: {last_line(run.stdout)}")
    return read_results(results)


def environment_of(copy: Path) -> dict[str, str]:
    """Put the copy's code first for this process and its kernels, and keep real data in reach."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)}
    data = ROOT.parent / "shared" / "data"
    if data.is_dir():
        environment.setdefault("EVALKIT_DATA_ROOT", str(data))
    return environment | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def fault_of_import(copy: Path, environment: dict[str, str]) -> str:
    """Return what is wrong if Python would not import the copy's evalkit."""
    code = "import evalkit; print(evalkit.__file__)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if run.returncode != 0:
        return f"evalkit cannot be imported: {last_line(run.stderr)}"
    found = Path(run.stdout.strip())
    return "" if found.is_relative_to(copy / "src") else f"evalkit came from {found}"


def read_results(results: Path) -> Outcome:
    """Read pytest's own account of which tests passed and failed."""
    passed, failed = 0, []
    for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 (pytest wrote it)
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif "skipped" not in kinds:
            passed += 1
    return Outcome(passed, tuple(failed))


def first_few(names: tuple[str, ...], most: int = 3) -> str:
    """Name a few tests, and say how many more there are."""
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def report(mutant: Mutant, words: str, *, caught: bool = False) -> bool:
    """Print one mutant's line, and pass on whether it was caught."""
    print(f"{mutant.path.stem}: {mutant.breaks}\n  {words}", flush=True)
    return caught


if __name__ == "__main__":
    sys.exit(main())
