"""Multiple imputation: Rubin's rules by hand, and coverage where dropping rows misleads."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.multiple_imputation import (
    fit_over_imputations,
    impute_chained,
    pool_by_rubin,
)

THREE_ERRORS = 3.3
"""Standard errors of a share that a simulation may be off by."""
PEOPLE = 200


def mean_of(column: int):
    """Return a fit of one column's mean."""
    return lambda table: (
        float(table[:, column].mean()),
        float(table[:, column].std(ddof=1) / np.sqrt(len(table))),
    )


def slope_of(table: np.ndarray) -> tuple[float, float]:
    """Return the slope of the second column on the first, and its error."""
    x, y = table[:, 0] - table[:, 0].mean(), table[:, 1]
    slope = float(x @ y / (x @ x))
    residual = y - y.mean() - slope * x
    return slope, float(np.sqrt(residual @ residual / (len(y) - 2) / (x @ x)))


def draw_people(rng: np.random.Generator, hide: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two related columns, whole and with a fifth of column `hide` missing by the other.

    The mean of the second is 7 and its slope on the first is 1.
    """
    x = rng.normal(size=PEOPLE)
    whole = np.column_stack([x, 7 + x + rng.normal(0, 1, PEOPLE)])
    drives = whole[:, 1 - hide]
    chance = 0.4 / (1 + np.exp(-2 * (drives - drives.mean())))
    holed = whole.copy()
    holed[rng.random(PEOPLE) < chance, hide] = np.nan
    return whole, holed


def test_rubins_rules_by_hand() -> None:
    """Answers 1, 2, 3 with variance 1: between 1, total 1 + 4/3, share 4/7, 2 / (4/7)^2 df."""
    found = pool_by_rubin(np.array([1.0, 2, 3]), np.ones(3))
    assert found.estimate.estimate == pytest.approx(2.0)
    assert found.estimate.std_error == pytest.approx(np.sqrt(7 / 3))
    assert found.estimate.df == pytest.approx(2 * (7 / 4) ** 2)


def test_few_people_limit_the_degrees_of_freedom() -> None:
    """With 10 complete: 11/13 x 10 x 3/7 observed, joined with 6.125 as 1 / (1/a + 1/b)."""
    found = pool_by_rubin(np.array([1.0, 2, 3]), np.ones(3), complete_df=10)
    assert found.estimate.df == pytest.approx(1 / (1 / 6.125 + 13 * 7 / (11 * 10 * 3)))


def test_nothing_missing_changes_nothing() -> None:
    """Whole tables give the complete answer: no share missing, and the observed df."""
    whole = np.random.default_rng(1).normal(size=(50, 2))
    found = fit_over_imputations(
        impute_chained(whole, np.random.default_rng(2), imputations=3), mean_of(0), complete_df=49
    )
    assert found.estimate.estimate == pytest.approx(whole[:, 0].mean())
    assert found.fraction_missing == 0
    assert found.estimate.df == pytest.approx(50 / 52 * 49)


def test_known_values_stay_and_input_is_left_alone() -> None:
    """Only what is missing is filled, and only with values that somebody gave."""
    _, holed = draw_people(np.random.default_rng(3), hide=1)
    before = holed.copy()
    filled = impute_chained(np.round(holed), np.random.default_rng(4), imputations=2, rounds=3)
    known = ~np.isnan(holed)
    assert np.array_equal(holed, before, equal_nan=True)
    assert np.all(filled[:, known] == np.round(holed)[known])
    assert set(np.unique(filled[:, :, 1])) <= set(np.unique(np.round(holed[known[:, 1], 1])))


@pytest.mark.parametrize("method", ["matched", "normal"])
def test_mean_is_recovered_where_dropping_rows_misleads(method: str) -> None:
    """With a fifth of the outcome missing by another column, only filling in covers the mean."""
    runs, held, dropped, missing = 250, 0, 0, []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        _, holed = draw_people(rng, hide=1)
        missing.append(np.isnan(holed).mean() * 2)
        filled = impute_chained(holed, rng, imputations=10, rounds=1, method=method)
        found = fit_over_imputations(filled, mean_of(1), complete_df=PEOPLE - 1).estimate
        held += found.conf_low <= 7 <= found.conf_high
        value, error = mean_of(1)(holed[~np.isnan(holed[:, 1])])
        dropped += abs(value - 7) < 1.96 * error
    assert np.mean(missing) == pytest.approx(0.2, abs=0.02)
    assert abs(held / runs - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs)
    assert dropped / runs < 0.85


def test_slope_is_recovered_where_a_covariate_is_missing() -> None:
    """With a fifth of a covariate missing by the outcome, the slope is covered."""
    runs, held = 250, 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        _, holed = draw_people(rng, hide=0)
        filled = impute_chained(holed, rng, imputations=10, rounds=1, method="normal")
        found = fit_over_imputations(filled, slope_of, complete_df=PEOPLE - 2).estimate
        held += found.conf_low <= 1 <= found.conf_high
    assert abs(held / runs - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs)


def test_draws_doubt_the_line_itself() -> None:
    """Far from the data the line's own doubt counts: s^2 (1 + 1/n + d^2/Sxx) f / (f - 2)."""
    rng = np.random.default_rng(10)
    x = np.append(rng.normal(size=20), 6.0)
    holed = np.column_stack([x, np.append(rng.normal(size=20), np.nan)])
    filled = impute_chained(holed, rng, imputations=4000, rounds=1, method="normal")
    known, freedom = x[:20], 18
    error = slope_of(holed[:20])[1] * np.sqrt(np.sum((known - known.mean()) ** 2))
    far = 1 + 1 / 20 + (6 - known.mean()) ** 2 / np.sum((known - known.mean()) ** 2)
    expected = error**2 * far * freedom / (freedom - 2)
    assert np.var(filled[:, 20, 1]) == pytest.approx(expected, rel=0.1)


def test_levels_of_clusters_are_kept() -> None:
    """Where trusts differ, filling in by trust keeps their means apart, and plainly does not."""
    rng = np.random.default_rng(5)
    cluster = np.repeat(np.arange(10), 40)
    holed = np.column_stack([10.0 * (cluster % 2) + rng.normal(size=400), rng.normal(size=400)])
    truth = holed[:, 0].copy()
    holed[rng.random(400) < 0.3, 0] = np.nan
    gap = np.isnan(holed[:, 0])
    error = {}
    for name, codes in (("with", cluster), ("without", None)):
        filled = impute_chained(holed, rng, imputations=5, rounds=2, cluster=codes)
        error[name] = np.mean((filled[:, gap, 0] - truth[gap]) ** 2)
    assert error["with"] < 3
    assert error["without"] > 30


def test_several_columns_are_filled_together() -> None:
    """Three related columns, each with gaps, keep their correlation of .6."""
    rng = np.random.default_rng(6)
    whole = np.sqrt(0.6) * rng.normal(size=(2000, 1)) + np.sqrt(0.4) * rng.normal(size=(2000, 3))
    holed = np.where(rng.random((2000, 3)) < 0.2, np.nan, whole)
    filled = impute_chained(holed, rng, imputations=4)
    found = np.mean([np.corrcoef(f, rowvar=False)[0, 1] for f in filled])
    assert found == pytest.approx(np.corrcoef(whole, rowvar=False)[0, 1], abs=0.03)


def test_same_seed_gives_the_same_tables() -> None:
    """The draws follow from the generator alone."""
    _, holed = draw_people(np.random.default_rng(7), hide=1)
    one, two = (
        impute_chained(holed, np.random.default_rng(8), imputations=2, rounds=2) for _ in range(2)
    )
    assert np.array_equal(one, two)


def test_thin_column_is_refused() -> None:
    """A column with hardly a value cannot be filled in."""
    values = np.random.default_rng(9).normal(size=(30, 2))
    values[5:, 1] = np.nan
    with pytest.raises(AnalysisError, match="1 of 2 columns have too few values"):
        impute_chained(values, np.random.default_rng(1))


def test_one_table_is_refused() -> None:
    """One completed table shows no doubt."""
    with pytest.raises(AnalysisError, match="1 completed tables"):
        pool_by_rubin(np.ones(1), np.ones(1))
