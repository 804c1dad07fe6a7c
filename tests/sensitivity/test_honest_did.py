"""Bounds under departures from parallel trends: by hand, by a linear program, and coverage."""

import numpy as np
import pytest
from scipy import optimize, stats

from evalkit.errors import AnalysisError
from evalkit.sensitivity.fixed_length import folded_quantile
from evalkit.sensitivity.honest_did import (
    LARGEST_RATIO,
    EventStudy,
    bound_by_ratio,
    bound_by_turn,
    find_breakdown,
)
from evalkit.sensitivity.hybrid_test import HybridTest, make_hybrid_test

TRIALS = 400
FEWEST, MOST = 0.925, 0.98
"""Two and a half errors below 95% in that many trials; a union of tests may cover more."""
SOLVED = 1e-8
"""A linear program's tolerance."""


def make_study(
    seed: int, before: int = 3, after: int = 3, error: float = 0.2, weights: object = None
) -> EventStudy:
    """Return an event study with correlated errors and effects of about one."""
    rng = np.random.default_rng(seed)
    size = before + after
    half = error * (np.eye(size) + 0.3 * rng.normal(size=(size, size)))
    truth = np.r_[np.zeros(before), np.ones(after)]
    asked = np.full(after, 1 / after) if weights is None else np.asarray(weights, dtype=float)
    return EventStudy(truth + half @ rng.normal(size=size), half @ half.T, before, asked)


def moves_of(study: EventStudy) -> tuple[np.ndarray, np.ndarray]:
    """Moves from period to period, before and after, written out."""
    size, k = len(study.estimate), study.before
    levels = np.insert(np.eye(size), k, 0.0, axis=0)
    moves = levels[1:] - levels[:-1]
    return moves[:k], moves[k:]


def test_parallel_trends_are_the_plain_interval() -> None:
    """A ratio of zero is the estimate and 1.96 errors to each side."""
    study = make_study(1)
    found = bound_by_ratio(study, 0.0)
    half = stats.norm.ppf(0.975) * study.std_error
    assert (found.conf_low, found.conf_high) == pytest.approx(
        (study.average - half, study.average + half)
    )


