"""Interval by inversion of draws: by hand, and how often it covers."""

import numpy as np
import pytest
from scipy import stats

from evalkit.inference.assignments import list_assignments
from evalkit.inference.shifted_draws import invert_shift

TRIALS = 400
FEWEST, MOST = 0.925, 0.975
"""Two and a half errors around 95% in that many trials."""


def test_p_counts_draws_as_far_out_by_hand() -> None:
    """Of four draws, the observed and one other are at least 2 from zero."""
    found = invert_shift(np.array([2.0, -2, 1, 0]), np.array([1.0, 0, 0, 0]), 0.5)
    assert found.p_value == pytest.approx(0.5)


def test_ends_solve_the_equation_by_hand() -> None:
    """With draws 1 and 0 (B = 0), an effect of 1 leaves |1| against |2 - 1|: the lower end."""
    found = invert_shift(np.array([2.0, 1, 0]), np.array([1.0, 0, 0]), 2 / 3)
    assert (found.conf_low, found.conf_high) == pytest.approx((1.0, 3.0))


def test_agrees_with_a_search() -> None:
    """Effects within the interval are not rejected by counting, and those beyond are."""
    rng = np.random.default_rng(1)
    on_outcome, on_change = rng.normal(size=200), rng.uniform(-0.9, 0.9, 200)
    on_outcome[0], on_change[0] = 1.5, 1.0
    found = invert_shift(on_outcome, on_change, 0.9)

    def p_value(effect: float) -> float:
        return float(np.mean(np.abs(on_outcome - effect * on_change) >= abs(1.5 - effect) - 1e-12))

    for end, inward in ((found.conf_low, 1), (found.conf_high, -1)):
        assert p_value(end + inward * 1e-6) > 0.1
        assert p_value(end - inward * 1e-6) <= 0.1


def test_too_few_draws_bound_nothing() -> None:
    """With ten draws nothing can be rejected at 95%."""
    rng = np.random.default_rng(2)
    found = invert_shift(np.r_[1.0, rng.normal(size=9)], np.r_[1.0, np.zeros(9)], 0.95)
    assert np.isinf([found.conf_low, found.conf_high]).all()


def test_unknown_draws_count_against_rejection() -> None:
    """A draw that could not be estimated widens the interval, and p."""
    rng = np.random.default_rng(3)
    values, change = np.r_[2.0, rng.normal(size=99)], np.r_[1.0, np.zeros(99)]
    known = invert_shift(values, change, 0.9)
    values[1:9] = np.nan
    unknown = invert_shift(values, change, 0.9)
    assert unknown.conf_high > known.conf_high
    assert unknown.p_value > known.p_value


def test_two_groups_are_covered() -> None:
    """Six against six, skewed values: the true shift lies within as often as stated."""
    rng = np.random.default_rng(4)
    codes = list_assignments(np.repeat([1, 0], 6), 999, rng).codes
    weights = np.where(codes == 1, 1 / 6, -1 / 6)
    changed = codes[0] == 1
    on_change = weights @ changed.astype(float)
    inside = 0
    for _ in range(TRIALS):
        values = stats.expon.rvs(size=12, random_state=rng) + 2.0 * changed
        found = invert_shift(weights @ values, on_change, 0.95)
        inside += found.conf_low <= 2.0 <= found.conf_high
    assert FEWEST <= inside / TRIALS <= MOST
