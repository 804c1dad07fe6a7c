"""Cross-lagged panels: derivatives, any number of waves, recovery, refusal."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.random_intercept_cross_lagged import _implied, _terms, fit_cross_lagged

TRUE_PATHS = np.array([[0.4, 0.1], [0.2, 0.3]])
"""Rows: first, second measure; columns: carried from first, from second."""


def made_panel(
    seed: int, units: int, waves: int, level_sd: float = 0.8
) -> tuple[np.ndarray, np.ndarray]:
    """Make two measures with lasting levels and the true paths between waves."""
    rng = np.random.default_rng(seed)
    level = level_sd * rng.normal(size=(units, 1)) + 0.3 * rng.normal(size=(units, 2))
    moves = [rng.normal(size=(units, 2)) @ np.array([[1, 0.3], [0, 1]])]
    for _ in range(waves - 1):
        moves.append(moves[-1] @ TRUE_PATHS.T + 0.8 * rng.normal(size=(units, 2)))
    seen = np.stack(moves, axis=1) + level[:, None, :] + 5
    return seen[:, :, 0], seen[:, :, 1]


@pytest.mark.parametrize("random_intercepts", [True, False])
@pytest.mark.parametrize("waves", [3, 5])
def test_derivatives(waves: int, random_intercepts: bool) -> None:
    """Each analytic derivative of the implied covariance equals a small difference."""
    rng = np.random.default_rng(2)
    params = 0.3 * rng.normal(size=len(_terms(waves, random_intercepts))) + 0.2
    _, slopes = _implied(params, waves)
    for at in range(len(params)):
        step = np.zeros(len(params))
        step[at] = 1e-5
        above, below = _implied(params + step, waves)[0], _implied(params - step, waves)[0]
        np.testing.assert_allclose(slopes[at], (above - below) / 2e-5, atol=1e-7)


def test_three_waves_by_hand_count() -> None:
    """Three waves: 21 moments less 4 paths, 3 levels and 9 movements leave 5 degrees of freedom."""
    found = fit_cross_lagged(*made_panel(1, 400, 3))
    assert (found.fit.df, found.waves, found.n) == (5, 3, 400)
    assert found.fit.parameters == 16 + 6


@pytest.mark.parametrize("waves", [4, 6])
def test_paths_are_recovered(waves: int) -> None:
    """Over seeds the paths lie on the truth and 95% intervals hold it about that often."""
    terms = ["first_to_first", "second_to_first", "first_to_second", "second_to_second"]
    estimates, held, seeds = [], [], 60
    for seed in range(seeds):
        rows = fit_cross_lagged(*made_panel(seed, 300, waves)).estimates.set_index("term")
        four = rows.loc[terms]
        estimates.append(four["estimate"].to_numpy())
        truth = TRUE_PATHS.ravel()
        held.append((four["conf_low"].to_numpy() < truth) & (truth < four["conf_high"].to_numpy()))
    error = np.std(estimates, axis=0, ddof=1) / np.sqrt(seeds)
    assert np.all(np.abs(np.mean(estimates, axis=0) - TRUE_PATHS.ravel()) < 3.3 * error)
    lowest = 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / (4 * seeds))
    assert np.mean(held) > lowest


def test_lasting_levels_pass_for_movement_without_intercepts() -> None:
    """Without random intercepts, lasting differences inflate the carry-over and the fit is poor."""
    panel = made_panel(3, 800, 4, level_sd=1.5)
    plain = fit_cross_lagged(*panel, random_intercepts=False)
    apart = fit_cross_lagged(*panel)
    assert plain.estimates["conf_low"].iloc[0] > TRUE_PATHS[0, 0]
    assert apart.estimates["conf_low"].iloc[0] < TRUE_PATHS[0, 0]
    assert plain.fit.p_value < 1e-6 < 0.01 < apart.fit.p_value


def test_scale_and_origin_do_not_matter() -> None:
    """Another unit of the second measure rescales its paths and leaves the fit alone."""
    first, second = made_panel(4, 300, 4)
    found = fit_cross_lagged(first, second)
    other = fit_cross_lagged(first, 100 * second + 7)
    assert other.fit.chi_square == pytest.approx(found.fit.chi_square, rel=1e-6)
    paths = found.estimates["estimate"].to_numpy()[:4]
    expected = paths * [1, 0.01, 100, 1]
    np.testing.assert_allclose(other.estimates["estimate"].to_numpy()[:4], expected, rtol=1e-4)


def test_a_variance_below_zero_is_told() -> None:
    """Waves that pull against each other give a level's variance below zero, and that is said."""
    rng = np.random.default_rng(6)
    first = rng.normal(size=(200, 4))
    first -= 0.9 * first.mean(axis=1, keepdims=True)
    second = rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))
    found = fit_cross_lagged(first, second)
    level = found.estimates.set_index("term").loc["first_level_variance", "estimate"]
    assert level < 0
    assert not found.proper


def test_what_cannot_be_fitted_is_refused() -> None:
    """Too few waves or units, gaps, a constant wave and unequal shapes are refused by name."""
    first, second = made_panel(5, 40, 4)
    with pytest.raises(AnalysisError, match="waves: 2"):
        fit_cross_lagged(first[:, :2], second[:, :2])
    with pytest.raises(AnalysisError, match="units: 8 complete"):
        fit_cross_lagged(first[:8], second[:8])
    with pytest.raises(AnalysisError, match="1 units lack a wave"):
        fit_cross_lagged(np.where(first == first[0, 0], np.nan, first), second)
    with pytest.raises(AnalysisError, match="does not vary"):
        fit_cross_lagged(first * [0, 1, 1, 1], second)
    with pytest.raises(AnalysisError, match="differ in units or waves"):
        fit_cross_lagged(first, second[:20])
