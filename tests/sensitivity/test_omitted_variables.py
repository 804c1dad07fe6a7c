"""Unmeasured causes: the published Darfur example, algebra, refusal."""

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.sensitivity.omitted_variables import (
    Strength,
    adjust_estimate,
    bound_by_benchmark,
    partial_r2,
    robustness_value,
)

ESTIMATE, ERROR, DF = 0.09731582, 0.02325654, 783
"""Effect of being harmed in Darfur on wanting peace (Cinelli and Hazlett 2020, section 5)."""
PRINTED = 1e-5
"""The paper's companion software prints five digits."""
FEMALE = (0.0090810655, 0.1090341)
"""Partial R2 of being female with exposure and outcome, solved from the bounds at once."""


def test_darfur_headline() -> None:
    """Partial R2 2.2%, robustness value 13.9%, and 7.6% for the interval, as published."""
    t = ESTIMATE / ERROR
    assert partial_r2(t, DF) == pytest.approx(0.02187, abs=PRINTED)
    assert robustness_value(t, DF) == pytest.approx(0.13878, abs=PRINTED)
    assert robustness_value(t, DF, alpha=0.05) == pytest.approx(0.07626, abs=PRINTED)


def test_rounded_darfur_by_hand() -> None:
    """From 0.097, 0.023 and 783: t = 4.217, f = 0.1507, RV = (sqrt(f^4 + 4 f^2) - f^2) / 2."""
    f = 0.097 / 0.023 / np.sqrt(783)
    by_hand = (np.sqrt(f**4 + 4 * f**2) - f**2) / 2
    assert by_hand == pytest.approx(0.1398, abs=1e-4)
    assert robustness_value(0.097 / 0.023, 783) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("times", "with_exposure", "with_outcome", "adjusted", "error", "low", "high"),
    [
        (1, 0.0091643, 0.1246409, 0.0752203, 0.0218733, 0.0322830, 0.1181576),
        (2, 0.0183286, 0.2493241, 0.0529152, 0.0203501, 0.0129680, 0.0928623),
        (3, 0.0274929, 0.3740505, 0.0303960, 0.0186701, -0.0062533, 0.0670453),
    ],
)
def test_darfur_benchmarks(
    times: int,
    with_exposure: float,
    with_outcome: float,
    adjusted: float,
    error: float,
    low: float,
    high: float,
) -> None:
    """Causes one, two and three times as strong as being female give the published bounds."""
    bound = bound_by_benchmark(*FEMALE, times=times)
    assert bound.with_exposure == pytest.approx(with_exposure, abs=PRINTED)
    assert bound.with_outcome == pytest.approx(with_outcome, abs=PRINTED)
    found = adjust_estimate(ESTIMATE, ERROR, DF, bound)
    assert found.estimate == pytest.approx(adjusted, abs=PRINTED)
    assert found.std_error == pytest.approx(error, abs=PRINTED)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), abs=PRINTED)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_robustness_value_takes_the_share_away(share: float) -> None:
    """A cause as strong as the robustness value leaves 1 - share of the estimate, either sign."""
    strength = robustness_value(-3.0, 50, share=share)
    found = adjust_estimate(-1.5, 0.5, 50, Strength(strength, strength))
    assert found.estimate == pytest.approx(-1.5 * (1 - share))


@pytest.mark.parametrize(("t", "df"), [(4.2, 783), (8.0, 20), (60.0, 30)])
def test_robustness_value_of_the_interval(t: float, df: int) -> None:
    """No cause up to that strength, whatever its mix, takes t below its critical value."""
    strength = robustness_value(t, df, alpha=0.05)
    mixes = [Strength(strength, share) for share in np.linspace(0, strength, 2001)]
    least = min(adjust_estimate(t, 1.0, df, mix).t for mix in mixes)
    assert least == pytest.approx(stats.t.ppf(0.975, df - 1), rel=1e-5)


def test_adjusting_equals_the_longer_regression() -> None:
    """With the cause's own partial R2, the adjustment gives the regression that includes it."""
    rng = np.random.default_rng(1)
    z = rng.normal(size=200)
    d = 0.6 * z + rng.normal(size=200)
    y = 0.5 * d + 0.8 * z + rng.normal(size=200)
    short, long = (_ols(y, x) for x in (np.column_stack([d]), np.column_stack([d, z])))
    z_on_d = _ols(d, z[:, None])
    cause = Strength(
        partial_r2(z_on_d[0][0] / z_on_d[1][0], 198), partial_r2(long[0][1] / long[1][1], 197)
    )
    found = adjust_estimate(short[0][0], short[1][0], 198, cause)
    assert found.estimate == pytest.approx(long[0][0])
    assert found.std_error == pytest.approx(long[1][0])


def _ols(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and errors, a constant added and left out of what is returned."""
    full = np.column_stack([x, np.ones(len(y))])
    coef, *_ = np.linalg.lstsq(full, y)
    left = y - full @ coef
    cov = left @ left / (len(y) - full.shape[1]) * np.linalg.inv(full.T @ full)
    return coef[:-1], np.sqrt(np.diag(cov))[:-1]


def test_nothing_is_needed_where_the_interval_holds_zero() -> None:
    """Below the critical value the interval's robustness value is zero."""
    assert robustness_value(1.5, 100, alpha=0.05) == 0


def test_impossible_strengths_are_refused() -> None:
    """A share of one or more, a benchmark too strong, and no degrees of freedom are refused."""
    with pytest.raises(AnalysisError, match="Give shares below 1"):
        adjust_estimate(1, 1, 10, Strength(1.0, 0.5))
    with pytest.raises(AnalysisError, match="3 times as strong"):
        bound_by_benchmark(0.4, 0.1, times=3)
    with pytest.raises(AnalysisError, match="Give more rows"):
        partial_r2(2.0, 1)
