"""Regression to the mean: published constants, by hand, simulation with luck that lasts."""

import numpy as np
import pytest
from scipy import stats

from evalkit.fits.regression_to_the_mean import (
    LASTS,
    Luck,
    Timing,
    expect_regression,
    fit_luck,
    jackknife_error,
    luck_of,
    normal_tail,
    whole_variance,
)

SIMULATED = 0.03
"""Share by which a figure from 250,000 made-up units may differ by chance."""


def timing(periods: int, start: int, decisive: list[int]) -> Timing:
    """Say which of `periods`, counted from 0, came after and which decided."""
    times = np.arange(periods)
    return Timing(times, times >= start, np.isin(times, decisive))


def no_luck_that_lasts(variance: float) -> Luck:
    """Return luck of this variance, gone in the next period."""
    return Luck(np.array([variance]), np.array([0.0]), lasts=False)


def choose(values: np.ndarray, decisive: list[int]) -> np.ndarray:
    """Choose the fifth of units that did worst over the decisive periods."""
    means = values[:, decisive].mean(axis=1)
    return values[means <= np.quantile(means, 0.2)]


def lasting(rng: np.random.Generator, shape: tuple[int, int], keeps: float) -> np.ndarray:
    """Series of variance one whose neighbours correlate by `keeps`."""
    made = rng.normal(size=shape)
    for t in range(1, shape[1]):
        made[:, t] = keeps * made[:, t - 1] + np.sqrt(1 - keeps**2) * made[:, t]
    return made


@pytest.mark.parametrize(("share", "mean"), [(0.5, 0.7979), (0.2, 1.3998), (0.05, 2.0627)])
def test_mean_of_a_normal_tail(share: float, mean: float) -> None:
    """Tabled values of the normal's mean beyond a cut-off, as in tables of selection."""
    assert normal_tail(share).mean == pytest.approx(mean, abs=1e-4)


def test_variance_of_a_normal_tail() -> None:
    """The variance of a tail is that of scipy's truncated normal."""
    cut = stats.norm.isf(0.2)
    assert normal_tail(0.2).variance == pytest.approx(stats.truncnorm(cut, np.inf).var())


def test_worst_half_by_hand() -> None:
    """Variance 1 within and 3 between: the worse half regress by 1 / 2 x 0.7979 = 0.399."""
    found = expect_regression(no_luck_that_lasts(1), np.array([4.0]), 0.5, timing(2, 1, [0]))
    assert found[0] == pytest.approx(0.5 * 0.7979, abs=1e-4)


def test_periods_that_did_not_decide_dilute_it() -> None:
    """If one of three periods decided, the mean of three regresses by a third."""
    luck, whole = no_luck_that_lasts(1), np.array([4.0])
    alone = expect_regression(luck, whole, 0.2, timing(2, 1, [0]))[0]
    diluted = expect_regression(luck, whole, 0.2, timing(4, 3, [2]))[0]
    assert diluted == pytest.approx(alone / 3)


def test_luck_that_lasts_is_partly_kept() -> None:
    """Of lasting luck of variance 1, a period later 0.3 is gone: 0.3 / 2 x 1.3998."""
    luck = Luck(np.array([0.0]), np.array([1.0]), lasts=True)
    found = expect_regression(luck, np.array([4.0]), 0.2, timing(2, 1, [0]))
    assert found[0] == pytest.approx((1 - LASTS) / 2 * 1.3998, abs=1e-4)


@pytest.mark.parametrize("keeps", [0.0, 0.5, 0.8])
def test_simulated_units_come_back_as_expected(keeps: float) -> None:
    """Made-up units, the worst fifth by one year of three, luck at once and luck that lasts."""
    rng = np.random.default_rng(1)
    shape = (250_000, 12)
    values = 0.8 * rng.normal(size=(shape[0], 1)) + rng.normal(size=shape)
    values += 0.8 * lasting(rng, shape, keeps)
    when = timing(12, 8, [4, 5, 6, 7])
    chosen = choose(values, [4, 5, 6, 7])
    cluster = np.arange(len(chosen)) % 20
    whole = whole_variance(chosen[:, 4:8].mean(axis=1), cluster, 0.2)
    luck = fit_luck(chosen, chosen, cluster, when, whole, 0.2)
    came_back = chosen[:, 8:].mean() - chosen[:, :8].mean()
    assert whole[0] == pytest.approx(values[:, 4:8].mean(axis=1).var(), rel=SIMULATED)
    assert expect_regression(luck, whole, 0.2, when)[0] == pytest.approx(came_back, rel=0.06)


