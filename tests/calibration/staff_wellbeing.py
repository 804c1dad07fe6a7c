"""Measure how the workbench answers in worlds whose truth is known, and write it down.

`make calibrate` runs 200 seeds of each world on all cores (about 20 minutes on two) and writes
docs/reliability.md. It can be stopped at any time: finished seeds are kept in
tests/calibration/seeds.csv and not run again; delete that file to measure anew.
"""

import argparse
import csv
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from page import write_page

from evalkit.checks.staff_wellbeing import check_all
from evalkit.data.panel import make_panel, panel_coverage
from evalkit.data.sources import Source
from evalkit.designs import facets, lagged_panel, within_mediation
from evalkit.findings.lagged_panel import conclude
from evalkit.results import pick_row
from evalkit.study import load_parameters
from evalkit.synthetic.worlds import WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS_FILE = Path(__file__).with_name("seeds.csv")
FIRST_SEED = 1000
FIELDS = (
    *("world", "seed", "claim", "estimate", "std_error", "covers", "within_covers"),
    *("relational_covers", "functional_covers", "felt_covers", "indirect", "indirect_covers"),
    "order",
)


def run_seed(world: str, seed: int) -> dict[str, Any]:
    """Answer one seed of one world by the study's own functions."""
    parameters = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    parameters = parameters.model_copy(update={"bootstrap_draws": 399})
    made = make_world(world, seed)
    tables = {
        "staff": Source("staff", "staff", "table", made.staff, "0" * 64, len(made.staff), True),
        "patient": Source(
            "patient", "cqc_survey", "table", made.patients, "0" * 64, len(made.patients), True
        ),
    }
    panel = make_panel(tables, parameters)
    result = lagged_panel.estimate(panel, parameters)
    coverage = panel_coverage(tables, parameters)
    checks, _ = check_all(panel, coverage, result, parameters)
    finding = conclude(panel, result, checks, parameters)
    mediated = pick_row(within_mediation.estimate(panel, parameters).estimates, path="indirect")
    by_facet = facets.estimate(panel, parameters).estimates
    step, causes = parameters.exposure_step, WORLDS[world]
    per_facet = {"relational": 1.5, "functional": 0.5, "felt": 1.0}
    effect, indirect = causes.effect * step, causes.effect * causes.mediated * step
    return {
        "world": world,
        "seed": seed,
        "claim": finding.claim,
        "estimate": result.headline["estimate"],
        "std_error": result.headline["std_error"],
        "covers": _holds(result.headline, effect),
        "within_covers": _holds(pick_row(result.estimates, method="within"), effect),
        **{
            f"{facet}_covers": _holds(pick_row(by_facet, facet=facet), effect * share)
            for facet, share in per_facet.items()
        },
        "indirect": mediated["estimate"],
        "indirect_covers": _holds(mediated, indirect),
        "order": next(c.verdict for c in checks if c.name == "order"),
    }


def _holds(row: pd.Series, truth: float) -> bool:
    return bool(row["conf_low"] <= truth <= row["conf_high"])


def run_all(worlds: list[str], seeds: int, workers: int) -> None:
    """Run what is missing, writing each seed down as it ends."""
    done = set()
    if SEEDS_FILE.exists():
        seen = pd.read_csv(SEEDS_FILE, keep_default_na=False)
        done = set(zip(seen["world"], seen["seed"], strict=True))
    else:
        SEEDS_FILE.write_text(",".join(FIELDS) + "\n", encoding="utf-8")
    wanted = [(w, FIRST_SEED + s) for s in range(seeds) for w in worlds]
    missing = [task for task in wanted if task not in done]
    print(f"{len(wanted) - len(missing)} of {len(wanted)} seeds were done before", flush=True)
    with ProcessPoolExecutor(workers) as pool:
        tasks = [pool.submit(run_seed, *task) for task in missing]
        for count, task in enumerate(as_completed(tasks), start=1):
            with SEEDS_FILE.open("a", encoding="utf-8", newline="") as file:
                csv.DictWriter(file, FIELDS, lineterminator="\n").writerow(task.result())
            if count % 50 == 0:
                print(f"{count} of {len(missing)}", flush=True)


def summarise(table: pd.DataFrame) -> str:
    """Write the tables of the page: claims, then coverage and bias, with Monte Carlo errors."""
    claims = [
        "| world | seeds | came before | cannot be told | not seen | other |",
        "|---" * 6 + "|",
    ]
    cover = [
        "| world | truth | mean estimate | bias (error) | spread / mean error | coverage "
        "| without noise correction | relational | functional | felt | mediated part |",
        "|---" * 11 + "|",
    ]
    for world in WORLDS:
        rows = table[table["world"] == world]
        if rows.empty:
            continue
        claims.append(_claims_row(world, rows))
        if WORLDS[world].moving == (0.0, 0.0) and not WORLDS[world].reverse:
            cover.append(_cover_row(world, rows))
    return "\n".join([*claims, "", *cover])


def _claims_row(world: str, rows: pd.DataFrame) -> str:
    shares = [
        _share(rows["claim"] == claim) for claim in ("came before", "cannot be told", "not seen")
    ]
    rest = _share(~rows["claim"].isin(["came before", "cannot be told", "not seen"]))
    return f"| {world} | {len(rows)} | {' | '.join([*shares, rest])} |"


def _cover_row(world: str, rows: pd.DataFrame) -> str:
    truth = WORLDS[world].effect * 0.15
    error = rows["estimate"].std() / np.sqrt(len(rows))
    columns = [
        "covers",
        "within_covers",
        "relational_covers",
        "functional_covers",
        "felt_covers",
        "indirect_covers",
    ]
    shares = " | ".join(_share(rows[c]) for c in columns)
    return (
        f"| {world} | {truth:.4f} | {rows['estimate'].mean():.4f} "
        f"| {rows['estimate'].mean() - truth:+.4f} ({error:.4f}) "
        f"| {rows['estimate'].std() / rows['std_error'].mean():.2f} | {shares} |"
    )


def _share(flags: pd.Series) -> str:
    """Write a share of seeds with its Wilson 95% interval, the Monte Carlo error."""
    found = binomtest(int(flags.sum()), len(flags)).proportion_ci(method="wilson")
    return f"{100 * flags.mean():.1f}% ({100 * found.low:.1f} to {100 * found.high:.1f})"


def main() -> None:
    """Run the missing seeds and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--worlds", nargs="+", choices=list(WORLDS), default=list(WORLDS))
    options = parser.parse_args()
    run_all(options.worlds, options.seeds, options.workers)
    table = pd.read_csv(SEEDS_FILE, keep_default_na=False).sort_values(["world", "seed"])
    table.to_csv(SEEDS_FILE, index=False, lineterminator="\n")
    print(f"{len(table)} seeds; figures in {write_page(summarise(table)).relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
