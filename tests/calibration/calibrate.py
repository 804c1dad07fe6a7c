"""Measure how often the designs' intervals hold the truth, and write it down.

`make calibrate` asks each cell of cells.py 2,000 times on all cores. It can be stopped at any
time: finished chunks stand in chunks.csv with the hash of the code that made them, and are not
run again while that code is the same. Where it changed, a cell's first hundred seeds are asked
again; if every sum is as it was, the chunks stand for the new code too (same_answers.csv). A cell
whose coverage falls outside 93% to 97% is asked 10,000 times, and both figures are published.
`--estimate` times one simulation of each cell.
"""

import argparse
import os
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bounds import outside
from cells import CELLS, Cell
from chunks import CHUNKS, SAME, Chunk, Same, answers_alike, chunks_of, last_before, write_row
from code_hash import ROOT, SOURCE, code_of, study_of, world_of
from page import write_page

from evalkit.data.design_table import make_table
from evalkit.data.panel import make_panel
from evalkit.data.sources import Source
from evalkit.designs import lagged_panel
from evalkit.errors import AnalysisError
from evalkit.study.fields import StudyParameters
from evalkit.study.schema import StaffWellbeing
from evalkit.study.schemas.design_study import DesignStudy

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


def simulate(cell: Cell, seed: int) -> tuple[pd.Series | None, float, float]:
    """Answer one seed of one cell: the headline's row, the truth, the outcome's spread."""
    table, parameters, truth = make_case(cell, seed)
    spread = float(table["outcome"].std())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return answer(cell.design, table, parameters), truth, spread
    except AnalysisError:
        return None, truth, spread


def answer(design: str, table: pd.DataFrame, parameters: StudyParameters) -> pd.Series:
    """Return the headline's row; of a lagged panel without the comparisons that stand beside it."""
    if not isinstance(parameters, StaffWellbeing):
        module = import_module(f"evalkit.designs.{design}")
        headline: pd.Series = module.estimate(table, parameters).headline
        return headline
    row = lagged_panel.estimate_primary(table, parameters, "outcome")
    facet = parameters.outcome_facet
    return lagged_panel.as_table([row], parameters, outcome="outcome", facet=facet).iloc[0]


def make_case(cell: Cell, seed: int) -> tuple[pd.DataFrame, StudyParameters, float]:
    """Make the table that a study of this cell would read, its parameters and the truth."""
    made = import_module(world_of(cell)).make_world(cell.world, seed, **cell.size)
    parameters = study_of(cell.design).model_copy(update={"seed": seed, **cell.changes})
    table = read_world(made, parameters)
    if cell.alter:
        table = cell.alter(table, np.random.default_rng([seed, 1]))
    truth: Any = made.truth
    for step in cell.truth:
        truth = truth[step]
    return table, parameters, float(truth) * cell.times


def read_world(made: Any, parameters: StudyParameters) -> pd.DataFrame:
    """Make a design's table out of a world's, or the panel of its staff and patients."""

    def source(name: str, layout: str, frame: pd.DataFrame) -> Source:
        return Source(name, layout, "table", frame, "0" * 64, len(frame), True)

    if isinstance(parameters, DesignStudy):
        return make_table({"data": source("data", "cqc_survey", made.table)}, parameters)
    if not isinstance(parameters, StaffWellbeing):
        raise TypeError(f"{type(parameters).__name__} has no table of its own")
    staff = source("staff", "staff", made.staff)
    patient = source("patient", "cqc_survey", made.patients)
    return make_panel({"staff": staff, "patient": patient}, parameters)


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


Task = tuple[str, str, int, int]
"""A run of simulations to be done: cell, code, first seed, how many."""


def missing_chunks(cells: list[Cell], wanted: dict[str, int]) -> list[Task]:
    """List what is still to be run."""
    todo = []
    for cell in cells:
        code = code_of(cell)
        have = set(chunks_of(cell.key, code)["first_seed"])
        starts = range(FIRST_SEED, FIRST_SEED + wanted[cell.key], CHUNK)
        todo += [(cell.key, code, first, CHUNK) for first in starts if first not in have]
    return sorted(todo, key=lambda task: task[2])


def changed_cells(cells: list[Cell]) -> list[Task]:
    """List the first chunk of each cell that stands for other code only."""
    tasks = [(cell.key, code_of(cell), FIRST_SEED, CHUNK) for cell in cells]
    return [
        task for task in tasks if chunks_of(*task[:2]).empty and last_before(*task[:3]) is not None
    ]


def write_chunk(chunk: Chunk) -> None:
    """Write a chunk down, and whether it is as it was by the code before."""
    before = last_before(chunk.cell, chunk.code, chunk.first_seed)
    if before is not None and answers_alike(before, chunk):
        write_row(SAME, Same(chunk.cell, chunk.code, before.code, chunk.simulations))
    write_row(CHUNKS, chunk)


def run(tasks: list[Task], workers: int, until: float) -> None:
    """Run chunks until the time is up, writing each down as it ends."""
    waiting = iter(tasks)
    with ProcessPoolExecutor(workers) as pool:
        running = {pool.submit(run_chunk, *task) for task in islice(waiting, workers)}
        count = 0
        while running:
            ended = next(as_completed(running))
            running.discard(ended)
            write_chunk(ended.result())
            count += 1
            if count % 20 == 0:
                print(f"{count} of {len(tasks)} chunks", flush=True)
            if time.monotonic() < until and (task := next(waiting, None)) is not None:
                running.add(pool.submit(run_chunk, *task))


def summarise(cells: list[Cell]) -> pd.DataFrame:
    """One row a cell that has been asked by the present code, with Monte Carlo errors."""
    rows = []
    for cell in cells:
        mine = chunks_of(cell.key, code_of(cell))
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
        "code": code_of(cell),
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
    run(changed_cells(cells), options.workers, until)
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
