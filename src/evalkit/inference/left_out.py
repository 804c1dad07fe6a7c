"""How estimates move together: each made again with groups of clusters left out in turn.

What leaving a group out does to an estimate is that group's influence on it, whatever the design;
the influences of several estimates on the same groups give their correlation (the jackknife of
Quenouille and Tukey, by groups: Kott 2001, Journal of Official Statistics 17:521-526). Given those
influences, sums of them with independent normal weights move as the estimates do when nothing is
there, which is what a step-down over several tests needs (Romano and Wolf 2005, Econometrica
73:1237-1282; Chernozhukov, Chetverikov and Kato 2013, Annals of Statistics 41:2786-2819).
Must hold: clusters vary independently; the estimates are smooth in the clusters' weights.
"""

import numpy as np
from scipy import stats

from evalkit.inference.arrays import Floats
from evalkit.inference.multiplicity import adjust_romano_wolf

SMALLEST_P = 1e-300
"""No p-value is taken to be smaller, so that its normal quantile is finite."""


def correlate_left_out(left_out: Floats) -> Floats:
    """Correlate estimates (k,) over `left_out` (groups, k), NaN where one could not be made.

    Returns (k, k), NaN for an estimate that is unknown for some group or moves with none.
    """
    moved = _influences(left_out)
    return np.asarray(np.clip(moved.T @ moved, -1.0, 1.0))


def adjust_together(
    p_values: Floats, left_out: Floats, rng: np.random.Generator, draws: int
) -> Floats:
    """Adjust `p_values` (k,) by Romano and Wolf's step-down over `draws` that move as they do.

    `left_out` (groups, k) has the estimates with each group of clusters left out; all are known.
    Each p-value enters as the normal quantile that it is of, so that a test by itself keeps its own
    p-value, however it was made, to within the error of the draws.
    """
    weights = rng.standard_normal((draws, len(left_out)))
    statistics = stats.norm.isf(np.maximum(p_values, SMALLEST_P) / 2)
    return adjust_romano_wolf(statistics, weights @ _influences(left_out))


def _influences(left_out: Floats) -> Floats:
    """Centre each column and give it length one; NaN where it does not move."""
    centred = left_out - left_out.mean(axis=0)
    length = np.sqrt(np.sum(centred**2, axis=0))
    still = ~(length > 1e-12 * np.abs(left_out).max(axis=0, initial=0.0))
    return np.asarray(centred / np.where(still, np.nan, length))
