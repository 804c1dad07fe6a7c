"""Measure how often the designs' intervals hold the truth, and write it down.

`make calibrate` asks each cell of cells.py 2,000 times on all cores. It can be stopped at any
time: finished chunks stand in chunks.csv with the hash of the code that made them, and are not
run again while that code is the same. A cell whose coverage falls outside 93% to 97% is asked
10,000 times, and both figures are published. `--estimate` times one simulation of each cell.
"""

import argparse
import ast
import csv
import hashlib
import inspect
import os
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bounds import outside
from cells import CELLS, Cell
from page import write_page

from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.errors import AnalysisError
from evalkit.study import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "evalkit"
CHUNKS = Path(__file__).with_name("chunks.csv")
TABLE = SOURCE / "findings" / "measured_coverage.csv"
FIRST_SEED, CHUNK = 500_000, 100
FEW, MANY = 2_000, 10_000
FIGURES = (
    "design",
    "cell",
    "code",
    "simulations",
    "refused",
    "truth",
    "coverage",
    "coverage_error",
    "rejected",
    "rejected_error",
    "bias_in_sd",
    "bias_error",
    "error_ratio",
    "error_ratio_error",
    "milliseconds",
)
"""Columns of the table of figures; without a figure it is a header alone."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one run of simulations added up to; `refused` were not estimated, with a message."""

    cell: str
    code: str
    first_seed: int
    simulations: int
    refused: int
    covered: int
    rejected: int
    truth: float
    sum_estimate: float
    sum_squares: float
    sum_error: float
    outcome_sd: float
    seconds: float


def simulate(cell: Cell, seed: int) -> tuple[pd.Series | None, float, float]:
    """Answer one seed of one cell: the headline's row, the truth, the outcome's spread."""
    table, parameters, truth = make_case(cell, seed)
    design = import_module(f"evalkit.designs.{cell.design}")
    spread = float(table["outcome"].std())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return design.estimate(table, parameters).headline, truth, spread
    except AnalysisError:
        return None, truth, spread


def make_case(cell: Cell, seed: int) -> tuple[pd.DataFrame, DesignStudy, float]:
    """Make the table that a study of this cell would read, its parameters and the truth."""
    worlds = import_module(f"evalkit.synthetic.design_worlds.{cell.design}")
    made = worlds.make_world(cell.world, seed, **cell.size)
    parameters = study_of(cell.design).model_copy(update={"seed": seed, **cell.changes})
    source = Source("data", "cqc_survey", "table", made.table, "0" * 64, len(made.table), True)
    table = make_table({"data": source}, parameters)
    if cell.alter:
        table = cell.alter(table, np.random.default_rng([seed, 1]))
    truth: Any = made.truth
    for step in cell.truth:
        truth = truth[step]
    return table, parameters, float(truth)


@cache
def study_of(design: str) -> DesignStudy:
    """Return the embedded study's parameters."""
    loaded = load_parameters(ROOT / "parameters" / f"{design}.yml")
    if not isinstance(loaded, DesignStudy):
        raise TypeError(f"{design} is not a study of a design")
    return loaded


def run_chunk(key: str, code: str, first: int, count: int) -> Chunk:
    """Simulate `count` seeds from `first` on and add them up."""
    os.environ["OMP_NUM_THREADS"] = "1"
    cell = next(c for c in CELLS if c.key == key)
    began = time.perf_counter()
    found = [simulate(cell, seed) for seed in range(first, first + count)]
    rows = [(row, truth) for row, truth, _ in found if row is not None]
    estimates = np.array([row["estimate"] for row, _ in rows])
    return Chunk(
        cell=key,
        code=code,
        first_seed=first,
        simulations=count,
        refused=count - len(rows),
        covered=sum(bool(row["conf_low"] <= truth <= row["conf_high"]) for row, truth in rows),
        rejected=sum(bool(row["conf_low"] > 0 or row["conf_high"] < 0) for row, _ in rows),
        truth=sum(truth for _, truth in rows) / max(len(rows), 1),
        sum_estimate=float(sum(row["estimate"] - truth for row, truth in rows)),
        sum_squares=float(sum((row["estimate"] - truth) ** 2 for row, truth in rows)),
        sum_error=float(sum(row["std_error"] for row, _ in rows)) if len(estimates) else 0.0,
        outcome_sd=float(np.mean([spread for _, _, spread in found])),
        seconds=round(time.perf_counter() - began, 3),
    )


