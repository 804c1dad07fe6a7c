"""All averages of group-time effects as one list: for the data as they are, and for many draws.

A draw is the same data with starts handed to other clusters, or without one cluster. The list has
the same rows each time, so that their joint distribution can be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.fits.callaway_santanna import (
    AVERAGES,
    Average,
    GroupTimeEffects,
    average_effects,
    choose_cells,
    is_since,
)
from evalkit.inference.arrays import Flags, Floats


@dataclass(frozen=True, slots=True)
class AverageRow:
    """One average: of which kind, at which key (None for the overall one)."""

    by: Average
    key: float | None


@dataclass(frozen=True, slots=True)
class AverageList:
    """Rows, their estimates (r,) and influences (n, r)."""

    rows: tuple[AverageRow, ...]
    estimate: Floats
    influence: Floats

    @property
    def kinds(self) -> tuple[Average, ...]:
        """The kinds of its rows, in order."""
        return tuple(dict.fromkeys(row.by for row in self.rows))

    def at(self, by: Average, key: float | None = None) -> int:
        """Position of one row; the overall one without `key`."""
        return self.rows.index(AverageRow(by, key))

    def positions(self, by: Average) -> list[int]:
        """Positions of the rows of one kind that have a key."""
        return [i for i, row in enumerate(self.rows) if row.by == by and row.key is not None]


def list_averages(
    effects: GroupTimeEffects, *, fixed_shares: bool = False, kinds: Sequence[Average] = AVERAGES
) -> AverageList:
    """List the overall average and those by key, of each of `kinds` (see `average_effects`)."""
    rows: list[AverageRow] = []
    estimates: list[Floats] = []
    influences: list[Floats] = []
    for by in kinds:
        found = average_effects(effects, by, fixed_shares=fixed_shares)
        rows += [AverageRow(by, None), *(AverageRow(by, float(k)) for k in found.key)]
        estimates += [np.array([found.overall]), found.estimate]
        influences += [found.overall_influence[:, None], found.influence]
    return AverageList(tuple(rows), np.concatenate(estimates), np.concatenate(influences, axis=1))


def choose_row(effects: GroupTimeEffects, row: AverageRow) -> Flags:
    """The cells (c,) that a row averages."""
    keys, chosen = choose_cells(effects, row.by)
    if row.key is None:
        since = is_since(keys, row.by)
        return np.asarray(np.any(np.stack(chosen)[since], axis=0))
    return chosen[int(np.flatnonzero(keys == row.key)[0])]


def average_draws(
    effects: GroupTimeEffects, drawn: Floats, units: Floats, kinds: Sequence[Average] = AVERAGES
) -> Floats:
    """The rows of `list_averages` for each draw, (draws, r).

    `drawn` (draws, c) are the cells of `effects`, NaN where a draw has nobody to compare, which
    its averages leave out; `units` (draws, c) counts each cell's cohort.
    """
    parts: list[Floats] = []
    for by in kinds:
        keys, chosen = choose_cells(effects, by)
        weights = np.ones_like(drawn) if by == "group" else units
        values = np.stack([_mean(drawn[:, c], weights[:, c]) for c in chosen], axis=1)
        if by == "group":
            members = np.stack([units[:, np.flatnonzero(c)[0]] for c in chosen], axis=1)
            overall = _mean(values, members)
        else:
            since: Flags = is_since(keys, by)
            overall = _mean(values[:, since], np.ones_like(values[:, since]))
        parts += [overall[:, None], values]
    return np.concatenate(parts, axis=1)


def _mean(values: Floats, weights: Floats) -> Floats:
    """Weighted mean of each row over what is known, NaN where nothing is."""
    known = ~np.isnan(values)
    weight = np.where(known, weights, 0.0)
    total = weight.sum(axis=1)
    summed = (weight * np.where(known, values, 0.0)).sum(axis=1)
    return np.asarray(np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan))
