"""Permutation inference: by hand, against refits, exactness, strata, starts, and speed."""

import time
from itertools import combinations

import numpy as np
import pytest

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.assignments import count_assignments, list_assignments
from evalkit.inference.cluster_moments import ClusterMoments, make_cluster_moments
from evalkit.inference.least_squares import fit_least_squares
from evalkit.inference.permutation import permute

SECONDS = 1.0
"""What 999 permutations on 40 clusters x 60 periods may take; they take a tenth of it."""


def changes_as_moments(changes: Floats) -> ClusterMoments:
    """One number a cluster: columns are not changed, changed, constant, and the number."""
    none, one = np.zeros(len(changes)), np.ones(len(changes))
    return make_cluster_moments(changes, np.column_stack([none, one, one]), np.arange(len(changes)))


def staggered(
    units: int, periods: int, starts: Ints, seed: int
) -> tuple[ClusterMoments, Floats, Floats]:
    """Moments with a column for each possible start, the outcome, and those columns."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), periods)
    period = np.tile(np.arange(periods), units)
    columns = (period[:, None] >= starts[None, :]).astype(float)
    dummies = (period[:, None] == np.arange(1, periods)).astype(float)
    outcome = rng.normal(size=len(unit)) + rng.normal(size=units)[unit]
    moments = make_cluster_moments(outcome, np.column_stack([columns, dummies]), unit, unit=unit)
    return moments, outcome, columns


def test_two_of_five_by_hand() -> None:
    """Changes 9, 8 | 1, 2, 0: no other pair of five is as far apart, so p is 1 in 10."""
    codes = np.array([1, 1, 0, 0, 0])
    ways = list_assignments(codes, 999, np.random.default_rng(0))
    found = permute(changes_as_moments(np.array([9.0, 8, 1, 2, 0])), ways, studentised=False)
    assert found.estimate == pytest.approx(8.5 - 1)
    assert found.enumerated
    assert found.ways == 10
    assert found.p_value == pytest.approx(1 / 10)
    assert (found.conf_low, found.conf_high) == (-np.inf, np.inf)


def test_interval_of_one_in_twenty_by_hand() -> None:
    """With 1 of 20 changed, a 95% interval reaches as far as the other 19 spread.

    An effect is rejected if, taken off the changed cluster, it leaves it the farthest from the
    mean of the others of all twenty.
    """
    rng = np.random.default_rng(2)
    others = rng.normal(size=19)
    changes = np.concatenate([[4.0], others])
    codes = np.eye(20, dtype=np.int64)[0]
    ways = list_assignments(codes, 999, rng)
    found = permute(changes_as_moments(changes), ways, studentised=False)
    low, high = found.conf_low, found.conf_high

    def is_farthest(effect: float) -> bool:
        left = np.concatenate([[4.0 - effect], others])
        away = np.abs(left - (left.sum() - left) / 19)
        return bool(away[0] >= away.max() - 1e-9)

    width = high - low
    assert is_farthest(low - 1e-4 * width) and not is_farthest(low + 1e-4 * width)
    assert is_farthest(high + 1e-4 * width) and not is_farthest(high - 1e-4 * width)


@pytest.mark.parametrize("studentised", [True, False])
def test_starts_equal_refits(studentised: bool) -> None:
    """Permuted starts give the coefficients, and so the p-value, of refitting each of them."""
    starts = np.array([9, 1, 2, 3])
    moments, outcome, columns = staggered(6, 4, starts, 3)
    observed = np.array([0, 1, 1, 2, 3, 3])
    ways = list_assignments(observed, 999, np.random.default_rng(0))
    found = permute(moments, ways, studentised=studentised)
    unit, period = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    dummies = (period[:, None] == np.arange(1, 4)).astype(float)
    coefs = []
    for codes in ways.codes:
        exposure = columns[np.arange(24), codes[unit]]
        fit = fit_least_squares(outcome, np.column_stack([exposure, dummies]), unit=unit)
        coefs.append(fit.coef[0])
    assert found.estimate == pytest.approx(coefs[0])
    if not studentised:
        by_hand = np.mean(np.abs(coefs) >= abs(coefs[0]) - 1e-9)
        assert found.p_value == pytest.approx(by_hand)


def test_studentised_two_groups_by_hand() -> None:
    """For a difference of means squares are over (size - 1) squared: 2 / 1 + 2 / 9."""
    changes = np.array([3.0, 5, 1, 2, 0, 1])
    codes = np.array([1, 1, 0, 0, 0, 0])
    ways = list_assignments(codes, 999, np.random.default_rng(0))
    found = permute(changes_as_moments(changes), ways)
    assert found.std_error**2 == pytest.approx(2 / 1 + 2 / 9)


def test_assignments_are_each_there_once() -> None:
    """All ways to hand two codes to five clusters are listed once, the observed first."""
    codes = np.array([0, 1, 0, 1, 0])
    ways = list_assignments(codes, 10, np.random.default_rng(0))
    assert ways.codes[0].tolist() == codes.tolist()
    held = {tuple(np.flatnonzero(row)) for row in ways.codes}
    assert held == set(combinations(range(5), 2))
    assert len(ways.codes) == count_assignments(codes) == 10


def test_strata_keep_their_codes() -> None:
    """Within strata each keeps as many of each code: 2 x 3 ways here."""
    codes, strata = np.array([1, 0, 1, 0, 0]), np.array([0, 0, 1, 1, 1])
    ways = list_assignments(codes, 999, np.random.default_rng(0), strata=strata)
    assert len(np.unique(ways.codes, axis=0)) == count_assignments(codes, strata) == 6
    assert np.all(ways.codes[:, :2].sum(axis=1) == 1)
    assert np.all(ways.codes[:, 2:].sum(axis=1) == 1)


def test_drawn_within_strata() -> None:
    """Where there are too many ways, as many as asked for are drawn, strata kept."""
    codes = np.tile([0, 1], 20)
    strata = np.repeat([0, 1], 20)
    ways = list_assignments(codes, 50, np.random.default_rng(0), strata=strata)
    assert ways.codes.shape == (51, 40)
    assert not ways.enumerated
    assert np.all(ways.codes[:, :20].sum(axis=1) == 10)


def test_assignments_without_variation_count_as_nought() -> None:
    """Where a cluster has no rows after the start, giving it the change tells nothing."""
    rng = np.random.default_rng(6)
    unit, period = np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
    kept = (unit != 4) | (period < 2)
    after = (period >= 2).astype(float)
    dummies = (period[:, None] == np.arange(1, 4)).astype(float)
    columns = np.column_stack([np.zeros(20), after, dummies])[kept]
    moments = make_cluster_moments(rng.normal(size=18), columns, unit[kept], unit=unit[kept])
    ways = list_assignments(np.array([1, 0, 0, 0, 0]), 999, rng)
    found = permute(moments, ways)
    assert found.p_value in (0.2, 0.4, 0.6, 0.8)


def test_exact_under_no_effect() -> None:
    """With 2 of 10 and no effect, a 95% interval misses zero in 2 of 45 on average, 4.4%."""
    rng = np.random.default_rng(11)
    codes = np.array([1, 1] + [0] * 8)
    ways = list_assignments(codes, 999, rng)
    runs, missed = 400, 0
    for _ in range(runs):
        found = permute(changes_as_moments(rng.exponential(size=10)), ways)
        missed += found.p_value <= 0.05
    error = np.sqrt(2 / 45 * 43 / 45 / runs)
    assert abs(missed / runs - 2 / 45) < 3.3 * error


def test_forty_clusters_take_under_a_second() -> None:
    """999 permutations with unit and period effects and an interval are quick."""
    moments, _, _ = staggered(40, 60, np.array([99, 30]), 5)
    begun = time.perf_counter()
    ways = list_assignments(np.repeat([0, 1], 20), 999, np.random.default_rng(0))
    found = permute(moments, ways)
    assert time.perf_counter() - begun < SECONDS
    assert found.ways == 1000
