"""Sum up and regress 1, 10 and 50 million answers, and write the section of docs/performance.md.

`make scale` runs it (some minutes, and 250 MB of a temporary folder). It ends with 1 if a bound was
not kept.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))
from comparisons.machine import describe_measuring
from comparisons.page import describe_section, keep_section
from scale.answers import write_answers
from scale.regress import NAMES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STUDY = HERE / "scale" / "many_answers.yml"
MILLION = 1_000_000
SIZES = (1, 10, 50)
PROGRAMS = ("duckdb", "ibis-framework", "numpy", "pandas", "pyarrow", "pyfixest")
SAME = 1e-8
GIGABYTE = 2**30


@dataclass(frozen=True, slots=True)
class Task:
    """What is done, by which command, and the most seconds and memory it may take."""

    title: str
    command: list[str]
    seconds: float
    gigabytes: float


@dataclass(frozen=True, slots=True)
class Spent:
    """A process from start to end: seconds on the wall and of processors, and its most memory."""

    seconds: float
    processor: float
    gigabytes: float


def main() -> int:
    """Make the answers, measure, write the section, and say whether all bounds were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where answers lie, kept for another time")
    parser.add_argument("--calls", type=int, default=3, help="of each (%(default)s)")
    parser.add_argument("--note", default="", help="what else ran meanwhile, for the page")
    parser.add_argument("--print", action="store_true", help="print and write nothing")
    options = parser.parse_args()
    measuring = describe_measuring(options.note, *PROGRAMS)
    with tempfile.TemporaryDirectory() as made:
        told, kept = measure(options.folder or Path(made), options.calls)
    section = {**measuring, "told": told}
    print(describe_section(section))
    if not options.print:
        keep_section("scale", section)
    return 0 if kept else 1


def measure(folder: Path, calls: int) -> tuple[list[str], bool]:
    """Measure both tasks at every size; the sentences, and whether bounds were kept."""
    files = {size: make_answers(folder, size) for size in SIZES}
    told, kept = [], True
    for task in tasks(folder):
        spent = {size: [ask(task, files[size], folder) for _ in range(calls)] for size in SIZES}
        told.append(describe(task, spent))
        kept &= is_kept(task, spent)
    return [*told, agree(files[SIZES[0]])], kept


def tasks(folder: Path) -> list[Task]:
    """The two tasks, with their bounds at the largest size."""
    evalkit = str(Path(sys.executable).with_name("evalkit"))
    summed = str(folder / "summed.parquet")
    return [
        Task(
            "`evalkit data panel`, answers to a row a trust, month and group",
            [evalkit, "data", "panel", str(STUDY), summed, "--replace"],
            30,
            2,
        ),
        Task(
            "Regression of the answers on the programme, age and deprivation, with trust and month "
            "effects and errors by trust",
            [sys.executable, str(HERE / "scale" / "regress.py"), str(folder / "answers.parquet")],
            60,
            4,
        ),
    ]


def make_answers(folder: Path, size: int) -> Path:
    """Make a file of so many million answers, or take the one that is there."""
    path = folder / f"answers_{size * MILLION}.parquet"
    if not path.is_file():
        unfinished = path.with_suffix(".part")
        write_answers(unfinished, size * MILLION)
        unfinished.replace(path)
    return path


def ask(task: Task, file: Path, folder: Path) -> Spent:
    """Run a task's command on a file, in a process of its own."""
    link = folder / "answers.parquet"
    link.unlink(missing_ok=True)
    os.link(file, link)
    environment = os.environ | {"EVALKIT_DATA_ROOT": str(folder), "EVALKIT_PROJECT": str(ROOT)}
    began = time.perf_counter()
    process = subprocess.Popen(task.command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{task.title}: ended with {process.returncode}")
    processor = usage.ru_utime + usage.ru_stime
    return Spent(seconds, processor, usage.ru_maxrss * 1024 / GIGABYTE)


def agree(file: Path) -> str:
    """Check the regression from sums against one on every answer, by another program."""
    import pandas as pd
    import pyfixest
    from scale.answers import start_of_trust
    from scale.regress import regress

    ours = regress(file, start_of_trust())
    rows = pd.read_parquet(file)
    rows["on"] = (rows["programme"] & (rows["month"].astype(str) >= "2024-01")).astype(float)
    rows["deprived"] = rows["deprived"].astype(float)
    fit = pyfixest.feols(
        "score ~ on + age + deprived | trust + month", rows, vcov={"CRV1": "trust"}
    )
    for name, theirs in (("estimate", fit.coef()), ("error", fit.se())):
        for one, other in zip(ours[name], theirs.to_numpy(), strict=True):
            if abs(one - other) > SAME * abs(other):
                raise SystemExit(f"{name}: {one} is not {other}")
    return (
        f"{len(rows):,} answers: estimates and errors of {len(NAMES)} regressors from sums equal "
        "pyfixest's on every answer to 1e-8"
    )


def describe(task: Task, spent: dict[int, list[Spent]]) -> str:
    """Say what a task took at each size, and what it may take."""
    parts = [
        f"{size} million {median(one.seconds for one in calls):.2f} s "
        f"({min(one.seconds for one in calls):.2f} to {max(one.seconds for one in calls):.2f}; of "
        f"processors {median(one.processor for one in calls):.2f} s), "
        f"{max(one.gigabytes for one in calls):.2f} GB"
        for size, calls in spent.items()
    ]
    verdict = "kept" if is_kept(task, spent) else "**not kept**"
    bounds = f"{task.seconds:g} s and {task.gigabytes:g} GB at {max(spent)} million"
    return (
        f"{task.title}: {'; '.join(parts)}. At most {bounds}, and seconds growing no faster than "
        f"answers: {verdict}"
    )


def is_kept(task: Task, spent: dict[int, list[Spent]]) -> bool:
    """Say whether the largest size keeps its bounds, and growth is no worse than linear."""
    seconds = {size: median(one.seconds for one in calls) for size, calls in spent.items()}
    largest = max(spent)
    memory = max(one.gigabytes for one in spent[largest])
    linear = seconds[largest] <= seconds[min(spent)] * largest / min(spent)
    return seconds[largest] <= task.seconds and memory <= task.gigabytes and linear


if __name__ == "__main__":
    sys.exit(main())
