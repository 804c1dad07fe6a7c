"""Precision of an interrupted time series: the change in level, in slope, or at the end.

Generalised least squares on a trend, a step and a change of slope, the errors correlating by
`memory` from one period to the next (Zhang, Wagner and Ross-Degnan 2011, Journal of Clinical
Epidemiology 64:1252-1261). With a comparison series of the same spread the variance is doubled
and the change is the difference of the two. t(points - coefficients). The memory is taken as
known; as it must be estimated from few points, true power is lower (Hawley et al. 2019), so use
it to see what cannot work. Must hold: the trend would have gone on.
"""

from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.sample_size import Precision

Change = Literal["level", "slope", "at_end"]
FEWEST = 3


def series_precision(
    before: int,
    after: int,
    sd: float,
    *,
    memory: float = 0.0,
    change: Change = "level",
    seasons: int = 0,
    compared: bool = False,
) -> Precision:
    """Return the precision of a change with `before` and `after` periods, `sd` about the trend.

    "level" is the change at the first period after, "slope" the change a period, "at_end" the
    distance from the old trend in the last period. `seasons` harmonic pairs of a year of twelve
    periods are held fixed. Raises AnalysisError for fewer than three periods on either side.
    """
    if min(before, after) < FEWEST or not sd > 0 or not -1 < memory < 1:
        raise AnalysisError(
            f"series precision: {before} periods before and {after} after. Give at least {FEWEST} "
            "on each side, a spread above 0 and a memory between -1 and 1."
        )
    x = _design(before, after, seasons)
    df = len(x) - x.shape[1]
    if df < 1:
        raise AnalysisError(
            f"series precision: {len(x)} periods for {x.shape[1]} coefficients. "
            "Give more periods, or fewer seasons."
        )
    apart = np.abs(np.subtract.outer(np.arange(len(x)), np.arange(len(x))))
    cov = sd**2 * np.linalg.inv(x.T @ np.linalg.solve(memory**apart, x))
    mix = np.zeros(x.shape[1])
    mix[2:4] = {"level": (1, 0), "slope": (0, 1), "at_end": (1, after - 1)}[change]
    series = 2 if compared else 1
    return Precision(float(np.sqrt(series * mix @ cov @ mix)), float(series * df))


def _design(before: int, after: int, seasons: int) -> Floats:
    """Constant, trend, step and change of slope, and harmonics (periods, 4 + 2 x seasons)."""
    time = np.arange(before + after)
    late = (time >= before).astype(float)
    waves = [
        wave(2 * np.pi * k * time / 12) for k in range(1, seasons + 1) for wave in (np.sin, np.cos)
    ]
    return np.column_stack([np.ones(len(time)), time, late, late * (time - before), *waves])
