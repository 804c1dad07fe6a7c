"""Shapes and bands of a dose: by hand."""

import numpy as np
import pytest
from scipy import stats

from evalkit.fits.dose_curves import (
    choose_cuts,
    cut_bands,
    joint_test,
    linked_bands,
    make_shape,
)

DOSES = np.linspace(0, 10, 101)


def test_a_spline_is_straight_outside_its_knots() -> None:
    """Below the first knot and above the last, columns have no second difference; inside, some."""
    shape = make_shape("spline", DOSES)
    assert shape is not None
    second = np.abs(np.diff(shape.columns(np.linspace(-5, 15, 201)), 2, axis=0))
    outside = np.r_[0:45, 155:199]
    assert shape.columns(DOSES).shape == (101, 3)
    assert second[outside].max() < 1e-9
    assert second[60:140, 1:].max() > 1e-6


def test_a_spline_spans_a_straight_line_and_no_more_is_needed() -> None:
    """A straight outcome is fitted by the first column alone."""
    shape = make_shape("spline", DOSES, knots=3)
    assert shape is not None
    columns = np.column_stack([shape.columns(DOSES), np.ones(101)])
    coef = np.linalg.lstsq(columns, 2 * DOSES + 1)[0]
    assert coef[0] == pytest.approx(2 * DOSES.std())
    assert coef[1] == pytest.approx(0, abs=1e-9)


def test_squares_by_hand() -> None:
    """Doses 1 and 3 lie one spread below and above their mean, so both squares are one."""
    shape = make_shape("quadratic", np.array([1.0, 3.0]))
    assert shape is not None
    assert shape.columns(np.array([1.0, 3.0])).tolist() == [[-1, 1], [1, 1]]


def test_few_doses_have_no_spline() -> None:
    """Five distinct doses are left to bands."""
    assert make_shape("spline", np.repeat(np.arange(5.0), 20)) is None


def test_joint_test_by_hand() -> None:
    """One coefficient of twice its error is t = 2; two, unrelated, make F = (df - 1) / 2df x 5."""
    one = joint_test(np.array([2.0]), np.eye(1), np.array([10.0]))
    assert one.p_value == pytest.approx(2 * stats.t.sf(2, 10))
    two = joint_test(np.array([1.0, 2.0]), np.eye(2), np.array([30.0, 10.0]))
    assert two.statistic == pytest.approx(9 / 20 * 5)
    assert (two.df, two.df_error) == (2, 9)
    assert np.isnan(joint_test(np.ones(2), np.eye(2), np.ones(2)).p_value)


def test_bands_by_hand() -> None:
    """A dose at a cut belongs to the lower band; quarters hold equal numbers."""
    assert cut_bands(np.array([0.0, 1, 1.5, 3]), np.array([1.0, 2.0])).tolist() == [0, 0, 1, 2]
    cuts = choose_cuts(np.arange(1.0, 101))
    assert np.bincount(cut_bands(np.arange(1.0, 101), cuts)).tolist() == [25, 25, 25, 25]


def test_zero_is_a_band_of_its_own_where_common() -> None:
    """With one dose in five at zero, zero stands apart and the rest makes quarters."""
    dose = np.concatenate([np.zeros(20), np.arange(1.0, 81)])
    assert np.bincount(cut_bands(dose, choose_cuts(dose))).tolist() == [20, 20, 20, 20, 20]


def test_bands_linked_in_a_chain() -> None:
    """Unit 0 links bands 0 and 1, unit 1 bands 1 and 2: one group; band 3 stands alone."""
    band, unit = np.array([0, 1, 1, 2, 3, 3]), np.array([0, 0, 1, 1, 2, 2])
    assert linked_bands(band, unit, 4).tolist() == [0, 0, 0, 3]
