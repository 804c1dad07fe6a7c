"""Make a sweep of a thousand runs on two Dask workers, kill one in the middle, count the records.

`make cluster` runs it (ten minutes or so on two quiet cores) and writes the section of
docs/performance.md. The project is small, with a notebook that goes through the real schema, runner
and seal and computes next to nothing. It ends with 1 if a record is missing, is there twice, is of
another run, or is not as it was sealed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from comparisons.machine import describe_measuring
from comparisons.page import describe_section, keep_section

from evalkit.runs.listing import SealedRun, changed_files, list_runs
from tests.runs.conftest import STUDY, write_project
from tests.runs.made_cluster import Machines, makes_a_run, start_machines

RUNS = 1000
PROGRAMS = ("dask", "distributed", "papermill", "ipykernel")
COMMAND = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run"]
SWEEP = "many"


def main() -> int:
    """Make the sweep, kill a worker, write the section, and say whether all records are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="of the sweep (%(default)s)")
    parser.add_argument("--note", default="", help="what else ran meanwhile, for the page")
    parser.add_argument("--print", action="store_true", help="print and write nothing")
    options = parser.parse_args()
    section: dict[str, Any] = describe_measuring(options.note, *PROGRAMS)
    with tempfile.TemporaryDirectory(prefix="evalkit-cluster-") as folder:
        told, kept = measure(Path(folder), options.runs)
    section["told"] = told
    print(describe_section(section))
    if not options.print:
        keep_section("cluster", section)
    return 0 if kept else 1


def measure(folder: Path, number: int) -> tuple[list[str], bool]:
    """Make the runs; the sentences, and whether each record is there once."""
    project, elsewhere = write_project(folder / "project"), folder / "elsewhere"
    elsewhere.mkdir()
    sweep = write_sweep(project, number)
    with start_machines(elsewhere) as machines:
        began = time.monotonic()
        process = subprocess.Popen(
            [*COMMAND, str(sweep), "--cluster", machines.address, "--json"],
            env=os.environ | {"EVALKIT_PROJECT": str(project)},
            cwd=project,
            stdout=subprocess.PIPE,
            text=True,
        )
        lines, at = follow(process, machines, number // 2)
        seconds = time.monotonic() - began
        killed = machines.workers[0].returncode == -signal.SIGKILL
    ended = [line for line in lines if "parameters" in line]
    faults = faults_of(list_runs(project), number)
    faults += [] if killed and at is not None else ["no worker was killed in the middle of a run"]
    counted = Counter(line["parameters"] for line in ended)
    faults += [] if len(counted) == len(ended) == number else ["not each run was told of once"]
    faults += [f"ended: {line['status']}" for line in ended if line["exit_code"]][:3]
    if process.returncode:
        faults.append(f"the command ended with {process.returncode}")
    return [tell(number, at or 0, seconds, faults)], not faults


def write_sweep(project: Path, number: int) -> Path:
    """Write a sweep of so many seeds."""
    path = project / "parameters" / f"{SWEEP}.yml"
    seeds = list(range(1, number + 1))
    values = {"sweep": SWEEP, "base": f"{STUDY}.yml", "grid": {"seed": seeds}}
    path.write_text(yaml.safe_dump(values), "utf-8")
    return path


def follow(
    process: "subprocess.Popen[str]", machines: Machines, middle: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Read what the command tells; once `middle` runs have ended, kill a worker in its next run.

    Also returns how many runs had ended when the worker was killed; None if it was not.
    """
    lines: list[dict[str, Any]] = []
    killed_at: list[int] = []

    def kill() -> None:
        victim = machines.workers[0]
        while process.poll() is None and not makes_a_run(victim.pid):
            time.sleep(0.05)
        killed_at.append(len(lines))
        victim.kill()
        victim.wait()

    assert process.stdout is not None
    for line in process.stdout:
        lines.append(json.loads(line))
        if len(lines) == middle:
            threading.Thread(target=kill, daemon=True).start()
        if len(lines) % 100 == 0:
            print(f"{len(lines)} runs have ended", file=sys.stderr)
    process.wait()
    return lines, next(iter(killed_at), None)


def faults_of(runs: Iterable[SealedRun], number: int) -> list[str]:
    """Say which records are missing, there twice, of another run, or not as sealed."""
    found = list(runs)
    counted = Counter(run.study for run in found)
    wanted = {f"{SWEEP}_{seed}" for seed in range(1, number + 1)}
    twice = [study for study, times in counted.items() if times > 1]
    other = [r.study for r in found if r.study != f"{SWEEP}_{r.record['parameters']['seed']}"]
    changed = [run.study for run in found if changed_files(run)]
    kinds = {
        "missing": wanted - counted.keys(),
        "not asked for": counted.keys() - wanted,
        "there twice": twice,
        "of another run": other,
        "not as sealed": changed,
    }
    return [f"{len(studies)} records are {kind}" for kind, studies in kinds.items() if studies]


def tell(number: int, at: int, seconds: float, faults: list[str]) -> str:
    """Say in a sentence how the sweep ended."""
    found = f"**{'; '.join(faults)}**" if faults else f"{number:,} records, none twice or missing"
    return (
        f"{number:,} runs on two workers, one killed in its run when {at:,} had ended: {found}. "
        f"{seconds:,.0f} s from the start of the command to its end, {seconds / number:.2f} s a run"
    )


if __name__ == "__main__":
    sys.exit(main())
