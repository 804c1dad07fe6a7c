"""What two-way fixed effects are a mean of: by hand, and that the parts make the whole."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.goodman_bacon import decompose_two_way, fit_two_way

EXACT = 1e-12
"""An identity: nothing but rounding."""


def make_panel(seed: int, kinds: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, times and starts of 40 units, starts drawn from `kinds`."""
    rng = np.random.default_rng(seed)
    starts, times = rng.choice(kinds, 40), np.arange(9.0)
    return rng.normal(size=(40, 9)) + (times >= starts[:, None]), times, starts


@pytest.mark.parametrize(
    "kinds",
    [[2.0, 5.0, np.nan], [2.0, 4.0, 7.0], [0.0, 3.0, 6.0, np.nan], [4.0, np.nan]],
    ids=["never", "none never", "some from the first", "one start"],
)
def test_weighted_sum_is_the_estimate(kinds: list[float]) -> None:
    """Weights add up to one, and the weighted sum is the two-way fixed-effects estimate."""
    arrays = make_panel(1, kinds)
    parts = decompose_two_way(*arrays)
    assert sum(p.weight for p in parts) == pytest.approx(1.0, abs=EXACT)
    whole = sum(p.weight * p.estimate for p in parts)
    assert whole == pytest.approx(fit_two_way(*arrays).estimate, abs=EXACT)


def test_estimate_is_least_squares() -> None:
    """The estimate and its influence are those of a regression on indicators."""
    outcome, times, starts = make_panel(2, [2.0, 5.0, np.nan])
    fit = fit_two_way(outcome, times, starts)
    unit, period = np.indices(outcome.shape)
    change = (times >= starts[:, None]).astype(float)
    columns = [change.ravel(), *(np.eye(40)[:, unit.ravel()]), *np.eye(9)[1:, period.ravel()]]
    x = np.column_stack(columns)
    coef = np.linalg.lstsq(x, outcome.ravel(), rcond=None)[0]
    assert fit.estimate == pytest.approx(coef[0])
    scores = x * (outcome.ravel() - x @ coef)[:, None]
    by_unit = scores.reshape(40, 9, -1).sum(axis=1)
    bread = np.linalg.inv(x.T @ x)
    assert np.sum(fit.influence**2) == pytest.approx((bread @ by_unit.T @ by_unit @ bread)[0, 0])


def test_comparisons_by_hand() -> None:
    """Three units, three periods: each comparison is a difference of two differences."""
    outcome = np.array([[0.0, 2, 6], [0, 0, 3], [0, 1, 1]])
    parts = decompose_two_way(outcome, np.arange(3.0), np.array([1.0, 2, np.nan]))
    found = {(p.kind, p.cohort): p.estimate for p in parts}
    assert found[("never_changed", 1.0)] == pytest.approx((2 + 6) / 2 - (1 + 1) / 2)
    assert found[("never_changed", 2.0)] == pytest.approx(3 - (1 - 0.5))
    assert found[("not_yet_changed", 1.0)] == pytest.approx(2 - 0)
    assert found[("already_changed", 2.0)] == pytest.approx(3 - (6 - 2))


def test_growing_effects_turn_the_sign() -> None:
    """Every effect is positive and grows; two-way fixed effects say negative, by bad weights."""
    times, starts = np.arange(12.0), np.repeat([1.0, 9.0], 10)
    since = np.maximum(times - starts[:, None] + 1, 0.0)
    outcome = since**2
    fit = fit_two_way(outcome, times, starts)
    parts = decompose_two_way(outcome, times, starts)
    assert fit.estimate < 0 < since.max()
    assert sum(p.weight * p.estimate for p in parts if p.kind == "already_changed") < 0


def test_gaps_are_refused() -> None:
    """Weights are defined for complete panels, and the message counts the gaps."""
    outcome, times, starts = make_panel(3, [2.0, np.nan])
    outcome[0, :2] = np.nan
    with pytest.raises(AnalysisError, match="2 values are missing"):
        decompose_two_way(outcome, times, starts)


def test_one_start_for_all_is_refused() -> None:
    """A change that comes to all at once is a period effect."""
    outcome, times, _ = make_panel(4, [3.0])
    with pytest.raises(AnalysisError, match="cannot tell it apart"):
        fit_two_way(outcome, times, np.full(40, 3.0))