def code_of(cell: Cell) -> str:
    """Hash what a cell's answer depends on: statements of its design and world, and its own terms.

    Of code, what is computed counts: not imports, docstrings or comments, and not the modules that
    only put remarks in words (`*_remarks.py`, `*_words.py`). Of the study's parameters, every one
    but names, texts and files.
    """
    roots = [f"evalkit.designs.{cell.design}", f"evalkit.synthetic.design_worlds.{cell.design}"]
    digest = hashlib.sha256()
    for path in sorted({p for root in roots for p in imported(root)}):
        if not path.stem.endswith(("_remarks", "_words")):
            digest.update(statements_of(path).encode())
    alter = inspect.getsource(cell.alter) if cell.alter else ""
    closed = repr(inspect.getclosurevars(cell.alter).nonlocals) if cell.alter else ""
    own = (cell.world, cell.size, cell.changes, cell.truth, alter, closed, choices_of(cell.design))
    digest.update(repr(own).encode())
    return digest.hexdigest()[:12]


def choices_of(design: str) -> dict[str, Any]:
    """Return the embedded study's parameters that are no names, texts or files."""
    values = study_of(design).model_dump(mode="json")
    texts = ("study", "title", "question", "population", "estimand")
    outside = (*texts, "co_production", "alternatives")
    ends = ("_name", "_unit", "_file", "_columns", "_profile", "_connection", "_query", "_layout")
    return {k: v for k, v in values.items() if k not in outside and not k.endswith(ends)}


