"""The E-value: how strongly an unmeasured cause must go with both exposure and outcome.

On the scale of risk ratios: the least by which an unmeasured cause must multiply the risk of
the exposure and of the outcome, measured causes held fixed, to explain an association away.
For a continuous outcome a standardised difference d is taken as a risk ratio of exp(0.91 d),
roughly, as if the outcome were cut at some point.
Sources: VanderWeele and Ding 2017 (Annals of Internal Medicine 167:268-274); Chinn 2000
(Statistics in Medicine 19:3127-3131) for standardised differences.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError

PER_STANDARD_DEVIATION = 0.91
"""Log of the risk ratio that one standard deviation stands for: pi / sqrt(3) / 2, rounded."""

HALF_95 = 1.78
"""Half of the 95% interval of that log per standard error: 0.91 x 1.96, as published."""


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of an estimate and of its interval's limit nearer to no association.

    `limit` is 1 where the interval holds no association: nothing unmeasured is needed then.
    `risk_ratio` is what the estimate was taken as.
    """

    risk_ratio: float
    point: float
    limit: float


def e_value(risk_ratio: float, conf_low: float, conf_high: float) -> EValue:
    """Compute the E-values of a risk ratio and its interval."""
    if not (0 < conf_low <= risk_ratio <= conf_high and np.isfinite(conf_high)):
        raise AnalysisError(
            "E-value: needs a risk ratio above zero inside its interval. Give ratios, not "
            "differences or logs."
        )
    if conf_low <= 1 <= conf_high:
        limit = 1.0
    else:
        limit = _strength(conf_low if risk_ratio > 1 else conf_high)
    return EValue(risk_ratio, _strength(risk_ratio), limit)


def e_value_of_difference(difference: float, std_error: float) -> EValue:
    """Compute the E-values of a standardised mean difference, and of its 95% interval.

    `difference` and `std_error` are in standard deviations of the outcome.
    """
    if not std_error >= 0:
        raise AnalysisError("E-value: a standard error is below zero or missing. Give it.")
    log_ratio, half = PER_STANDARD_DEVIATION * difference, HALF_95 * std_error
    low, middle, high = np.exp([log_ratio - half, log_ratio, log_ratio + half])
    return e_value(float(middle), float(low), float(high))


def _strength(risk_ratio: float) -> float:
    ratio = max(risk_ratio, 1 / risk_ratio)
    return float(ratio + np.sqrt(ratio * (ratio - 1)))
