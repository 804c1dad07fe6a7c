"""The indirect part as a function of rho: by hand, and recovery of a hidden cause's bias."""

import numpy as np
import pytest

from evalkit.fits.mediation_paths import Layout, solve_paths
from evalkit.sensitivity.mediation_rho import (
    RHO_GRID,
    indirect_at,
    residual_moments,
    vanishing_rho,
)

BY_HAND = np.array([[4.0, 8.0, 8.0], [8.0, 17.0, 18.0], [8.0, 18.0, 21.0]])
"""Cross-products of an exposure, a mediator and an outcome."""


def test_moments_by_hand() -> None:
    """a = 8 / 4; left of m: 17 - 16 = 1; of y: 21 - 16 = 5; of both: 18 - 16 = 2."""
    found = residual_moments(BY_HAND, Layout(1))
    assert found.path_a == 2
    assert found.covariance.tolist() == [[1, 2], [2, 5]]
    assert vanishing_rho(found) == pytest.approx(2 / np.sqrt(5))


def test_no_correlation_is_least_squares() -> None:
    """At rho zero the indirect part is a x b; at the vanishing rho it is zero."""
    moments = residual_moments(BY_HAND, Layout(1))
    rho = np.array([0.0, float(vanishing_rho(moments))])
    plain = solve_paths(BY_HAND, Layout(1)).indirect[0]
    assert indirect_at(moments, rho) == pytest.approx([plain, 0.0])


def test_indirect_falls_as_rho_rises() -> None:
    """With a positive path a, more hidden correlation leaves less for the mediator."""
    found = indirect_at(residual_moments(BY_HAND, Layout(1)), RHO_GRID)
    assert np.all(np.diff(found) < 0)


@pytest.mark.parametrize("rho", [-0.4, 0.3])
def test_the_true_rho_gives_the_true_indirect(rho: float) -> None:
    """Residuals that correlate by rho bias least squares; the formula at rho is on the truth."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(200):
        x = rng.normal(size=300)
        e = rng.multivariate_normal([0, 0], [[1, 1.5 * rho], [1.5 * rho, 2.25]], 300)
        m = 0.8 * x + e[:, 0]
        y = 0.2 * x + 0.5 * m + e[:, 1]
        columns = np.column_stack([x, np.ones(300), m, y])
        moments = residual_moments(columns.T @ columns, Layout(2))
        found.append(indirect_at(moments, np.array([0.0, rho])))
    plain, right = np.mean(found, axis=0)
    error = np.std(found, axis=0, ddof=1)[1] / np.sqrt(200)
    assert abs(right - 0.4) < 3.3 * error
    assert abs(plain - 0.4) > 20 * error


def test_other_mediators_are_held_fixed() -> None:
    """With a second mediator, the first one's indirect part at rho zero is still its a x b."""
    rng = np.random.default_rng(5)
    columns = rng.normal(size=(40, 4)) @ np.triu(rng.normal(size=(4, 4)))
    products = columns.T @ columns
    moments = residual_moments(products, Layout(1, 2))
    expected = solve_paths(products, Layout(1, 2)).indirect[0]
    assert indirect_at(moments, np.array([0.0]))[0] == pytest.approx(expected)