@cache
def statements_of(path: Path) -> str:
    """Write out a module's statements alone: no imports, docstrings, comments or layout."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(getattr(node, "body", None), list):
            continue
        kept = [one for one in node.body if not _says_nothing(one)]
        node.body = kept or [ast.Pass()]
    return ast.dump(tree)


def _says_nothing(node: ast.stmt) -> bool:
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return words or isinstance(node, ast.Import | ast.ImportFrom)


@cache
def imported(module: str) -> frozenset[Path]:
    """Return the files of evalkit that a module reaches by imports, its own among them."""
    reached: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = ROOT / "src" / Path(*name.split("."))
        file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        if not file.exists() or file in reached:
            continue
        reached.add(file)
        waiting += [found for found in imports_of(file) if found.startswith("evalkit.")]
    return frozenset(f for f in reached if f.relative_to(SOURCE).parts[0] in COMPUTES)


COMPUTES = {"designs", "fits", "inference", "sensitivity", "synthetic"}


def imports_of(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def read_chunks() -> pd.DataFrame:
    """Return the chunks that stand, made by whatever code."""
    fields = list(Chunk.__dataclass_fields__)
    return (
        pd.read_csv(CHUNKS, dtype={"code": str})
        if CHUNKS.exists()
        else pd.DataFrame(columns=fields)
    )


def missing_chunks(cells: list[Cell], wanted: dict[str, int]) -> list[tuple[str, str, int, int]]:
    """List what is still to be run: cell, code, first seed, simulations."""
    done = read_chunks()
    todo = []
    for cell in cells:
        code = code_of(cell)
        have = set(done.loc[(done["cell"] == cell.key) & (done["code"] == code), "first_seed"])
        starts = range(FIRST_SEED, FIRST_SEED + wanted[cell.key], CHUNK)
        todo += [(cell.key, code, first, CHUNK) for first in starts if first not in have]
    return sorted(todo, key=lambda task: task[2])


def run(tasks: list[tuple[str, str, int, int]], workers: int, until: float) -> None:
    """Run chunks until the time is up, writing each down as it ends."""
    if not CHUNKS.exists():
        CHUNKS.write_text(",".join(Chunk.__dataclass_fields__) + "\n", "utf-8")
    waiting = iter(tasks)
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(run_chunk, *task) for task in islice(waiting, workers)}
        count = 0
        while running:
            ended = next(as_completed(running))
            running.discard(ended)
            with CHUNKS.open("a", encoding="utf-8", newline="") as file:
                row = asdict(ended.result())
                csv.DictWriter(file, list(row), lineterminator="\n").writerow(row)
            count += 1
            if count % 20 == 0:
                print(f"{count} of {len(tasks)} chunks", flush=True)
            if time.monotonic() < until and (task := next(waiting, None)) is not None:
                running.add(pool.submit(run_chunk, *task))


def summarise(cells: list[Cell]) -> pd.DataFrame:
    """One row a cell that has been asked by the present code, with Monte Carlo errors."""
    chunks = read_chunks()
    rows = []
    for cell in cells:
        mine = chunks[(chunks["cell"] == cell.key) & (chunks["code"] == code_of(cell))]
        for size in (FEW, MANY):
            part = mine[mine["first_seed"] < FIRST_SEED + size]
            if size == FEW or len(part) * CHUNK > FEW:
                rows.append(_row(cell, part))
    return pd.DataFrame([row for row in rows if row], columns=FIGURES)


def _row(cell: Cell, part: pd.DataFrame) -> dict[str, Any]:
    simulations = int(part["simulations"].sum())
    answered = simulations - int(part["refused"].sum())
    if not answered:
        return {}
    bias = part["sum_estimate"].sum() / answered
    sd = float(np.sqrt(max(part["sum_squares"].sum() / answered - bias**2, 0)))
    coverage, truth = part["covered"].sum() / answered, float(part["truth"].mean())
    rejected = part["rejected"].sum() / answered
    has_error = sd > 0 and not cell.placebo
    return {
        "design": cell.design,
        "cell": cell.name,
        "code": part["code"].iloc[0],
        "simulations": simulations,
        "refused": simulations - answered,
        "truth": round(truth, 4),
        "coverage": round(coverage, 4),
        "coverage_error": round(float(np.sqrt(coverage * (1 - coverage) / answered)), 4),
        "rejected": round(rejected, 4),
        "rejected_error": round(float(np.sqrt(rejected * (1 - rejected) / answered)), 4),
        "bias_in_sd": round(bias / float(part["outcome_sd"].mean()), 4),
        "bias_error": round(sd / np.sqrt(answered) / float(part["outcome_sd"].mean()), 4),
        "error_ratio": round(part["sum_error"].sum() / answered / sd, 4) if has_error else np.nan,
        "error_ratio_error": round(1 / np.sqrt(2 * answered), 4) if has_error else np.nan,
        "milliseconds": round(1000 * part["seconds"].sum() / simulations, 1),
    }


def main() -> None:
    """Run what is missing, ask failing cells again, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="designs, or cells as design/cell")
    parser.add_argument("--simulations", type=int, default=FEW)
    parser.add_argument("--minutes", type=float, default=24 * 60)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--estimate", action="store_true")
    options = parser.parse_args()
    cells = [c for c in CELLS if not options.only or {c.design, c.key} & set(options.only)]
    if options.estimate:
        estimate_cost(cells)
        return
    until = time.monotonic() + 60 * options.minutes
    wanted = dict.fromkeys((c.key for c in cells), options.simulations)
    run(missing_chunks(cells, wanted), options.workers, until)
    table = summarise(cells)
    if options.simulations == FEW and not table.empty:
        failing = {f"{r['design']}/{r['cell']}" for _, r in table.iterrows() if outside(r)}
        again = [c for c in cells if c.key in failing]
        run(
            missing_chunks(again, dict.fromkeys((c.key for c in again), MANY)),
            options.workers,
            until,
        )
    everything = summarise(list(CELLS))
    if not everything.empty:
        everything.to_csv(TABLE, index=False, lineterminator="\n")
    print(summarise(cells).to_string(index=False))
    print(f"figures in {write_page().relative_to(ROOT)}")


def estimate_cost(cells: list[Cell]) -> None:
    """Time a few simulations of each cell and add up what all would take."""
    total = 0.0
    for cell in cells:
        simulate(cell, FIRST_SEED)
        began = time.perf_counter()
        found = [simulate(cell, FIRST_SEED + s)[0] for s in range(1, 6)]
        each = (time.perf_counter() - began) / 5
        total += each * FEW / 3600
        print(f"{cell.key}: {1000 * each:.0f} ms, {sum(f is None for f in found)} of 5 refused")
    print(f"{total:.2f} core-hours for {FEW} simulations of each cell")


if __name__ == "__main__":
    main()
