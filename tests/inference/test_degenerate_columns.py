"""Columns and estimates without variation: left out, without overflow, without a warning."""

import numpy as np
import pytest

from evalkit.inference.cluster_moments import inverse_root, make_cluster_moments, solve_moments
from evalkit.inference.clustered import reduce_bias
from evalkit.inference.simultaneous import sup_t


def test_a_column_without_variation_has_no_part_in_the_inverse() -> None:
    """Of a matrix whose second column is nought, the first is inverted: 1 / 4."""
    root = inverse_root(np.array([[4.0, 0.0], [0.0, 0.0]]))
    assert (root @ root.T).ravel().tolist() == pytest.approx([0.25, 0, 0, 0])


def test_errors_beside_a_column_without_variation() -> None:
    """A dummy that is always nought leaves coefficient, error and df as they are."""
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(8), 5)
    x, y = rng.normal(size=40), rng.normal(size=40)
    plain, beside = (
        reduce_bias(solve_moments(make_cluster_moments(y, columns, cluster, unit=cluster)))
        for columns in (x[:, None], np.column_stack([x, np.zeros(40)]))
    )
    assert beside.coef.tolist() == pytest.approx([plain.coef[0], 0])
    assert (beside.std_error[0], beside.df[0]) == pytest.approx((plain.std_error[0], plain.df[0]))


def test_no_band_where_nothing_varies() -> None:
    """Estimates without any error have no band."""
    found = sup_t(np.ones(2), np.zeros((2, 2)), np.random.default_rng(1))
    assert np.isnan(found.critical)
