"""Ranks among placebos and among shifts in time: by hand, and how often they cover."""

import numpy as np
import pytest

from evalkit.inference.conformal import conformal_p, invert_conformal
from evalkit.inference.placebo import invert_placebos, rank_p

ENDS = 1e-3
"""The ends of a conformal interval are closed in to this part of the first step."""


def test_rank_by_hand() -> None:
    """Two of four placebos are as large, and the observed is one of five: 3/5."""
    assert rank_p(2.0, np.array([1.0, 2.0, 3.0, 0.0])) == pytest.approx(3 / 5)


def test_inversion_by_hand() -> None:
    """With 19 placebos and 95%, the largest size (3) times the scale (2) is the reach: 10 +- 6."""
    effects = np.array([*np.linspace(-1, 1, 18), -3.0])
    low, high = invert_placebos(10.0, 2.0, effects, np.ones(19), 0.95)
    assert (low, high) == pytest.approx((4.0, 16.0))


def test_inversion_agrees_with_ranks() -> None:
    """An effect inside the interval has a p-value above 5%, one outside has not."""
    rng = np.random.default_rng(1)
    effects, scales = rng.normal(size=59), rng.uniform(0.5, 2, size=59)
    low, high = invert_placebos(3.0, 0.7, effects, scales, 0.95)
    sizes = np.abs(effects) / scales
    for tried, inside in ((low + 1e-6, True), (low - 1e-6, False), (high + 1e-6, False)):
        assert (rank_p(abs(3.0 - tried) / 0.7, sizes) > 0.05) == inside


def test_too_few_placebos_rule_out_nothing() -> None:
    """Eighteen placebos cannot give a p-value of 5%, so there is no 95% interval."""
    low, high = invert_placebos(1.0, 1.0, np.ones(18), np.ones(18), 0.95)
    assert np.isnan(low)
    assert np.isnan(high)


def test_conformal_p_by_hand() -> None:
    """Residuals 0, 0, 0, 3 with the last treated: only the shift by nothing is as far out, 1/4."""
    assert conformal_p(np.array([0.0, 0, 0, 3]), 3) == pytest.approx(1 / 4)
    assert conformal_p(np.array([0.0, 3, 0, 3]), 3) == pytest.approx(2 / 4)
    assert conformal_p(np.array([1.0, -1, 2, 2]), 2) == pytest.approx(1 / 4)


def test_conformal_interval_has_the_effects_kept() -> None:
    """Just inside each end the p-value is above 1 - level, just outside it is not."""
    rng = np.random.default_rng(2)
    series = rng.normal(size=40)
    series[30:] += 2.0

    def residuals(effect: float) -> np.ndarray:
        taken = series - effect * (np.arange(40) >= 30)
        return taken - taken.mean()

    low, high = invert_conformal(residuals, 30, 2.0, 0.9)
    assert low < high
    for end, outward in ((low, -1), (high, 1)):
        assert conformal_p(residuals(end - outward * ENDS), 30) > 0.1
        assert conformal_p(residuals(end + outward * ENDS), 30) <= 0.1


def test_too_few_periods_rule_out_nothing() -> None:
    """Ten periods cannot give a p-value of 5%."""
    low, high = invert_conformal(lambda effect: np.arange(10.0) - effect, 8, 0.0, 0.95)
    assert np.isnan(low)
    assert np.isnan(high)


def test_conformal_interval_covers() -> None:
    """Over 200 series of unrelated residuals, about nine in ten 90% intervals hold the truth."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        series = rng.normal(size=30)
        p = conformal_p(series, 22)
        covered += p > 0.1
    assert 0.85 <= covered / 200 <= 0.96