@pytest.mark.parametrize("seed", range(6))
def test_statistic_is_that_of_the_linear_program(seed: int) -> None:
    """Where an inequality fails, the largest of four is what a linear program finds."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=4) if seed % 2 else np.eye(4)[seed // 2]
    study = make_study(seed, before=2, after=4, weights=weights)
    earlier, later = moves_of(study)
    carried = np.cumsum(weights[::-1])[::-1]
    test = make_hybrid_test(
        study.estimate, study.covariance, earlier, later, carried, 0.4, level=0.95
    )
    effect = study.average + 2.0
    found = (test.value + test.per_effect * effect).max(axis=1)
    for at, largest in enumerate([*earlier, *-earlier]):
        rows = np.concatenate([later - 0.4 * largest, -later - 0.4 * largest])
        errors = np.sqrt(np.diag(rows @ study.covariance @ rows.T))
        solved = optimize.linprog(
            np.r_[1.0, np.zeros(4)],
            A_ub=np.column_stack([-errors, -rows[:, 2:]]),
            b_ub=-rows @ study.estimate,
            A_eq=np.r_[0.0, weights][None],
            b_eq=[effect],
            bounds=[(None, None)] * 5,
        )
        assert max(found[at], 0.0) == pytest.approx(max(solved.fun, 0.0), abs=SOLVED)


def test_least_favourable_value_is_the_quantile() -> None:
    """The critical value is exceeded with chance 0.005 by simulated maxima."""
    study = make_study(7)
    earlier, later = moves_of(study)
    carried = np.cumsum(study.weights[::-1])[::-1]
    test = make_hybrid_test(
        study.estimate, study.covariance, earlier, later, carried, 1.0, level=0.95
    )
    rng = np.random.default_rng(8)
    draws = 400_000
    for values, limit in zip(test.covariance, test.least_favourable, strict=True):
        largest = rng.multivariate_normal(np.zeros(4), values, draws, method="svd").max(axis=1)
        share = np.mean(largest > limit)
        assert share == pytest.approx(0.005, abs=4 * np.sqrt(0.005 / draws))


def test_one_inequality_is_a_one_sided_test() -> None:
    """With a single inequality of unit variance the effect is kept up to a known limit."""
    test = HybridTest(
        np.array([[0.0]]), np.array([[1.0]]), np.array([[[1.0]]]), np.array([2.6]), 0.05
    )
    size = (0.05 - 0.005) / (1 - 0.005)
    limit = stats.norm.ppf((1 - size) * stats.norm.cdf(2.6))
    assert test.keeps(np.array([limit - 1e-6, limit + 1e-6])).tolist() == [True, False]


def test_the_larger_of_two_is_judged_given_the_other() -> None:
    """Of two unrelated inequalities the larger is compared given that it exceeds the other."""
    other = 1.5
    test = HybridTest(
        np.array([[0.0, other]]),
        np.array([[1.0, 0.0]]),
        np.eye(2)[None],
        np.array([2.8]),
        0.05,
    )
    size = (0.05 - 0.005) / (1 - 0.005)
    low, high = stats.norm.cdf([other, 2.8])
    limit = stats.norm.ppf(low + (1 - size) * (high - low))
    assert test.keeps(np.array([limit - 1e-6, limit + 1e-6])).tolist() == [True, False]


@pytest.mark.parametrize("ratio", [0.5, 1.0])
def test_relative_magnitudes_cover_at_the_edge(ratio: float) -> None:
    """The trend goes on as strongly as allowed: the true effect is still covered."""
    study = make_study(9, before=1, after=3)
    half = np.linalg.cholesky(study.covariance)
    rng = np.random.default_rng(10)
    drift = np.r_[-1.0, ratio * np.arange(1, 4)] + np.r_[0.0, np.ones(3)]
    inside = 0
    for _ in range(TRIALS):
        drawn = EventStudy(drift + half @ rng.normal(size=4), study.covariance, 1, study.weights)
        found = bound_by_ratio(drawn, ratio)
        inside += found.conf_low <= 1.0 <= found.conf_high
    assert FEWEST <= inside / TRIALS <= MOST


def test_smoothness_covers_at_the_edge() -> None:
    """The slope turns by as much as allowed each period: the true effect is still covered."""
    study = make_study(11)
    half = np.linalg.cholesky(study.covariance)
    rng = np.random.default_rng(12)
    time = np.array([-3.0, -2, -1, 1, 2, 3])
    drift = 0.5 * time + 0.05 * time**2 + np.r_[np.zeros(3), np.ones(3)]
    inside = 0
    for _ in range(TRIALS):
        drawn = EventStudy(drift + half @ rng.normal(size=6), study.covariance, 3, study.weights)
        found = bound_by_turn(drawn, 0.1)
        inside += found.conf_low <= 1.0 <= found.conf_high
    assert FEWEST <= inside / TRIALS <= MOST


def test_no_linear_combination_gives_a_shorter_interval() -> None:
    """Other weights on the periods before, straight trends cancelled, are never shorter."""
    study = make_study(13)
    found = bound_by_turn(study, 0.3)
    rng = np.random.default_rng(14)
    time = np.array([-3.0, -2, -1])
    for _ in range(200):
        early = rng.normal(size=3)
        early += time * (-study.weights @ np.arange(1, 4) - early @ time) / (time @ time)
        chosen = np.r_[early, study.weights]
        error = np.sqrt(chosen @ study.covariance @ chosen)
        turned = _largest_bias(chosen, 0.3)
        half = error * folded_quantile(turned / error, 0.95)[0]
        assert 2 * half >= (found.conf_high - found.conf_low) * (1 - 1e-6)


def _largest_bias(weights: np.ndarray, turn: float) -> float:
    """The largest weighted sum of trends whose slope turns by at most `turn`, by linear program."""
    time = np.arange(-3, 4)
    second = np.zeros((5, 7))
    for row in range(5):
        second[row, row : row + 3] = [1, -2, 1]
    free = time != 0
    bounds = [(None, None)] * 6
    turns = np.concatenate([second[:, free], -second[:, free]])
    solved = optimize.linprog(-weights, A_ub=turns, b_ub=np.full(10, turn), bounds=bounds)
    return float(-solved.fun)


def test_folded_quantile() -> None:
    """It is the quantile of the absolute value of a shifted normal, with its slope."""
    for bias in (0.0, 0.3, 1.0, 4.0):
        found, slope = folded_quantile(bias, 0.95)
        assert stats.ncx2.cdf(found**2, 1, max(bias**2, 1e-12)) == pytest.approx(0.95)
        step = (folded_quantile(bias + 1e-5, 0.95)[0] - found) / 1e-5
        assert slope == pytest.approx(step, abs=1e-4)


def test_bounds_widen_and_break_down() -> None:
    """More room for trends is a wider interval; the breakdown is where zero comes within."""
    study = make_study(15, error=0.1)
    widths = [
        found.conf_high - found.conf_low
        for found in (bound_by_ratio(study, ratio) for ratio in (0.5, 1.0, 2.0))
    ]
    assert widths == sorted(widths)
    breakdown = find_breakdown(study)
    assert 0 < breakdown < LARGEST_RATIO
    assert bound_by_ratio(study, breakdown).excludes_zero
    assert not bound_by_ratio(study, breakdown + 0.05).excludes_zero


def test_what_parallel_trends_do_not_show_breaks_down_at_once() -> None:
    """An estimate within its error has a breakdown of zero."""
    study = make_study(16, error=2.0)
    assert find_breakdown(study) == 0.0


def test_no_period_before_is_refused() -> None:
    """Without a period before the reference period trends cannot be seen."""
    study = EventStudy(np.ones(2), np.eye(2), 0, np.array([0.5, 0.5]))
    for bound in (bound_by_ratio, bound_by_turn):
        with pytest.raises(AnalysisError, match="two periods before"):
            bound(study, 1.0)
