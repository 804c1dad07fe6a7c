"""One estimate with its error and interval: the plain value that a fit hands back.

Interval and test use Student's t, or the normal where the degrees of freedom are infinite.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate, its standard error, degrees of freedom, interval at `level`, and p of zero."""

    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float
    level: float


def make_estimate(
    estimate: float, std_error: float, *, df: float = np.inf, level: float = 0.95
) -> Estimate:
    """Return the estimate with its symmetric interval and two-sided p; all NaN without error.

    `df` may be infinite (normal); fewer than one degree of freedom gives no interval.
    """
    if not std_error > 0 or not df >= 1:
        missing = float("nan")
        return Estimate(float(estimate), float(std_error), df, missing, missing, missing, level)
    upper, below = 0.5 + level / 2, -abs(estimate) / std_error
    normal = bool(np.isinf(df))
    half = (special.ndtri(upper) if normal else special.stdtrit(df, upper)) * std_error
    p_value = 2 * float(special.ndtr(below) if normal else special.stdtr(df, below))
    low, high = estimate - half, estimate + half
    return Estimate(float(estimate), float(std_error), df, float(low), float(high), p_value, level)
