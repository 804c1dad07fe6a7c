"""From a design's table to complete rows of dose and outcome, and what makes them unusable."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.outcome_rates import rate_of
from evalkit.errors import AnalysisError
from evalkit.fits.unit_panel import (
    count_moving,
    keep_seen_twice,
    moves_within,
    period_columns,
    recode,
    shift_by_unit,
)
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import absorb, inverse_root
from evalkit.study.schemas.dose_response import DoseResponse

FEWEST_CLUSTERS = 4
"""Below this nothing can be said of how much clusters differ."""


@dataclass(frozen=True, slots=True)
class DoseRows:
    """Complete rows (n,): dose and adjusters `lag` periods before the outcome, codes from 0.

    `later` (n, 2) is the dose in the outcome's own period and in the one after, NaN where
    unknown; `held` (n, k) the adjusters and one column for each period but the first; `given`
    counts the table's rows.
    """

    dose: Floats
    outcome: Floats
    others: Floats
    later: Floats
    unit: Ints
    time: Ints
    cluster: Ints
    given: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.dose)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def held(self) -> Floats:
        """What is held fixed besides unit effects, (n, k)."""
        return np.column_stack([self.others, period_columns(self.time)])


def take_rows(table: pd.DataFrame, parameters: DoseResponse) -> DoseRows:
    """Line up dose and outcome; raises AnalysisError where nothing can be compared."""
    unit, time = (
        pd.factorize(table["unit"])[0].astype(np.int64),
        table["time"].to_numpy(dtype=np.int64),
    )
    _refuse_repeated(unit, time)
    cluster = pd.factorize(table["cluster"])[0].astype(np.int64)
    _refuse_split(unit, cluster)
    early = np.column_stack([table[name].to_numpy(float) for name in _early(parameters)])
    lagged = shift_by_unit(early, unit, time, parameters.dose_lag)
    later = np.column_stack([early[:, 0], shift_by_unit(early[:, 0], unit, time, -1)])
    outcome = rate_of(table, parameters)
    complete = np.isfinite(np.column_stack([lagged, outcome])).all(axis=1)
    keep = keep_seen_twice(np.asarray(complete), unit, time)
    if not keep.any():
        raise AnalysisError(
            "dose: no two units have the same two periods with dose and outcome "
            f"{parameters.dose_lag} later all known. Give more periods, or shorten dose_lag."
        )
    rows = DoseRows(
        lagged[keep, 0],
        outcome[keep],
        lagged[keep, 1:],
        later[keep],
        recode(unit[keep]),
        time[keep],
        recode(cluster[keep]),
        len(table),
    )
    _refuse_still(rows, parameters.adjust_for)
    _refuse_few(rows)
    _refuse_lone(rows)
    _refuse_collinear(rows, parameters.adjust_for)
    return rows


def _early(parameters: DoseResponse) -> list[str]:
    return ["dose", *parameters.adjust_for]


def _refuse_repeated(unit: Ints, time: Ints) -> None:
    repeated = len(unit) - len(np.unique(np.column_stack([unit, time]), axis=0))
    if repeated:
        raise AnalysisError(
            f"unit, period: {repeated} rows repeat a unit and period. Give one row each."
        )


def _refuse_split(unit: Ints, cluster: Ints) -> None:
    pairs = np.unique(np.column_stack([unit, cluster]), axis=0)
    split = len(pairs) - len(np.unique(unit))
    if split:
        raise AnalysisError(
            f"cluster: {split} units lie in more than one cluster. Map a cluster that holds each "
            "unit whole."
        )


def _refuse_still(rows: DoseRows, adjust_for: Sequence[str]) -> None:
    series = {"dose": rows.dose, "outcome": rows.outcome}
    series |= {name: rows.others[:, at] for at, name in enumerate(adjust_for)}
    still = [name for name, values in series.items() if not moves_within(values, rows.unit)]
    if still:
        raise AnalysisError(
            f"{', '.join(still)}: does not change within any unit, so nothing within units can be "
            "compared. Give data in which it changes"
            + (", or take it out of adjust_for." if set(still) & set(adjust_for) else ".")
        )


def _refuse_few(rows: DoseRows) -> None:
    if rows.clusters < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"clusters: {rows.clusters} with complete rows, and intervals need at least "
            f"{FEWEST_CLUSTERS}. Give more units, or map cluster to something smaller."
        )


def _refuse_lone(rows: DoseRows) -> None:
    if count_moving(rows.dose, rows.unit, rows.cluster) < 2:
        raise AnalysisError(
            "dose: changes within units of one cluster only, so chance in that cluster cannot be "
            "told from the dose. Give data in which it changes in more."
        )


def _refuse_collinear(rows: DoseRows, adjust_for: Sequence[str]) -> None:
    held = absorb(np.column_stack([rows.dose, rows.held]), rows.unit, None)
    products = held.T @ held
    if inverse_root(products).shape[1] == held.shape[1]:
        return
    if inverse_root(products[1:, 1:]).shape[1] < held.shape[1] - 1 and adjust_for:
        named = ", ".join(adjust_for)
        raise AnalysisError(
            f"{named}: within units and periods, one is a sum of the others. Take one out of "
            "adjust_for."
        )
    raise AnalysisError(
        "dose: moves in every unit alike, or as a sum of the adjusters, so it cannot be told from "
        "what else changed in those periods. Give a dose that moves differently in different "
        "units, or adjust for less."
    )
