"""Kill runs and sweeps outright at random moments, and hold that each ends in the same record.

`make kills` does it at 20 moments of a run and 20 of a sweep of four runs, in small projects of
their own and with a copy of the source that nobody edits. After each kill no process may live on
for more than ten seconds, whatever lies under a final name must be whole, and what is run next
must end in records that are the same byte for byte. Writes tests/faults/kills.csv, a row a kill,
and goes on where it stopped; rows of other code of runs and sweeps are dropped. `kills.py run` and
`kills.py sweep` do one part each, and may run side by side.
"""

import argparse
import csv
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

import evalkit
from evalkit.cli.sweep import _find_parameters as find_parameters
from evalkit.errors import EvalkitError
from evalkit.record.hashes import hash_code, hash_files, hash_json
from evalkit.runs.listing import changed_files, list_runs, runs_folder
from evalkit.runs.lock import WORK_FOLDER
from evalkit.runs.run import run_study
from evalkit.runs.warm_process import warm_stack

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.runs.conftest import write_project  # noqa: E402

TABLE = Path(__file__).with_name("kills.csv")
POINTS, SEED = 20, 2_026
KINDS = ("run", "sweep")
STUDY = "staff_wellbeing"
RUNS_OF_A_SWEEP = 4
ORPHAN_SECONDS = 10
MANY_TRIES = 8
MAY_DIFFER = ("run.json", "notebook.ipynb")
"""Files of a run that hold its times."""
COMMAND = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run", "--quiet"]
FORKS = ("fork_server", "warm_")
"""Modules that a run of one study does without."""
SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when, as a share of the whole; runs sealed by then; how it ended."""

    code: str
    kind: str
    point: int
    moment: float
    sealed: int
    outcome: str


def main() -> int:
    """Make the kills that lack; return 1 if any was not survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="what to kill; all if none")
    parser.add_argument("--frozen", action="store_true", help="the source here is a copy already")
    options = parser.parse_args()
    if not options.frozen:
        return _with_frozen_source()
    done = {(row.kind, row.point) for row in read_kills() if row.code == code_of(row.kind)}
    with warm_stack() as warm:
        for kind in options.kinds or KINDS:
            left = [point for point in range(POINTS) if (kind, point) not in done]
            if not left:
                continue
            whole, reference = make_reference(kind)
            for point in left:
                moment = random.Random(f"{SEED} {kind} {point}").random()  # noqa: S311
                kill = survive(kind, point, (moment, whole), (reference, warm))
                add_kill(kill)
                print(*asdict(kill).values(), flush=True)
    return int(any(row.outcome != SURVIVED for row in read_kills()))


def _with_frozen_source() -> int:
    """Start again with a copy of the source: its hash stands in every record."""
    with tempfile.TemporaryDirectory(prefix="evalkit-kills-") as folder:
        copy = shutil.copytree(
            ROOT / "src", Path(folder) / "src", ignore=shutil.ignore_patterns("__pycache__")
        )
        environment = os.environ | {"PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--frozen", *sys.argv[1:]]
        return subprocess.run(command, env=environment).returncode


def code_of(kind: str) -> str:
    """Return the first digits of a hash of the code that makes runs, or sweeps of them."""
    folder = Path(evalkit.__file__).parent
    runs, sweeps = hash_files(folder / "runs"), hash_code(folder / "sweeps")
    own = {n: h for n, h in runs.items() if n.endswith(".py") and not n.startswith(FORKS)}
    return hash_json([own] if kind == "run" else [hash_code(folder / "runs"), sweeps])[:12]


def read_kills() -> list[Kill]:
    """Read the kills that were made."""
    if not TABLE.exists():
        return []
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kinds: Any = {field.name: field.type for field in fields(Kill)}
    return [Kill(**{name: kinds[name](text) for name, text in row.items()}) for row in rows]


def add_kill(kill: Kill) -> None:
    """Write a kill to those that were made with the same code, in order."""
    rows = [row for row in read_kills() if row.code == code_of(row.kind)]
    ordered = sorted([*rows, kill], key=lambda row: (row.kind, row.point))
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Kill)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in ordered)


