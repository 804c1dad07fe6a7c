"""How answers of one cluster hang together, and the sums that a likelihood needs of them.

`independent`: not at all. `exchangeable`: one effect a cluster (Hussey and Hughes 2007,
Contemporary Clinical Trials 28:182-191). `nested_exchangeable`: beside it one a cluster and period
(Hooper et al 2016, Statistics in Medicine 35:4718-4728). `decay`: cluster-periods whose
correlation falls by a constant factor a period (Kasza et al 2019, Statistical Methods in Medical
Research 28:703-716).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from evalkit.fits.cluster_periods import Blocks, Cells, make_blocks
from evalkit.inference.arrays import Floats

Structure = Literal["independent", "exchangeable", "nested_exchangeable", "decay"]

COMPONENTS: dict[Structure, tuple[str, ...]] = {
    "independent": ("residual",),
    "exchangeable": ("residual", "cluster"),
    "nested_exchangeable": ("residual", "cluster", "cluster_period"),
    "decay": ("residual", "cluster_period", "decay"),
}
"""Parameters of each structure: variances, and for `decay` the correlation one period apart."""


@dataclass(frozen=True, slots=True)
class Products:
    """[X y]' H^-1 [X y] (p + 1, p + 1), log|H|, and the slope of both in each of the k ratios.

    H is the covariance of all rows over the residual variance.
    """

    total: Floats
    log_determinant: float
    slopes: Floats
    log_slopes: Floats


def products_of(cells: Cells, structure: Structure) -> Callable[[Floats], Products]:
    """Return the sums as a function of the ratios (k,) of `COMPONENTS` to the residual variance."""
    if structure == "decay":
        return partial(_decaying, cells, make_blocks(cells))
    return partial(_exchangeable, cells)


def _exchangeable(cells: Cells, ratios: Floats) -> Products:
    """Closed form for a cluster effect and a cluster-period effect (Sherman and Morrison).

    A cell of weight w is worth d = w / (1 + b w); a cluster's cells add up to D, and their common
    effect takes a / (1 + a D) of the square of their sum away.
    """
    a, b = (*ratios, 0.0, 0.0)[:2]
    worth = cells.weight / (1 + b * cells.weight)
    scaled = worth[:, None] * cells.mean
    sums = np.add.reduceat(scaled, cells.starts)
    worths = np.add.reduceat(worth, cells.starts)
    left = 1 / (1 + a * worths)
    taken = a * left
    total = cells.within + cells.mean.T @ scaled - (sums * taken[:, None]).T @ sums
    log_determinant = np.log1p(b * cells.weight).sum() - np.log(left).sum()
    slopes = [-(sums * (left**2)[:, None]).T @ sums]
    log_slopes = [(worths * left).sum()]
    if len(ratios) > 1:
        squares = np.add.reduceat(worth**2, cells.starts)
        second = np.add.reduceat(worth[:, None] * scaled, cells.starts)
        cross = (second * taken[:, None]).T @ sums
        own = (sums * (taken**2 * squares)[:, None]).T @ sums
        slopes.append(cross + cross.T - own - scaled.T @ scaled)
        log_slopes.append(worth.sum() - (taken * squares).sum())
    k = len(ratios)
    return Products(
        total, float(log_determinant), np.stack(slopes)[:k], np.array(log_slopes, dtype=float)[:k]
    )


def _decaying(cells: Cells, blocks: Blocks, ratios: Floats) -> Products:
    """The same by whole matrices, for a correlation that falls with the lag."""
    ratio, decay = ratios
    shape, slope = decay_shape(blocks, decay)
    covariance = ratio * shape + np.eye(shape.shape[1]) / blocks.weight[:, None, :]
    inverse = np.linalg.inv(covariance)
    scaled = inverse @ blocks.mean
    steps = np.stack([shape, ratio * slope])
    bent = steps @ scaled
    return Products(
        cells.within + np.tensordot(blocks.mean, scaled, ((0, 1), (0, 1))),
        float(np.linalg.slogdet(covariance)[1].sum() + np.log(cells.weight).sum()),
        -np.stack([np.tensordot(scaled, b, ((0, 1), (0, 1))) for b in bent]),
        np.tensordot(steps, inverse, ((1, 2, 3), (0, 1, 2))),
    )


def decay_shape(blocks: Blocks, decay: float) -> tuple[Floats, Floats]:
    """Correlations `decay ** lag` between true cells (C, T, T), and their slope in `decay`."""
    both = blocks.present[:, :, None] & blocks.present[:, None, :]
    before = decay ** np.maximum(blocks.lag - 1, 0)
    return np.where(both, decay**blocks.lag, 0.0), np.where(both, blocks.lag * before, 0.0)
