"""Stacked equations, clusters and their degrees of freedom, by hand."""

import numpy as np
import pytest

from evalkit.inference.stacked_equations import (
    clustered_error,
    contrast_df,
    influence_of,
    sum_by_cluster,
)

DIFFERENCES = 1e-6
"""Slopes are found by differences, good to about here."""


def test_influence_on_a_mean() -> None:
    """A row moves a mean of four by a quarter of its distance from it."""
    values = np.array([1.0, 2.0, 3.0, 6.0])
    found = influence_of(lambda theta: values[:, None] - theta, np.array([3.0]))
    assert found[:, 0] == pytest.approx((values - 3) / 4, rel=DIFFERENCES)


def test_the_second_step_contains_the_first() -> None:
    """The variance about a fitted mean moves with the mean only through its square."""
    values = np.array([1.0, 2.0, 3.0, 6.0])

    def equations(theta: np.ndarray) -> np.ndarray:
        return np.column_stack([values - theta[0], values * theta[0] - theta[1]])

    found = influence_of(equations, np.array([3.0, 9.0]))
    by_hand = (values * 3 - 9) / 4 + 3 * (values - 3) / 4
    assert found[:, 1] == pytest.approx(by_hand, rel=DIFFERENCES)


def test_clusters_by_hand() -> None:
    """Sums 3 and -3 of two clusters: root of (9 + 9) x 2 / 1."""
    sums = sum_by_cluster(np.array([1.0, 2, -3]), np.array([0, 0, 1]))
    assert clustered_error(sums) == pytest.approx(6)


def test_degrees_of_freedom_are_welch() -> None:
    """Equal spread in 3 and 5 clusters: 4 v^2 / (v^2 / 2 + v^2 / 4) = 16/3; one side alone: 2."""
    sums = np.array([1.0, 1, 0, 1, 1, 0, 0, 0])
    treated = np.arange(8) < 3
    assert contrast_df(sums, treated) == pytest.approx(16 / 3)
    assert contrast_df(np.where(treated, 1.0, 0.0), treated) == pytest.approx(2)
    assert contrast_df(np.zeros(8), treated) == 7
