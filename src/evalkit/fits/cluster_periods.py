"""Cluster-periods: all that a mixed model needs of the people in each cell, kept once.

People of one cluster in one period share their random effects, so the likelihood depends on the
rows only through each cell's weight and mean and the pooled variation about those means. A
million answers become as many cells as there are clusters times periods, once.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of [regressors, outcome] summed by cluster and period, sorted by cluster then time.

    `cluster`, `time`, `weight` are (J,), `mean` is (J, p + 1), weighted; `within` (p + 1, p + 1)
    holds the weighted cross-products about the cells' means. `starts` (C,) is the first cell of
    each cluster. `log_weights` is the sum of the logarithms of the rows' weights.
    """

    cluster: Ints
    time: Ints
    weight: Floats
    mean: Floats
    within: Floats
    starts: Ints
    rows: int
    log_weights: float

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.starts)

    @property
    def regressors(self) -> int:
        """Number of regressors."""
        return int(self.mean.shape[1]) - 1


def sum_cells(
    outcome: Floats,
    regressors: Floats,
    cluster: Ints,
    time: Ints,
    weight: Floats | None = None,
    *,
    size: Floats | None = None,
    within: Floats | None = None,
) -> Cells:
    """Sum rows (n,), (n, p) into cells; a row of weight w has variance sigma squared over w.

    `cluster` and `time` are any whole numbers; clusters keep their order. In place of a weight, a
    row may stand for `size` answers, `within` the sum of squares about their mean.
    """
    values = np.column_stack([regressors, outcome])
    weights = _weights(len(values), weight, size)
    span = int(time.max() - time.min()) + 1
    key = cluster.astype(np.int64) * span + (time - time.min())
    cells, cell = np.unique(key, return_inverse=True)
    total: Floats = np.bincount(cell, weights).astype(float)
    apart = np.zeros((values.shape[1],) * 2)
    if len(cells) == len(key):
        mean = np.empty_like(values)
        mean[cell] = values
    else:
        mean = _sum_by(values * weights[:, None], cell, len(cells)) / total[:, None]
        left = (values - mean[cell]) * np.sqrt(weights)[:, None]
        apart = left.T @ left
    if within is not None:
        apart[-1, -1] += within.sum()
    owner = cells // span
    return Cells(
        cluster=owner,
        time=cells % span + time.min(),
        weight=total,
        mean=mean,
        within=apart,
        starts=np.flatnonzero(np.diff(owner, prepend=owner[0] - 1)),
        rows=len(key) if size is None else round(float(size.sum())),
        log_weights=float(np.log(weights).sum()) if size is None else 0.0,
    )


def _weights(rows: int, weight: Floats | None, size: Floats | None) -> Floats:
    if weight is not None and size is not None:
        raise ValueError("a row has either a weight or a size")
    given = size if weight is None else weight
    return np.ones(rows) if given is None else given


def _sum_by(values: Floats, cell: Ints, cells: int) -> Floats:
    """Sum rows (n, k) by cell: (cells, k)."""
    columns = [np.bincount(cell, column, minlength=cells) for column in values.T]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The cells of each cluster side by side, padded to the longest: (C, T) and (C, T, p + 1).

    `lag` (C, T, T) is how many periods two cells are apart; `present` marks true cells.
    Padded cells have mean zero.
    """

    mean: Floats
    weight: Floats
    lag: Floats
    present: Flags


def make_blocks(cells: Cells) -> Blocks:
    """Lay the cells of each cluster side by side."""
    sizes = np.diff(cells.starts, append=len(cells.cluster))
    row = np.repeat(np.arange(cells.clusters), sizes)
    place = np.arange(len(row)) - cells.starts[row]
    shape = (cells.clusters, int(sizes.max()))
    mean = np.zeros((*shape, cells.mean.shape[1]))
    weight, time, present = np.ones(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    mean[row, place], weight[row, place] = cells.mean, cells.weight
    time[row, place], present[row, place] = cells.time, True
    return Blocks(mean, weight, np.abs(time[:, :, None] - time[:, None, :]), present)
