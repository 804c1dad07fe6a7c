"""Precision of before and after in units with and without, when a unit's periods correlate.

Each unit's mean after less its mean before, averaged over units: whatever the covariance of
periods, this is the formula of Burlig, Preonas and Woerman (2020, Journal of Development
Economics 144:102458). t(units - 2). Must hold: the covariance; parallel courses without it.
"""

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.sample_size import Precision


def panel_precision(
    treated: int,
    others: int,
    covariance: Floats,
    before: int,
) -> Precision:
    """Return the precision with `treated` and `others` units, `before` periods before the start.

    `covariance` (periods, periods) is that of one unit's outcomes. Raises AnalysisError where no
    period is before or after, or an arm is empty.
    """
    periods = len(covariance)
    if not 0 < before < periods or min(treated, others) < 1 or treated + others < 3:
        raise AnalysisError(
            f"panel precision: {treated} units with and {others} without, {before} of {periods} "
            "periods before. Give periods on both sides, units in both arms, and three in all."
        )
    change = np.where(np.arange(periods) < before, -1 / before, 1 / (periods - before))
    variance = float(change @ covariance @ change)
    error = float(np.sqrt(variance * (1 / treated + 1 / others)))
    return Precision(error, float(treated + others - 2))


def course_covariance(
    periods: int,
    *,
    lasting: float,
    passing: float,
    memory: float,
    noise: float,
) -> Floats:
    """Return the covariance (periods, periods) of a unit's outcomes.

    Standard deviations: `lasting` of units' levels, `passing` of a course whose periods correlate
    by `memory` to the power of their distance, and `noise` of each period's sampling alone.
    """
    if not -1 < memory < 1 or min(lasting, passing, noise) < 0:
        raise AnalysisError(
            "panel precision: memory lies between -1 and 1, and spreads are none or more. "
            "Give values in those ranges."
        )
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    course = passing**2 * memory**apart
    return np.asarray(lasting**2 + course + noise**2 * np.eye(periods), dtype=float)
