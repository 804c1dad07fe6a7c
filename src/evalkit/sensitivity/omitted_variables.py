"""How strong an unmeasured cause must be to explain a regression's coefficient away.

Strength is told in partial R2: the share of what is left of the exposure, and of the outcome,
that the unmeasured cause would explain, measured causes held fixed. The robustness value is the
share of both that suffices. Measured causes serve as yardsticks: one as strong as they, or some
times as strong, would change the coefficient so far.
Give t and errors as least squares has them, not clustered: they stand for how much of the
outcome is left to explain. How sure the estimate is, its own (clustered) interval says.
Source: Cinelli and Hazlett 2020 (Journal of the Royal Statistical Society B 82:39-67).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A coefficient as it would be with the unmeasured cause held fixed."""

    estimate: float
    std_error: float
    t: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Strength:
    """An unmeasured cause's partial R2 with the exposure and with the outcome."""

    with_exposure: float
    with_outcome: float


def partial_r2(t: float, df: float) -> float:
    """Share of the outcome's residual variation that a coefficient's regressor explains."""
    _refuse_df(df)
    return float(t**2 / (t**2 + df))


def robustness_value(t: float, df: float, *, share: float = 1.0, alpha: float = 1.0) -> float:
    """Partial R2 with both exposure and outcome that takes away `share` of the estimate.

    With `alpha` below 1, enough to bring the estimate, so reduced, within reach of the interval
    at level 1 - alpha. Zero where nothing unmeasured is needed.
    """
    _refuse_df(df)
    strength = share * abs(t) / np.sqrt(df)
    critical = float(stats.t.ppf(1 - alpha / 2, df - 1)) / np.sqrt(df - 1)
    excess = strength - critical
    if excess <= 0:
        return 0.0
    if critical > 0 and strength > 1 / critical:
        return float((strength**2 - critical**2) / (1 + strength**2))
    return float((np.sqrt(excess**4 + 4 * excess**2) - excess**2) / 2)


def adjust_estimate(
    estimate: float,
    std_error: float,
    df: float,
    cause: Strength,
    *,
    toward_zero: bool = True,
    level: float = 0.95,
) -> Adjusted:
    """Adjust a coefficient for an unmeasured cause of given strength.

    `toward_zero` tells whether the cause is taken to have inflated the estimate.
    """
    _refuse_df(df)
    by_exposure, by_outcome = cause.with_exposure, cause.with_outcome
    if not (0 <= by_exposure < 1 and 0 <= by_outcome <= 1):
        raise AnalysisError(
            "partial R2: outside 0 to 1, or the whole of the exposure. Give shares below 1."
        )
    bias = std_error * np.sqrt(by_outcome * by_exposure / (1 - by_exposure) * df)
    sign = np.sign(estimate) if toward_zero else -np.sign(estimate)
    adjusted = float(estimate - sign * bias)
    error = float(std_error * np.sqrt((1 - by_outcome) / (1 - by_exposure) * df / (df - 1)))
    half = float(stats.t.ppf(0.5 + level / 2, df - 1)) * error
    t = adjusted / error if error > 0 else float(np.copysign(np.inf, adjusted))
    return Adjusted(adjusted, error, t, adjusted - half, adjusted + half)


def bound_by_benchmark(
    with_exposure: float, with_outcome: float, *, times: float = 1.0
) -> Strength:
    """Bound the strength of an unmeasured cause `times` as strong as a measured one.

    `with_exposure` is the measured cause's partial R2 in the exposure's regression on the
    measured causes, `with_outcome` in the outcome's on exposure and measured causes. Raises
    AnalysisError where no cause can be so strong.
    """
    f2_exposure = with_exposure / (1 - with_exposure)
    on_exposure = times * f2_exposure
    shared = times * with_exposure**2 / ((1 - times * with_exposure) * (1 - with_exposure))
    if on_exposure >= 1 or not 0 <= shared < 1:
        raise AnalysisError(
            f"benchmark: no cause can be {times:g} times as strong as this one with the exposure. "
            "Compare with fewer times, or another measured cause."
        )
    scale = (np.sqrt(times) + np.sqrt(shared)) / np.sqrt(1 - shared)
    on_outcome = min(1.0, float(scale**2 * with_outcome / (1 - with_outcome)))
    return Strength(float(on_exposure), on_outcome)


def _refuse_df(df: float) -> None:
    if not df > 1:
        raise AnalysisError(
            "degrees of freedom: one or fewer, so nothing is left to explain. Give more rows."
        )
