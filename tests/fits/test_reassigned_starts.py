"""Many draws at once give what each draw gives alone, and errors follow from them."""

import numpy as np
import pytest

from evalkit.fits.callaway_santanna import CellRule, fit_group_time
from evalkit.fits.reassigned_starts import average_left_out, average_reassigned
from evalkit.fits.staggered_averages import list_averages
from evalkit.fits.staggered_uncertainty import (
    Panel,
    count_arms,
    measure_by_influence,
    measure_by_jackknife,
    measure_by_reassignment,
    stratify,
)
from evalkit.inference.assignments import list_assignments

RULES = [CellRule(), CellRule("not_yet_treated", "universal"), CellRule(anticipation=1)]
LEVELS = np.array([3.0, 5.0, np.nan])


def make_panel(seed: int, clusters: int = 12, size: int = 2) -> Panel:
    """Clusters of `size` units that start together, a few of them never, with some gaps."""
    rng = np.random.default_rng(seed)
    starts = np.repeat(LEVELS[np.arange(clusters) % 3], size)
    times = np.arange(8.0)
    outcome = rng.normal(size=(clusters * size, 8)) + np.repeat(
        rng.normal(size=(clusters, 8)), size, axis=0
    )
    outcome += times >= starts[:, None]
    outcome[rng.random(outcome.shape) < 0.05] = np.nan
    return Panel(outcome, times, starts, np.repeat(np.arange(clusters), size))


@pytest.mark.parametrize("rule", RULES)
def test_reassigned_starts_are_estimated_as_alone(rule: CellRule) -> None:
    """Each draw's averages are those of the data with that draw's starts."""
    panel = make_panel(1)
    rng = np.random.default_rng(2)
    observed = np.arange(12) % 3
    codes = np.stack([observed, *(rng.permutation(observed) for _ in range(4))])
    effects = fit_group_time(panel.outcome, panel.times, panel.first_treated, rule)
    drawn = average_reassigned(
        panel.outcome, panel.times, effects, rule, panel.cluster, LEVELS, codes
    )
    for row, code in zip(drawn, codes, strict=True):
        starts = LEVELS[code][panel.cluster]
        alone = list_averages(fit_group_time(panel.outcome, panel.times, starts, rule))
        assert row == pytest.approx(alone.estimate)


def test_left_out_clusters_are_estimated_as_alone() -> None:
    """A cohort's average without a cluster is that of the data without it."""
    panel, rule = make_panel(3), CellRule()
    effects = fit_group_time(panel.outcome, panel.times, panel.first_treated, rule)
    whole = list_averages(effects)
    drawn = average_left_out(panel.outcome, panel.times, effects, rule, panel.cluster)
    at = whole.positions("group")
    for cluster in range(12):
        kept = panel.cluster != cluster
        alone = list_averages(
            fit_group_time(panel.outcome[kept], panel.times, panel.first_treated[kept], rule)
        )
        assert drawn[cluster, at] == pytest.approx(alone.estimate[alone.positions("group")])


def test_two_groups_give_the_t_test_of_changes() -> None:
    """One cohort, one period after: jackknife and pooled errors are Welch's and Student's."""
    rng = np.random.default_rng(4)
    outcome = rng.normal(size=(9, 2))
    starts = np.array([1.0] * 4 + [np.nan] * 5)
    panel = Panel(outcome, np.arange(2.0), starts, np.arange(9))
    rule = CellRule("never_treated", "universal")
    effects = fit_group_time(panel.outcome, panel.times, starts, rule)
    averages = list_averages(effects, fixed_shares=True)
    arms = count_arms(effects, averages, rule, panel.cluster)
    change = outcome[:, 1] - outcome[:, 0]
    one, two = change[:4], change[4:]
    welch = one.var(ddof=1) / 4 + two.var(ddof=1) / 5
    found = measure_by_jackknife(panel, effects, rule, averages, arms)
    assert found.covariance[0, 0] == pytest.approx(welch)
    assert averages.estimate[0] == pytest.approx(one.mean() - two.mean())
    alike = (1 / 4 + 1 / 5) ** 2 / (1 / 16 / 3 + 1 / 25 / 4)
    assert found.df[0] == pytest.approx(min(alike, 7))
    pooled = (3 * one.var(ddof=1) + 4 * two.var(ddof=1)) / 7 * (1 / 4 + 1 / 5)
    assignments = list_assignments(np.array([0] * 4 + [1] * 5), 99, rng)
    assert assignments.enumerated
    handed = measure_by_reassignment(
        panel, effects, rule, assignments, np.array([1.0, np.nan]), 0, 0.95
    )
    assert handed.covariance[0, 0] == pytest.approx(pooled)
    assert handed.df[0] == 7


def test_many_clusters_agree() -> None:
    """With many clusters the jackknife and the influence functions say the same."""
    panel, rule = make_panel(5, clusters=300, size=1), CellRule()
    effects = fit_group_time(panel.outcome, panel.times, panel.first_treated, rule)
    averages = list_averages(effects, fixed_shares=True)
    arms = count_arms(effects, averages, rule, panel.cluster)
    one = measure_by_influence(effects, averages, arms, panel.cluster)
    two = measure_by_jackknife(panel, effects, rule, averages, arms)
    assert one.std_error == pytest.approx(two.std_error, rel=0.02)


def test_an_average_of_one_cluster_has_no_error() -> None:
    """A cohort of one cluster shows nothing of its own spread; the whole still does."""
    panel, rule = make_panel(6), CellRule()
    starts = np.where(panel.cluster == 0, 4.0, panel.first_treated)
    panel = Panel(panel.outcome, panel.times, starts, panel.cluster)
    effects = fit_group_time(panel.outcome, panel.times, starts, rule)
    averages = list_averages(effects, fixed_shares=True)
    arms = count_arms(effects, averages, rule, panel.cluster)
    found = measure_by_jackknife(panel, effects, rule, averages, arms)
    assert np.isnan(found.std_error[averages.at("group", 4.0)])
    assert found.std_error[averages.at("group")] > 0


def test_strata_are_cohorts_where_clusters_start_whole() -> None:
    """Cohorts of one cluster are pooled; clusters with several starts make one stratum."""
    starts = np.array([3.0, 3.0, 5.0, 6.0, np.nan, np.nan])
    assert len(np.unique(stratify(starts, np.arange(6)))) == 3
    assert len(np.unique(stratify(starts, np.array([0, 0, 1, 1, 2, 2])))) == 1
