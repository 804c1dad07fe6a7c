"""From a design's table to the complete rows of exposure, mediator and outcome, lags taken.

Refuses, by name and count, what cannot be compared: no complete rows, nothing that moves, one
that is a sum of the others, too few clusters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.designs.outcome_rates import rate_of
from evalkit.errors import AnalysisError
from evalkit.fits.mediation_across_levels import LevelProducts, MediationRows
from evalkit.fits.unit_panel import (
    count_moving,
    keep_seen_twice,
    means_by,
    moves_within,
    recode,
    shift_by_unit,
)
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.study.schemas.mediation import Mediation

FEWEST_CLUSTERS = 4
"""Below this nothing can be said of how much clusters differ."""


@dataclass(frozen=True, slots=True)
class Lags:
    """Periods from exposure to mediator and from mediator to outcome."""

    mediator: int
    outcome: int


@dataclass(frozen=True, slots=True)
class Series:
    """The table's columns as arrays (n,), units and clusters coded from 0, NaN where missing.

    `weight` is that of people's answers, NaN where it is not above nought; none where all count
    the same.
    """

    exposure: Floats
    mediator: Floats
    outcome: Floats
    others: Floats
    unit: Ints
    time: Ints
    cluster: Ints
    weight: Floats | None = None

    @property
    def lacking(self) -> int:
        """Rows without an exposure, a mediator, an outcome, an adjuster or a weight."""
        return int((~_complete(_columns(self))).sum())


def read_series(table: pd.DataFrame, parameters: Mediation) -> Series:
    """Take the columns of a design's table as arrays."""
    others = [table[name].to_numpy(dtype=float) for name in parameters.adjust_for]
    return Series(
        table["exposure"].to_numpy(dtype=float),
        table["mediator"].to_numpy(dtype=float),
        rate_of(table, parameters),
        np.column_stack(others) if others else np.empty((len(table), 0)),
        pd.factorize(table["unit"])[0].astype(np.int64),
        table["time"].to_numpy(dtype=np.int64),
        pd.factorize(table["cluster"])[0].astype(np.int64),
        _weights_of_people(table, parameters),
    )


def _weights_of_people(table: pd.DataFrame, parameters: Mediation) -> Floats | None:
    if parameters.data_rows != "people":
        return None
    weight = table["weight"].to_numpy(dtype=float)
    known = weight > 0
    if known.all() and np.ptp(weight) <= 1e-12 * weight.max(initial=0.0):
        return None
    return np.where(known, weight, np.nan)


def _columns(series: Series) -> Floats:
    """The columns (n, k) that a row must have whole, weight among them."""
    columns = [series.exposure, series.mediator, series.outcome, series.others]
    return np.column_stack(columns + ([] if series.weight is None else [series.weight]))


def reverse_series(series: Series) -> Series:
    """Exchange exposure and outcome, the exposure of the outcome's own period held fixed."""
    others = np.column_stack([series.others, series.exposure])
    return replace(series, exposure=series.outcome, outcome=series.exposure, others=others)


def lead_rows(series: Series, early: int) -> MediationRows:
    """Line up the exposure one period later, now (as mediator) and `early` periods before."""
    unit, time = series.unit, series.time
    later = shift_by_unit(series.exposure, unit, time, -1)
    before = np.column_stack([series.exposure, series.others])
    held = shift_by_unit(before, unit, time, early)[:, 0 if early else 1 :]
    columns = np.column_stack([later, held, series.exposure, series.outcome])
    keep = keep_seen_twice(_complete(columns), unit, time)
    if not keep.any():
        raise AnalysisError("periods: too few in a row to look a period ahead. Give more periods.")
    return _rows(columns[keep], series, keep)


def lag_rows(series: Series, lags: Lags) -> MediationRows:
    """Line up a panel: outcome, mediator `outcome` periods before, exposure before that.

    Adjusters are taken at the exposure's time. Keeps complete rows of units and periods seen
    twice; raises AnalysisError where none is left.
    """
    unit, time = series.unit, series.time
    if len(np.unique(np.column_stack([unit, time]), axis=0)) < len(unit):
        raise AnalysisError(
            "unit, period: some stand in more than one row, and a panel has one row for each. "
            "Give one row each, or set data_rows: people."
        )
    early = lags.mediator + lags.outcome
    before = shift_by_unit(np.column_stack([series.exposure, series.others]), unit, time, early)
    mediator = shift_by_unit(series.mediator, unit, time, lags.outcome)
    columns = np.column_stack([before, mediator, series.outcome])
    keep = keep_seen_twice(_complete(columns), unit, time)
    if not keep.any():
        raise AnalysisError(
            "mediator: no two units have the same two periods with the exposure, the mediator "
            f"{lags.mediator} later and the outcome {lags.outcome} after that all known. Give "
            "more periods, or shorten mediator_lag or outcome_lag."
        )
    return _rows(columns[keep], series, keep)