def make_reference(kind: str) -> tuple[float, dict[str, dict[str, str]]]:
    """Run what nobody kills; return how long it takes, and the hashes of each study's files."""
    with tempfile.TemporaryDirectory(prefix="evalkit-kills-") as folder:
        root, path = write_task(Path(folder) / "project", kind)
        began = time.monotonic()
        if start(root, path).wait() != 0:
            raise SystemExit(f"kills: a {kind} that nobody killed failed. Run `make test`.")
        return time.monotonic() - began, files_of(root)


def survive(
    kind: str,
    point: int,
    when: tuple[float, float],
    after: tuple[dict[str, dict[str, str]], str | None],
) -> Kill:
    """Kill at a moment, and say whether all is well then and after the next run."""
    (moment, whole), (reference, warm) = when, after
    for _ in range(MANY_TRIES):
        with tempfile.TemporaryDirectory(prefix="evalkit-kills-") as folder:
            root, path = write_task(Path(folder) / "project", kind)
            process = start(root, path)
            time.sleep(moment * whole)
            if process.poll() is not None:  # it was faster than the reference: somewhat earlier
                moment *= 0.8
                continue
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            faults = [] if gone(root) else ["processes live on"]
            sealed = files_of(root)
            faults += [] if whole_under_final_names(root) else ["part of a run has a final name"]
            if any(sealed[study] != reference[study] for study in sealed):
                faults.append("a sealed run is not as it should be")
            go_on(root, path, warm)
            if files_of(root) != reference:
                faults.append("the next run gave another record")
            outcome = "; ".join(faults) or SURVIVED
            return Kill(code_of(kind), kind, point, round(moment, 3), len(sealed), outcome)
    return Kill(code_of(kind), kind, point, round(moment, 3), 0, "was never killed in time")


def write_task(root: Path, kind: str) -> tuple[Path, Path]:
    """Lay out a small project, and return it with the file to run in it."""
    write_project(root)
    path = root / "parameters" / f"{STUDY}.yml"
    if kind == "run":
        return root, path
    path = root / "parameters" / "sweeps" / "seeds.yml"
    path.parent.mkdir()
    seeds = list(range(1, RUNS_OF_A_SWEEP + 1))
    asked = {"sweep": "seeds", "base": f"../{STUDY}.yml", "grid": {"seed": seeds}}
    path.write_text(yaml.safe_dump(asked))
    return root, path


def start(root: Path, path: Path) -> "subprocess.Popen[bytes]":
    """Start `evalkit run` in a process that leads a group of its own."""
    return subprocess.Popen(
        [*COMMAND, str(path)],
        env=os.environ | {"EVALKIT_PROJECT": str(root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def go_on(root: Path, path: Path, warm: str | None) -> None:
    """Run the same again, by what the command calls; a fault shows in what is sealed."""
    os.environ["EVALKIT_PROJECT"] = str(root)
    for parameters in find_parameters([path], [])[0]:
        with suppress(EvalkitError):
            run_study(parameters, warm=warm)


def gone(root: Path, seconds: float = ORPHAN_SECONDS) -> bool:
    """Tell whether within these seconds no process was started for the project any more."""
    words = f"EVALKIT_PROJECT={root}".encode()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(words in _environment(path) for path in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.1)
    return False


def _environment(process: Path) -> bytes:
    """Return what a process was started with; nothing where it is gone or another's."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def files_of(root: Path) -> dict[str, dict[str, str]]:
    """Return, of each study with a sealed run, the hashes of the files that hold no time."""
    found = {}
    for run in list_runs(root):
        hashes = hash_files(run.folder)
        found[run.study] = {n: digest for n, digest in hashes.items() if n not in MAY_DIFFER}
    return found


def whole_under_final_names(root: Path) -> bool:
    """Tell whether every folder under a final name is a sealed run with all its files."""
    sealed = {run.folder: run for run in list_runs(root)}
    studies = [f for f in runs_folder(root).glob("*") if f.is_dir() and f.name != WORK_FOLDER]
    folders = [folder for study in studies for folder in study.iterdir() if folder.is_dir()]
    return all(f in sealed and not changed_files(sealed[f]) for f in folders)


if __name__ == "__main__":
    sys.exit(main())
