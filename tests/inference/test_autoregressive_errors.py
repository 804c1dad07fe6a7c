"""Regressions with errors that carry over: by matrices written out, by recovery, by coverage."""

from collections.abc import Callable

import numpy as np
import pytest

from evalkit.inference.autoregressive_errors import (
    average_autoregressive,
    find_gaps,
    fit_autoregressive,
    fit_prais_winsten,
    whiten,
)
from evalkit.inference.linear_fits import describe_contrasts, fit_least_squares

EXACT = 1e-8
"""The same algebra by other steps differs by rounding alone."""

SERIES = 400
"""Series drawn for coverage: a share of 0.95 has a standard error of 0.011."""

MC_BAND = 0.035
"""Coverage may differ from 0.95 by a bias of about 0.01 and twice that error."""

Draw = Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]


@pytest.fixture
def draw() -> Draw:
    """Return a maker of interrupted series: outcome, design and time, no change at the middle."""

    def make(seed: int, n: int, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        errors = np.empty(n)
        errors[0] = rng.normal() / np.sqrt(1 - rho**2)
        for i in range(1, n):
            errors[i] = rho * errors[i - 1] + rng.normal()
        time = np.arange(n)
        after = (time >= n // 2).astype(float)
        design = np.column_stack([np.ones(n), time, after, after * (time - n // 2)])
        return errors, design, time

    return make


def test_gaps_by_hand() -> None:
    """A missing period doubles the gap; each series begins with an endless one."""
    gap = find_gaps(np.array([1, 2, 4, 1, 2]), np.array([0, 0, 0, 1, 1]))
    assert gap.tolist() == [np.inf, 1, 2, np.inf, 1]


def test_whitening_inverts_the_correlations() -> None:
    """Rows `d` apart correlate by rho to the d: sums of squares and determinant are theirs."""
    time, rho = np.array([0, 1, 3, 4]), -0.6
    matrix = rho ** np.abs(time[:, None] - time)
    values = np.array([[1.0], [4.0], [2.0], [7.0]])
    white, log_determinant = whiten(values, find_gaps(time), np.array([rho]))
    expected = (values.T @ np.linalg.inv(matrix) @ values)[0, 0]
    assert float(np.sum(white**2)) == pytest.approx(expected, rel=EXACT)
    assert log_determinant[0] == pytest.approx(np.linalg.slogdet(matrix)[1], rel=EXACT)


def test_prais_winsten_is_generalised_least_squares(draw: Draw) -> None:
    """At the correlation found, estimates and errors are those of the matrices written out."""
    outcome, design, time = draw(3, 30, 0.5)
    fits = fit_prais_winsten(outcome, design, time)
    inverse = np.linalg.inv(fits.rho[0] ** np.abs(time[:, None] - time).astype(float))
    bread = np.linalg.inv(design.T @ inverse @ design)
    coef = bread @ design.T @ inverse @ outcome
    left = outcome - design @ coef
    assert fits.mean == pytest.approx(coef, rel=EXACT)
    assert fits.cov[0] == pytest.approx(bread * (left @ inverse @ left) / 26, rel=EXACT)
    assert fits.rho[0] == pytest.approx(left[1:] @ left[:-1] / (left[:-1] @ left[:-1]), abs=1e-6)


def test_weights_are_inverse_variances(draw: Draw) -> None:
    """Multiplying rows by the root of their weight beforehand gives the same fit."""
    outcome, design, time = draw(4, 30, 0.3)
    weight = np.linspace(1, 3, 30)
    root = np.sqrt(weight)
    for fit in (fit_autoregressive, average_autoregressive, fit_prais_winsten):
        one = fit(outcome, design, time, weight=weight)
        other = fit(outcome * root, design * root[:, None], time)
        assert one.mean == pytest.approx(other.mean, rel=1e-5)


def test_without_correlation_all_are_near_least_squares() -> None:
    """Errors that alternate by chance alone leave every fit close to least squares."""
    rng = np.random.default_rng(8)
    outcome, time = rng.normal(size=400), np.arange(400)
    design = np.column_stack([np.ones(400), time >= 200])
    plain = describe_contrasts(fit_least_squares(outcome, design), np.eye(2))
    for fit in (fit_autoregressive, average_autoregressive, fit_prais_winsten):
        found = describe_contrasts(fit(outcome, design, time), np.eye(2))
        assert found.estimate == pytest.approx(plain.estimate, abs=0.2 * plain.std_error.min())
        assert found.std_error == pytest.approx(plain.std_error, rel=0.15)


def test_two_independent_series_share_one_correlation(draw: Draw) -> None:
    """A second series that repeats the first halves the variance, but for degrees of freedom."""
    outcome, design, time = draw(5, 40, 0.4)
    chain = np.repeat([0, 1], 40)
    twice = np.tile(outcome, 2), np.tile(design, (2, 1)), np.tile(time, 2)
    one = fit_autoregressive(outcome, design, time, criterion="ml")
    two = fit_autoregressive(*twice, chain=chain, criterion="ml")
    assert two.rho[0] == pytest.approx(one.rho[0], abs=1e-5)
    assert two.mean == pytest.approx(one.mean, rel=1e-4)
    assert two.cov[0][2, 2] * 76 == pytest.approx(one.cov[0][2, 2] * 36, rel=1e-4)


@pytest.mark.parametrize(("n", "rho"), [(48, 0.4), (24, 0.4), (16, 0.4), (24, 0.0)])
def test_averaged_intervals_cover(draw: Draw, n: int, rho: float) -> None:
    """95% intervals for level and slope hold the truth in 95% of series, near enough."""
    held = np.zeros(2)
    for seed in range(SERIES):
        fits = average_autoregressive(*draw(seed, n, rho))
        found = describe_contrasts(fits, np.eye(4)[[2, 3]])
        held += (found.conf_low < 0) & (found.conf_high > 0)
    assert held / SERIES == pytest.approx([0.95, 0.95], abs=MC_BAND)


def test_averaging_carries_the_doubt_about_the_correlation(draw: Draw) -> None:
    """Averaged intervals are wider than those that take the best correlation as known."""
    wider = []
    for seed in range(40):
        series = draw(seed, 24, 0.4)
        lengths = [
            describe_contrasts(fit(*series), np.eye(4)[[2]])
            for fit in (average_autoregressive, fit_autoregressive)
        ]
        averaged, known = (one.conf_high[0] - one.conf_low[0] for one in lengths)
        wider.append(averaged / known)
    assert np.median(wider) > 1.05


def test_a_longer_grid_changes_nothing(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    """With twenty times as many correlations no end moves by 1 in 1,000 of the width."""
    for n in (16, 48, 300):
        series = draw(2, n, 0.5)
        few = describe_contrasts(average_autoregressive(*series), np.eye(4))
        monkeypatch.setattr("evalkit.inference.autoregressive_errors.GRID", 1280)
        monkeypatch.setattr("evalkit.inference.autoregressive_errors.LEAST_WEIGHT", 1e-12)
        many = describe_contrasts(average_autoregressive(*series), np.eye(4))
        monkeypatch.undo()
        width = many.conf_high - many.conf_low
        assert np.all(np.abs(few.conf_low - many.conf_low) < 1e-3 * width)
        assert np.all(np.abs(few.conf_high - many.conf_high) < 1e-3 * width)