def people_rows(series: Series, lag: int) -> MediationRows:
    """Line up people's answers with their unit's exposure `lag` periods before.

    Raises AnalysisError where the exposure differs within a unit and period: it belongs to them.
    """
    span = int(np.ptp(series.time)) + 1 if len(series.time) else 1
    _, first, cell = np.unique(
        series.unit * span + series.time, return_index=True, return_inverse=True
    )
    here = series.exposure[first]
    differing = np.unique(cell[np.abs(series.exposure - here[cell]) > 1e-9])
    if len(differing):
        raise AnalysisError(
            f"exposure: differs between people of the same unit and period in {len(differing)} of "
            "them. Map an exposure of the unit, or give the panel of units' averages."
        )
    earlier = shift_by_unit(here, series.unit[first], series.time[first], lag)[cell]
    columns = np.column_stack([earlier, series.others, series.mediator, series.outcome])
    keep = _complete(columns)
    if series.weight is not None:
        keep &= np.isfinite(series.weight)
    if not keep.any():
        raise AnalysisError(
            f"exposure: no answer has mediator, outcome and its unit's exposure {lag} periods "
            "before all known. Give more periods, or set mediator_lag: 0."
        )
    return _rows(columns[keep], series, keep)


def average_people(series: Series) -> Series:
    """Average people's complete answers, by their weights, to one row a unit and period."""
    columns = np.column_stack([series.exposure, series.mediator, series.outcome, series.others])
    whole = _complete(_columns(series))
    span = int(np.ptp(series.time)) + 1
    _, first, cell = np.unique(
        (series.unit * span + series.time)[whole], return_index=True, return_inverse=True
    )
    weight = None if series.weight is None else series.weight[whole]
    means = means_by(columns[whole], cell, weight)
    unit, time, cluster = (
        codes[whole][first] for codes in (series.unit, series.time, series.cluster)
    )
    return Series(means[:, 0], means[:, 1], means[:, 2], means[:, 3:], unit, time, cluster)


def _complete(columns: Floats) -> Flags:
    return np.asarray(np.isfinite(columns).all(axis=1))


def _rows(columns: Floats, series: Series, keep: Flags) -> MediationRows:
    return MediationRows(
        exposure=columns[:, 0],
        mediator=columns[:, -2],
        outcome=columns[:, -1],
        others=columns[:, 1:-2],
        unit=recode(series.unit[keep]),
        time=series.time[keep],
        cluster=recode(series.cluster[keep]),
        weight=_mean_one(series.weight, keep),
    )


def _mean_one(weight: Floats | None, keep: Flags) -> Floats | None:
    return None if weight is None else weight[keep] / weight[keep].mean()


def refuse_still(rows: MediationRows, adjust_for: Sequence[str], *, people: bool) -> None:
    """Refuse exposure, mediator, outcome or adjusters that never change where it matters."""
    series = {"exposure": rows.exposure, "mediator": rows.mediator, "outcome": rows.outcome}
    series |= {name: rows.others[:, at] for at, name in enumerate(adjust_for)}
    group = np.zeros_like(rows.unit) if people else rows.unit
    still = [name for name, values in series.items() if not moves_within(values, group)]
    if still:
        raise AnalysisError(
            f"{', '.join(still)}: does not change {'at all' if people else 'within any unit'}, so "
            "nothing can be compared. Give data in which it changes"
            + (", or take it out of adjust_for." if set(still) & set(adjust_for) else ".")
        )


def refuse_lone(rows: MediationRows) -> None:
    """Refuse an exposure that changes within units of one cluster only."""
    if count_moving(rows.exposure, rows.unit, rows.cluster) < 2:
        raise AnalysisError(
            "exposure: changes within units of one cluster only, so chance in that cluster cannot "
            "be told from the exposure. Give data in which it changes in more."
        )


def refuse_few_clusters(clusters: int) -> None:
    """Refuse fewer clusters than tell how much clusters differ."""
    if clusters < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"clusters: {clusters} with complete rows, and intervals need at least "
            f"{FEWEST_CLUSTERS}. Give more units, or map cluster to something smaller."
        )


def refuse_collinear(level: LevelProducts, adjust_for: Sequence[str]) -> None:
    """Refuse an exposure, mediator or adjuster that the others (and periods) give exactly."""
    last = level.layout.fixed + level.layout.mediators
    total = level.products.sum(axis=0)[:last, :last]
    scale = np.sqrt(np.diag(total))
    seen = scale > 0
    correlation = (total / np.outer(np.where(seen, scale, 1), np.where(seen, scale, 1)))[
        np.ix_(seen, seen)
    ]
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        names = ", ".join(["exposure", "mediator", *adjust_for])
        raise AnalysisError(
            f"{names}: one is a sum of the others or of what all units share in a period, so their "
            "parts cannot be told apart. Take one out of adjust_for, or give an exposure that "
            "moves differently in different units."
        )
