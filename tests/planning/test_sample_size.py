"""Planned precision: published vectors, by hand, other formulas, and trials that are played."""

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.planning.panel_precision import course_covariance, panel_precision
from evalkit.planning.sample_size import Precision, smallest_number
from evalkit.planning.series_precision import series_precision

THREE_ERRORS = 3.3
"""Standard errors of a share or spread that a simulation may be off by."""
PRINTED = 5e-5
"""The published design effect has four decimals."""


def of_clusters(an_arm: int, people: float, *, sd: float, icc: float) -> Precision:
    """Return the precision of a trial of clusters asked once, by the textbook formula."""
    variance = 2 * sd**2 * (1 + (people - 1) * icc) / (people * an_arm)
    return Precision(float(np.sqrt(variance)), 2 * an_arm - 2)


def test_panel_by_hand() -> None:
    """One period on each side correlating by .6: 2 (1 - .6) of the variance of a mean."""
    found = panel_precision(10, 10, np.array([[1.0, 0.6], [0.6, 1.0]]), 1)
    assert found.std_error**2 == pytest.approx(2 * (1 - 0.6) * 2 / 10)


def test_memory_makes_a_difference_unsure() -> None:
    """Periods that resemble their neighbours tell less: the error is of the played panel."""
    covariance = course_covariance(6, lasting=1.0, passing=0.5, memory=0.7, noise=0.2)
    planned = panel_precision(7, 5, covariance, 3).std_error
    rng, runs = np.random.default_rng(11), 4000
    y = rng.multivariate_normal(np.zeros(6), covariance, size=(runs, 12))
    change = y[:, :, 3:].mean(axis=2) - y[:, :, :3].mean(axis=2)
    played = np.std(change[:, :7].mean(axis=1) - change[:, 7:].mean(axis=1), ddof=1)
    assert played == pytest.approx(planned, rel=THREE_ERRORS / np.sqrt(2 * runs))


def test_series_slope_by_hand() -> None:
    """Two lines of five points: each slope has variance SD^2 / 10, so their difference 2 / 10."""
    found = series_precision(5, 5, 1.0, change="slope")
    assert found.std_error**2 == pytest.approx(0.2)
    assert found.df == 6


def test_series_level_by_hand() -> None:
    """Two lines of five points, compared a step past one and at the start of the other.

    1/5 + 3^2 / 10 of the line that is carried on, 1/5 + 2^2 / 10 of the new one.
    """
    found = series_precision(5, 5, 1.0)
    assert found.std_error**2 == pytest.approx(0.2 + 0.9 + 0.2 + 0.4)


def test_series_error_is_that_of_played_series() -> None:
    """With memory of .5, fitted by least squares that knows it, the spread is as planned."""
    rng, runs, memory, n = np.random.default_rng(12), 4000, 0.5, 20
    planned = series_precision(12, 8, 1.5, memory=memory, change="at_end").std_error
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    y = rng.multivariate_normal(np.zeros(n), 1.5**2 * memory**apart, size=runs)
    time, late = np.arange(n), (np.arange(n) >= 12).astype(float)
    x = np.column_stack([np.ones(n), time, late, late * (time - 12)])
    kept = np.linalg.solve(memory**apart, x)
    coef = np.linalg.solve(x.T @ kept, kept.T @ y.T)
    played = np.std(coef[2] + 7 * coef[3], ddof=1)
    assert played == pytest.approx(planned, rel=THREE_ERRORS / np.sqrt(2 * runs))


def test_comparison_series_doubles_the_variance() -> None:
    """Two series of equal spread: twice the variance and the degrees of freedom."""
    one, two = (series_precision(10, 10, 1.0, compared=c) for c in (False, True))
    assert two.std_error == pytest.approx(one.std_error * np.sqrt(2))
    assert two.df == 2 * one.df


def test_seasons_cost_precision() -> None:
    """Holding a season fixed uses up points."""
    plain, seasonal = (series_precision(18, 12, 1.0, seasons=k) for k in (0, 1))
    assert seasonal.std_error > plain.std_error
    assert seasonal.df == plain.df - 2


def test_power_of_few_clusters_is_that_of_played_trials() -> None:
    """Six clusters an arm, compared by a t test of their means, find what the formula says."""
    planned = of_clusters(6, 25, sd=1.0, icc=0.1)
    rng, runs, effect = np.random.default_rng(13), 4000, 0.6
    means = rng.normal(0, np.sqrt(0.1 + 0.9 / 25), (runs, 12)) + effect * (np.arange(12) < 6)
    found = stats.ttest_ind(means[:, :6], means[:, 6:], axis=1).pvalue < 0.05
    power = planned.power(effect)
    allowed = THREE_ERRORS * np.sqrt(power * (1 - power) / runs)
    assert abs(np.mean(found) - power) < allowed


def test_smallest_effect_by_hand() -> None:
    """With many clusters 80% power needs 1.96 + .8416 errors; with few, more."""
    assert Precision(1.0, np.inf).detectable_effect() == pytest.approx(2.8016, abs=PRINTED)
    assert Precision(1.0, 6).detectable_effect() > 3.2
    assert Precision(0.5, 6).power(Precision(0.5, 6).detectable_effect()) == pytest.approx(0.8)


def test_smallest_number_is_just_enough() -> None:
    """One cluster an arm fewer would not do."""

    def planned(clusters: int) -> Precision:
        return of_clusters(clusters, 30, sd=1.5, icc=0.05)

    found = smallest_number(planned, 0.2)
    assert planned(found).power(0.2) >= 0.8 > planned(found - 1).power(0.2)
    # 2 x 1.5^2 x 2.45 / 30 x (1.96 + .84)^2 / .2^2 = 72.1 an arm, and one more for t
    assert found == 74


@pytest.mark.parametrize("needed", range(2, 40))
def test_every_number_can_be_found(needed: int) -> None:
    """The search ends on the very number at which the power is reached."""
    effect = 2.8016 / np.sqrt(needed - 0.5)
    assert smallest_number(lambda n: Precision(1 / np.sqrt(n), np.inf), effect) == needed


def test_people_cannot_make_up_for_clusters() -> None:
    """With four clusters an arm no number of people finds so small an effect."""
    with pytest.raises(AnalysisError, match="Add clusters in place of people"):
        smallest_number(lambda people: of_clusters(4, people, sd=1.0, icc=0.05), 0.2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: panel_precision(2, 0, np.eye(3), 1), "2 units with and 0 without"),
        (lambda: panel_precision(2, 2, np.eye(3), 3), "3 of 3 periods before"),
        (
            lambda: course_covariance(3, lasting=1, passing=1, memory=1, noise=1),
            "memory lies between",
        ),
        (lambda: series_precision(2, 9, 1.0), "2 periods before and 9 after"),
        (lambda: series_precision(3, 3, 1.0, seasons=2), "6 periods for 8 coefficients"),
        (lambda: Precision(1.0, 9).detectable_effect(power=1.0), "outside what any effect"),
    ],
)
def test_impossible_plans_are_refused(call, message: str) -> None:
    """What cannot be planned is said, with what to give instead."""
    with pytest.raises(AnalysisError, match=message):
        call()
