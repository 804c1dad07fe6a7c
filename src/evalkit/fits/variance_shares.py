"""How alike two answers of one cluster are, with intervals from the profile of the likelihood.

`icc` is the share of an answer's variance that its cluster and period explain: the correlation of
two answers of one cluster in one period. `autocorrelation` is the share of that which outlasts
the period (cluster autocorrelation: Hooper et al 2016, Statistics in Medicine 35:4718-4728). Both
may lie on the edge of what is possible, where a symmetric interval says nothing; so the interval
holds each value that the restricted likelihood does not refute (chi-squared on one degree).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.fits.cluster_periods import Cells
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.inference.arrays import Floats

LARGEST_SHARE = 0.9999
CLOSE = 5e-4
COARSE, FINE = 17, 9
"""Shares tried for the one that is not asked for: over the whole range, then about the best."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share from 0 to 1 with its interval."""

    estimate: float
    conf_low: float
    conf_high: float


def estimate_icc(fit: MixedModelFit, *, level: float = 0.95) -> Share:
    """Estimate the correlation of two answers of one cluster in one period."""
    explained = fit.component("cluster") + fit.component("cluster_period")
    found = explained / (explained + fit.component("residual"))

    def deviance(icc: float) -> float:
        if fit.structure == "exchangeable":
            return float(_deviances(fit.cells, np.array([icc]), np.ones(1))[0])
        return _lowest(lambda kept: _deviances(fit.cells, np.full_like(kept, icc), kept), 1.0)

    return _profile(deviance, found, level)


def estimate_autocorrelation(fit: MixedModelFit, *, level: float = 0.95) -> Share:
    """Estimate the share of what a cluster explains that is the same in every period.

    Not a number where clusters explain nothing.
    """
    explained = fit.component("cluster") + fit.component("cluster_period")
    if not explained:
        return Share(np.nan, np.nan, np.nan)
    icc = explained / (explained + fit.component("residual"))
    highest = min(4 * icc, LARGEST_SHARE)

    def deviance(kept: float) -> float:
        return _lowest(
            lambda share: _deviances(fit.cells, share, np.full_like(share, kept)), highest
        )

    return _profile(deviance, fit.component("cluster") / explained, level)


def _deviances(cells: Cells, icc: Floats, kept: Floats) -> Floats:
    """-2 log restricted likelihood at g pairs of shares, but for a constant: all pairs at once.

    The sums are those of `variance_structures` for a cluster and a cluster-period effect.
    """
    ratio = icc / (1 - icc)
    a, b = (ratio * kept)[:, None], (ratio * (1 - kept))[:, None]
    worth = cells.weight / (1 + b * cells.weight)
    width = cells.mean.shape[1]
    squares = (cells.mean[:, :, None] * cells.mean[:, None, :]).reshape(len(cells.mean), -1)
    sums = np.add.reduceat(worth[:, :, None] * cells.mean, cells.starts, axis=1)
    grown = 1 + a * np.add.reduceat(worth, cells.starts, axis=1)
    taken = np.swapaxes(sums, 1, 2) * (a / grown)[:, None, :]
    total = cells.within + (worth @ squares).reshape(-1, width, width) - taken @ sums
    bread, cross = total[:, :-1, :-1], total[:, :-1, -1:]
    rest = total[:, -1, -1] - (cross * np.linalg.solve(bread, cross)).sum(axis=(1, 2))
    log_determinant = np.log1p(b * cells.weight).sum(axis=1) + np.log(grown).sum(axis=1)
    log_determinant = log_determinant + np.linalg.slogdet(bread)[1]
    return np.asarray((cells.rows - cells.regressors) * np.log(rest) + log_determinant)


def _lowest(deviances: Callable[[Floats], Floats], highest: float) -> float:
    """Lowest deviance over a share from 0 to `highest`: the best of two grids, smoothed."""
    grid = np.linspace(0.0, min(highest, LARGEST_SHARE), COARSE)
    at = int(np.argmin(deviances(grid)))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, COARSE - 1)]
    fine = np.linspace(low, high, FINE)
    values = deviances(fine)
    middle = int(np.clip(np.argmin(values), 1, FINE - 2))
    before, here, after = values[middle - 1 : middle + 2]
    bend = before - 2 * here + after
    dip = (after - before) ** 2 / (8 * bend) if bend > 0 else 0.0
    inside = abs(after - before) <= 2 * bend
    return float(here - dip if inside else values.min())


def _profile(deviance: Callable[[float], float], found: float, level: float) -> Share:
    """Values on both sides of the estimate whose deviance is not too far above its lowest."""
    from scipy.optimize import brentq

    best = min(max(found, 0.0), LARGEST_SHARE)
    allowed = deviance(best) + float(stats.chi2.ppf(level, 1))

    def excess(value: float) -> float:
        return deviance(value) - allowed

    ends = [
        end if excess(end) <= 0 else float(brentq(excess, end, best, xtol=CLOSE))
        for end in (0.0, LARGEST_SHARE)
    ]
    return Share(found, ends[0], 1.0 if ends[1] == LARGEST_SHARE else ends[1])
