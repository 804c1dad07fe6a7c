"""Wild bootstrap and permutation with few clusters, beside the same draws in a plain loop.

No other program at hand does both with few clusters, so the other side is their definition: a
regression, or a difference of means with each cluster left out, for every draw. What must be
quick is the design as a whole, from its table to the answer.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from comparisons.comparison import Bound, Comparison, Disagreement
from evalkit.designs import difference_in_differences
from evalkit.inference.assignments import list_assignments
from evalkit.inference.wild_bootstrap import draw_signs
from evalkit.study import load_parameters
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

STUDY = Path(__file__).resolve().parents[3] / "parameters" / "difference_in_differences.yml"
DRAWS, SEED = 999, 3
BOUND = Bound(0.0, 1.0)
TIES = 1e-9
"""Statistics closer than this are equal but for rounding."""

Method = Literal["wild_bootstrap", "permutation"]


def compare(clusters: int = 40, periods: int = 60) -> list[Comparison]:
    """Compare both ways of drawing on so many clusters and periods, a third with the change."""
    outcome, has = make_outcome(clusters, periods)
    table = as_design_table(outcome, has)
    wild, exchanged = ask_for("wild_bootstrap", periods), ask_for("permutation", periods)
    size = f"{DRAWS} draws, {clusters} clusters x {periods} periods"
    return [
        Comparison(
            f"Wild cluster bootstrap in `difference_in_differences`, {size}",
            "its p-value alone, a regression a draw in a loop",
            BOUND,
            lambda: estimate_p(table, wild),
            lambda: bootstrap_by_loop(outcome, has),
            lambda: agree(estimate_p(table, wild), bootstrap_by_loop(outcome, has)),
        ),
        Comparison(
            f"Permutation in `difference_in_differences`, {size}",
            "its p-value alone, a jackknife a draw in a loop",
            BOUND,
            lambda: estimate_p(table, exchanged),
            lambda: permute_by_loop(outcome, has),
            lambda: agree(estimate_p(table, exchanged), permute_by_loop(outcome, has)),
        ),
    ]


def make_outcome(clusters: int, periods: int) -> tuple[np.ndarray, np.ndarray]:
    """Make outcomes (clusters, periods), and who has the change from half way on, (clusters,).

    The change is small beside what clusters' own turns add, so that p is far from 0 and 1.
    """
    rng = np.random.default_rng(5)
    has = np.arange(clusters) < clusters // 3
    after = np.arange(periods) >= periods // 2
    turn = rng.normal(0, 0.5, (clusters, 1)) * after
    effect = 0.2 * has[:, None] * after
    return rng.normal(size=(clusters, 1)) + turn + effect + rng.normal(
        size=(clusters, periods)
    ), has


def as_design_table(outcome: np.ndarray, has: np.ndarray) -> pd.DataFrame:
    """Lay outcomes out as the design reads them, a row a cluster and period."""
    clusters, periods = outcome.shape
    names = np.repeat([f"W{i:03d}" for i in range(clusters)], periods)
    time, start = np.tile(np.arange(periods), clusters) + 2000, 2000 + periods // 2
    ever = np.repeat(has, periods)
    return pd.DataFrame(
        {
            "unit": names,
            "unit_name": names,
            "cluster": names,
            "period": time.astype(str),
            "time": time,
            "outcome": outcome.ravel(),
            "outcome_base": np.nan,
            "weight": 1.0,
            "first_treated": np.where(ever, float(start), np.nan),
            "treated": ever & (time >= start),
        }
    )


def ask_for(method: Method, periods: int) -> DifferenceInDifferences:
    """Return the embedded study's parameters with this way of drawing."""
    changes = {
        "outcome_kind": "number",
        "start_period": str(2000 + periods // 2),
        "inference": method,
        "subgroups": [],
        "draws": DRAWS,
        "seed": SEED,
    }
    loaded = load_parameters(STUDY).model_copy(update=changes)
    return DifferenceInDifferences.model_validate(loaded.model_dump())


def estimate_p(table: pd.DataFrame, parameters: DifferenceInDifferences) -> float:
    """Ask the whole design, with interval, each period's effect and bands; return its p-value."""
    return float(difference_in_differences.estimate(table, parameters).headline["p_value"])


def bootstrap_by_loop(outcome: np.ndarray, has: np.ndarray) -> float:
    """P-value of a wild cluster bootstrap-t, the null imposed: one regression for each draw."""
    clusters, periods = outcome.shape
    change = take_out_both(has[:, None] * (np.arange(periods) >= periods // 2))
    left = take_out_both(outcome)
    rng = np.random.default_rng(SEED)
    squares = []
    for signs in draw_signs(clusters, DRAWS, "rademacher", rng):
        drawn = take_out_both(signs[:, None] * left)
        slope = np.sum(change * drawn) / np.sum(change**2)
        scores = np.sum(change * (drawn - slope * change), axis=1)
        squares.append(slope**2 / np.sum(scores**2))
    return as_p(squares)


def permute_by_loop(outcome: np.ndarray, has: np.ndarray) -> float:
    """P-value of a permutation: a difference of mean turns over its jackknife error, each draw."""
    half = outcome.shape[1] // 2
    turn = outcome[:, half:].mean(axis=1) - outcome[:, :half].mean(axis=1)
    rng = np.random.default_rng(SEED)
    squares = []
    for codes in list_assignments(has.astype(np.int64), DRAWS, rng).codes:
        whole = turn[codes == 1].mean() - turn[codes == 0].mean()
        away = []
        for one in range(len(turn)):
            kept = np.arange(len(turn)) != one
            without = turn[kept & (codes == 1)].mean() - turn[kept & (codes == 0)].mean()
            away.append(without - whole)
        squares.append(whole**2 / np.sum(np.square(away)))
    return as_p(squares)


def take_out_both(values: np.ndarray) -> np.ndarray:
    """Take cluster and period means out of a complete panel (clusters, periods)."""
    rows, columns = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - rows - columns + values.mean())


def as_p(squares: list[float]) -> float:
    """Share of statistics at least as far out as the first, itself among them."""
    return float(np.mean(np.array(squares) >= squares[0] * (1 - TIES)))


def agree(ours: float, theirs: float) -> str:
    """Check that the same draws give the same p-value, counted in whole draws."""
    if round(ours * (DRAWS + 1)) != round(theirs * (DRAWS + 1)):
        raise Disagreement(f"p-values {ours} and {theirs} from the same draws")
    return f"p = {ours:.3f} from the same draws, on both sides"
