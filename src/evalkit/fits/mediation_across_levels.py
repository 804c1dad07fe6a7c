"""Mediation where rows have units and clusters: within and between kept apart.

Panel (one row a unit and period): every path compares a unit with itself in other periods.
People in cells (2-1-1): the exposure belongs to a cell (a unit in a period, or a unit), mediator
and outcome to people. A person's mediator is split into the cell's mean and the person's own
distance from it, so that the path from a person's own mediator (within) and from the cell's mean
(between) are not mixed. Path a can only reach the cell's mean.
All give cross-products by cluster, from which paths are solved and resampled.
Sources: Zhang, Zyphur and Preacher 2009 (Organizational Research Methods 12:695-719), 2-1-1 with
group-mean centring; Pituch and Stapleton 2012 (Sociological Methods & Research 41:630-670), own
and contextual parts.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.fits.mediation_bootstrap import sum_by_cluster
from evalkit.fits.mediation_paths import Layout, Paths
from evalkit.fits.unit_panel import means_by, period_columns, recode
from evalkit.inference.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class MediationRows:
    """Complete rows: `exposure, mediator, outcome` (n,), `others` (n, c) to hold fixed.

    `unit`, `time` and `cluster` (n,) are whole numbers; units lie whole in clusters. `weight` (n,)
    of people says for how many a row stands, with mean one; none where all count the same.
    """

    exposure: Floats
    mediator: Floats
    outcome: Floats
    others: Floats
    unit: Ints
    time: Ints
    cluster: Ints
    weight: Floats | None = None


@dataclass(frozen=True, slots=True)
class LevelProducts:
    """Cross-products by cluster (clusters, p, p), how their columns lie, and the rows counted.

    With `split`, there are two mediators: a person's own distance, then the cell's mean.
    `absorbed` counts the unit effects that were taken out.
    """

    products: Floats
    layout: Layout
    n: int
    split: bool = False
    absorbed: int = 0

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.products)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an exposure goes with, part by part, each of any leading shape.

    `total = direct + indirect + context`; `context` is what the cell's mean mediator adds
    beyond people's own, and is zero where rows are not people.
    """

    path_a: Floats
    path_b: Floats
    indirect: Floats
    direct: Floats
    context: Floats
    total: Floats

    @property
    def share(self) -> Floats:
        """Share of the total that goes by way of the mediator."""
        return np.asarray(self.indirect / self.total)


def within_units(rows: MediationRows) -> LevelProducts:
    """Compare each unit with itself: unit means and common changes of periods removed."""
    fixed = np.column_stack([rows.exposure, rows.others, period_columns(rows.time)])
    columns = np.column_stack([fixed, rows.mediator, rows.outcome])
    unit = recode(rows.unit)
    demeaned = columns - means_by(columns, unit)[unit]
    products = sum_by_cluster(demeaned, recode(rows.cluster))
    units = int(unit.max()) + 1
    return LevelProducts(products, Layout(fixed.shape[1]), len(rows.unit), absorbed=units)


def between_units(rows: MediationRows) -> LevelProducts:
    """Compare units with each other by their (weighted) means over all rows; one row a unit."""
    columns = np.column_stack([rows.exposure, rows.others, rows.mediator, rows.outcome])
    unit, first = recode(rows.unit), np.unique(rows.unit, return_index=True)[1]
    means = means_by(columns, unit, rows.weight)
    centred = means - means.mean(axis=0)
    fixed = 1 + rows.others.shape[1]
    with_constant = np.insert(centred, fixed, 1.0, axis=1)
    products = sum_by_cluster(with_constant, recode(rows.cluster[first]))
    return LevelProducts(products, Layout(fixed + 1), len(means))


def people_in_cells(rows: MediationRows, *, within: bool) -> LevelProducts:
    """Split people's mediator (and what is held fixed) by cell of unit and period.

    `within` compares each unit with itself over periods; otherwise units with each other. Weights
    count in the means of cells and of units and in every regression, as in weighted least squares.
    """
    span = int(np.ptp(rows.time)) + 1
    cell = recode(rows.unit * span + (rows.time - rows.time.min()))
    both = np.column_stack([rows.mediator, rows.others])
    means = means_by(both, cell, rows.weight)[cell]
    own = both - means
    base = np.ones((len(cell), 1))
    fixed = [rows.exposure, means[:, 1:], own[:, 1:], period_columns(rows.time)]
    k = 1 + 2 * rows.others.shape[1] + fixed[-1].shape[1]
    columns = np.column_stack([*fixed, base, own[:, 0], means[:, 0], rows.outcome])
    unit = recode(rows.unit) if within else np.zeros(len(cell), dtype=np.int64)
    demeaned = columns - means_by(columns, unit, rows.weight)[unit]
    demeaned[:, k] = 0.0 if within else 1.0
    if rows.weight is not None:
        demeaned *= np.sqrt(rows.weight)[:, None]
    products = sum_by_cluster(demeaned, recode(rows.cluster))
    absorbed = int(unit.max()) + 1 if within else 0
    return LevelProducts(products, Layout(k + 1, 2), len(cell), split=True, absorbed=absorbed)


def name_parts(paths: Paths, *, split: bool) -> Parts:
    """Name the parts of solved paths; `split` as in `LevelProducts`."""
    if not split:
        nothing = np.zeros_like(paths.direct)
        a, b, indirect = paths.a[..., 0], paths.b[..., 0], paths.indirect[..., 0]
        return Parts(a, b, indirect, paths.direct, nothing, paths.total)
    a, own, mean = paths.a[..., 1], paths.b[..., 0], paths.b[..., 1]
    return Parts(a, own, a * own, paths.direct, a * (mean - own), paths.direct + a * mean)
