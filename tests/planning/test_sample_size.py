"""Planned precision: published vectors, by hand, other formulas, and trials that are played."""

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.planning.panel_precision import course_covariance, panel_precision
from evalkit.planning.rollout_precision import (
    Correlations,
    parallel_rollout,
    rollout_precision,
    stepped_rollout,
)
from evalkit.planning.sample_size import (
    Precision,
    cluster_design_effect,
    smallest_number,
    stepped_wedge_design_effect,
)
from evalkit.planning.series_precision import series_precision

THREE_ERRORS = 3.3
"""Standard errors of a share or spread that a simulation may be off by."""
PRINTED = 5e-5
"""The published design effect has four decimals."""


def cells(exposure: np.ndarray, people: float) -> np.ndarray:
    """Return the same number of people in each cell."""
    return np.full(exposure.shape, float(people))


def test_published_design_effects() -> None:
    """30 people with ICC .05: 2.45 in parallel; .4764 in five steps, for six measurements."""
    assert cluster_design_effect(30, 0.05) == pytest.approx(2.45)
    assert stepped_wedge_design_effect(5, 30, 0.05) == pytest.approx(0.4764, abs=PRINTED)


def test_unequal_clusters_need_more() -> None:
    """Sizes that vary by half their mean: 1 + (1.25 x 30 - 1) x .05."""
    found = cluster_design_effect(30, 0.05, size_variation=0.5)
    assert found == pytest.approx(1 + 36.5 * 0.05)


@pytest.mark.parametrize(("steps", "before", "per_step"), [(5, 1, 1), (3, 2, 1), (4, 1, 3)])
def test_stepped_wedge_formula_is_the_design_effect(steps: int, before: int, per_step: int) -> None:
    """Least squares over cells and Woertman's formula give one variance.

    A trial without clusters of all the people divided by the design effect and by the number of
    measurements has the same error: its variance is 4 SD^2 / people.
    """
    exposure = stepped_rollout(steps, 2, before=before, per_step=per_step)
    found = rollout_precision(exposure, cells(exposure, 30), Correlations(1.0, 0.05))
    answers = 30 * exposure.size
    effect = stepped_wedge_design_effect(steps, 30, 0.05, before=before, per_step=per_step)
    alone = answers / (effect * exposure.shape[1])
    assert found.std_error**2 == pytest.approx(4 / alone)


def test_rollouts_by_hand() -> None:
    """A cluster a step after one measurement; and one of two clusters from the second period."""
    assert stepped_rollout(2, 1).tolist() == [[0, 1, 1], [0, 0, 1]]
    assert stepped_rollout(1, 1, before=2, per_step=2).tolist() == [[0, 0, 1, 1]]
    assert parallel_rollout(1, 1, before=1).tolist() == [[0, 1], [0, 0]]


def test_stepped_wedge_agrees_with_hussey_and_hughes() -> None:
    """Their closed formula for a lasting cluster effect, written out."""
    exposure = stepped_rollout(4, 3)
    clusters, periods = exposure.shape
    cell, cluster = 0.95 / 20, 0.05
    u, w, v = exposure.sum(), np.sum(exposure.sum(axis=0) ** 2), np.sum(exposure.sum(axis=1) ** 2)
    top = clusters * cell * (cell + periods * cluster)
    bottom = (clusters * u - w) * cell
    bottom += (u**2 + clusters * periods * u - periods * w - clusters * v) * cluster
    found = rollout_precision(exposure, cells(exposure, 20), Correlations(1.0, 0.05))
    assert found.std_error**2 == pytest.approx(top / bottom)


def test_parallel_trial_is_the_design_effect() -> None:
    """One period: variance 2 x SD^2 x (1 + (m - 1) ICC) / (m x clusters an arm)."""
    exposure = parallel_rollout(8, 8)
    found = rollout_precision(exposure, cells(exposure, 30), Correlations(2.0, 0.05))
    assert found.std_error**2 == pytest.approx(2 * 4 * 2.45 / (30 * 8))
    assert found.df == 14


def test_clusters_that_change_lose_precision() -> None:
    """The less of a cluster lasts, the wider a stepped wedge, and distance costs more."""
    exposure = stepped_rollout(6, 2)
    errors = [
        rollout_precision(exposure, cells(exposure, 50), Correlations(1, 0.05, *rest)).std_error
        for rest in [(1.0,), (0.8,), (0.5,)]
    ]
    assert errors == sorted(errors)
    assert errors[0] < errors[1] / 1.1


