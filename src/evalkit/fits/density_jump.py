"""Do people pile up on one side of a threshold? The jump of a density, and counts either side.

The density on each side is the slope, at the threshold, of a local cubic fitted to the cumulative
shares; no bins are needed. Its error follows from each row's part in those shares. The second
test counts the rows nearest to the threshold on each side and asks whether a fair coin would
divide them so.
What must hold: for the first a running variable with many distinct values; for the second only
that the density does not run steeply within the few values counted.
Sources: Cattaneo, Jansson and Ma 2020, Journal of the American Statistical Association
115:1449-1455; Cattaneo, Titiunik and Vazquez-Bare 2017, Journal of Policy Analysis and Management
36:643-681 (counts).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.fits.local_polynomial import linear_weights
from evalkit.inference.arrays import Floats

PILOT = 2.576
ORDER = 3


@dataclass(frozen=True, slots=True)
class DensityJump:
    """Densities at the threshold from below and above, and a test that they are equal."""

    below: float
    above: float
    std_error: float
    p_value: float
    bandwidth: float
    rows_below: int
    rows_above: int


def fit_density_jump(distance: Floats, bandwidth: float | None = None) -> DensityJump:
    """Test for a jump at zero in the density of `distance` (n,).

    `bandwidth` is a rule of thumb where not given; the cubic takes out the bias that a quadratic
    would have there.
    """
    x = np.sort(distance)
    width = bandwidth or _rule_of_thumb(x)
    shares = (np.searchsorted(x, x, side="right") - 1) / (len(x) - 1)
    above = x >= 0
    slopes = np.zeros((2, len(x)))
    for row, side in enumerate((~above, above)):
        near = side & (np.abs(x) < width)
        slopes[row, near] = linear_weights(x[near], width, ORDER)[1]
    below, over = slopes @ shares
    part = (slopes[1] - slopes[0])[::-1].cumsum()[::-1]
    error = float(np.sqrt(np.sum((part - part.mean()) ** 2))) / (len(x) - 1)
    z = (over - below) / error
    counts = [int((side & (np.abs(x) < width)).sum()) for side in (~above, above)]
    return DensityJump(
        float(below), float(over), error, float(2 * stats.norm.sf(abs(z))), width, *counts
    )


def _rule_of_thumb(x: Floats) -> float:
    low, high = np.quantile(x, [0.25, 0.75])
    spread = min(float(x.std(ddof=1)), float(high - low) / 1.349)
    return float(PILOT * spread / float(len(x)) ** 0.2)


@dataclass(frozen=True, slots=True)
class NearCounts:
    """Rows within `window` of the threshold on each side, and whether a fair coin would do it."""

    window: float
    rows_below: int
    rows_above: int
    p_value: float


def count_near(distance: Floats, window: float) -> NearCounts:
    """Count the rows with distance in [-window, 0) and [0, window), by a binomial test."""
    below = int(((distance >= -window) & (distance < 0)).sum())
    above = int(((distance >= 0) & (distance < window)).sum())
    p = float(stats.binomtest(above, below + above, 0.5).pvalue) if below + above else np.nan
    return NearCounts(window, below, above, p)
