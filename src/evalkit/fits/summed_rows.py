"""Unit and period effects from sums alone: a regression on rows that nobody has to hold.

Of the rows of each unit and period their number, sums and cross-products are enough: the averages,
each weighted by its rows, carry all that lies between units and periods, and what lies within them
is added to the cross-products of the measured columns. Coefficients and clustered errors are those
of the rows, exactly (Wong, Forsell, Lewis, Mao and Wardrop 2021, arXiv 2102.11297).
"""

from dataclasses import replace

import numpy as np

from evalkit.fits.two_way_effects import PanelMoments, make_panel_moments
from evalkit.inference.arrays import Floats, Ints


def make_panel_of_sums(
    rows: Floats,
    sums: Floats,
    products: Floats,
    unit: Ints,
    time: Ints,
    start: Floats,
    cluster: Ints,
) -> PanelMoments:
    """Make cross-products by arm from sums by unit and period, one cell each.

    `rows` (cells,) is positive; `sums` (cells, k) and `products` (cells, k, k) are of the adjusters
    and, last, the outcome, all less one same number a column, best near its mean. `unit` and
    `time` are by cell, `start` and `cluster` by unit code, as for `make_panel_moments`.
    """
    mean = sums / rows[:, None]
    panel = make_panel_moments(
        mean[:, -1], mean[:, :-1], unit, time, start, cluster, weight=np.asarray(rows, dtype=float)
    )
    within = products - sums[:, :, None] * mean[:, None, :]
    total, periods = panel.total.copy(), len(panel.times)
    np.add.at(total[:, periods:, periods:], _arm_of(panel, start, cluster)[unit], within)
    return replace(panel, total=total, n=int(rows.sum()))


def _arm_of(panel: PanelMoments, start: Floats, cluster: Ints) -> Ints:
    """The place of each unit's arm, its cluster and start, among those of the panel."""
    arms = zip(panel.cluster, np.nan_to_num(panel.start, nan=np.inf), strict=True)
    place = {arm: at for at, arm in enumerate(arms)}
    own = zip(cluster, np.nan_to_num(start, nan=np.inf), strict=True)
    return np.array([place[arm] for arm in own], dtype=np.int64)