def test_fading_and_level_agree_over_two_periods() -> None:
    """With one step of distance both forms of fading are one."""
    exposure = parallel_rollout(5, 5, before=1)
    one, other = (
        rollout_precision(exposure, cells(exposure, 9), Correlations(1, 0.1, 0.7, form)).std_error
        for form in ("level", "distance")
    )
    assert one == pytest.approx(other)


def test_period_nobody_is_asked_in_changes_nothing() -> None:
    """A period without answers, and cells without people, are left out."""
    exposure = parallel_rollout(5, 5, before=1)
    longer = np.column_stack([exposure, np.ones(10)])
    people = np.column_stack([cells(exposure, 9), np.zeros(10)])
    assumed = Correlations(1, 0.1, 0.7)
    whole = rollout_precision(exposure, cells(exposure, 9), assumed)
    assert rollout_precision(longer, people, assumed).std_error == pytest.approx(whole.std_error)


def test_before_and_after_twice_over_is_a_panel() -> None:
    """Clusters before and after are units with that covariance, held to their level.

    Least squares with random clusters is the analysis of covariance of cluster means.
    """
    exposure = parallel_rollout(6, 9, before=1)
    assumed = Correlations(1, 0.1, 0.6)
    rollout = rollout_precision(exposure, cells(exposure, 20), assumed)
    covariance = np.array([[0.1, 0.06], [0.06, 0.1]]) + np.eye(2) * 0.9 / 20
    panel = panel_precision(6, 9, covariance, 1, analysis="covariance")
    assert rollout.std_error == pytest.approx(panel.std_error)


def test_asking_the_same_people_again_helps() -> None:
    """Without likeness in clusters, people who correlate by .6 save 1 - .36 of the variance."""
    exposure = parallel_rollout(5, 5, before=1)
    assumed = Correlations(1.0, 0.0, same_person=0.6)
    found = rollout_precision(exposure, cells(exposure, 20), assumed)
    assert found.std_error**2 == pytest.approx(0.64 * 2 / (5 * 20))


@pytest.mark.parametrize(
    ("analysis", "share"), [("difference", 2 * (1 - 0.6)), ("covariance", 1 - 0.36), ("after", 1)]
)
def test_panel_by_hand(analysis: str, share: float) -> None:
    """One period on each side correlating by .6: 2 (1 - .6), 1 - .36 and 1 of the variance."""
    covariance = np.array([[1.0, 0.6], [0.6, 1.0]])
    found = panel_precision(10, 10, covariance, 1, analysis=analysis)
    assert found.std_error**2 == pytest.approx(share * 2 / 10)


def test_covariance_is_best_of_the_three() -> None:
    """Holding to the start is never wider than a difference or than the end alone."""
    for memory in (0.0, 0.5, 0.9):
        covariance = course_covariance(8, lasting=0.2, passing=0.5, memory=memory, noise=0.3)
        errors = {
            name: panel_precision(9, 9, covariance, 5, analysis=name).std_error
            for name in ("covariance", "difference", "after")
        }
        assert errors["covariance"] <= min(errors.values()) + 1e-12


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
    exposure = parallel_rollout(6, 6)
    planned = rollout_precision(exposure, cells(exposure, 25), Correlations(1.0, 0.1))
    rng, runs, effect = np.random.default_rng(13), 4000, 0.6
    means = rng.normal(0, np.sqrt(0.1 + 0.9 / 25), (runs, 12)) + effect * exposure[:, 0]
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
        exposure = parallel_rollout(clusters, clusters)
        return rollout_precision(exposure, cells(exposure, 30), Correlations(1.5, 0.05))

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
    exposure = parallel_rollout(4, 4)
    assumed = Correlations(1.0, 0.05)
    with pytest.raises(AnalysisError, match="Add clusters in place of people"):
        smallest_number(lambda m: rollout_precision(exposure, cells(exposure, m), assumed), 0.2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rollout_precision(np.ones((3, 2)), np.ones((3, 2)), Correlations(1, 0.1)),
            "3 clusters",
        ),
        (
            lambda: rollout_precision(np.ones((5, 2)), np.ones((5, 2)), Correlations(1, 0.1)),
            "the periods alone tell who is treated",
        ),
        (
            lambda: rollout_precision(np.eye(5), np.ones((5, 5)), Correlations(1, 1.2)),
            "lie between 0 and 1",
        ),
        (
            lambda: rollout_precision(np.eye(5), np.zeros((5, 5)), Correlations(1, 0.2)),
            "no cell has people",
        ),
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