def test_being_chosen_narrows_and_the_fit_knows() -> None:
    """Two decisive periods of four, luck of variance 1: that is found, not the narrowed spread."""
    rng = np.random.default_rng(2)
    values = 0.8 * rng.normal(size=(500_000, 1)) + rng.normal(size=(500_000, 6))
    chosen, when = choose(values, [2, 3]), timing(6, 4, [2, 3])
    cluster = np.arange(len(chosen)) % 20
    whole = whole_variance(chosen[:, 2:4].mean(axis=1), cluster, 0.2)
    found = fit_luck(chosen, chosen, cluster, when, whole, 0.2)
    assert not found.lasts
    assert found.at_once[0] == pytest.approx(1, rel=0.01)
    assert (chosen[:, 3] - chosen[:, 0]).var() / 2 < 0.93


def test_another_result_comes_back_as_far_as_it_goes_with_it() -> None:
    """A second result shares 0.6 of the luck, kept in part: units chosen by the first show it."""
    rng = np.random.default_rng(3)
    shape = (250_000, 12)
    level, luck = rng.normal(size=(2, shape[0], 1)), lasting(rng, shape, 0.6)
    first = 0.8 * level[0] + luck + rng.normal(size=shape)
    second = 0.5 * level[0] + 0.5 * level[1] + 0.6 * luck + rng.normal(size=shape)
    means = first[:, 4:8].mean(axis=1)
    chosen = means <= np.quantile(means, 0.2)
    cluster, when = np.arange(chosen.sum()) % 20, timing(12, 8, [4, 5, 6, 7])
    whole = whole_variance(means[chosen], cluster, 0.2)
    found = fit_luck(second[chosen], first[chosen], cluster, when, whole, 0.2)
    came_back = second[chosen][:, 8:].mean() - second[chosen][:, :8].mean()
    assert came_back > 0.1
    assert expect_regression(found, whole, 0.2, when)[0] == pytest.approx(came_back, rel=0.08)


def test_correlation_says_the_same() -> None:
    """Of variances 3 between and 1 within, correlation 0.75: luck has variance 1."""
    assert luck_of(0.75, np.array([4.0]), 1).at_once[0] == pytest.approx(1)
    assert luck_of(0.75, np.array([3.5]), 2).at_once[0] == pytest.approx(1)


def test_luck_by_hand_and_with_less_of_each() -> None:
    """Differences 2, 0 and 1 have variance 1, half of it is luck; with half of the last, 4/3."""
    values = np.array([[1.0, 3.0], [4.0, 4.0], [5.0, 6.0]])
    when = timing(2, 2, [0, 1])
    found = fit_luck(values, values, np.arange(3), when, np.full(4, np.inf), 0.2)
    assert found.at_once[0] == pytest.approx(1 / 2)
    assert found.at_once[3] == pytest.approx((2 / 1.5) / 2)


def test_jackknife_of_a_mean_is_the_usual_error() -> None:
    """Of the mean of 1, 2 and 6, with half of each left out in turn: the error of a mean."""
    values = np.array([1.0, 2.0, 6.0])
    less = (values.sum() - values / 2) / 2.5
    found = jackknife_error(np.concatenate([[3.0], less]))
    assert found == pytest.approx(stats.sem(values))


def test_no_two_periods_on_a_side_tell_nothing() -> None:
    """With one period before and one after, how far results vary is not known."""
    values = np.array([[1.0, 3.0], [4.0, 4.0], [5.0, 7.0]])
    found = fit_luck(values, values, np.arange(3), timing(2, 1, [0]), np.ones(4), 0.2)
    assert np.isnan(found.at_once).all()
