"""From a design table to distances from a threshold, complete rows only.

Distance is positive on the side where the offer is made, so that a jump is offered less not
offered whichever side that is; the threshold itself counts as offered.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.results.words import listed
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity

LEAST_VALUES = 5
"""Distinct values of the running variable that a line on one side needs, at the very least."""


@dataclass(frozen=True, slots=True)
class ThresholdSample:
    """Complete rows: distance, outcome and take-up (n,), clusters where they hold several rows.

    `covariates` has a column for each name in adjust_for and subgroups. `sign` turns distances
    back into the running variable: threshold + sign x distance. `placed` has the distance of each
    that could place itself: each row of people, each unit of a panel once. `weight` (n,) has mean
    one; none where all rows count the same. `left_out` of the table's `rows` lacked a value.
    """

    distance: Floats
    outcome: Floats
    takeup: Floats | None
    cluster: Ints | None
    covariates: dict[str, Floats]
    sign: int
    left_out: int
    units: int
    placed: Floats
    weight: Floats | None
    rows: int


def make_sample(table: pd.DataFrame, parameters: RegressionDiscontinuity) -> ThresholdSample:
    """Measure distances from the threshold; refuse data that cannot show a jump."""
    names = ["outcome", "running", *(["offered"] if "offered" in table else [])]
    names += [n for n in parameters.adjust_for if n not in names]
    looked_at = [n for n in (*parameters.adjust_for, *parameters.subgroups) if n in table]
    kept = table.dropna(subset=names)
    given = kept["weight"].to_numpy(float) if "weight" in kept else np.ones(len(kept))
    kept, given = kept[given > 0], given[given > 0]
    sign = 1 if parameters.offered_side == "above" else -1
    distance = sign * (kept["running"].to_numpy(float) - parameters.threshold)
    outcome = kept["outcome"].to_numpy(float)
    if kept.empty:
        raise AnalysisError(
            f"{listed(names)}: no row has a value in {'both' if len(names) == 2 else 'all'} of "
            "them. Give complete rows."
        )
    _refuse_sides(distance)
    if np.ptp(outcome) < 1e-12:
        raise AnalysisError("outcome: is the same in every row. Give an outcome that can change.")
    if parameters.data_rows == "panel" and kept["unit"].nunique() < 2:
        raise AnalysisError(
            "unit: the data hold one unit only, so nobody is on the other side of the threshold "
            "at the same time. Give more units."
        )
    takeup = kept["offered"].to_numpy(float) if "offered" in kept else None
    return ThresholdSample(
        distance,
        outcome,
        takeup if takeup is None or not _sharp(takeup, distance) else None,
        _clusters(kept),
        {name: kept[name].to_numpy(float) for name in dict.fromkeys(looked_at)},
        sign,
        len(table) - len(kept),
        int(kept["unit"].nunique()),
        _placed(kept["unit"], distance, parameters),
        None if np.ptp(given) <= 1e-12 * given.max() else given / given.mean(),
        len(table),
    )


def _placed(unit: pd.Series, distance: Floats, parameters: RegressionDiscontinuity) -> Floats:
    if parameters.data_rows == "people":
        return distance
    pairs = pd.DataFrame({"unit": unit.to_numpy(), "distance": distance}).drop_duplicates()
    return pairs["distance"].to_numpy(float)


def _sharp(takeup: Floats, distance: Floats) -> bool:
    """Say whether all beyond the threshold took it up and nobody else."""
    return bool(np.all((takeup > 0) == (distance >= 0)))


def _clusters(kept: pd.DataFrame) -> Ints | None:
    """Codes of clusters, or nothing where each row is its own or all rows are in one."""
    codes, labels = pd.factorize(kept["cluster"])
    return codes.astype(np.int64) if 1 < len(labels) < len(kept) else None


def _refuse_sides(distance: Floats) -> None:
    sides = {"short of": distance[distance < 0], "beyond": distance[distance >= 0]}
    for words, side in sides.items():
        if not len(side):
            raise AnalysisError(
                f"threshold: no row lies {words} it. Correct threshold or offered_side."
            )
        if len(np.unique(side)) < LEAST_VALUES:
            raise AnalysisError(
                f"running: has fewer than {LEAST_VALUES} distinct values {words} the threshold. "
                "Give a finer running variable, or use another design."
            )
