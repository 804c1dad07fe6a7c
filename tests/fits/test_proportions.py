"""Intervals of shares and rates, and expected ranges: published vectors, by hand, coverage."""

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.expected_range import fit_expected_range, transform_shares
from evalkit.fits.proportions import fit_rate_interval, fit_wilson_interval

PRINTED = 5e-6
"""Wilson's vectors have five decimals."""
PRINTED_Z = 5e-4
"""The vector of the expected range has three decimals."""
BYAR_ROUGH = 0.005
"""Byar's limits are within half a per cent of the exact ones above ten events."""
SCORES = np.array([7.6, 7.9, 8.0, 8.1, 8.1, 8.2, 8.2, 8.3, 8.3, 8.4, 8.5, 8.6, 8.7, 9.3])
ERRORS = np.array(
    [0.12, 0.10, 0.09, 0.11, 0.10, 0.08, 0.12, 0.10, 0.09, 0.11, 0.10, 0.12, 0.09, 0.11]
)
GOLDEN_Z = [-2.556, -1.505, -1.145, -0.742, -0.753, -0.386, -0.365]
GOLDEN_Z += [0, 0, 0.371, 0.753, 1.095, 1.526, 3.709]


@pytest.mark.parametrize(
    ("events", "people", "low", "high"), [(85, 100, 0.76716, 0.90694), (0, 12, 0, 0.24249)]
)
def test_wilson_vectors(events: int, people: int, low: float, high: float) -> None:
    """85 of 100 and 0 of 12 have the published limits."""
    found = fit_wilson_interval(np.array([events]), np.array([people]))
    assert found.conf_low[0] == pytest.approx(low, abs=PRINTED)
    assert found.conf_high[0] == pytest.approx(high, abs=PRINTED)


def test_all_of_them_ends_at_one() -> None:
    """12 of 12 mirrors 0 of 12, ending at exactly 1; nobody asked has no interval."""
    found = fit_wilson_interval(np.array([12, 0]), np.array([12, 0]))
    assert found.conf_high[0] == 1.0
    assert found.conf_low[0] == pytest.approx(1 - 0.24249, abs=PRINTED)
    assert np.isnan([found.estimate[1], found.conf_low[1], found.conf_high[1]]).all()


def test_wilson_covers() -> None:
    """Summed over every count of 40 people, the chance to cover is 95% on average."""
    events = np.arange(41)
    found = fit_wilson_interval(events, np.full(41, 40))
    shares = np.linspace(0.05, 0.95, 91)
    held = (found.conf_low[:, None] <= shares) & (shares <= found.conf_high[:, None])
    chance = np.sum(held * stats.binom.pmf(events[:, None], 40, shares), axis=0)
    assert np.mean(chance) == pytest.approx(0.95, abs=0.01)


def test_rate_by_hand() -> None:
    """No event in 500: 0 to -log(.025) / 500, per thousand."""
    found = fit_rate_interval(np.array([0]), np.array([500]), per=1000)
    assert found.conf_low[0] == 0
    assert found.conf_high[0] == pytest.approx(-np.log(0.025) * 2)


def test_byar_is_near_the_exact_limits() -> None:
    """From ten events on, Byar's limits are the exact Poisson ones to half a per cent."""
    events = np.arange(10, 400)
    found = fit_rate_interval(events, np.ones(390))
    assert found.conf_low == pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2, rel=BYAR_ROUGH)
    exact = stats.chi2.ppf(0.975, 2 * events + 2) / 2
    assert found.conf_high == pytest.approx(exact, rel=BYAR_ROUGH)


def test_expected_range_vector() -> None:
    """Fourteen trusts: one lower and one much higher than expected, as in the published vector."""
    found = fit_expected_range(SCORES, ERRORS)
    assert found.centre == pytest.approx(8.3)
    assert found.dispersion == pytest.approx(6.4605, abs=5e-5)
    assert found.tau2 == pytest.approx(0.060602, abs=5e-7)
    assert found.z == pytest.approx(GOLDEN_Z, abs=PRINTED_Z)
    assert found.bands((1.960, 3.090)).tolist() == [-1, *[0] * 12, 2]
    assert found.bands().tolist() == [-2, *[0] * 12, 3]
    plain = (SCORES - 8.3) / ERRORS
    assert np.sum(np.abs(plain) >= 1.96) > 6


def test_limits_are_where_the_bands_change() -> None:
    """A value on its 95% limit has a z-score of 1.96."""
    found = fit_expected_range(SCORES, ERRORS)
    low, high = found.limits(1.96)
    spread = np.sqrt(ERRORS**2 + found.tau2)
    assert (high - found.centre) / spread == pytest.approx(np.full(14, 1.96))
    assert (low < found.centre).all()


def test_sampling_alone_flags_one_in_twenty() -> None:
    """Trusts that differ by chance are flagged about as often as the band promises."""
    rng, errors = np.random.default_rng(8), np.full(130, 0.1)
    flagged = [
        np.mean(fit_expected_range(rng.normal(8, 0.1, 130), errors).bands((1.96,)) != 0)
        for _ in range(200)
    ]
    assert np.mean(flagged) == pytest.approx(0.05, abs=0.01)


def test_shares_have_an_error_of_their_own_size() -> None:
    """1/4 of 100 becomes pi / 6 with error 1 / 20."""
    value, error = transform_shares(np.array([25.0]), np.array([100.0]))
    assert value[0] == pytest.approx(np.pi / 6)
    assert error[0] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_wilson_interval(np.array([3, 1]), np.array([2, 2])), "1 of 2 rows cannot be"),
        (lambda: fit_rate_interval(np.array([-1]), np.array([2])), "1 of 1 rows cannot be"),
        (lambda: fit_expected_range(np.ones(4), np.ones(4)), "4 organisations, 0 without"),
        (lambda: fit_expected_range(np.ones(6), np.zeros(6)), "6 organisations, 6 without"),
        (lambda: transform_shares(np.zeros(1), np.zeros(1)), "1 of 1 organisations asked nobody"),
    ],
)
def test_impossible_counts_are_refused(call, message: str) -> None:
    """What cannot be is counted, not shown."""
    with pytest.raises(AnalysisError, match=message):
        call()
