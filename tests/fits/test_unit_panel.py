"""Columns of a panel: lags by the calendar, complete rows, movement within units."""

import numpy as np

from evalkit.fits.unit_panel import (
    keep_seen_twice,
    means_by,
    moving_units,
    period_columns,
    recode,
    shift_by_unit,
)

UNIT = np.array([0, 0, 0, 1, 1, 1])
TIME = np.array([5, 6, 8, 5, 6, 7])
VALUES = np.array([1.0, 2, 3, 10, 20, 30])


def test_lags_follow_the_calendar() -> None:
    """Unit 0 has no period 7, so its period 8 has no value before it; units never mix."""
    nan = np.nan
    np.testing.assert_equal(shift_by_unit(VALUES, UNIT, TIME, 1), [nan, 1, nan, nan, 10, 20])
    np.testing.assert_equal(shift_by_unit(VALUES, UNIT, TIME, -1), [2, nan, nan, 20, 30, nan])
    np.testing.assert_equal(shift_by_unit(VALUES, UNIT, TIME, 3), [nan, nan, 1, nan, nan, nan])
    np.testing.assert_equal(shift_by_unit(VALUES, UNIT, TIME, 0), VALUES)


def test_lags_of_unsorted_columns() -> None:
    """Rows in any order give each row its own earlier values, column by column."""
    order = np.array([4, 0, 2, 5, 1, 3])
    both = np.column_stack([VALUES, -VALUES])
    found = shift_by_unit(both[order], UNIT[order], TIME[order], 1)
    np.testing.assert_equal(found, shift_by_unit(both, UNIT, TIME, 1)[order])


def test_no_rows_no_lags() -> None:
    """An empty panel gives an empty column."""
    none = np.empty(0, dtype=np.int64)
    assert shift_by_unit(np.empty(0), none, none, 1).shape == (0,)


def test_rows_seen_twice() -> None:
    """Periods 7 and 8 have one unit each; without them both units keep two rows."""
    keep = keep_seen_twice(np.ones(6, dtype=bool), UNIT, TIME)
    assert keep.tolist() == [True, True, False, True, True, False]


def test_leaving_one_row_can_empty_the_rest() -> None:
    """With one row incomplete, its unit falls to one row, and then each period to one unit."""
    complete = np.array([False, True, True, True, True, True])
    assert not keep_seen_twice(complete, UNIT, TIME).any()


def test_means_codes_and_periods_by_hand() -> None:
    """Units' means, codes without gaps, and a column for each period but the first."""
    assert means_by(VALUES[:, None], UNIT).ravel().tolist() == [2, 20]
    assert recode(np.array([7, 3, 7])).tolist() == [1, 0, 1]
    assert period_columns(np.array([5, 6, 8])).tolist() == [[0, 0], [1, 0], [0, 1]]


def test_moving_units() -> None:
    """Unit 1 stays, unit 0 moves; rounding alone is no movement."""
    assert moving_units(np.array([1, 2, 3, 4, 4, 4 + 1e-12]), UNIT).tolist() == [True, False]
