"""Columns of a panel of units and periods: earlier values, complete rows, unit means taken off.

Lags follow the calendar: a value `shift` periods earlier is that of the same unit at that very
time, and missing where the unit has no such period.
"""

import numpy as np

from evalkit.inference.arrays import Flags, Floats, Ints

STILL = 1e-9
"""A column whose spread within units is below this share of its size does not move."""


def shift_by_unit(values: Floats, unit: Ints, time: Ints, shift: int) -> Floats:
    """Take values (n,) or (n, k) `shift` periods earlier (negative: later); NaN where absent.

    Each unit has at most one row a period; `unit` is coded from 0.
    """
    moved = np.full_like(np.asarray(values, dtype=float), np.nan)
    if len(time) == 0:
        return moved
    stride = int(np.ptp(time)) + abs(shift) + 1
    key = unit * stride + (time - time.min())
    order = np.argsort(key, kind="stable")
    ordered, wanted = key[order], key - shift
    place = np.minimum(np.searchsorted(ordered, wanted), len(key) - 1)
    found = ordered[place] == wanted
    moved[found] = values[order[place[found]]]
    return moved


def keep_seen_twice(complete: Flags, unit: Ints, time: Ints) -> Flags:
    """Of the complete rows (n,), keep those whose unit has two rows and whose period two units."""
    keep = complete.copy()
    _, period = np.unique(time, return_inverse=True)
    while keep.any():
        lone = (np.bincount(unit[keep], minlength=int(unit.max()) + 1) < 2)[unit]
        lone |= (np.bincount(period[keep], minlength=int(period.max()) + 1) < 2)[period]
        if not (keep & lone).any():
            return keep
        keep = keep & ~lone
    return keep


def recode(values: Ints) -> Ints:
    """Code whole numbers (n,) from 0 without gaps, in their order."""
    _, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.int64)


def means_by(values: Floats, group: Ints, weight: Floats | None = None) -> Floats:
    """Mean of values (n, k) by group coded from 0, rows counting by weight (n,): (groups, k)."""
    counts = np.bincount(group, weight)
    if weight is not None:
        values = values * weight[:, None]
    return np.stack([np.bincount(group, column) for column in values.T], axis=1) / counts[:, None]


def period_columns(time: Ints) -> Floats:
    """One 0/1 column for each period but the first, (n, periods - 1)."""
    return np.asarray(time[:, None] == np.unique(time)[None, 1:], dtype=float)


def moving_units(values: Floats, unit: Ints) -> Flags:
    """Say of each unit coded from 0 whether values (n,) change within it: (units,)."""
    apart = np.abs(values - means_by(values[:, None], unit)[unit, 0])
    furthest = np.zeros(int(unit.max()) + 1)
    np.maximum.at(furthest, unit, apart)
    return np.asarray(furthest > STILL * max(1.0, float(np.max(np.abs(values)))))


def moves_within(values: Floats, unit: Ints) -> bool:
    """Say whether values (n,) change within any unit."""
    return bool(moving_units(values, unit).any())


def count_moving(values: Floats, unit: Ints, cluster: Ints) -> int:
    """Count clusters (n,) with a unit within which values (n,) change."""
    return len(np.unique(cluster[moving_units(values, unit)[unit]]))
