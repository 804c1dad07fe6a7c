"""Reliability of a scale: by hand, with known truth, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.one_factor import fit_one_factor
from evalkit.measures.scale_reliability import fit_alpha, tabulate_items, tabulate_scale

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])
TRUE_OMEGA = 2.6**2 / (2.6**2 + np.sum(1 - LOADINGS**2))
THREE_ERRORS = 3.3
"""Standard errors that the mean of a simulation may be off by."""


def draw_items(seed: int, people: int = 400) -> np.ndarray:
    """Return items that one factor drives, the loadings known."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(people, 1))
    return factor * LOADINGS + rng.normal(size=(people, 4)) * np.sqrt(1 - LOADINGS**2)


def test_alpha_by_hand() -> None:
    """Variances 1 and 1, covariance 1/2: total 3, alpha 2 x (1 - 2/3)."""
    items = np.array([[1.0, 1], [2, 3], [3, 2]])
    assert fit_alpha(items).estimate == pytest.approx(2 / 3)


def test_item_and_rest_by_hand() -> None:
    """For two items the rest is the other item: correlation 1/2, and no alpha without it."""
    table = tabulate_items(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 3, 2]}))
    assert table["item_rest"].tolist() == pytest.approx([0.5, 0.5])
    assert table["alpha_without"].isna().all()
    assert table["ceiling"].tolist() == pytest.approx([1 / 3, 1 / 3])


def test_incomplete_rows_are_left_out() -> None:
    """A person with an item missing does not count, and the share missing is shown."""
    items = pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [1.0, 3, 2, 3]})
    assert fit_alpha(items.to_numpy()).n == 3
    assert tabulate_items(items)["missing"].tolist() == pytest.approx([0.25, 0.0])


def test_feldt_interval_covers() -> None:
    """Intervals of equal items hold the true alpha 95% of the time."""
    rng, held, runs, truth = np.random.default_rng(3), 0, 500, 4 * 0.5 / (1 + 3 * 0.5)
    for _ in range(runs):
        items = np.sqrt(0.5) * (rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)))
        found = fit_alpha(items)
        held += found.conf_low <= truth <= found.conf_high
    assert abs(held / runs - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs)


@pytest.mark.parametrize("method", ["maximum_likelihood", "minimum_residual"])
def test_loadings_and_omega_are_recovered(method: str) -> None:
    """The mean over samples of each loading, and of omega, is the truth."""
    fits = [fit_one_factor(draw_items(seed), method=method) for seed in range(60)]
    found = np.array([[*fit.loadings, fit.omega(standardised=True)] for fit in fits])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    # loadings bend towards zero by about 1/n, hence the allowance
    allowance = THREE_ERRORS * error + 2 / 400
    assert np.all(np.abs(found.mean(axis=0) - [*LOADINGS, TRUE_OMEGA]) < allowance)


def test_true_factor_fits_exactly() -> None:
    """Three items are always told exactly: no distance, no degrees of freedom, CFI of 1."""
    fit = fit_one_factor(draw_items(1)[:, :3])
    assert fit.chisq == pytest.approx(0.0, abs=1e-6)
    assert (fit.df, fit.cfi) == (0, 1)
    assert fit.srmr == pytest.approx(0.0, abs=1e-5)


def test_two_factors_do_not_pass_for_one() -> None:
    """Items of two unrelated things give a poor fit of one factor."""
    rng = np.random.default_rng(4)
    two = rng.normal(size=(500, 2))[:, [0, 0, 0, 1, 1, 1]] + rng.normal(size=(500, 6))
    fit = fit_one_factor(two)
    assert fit.cfi < 0.9
    assert fit.rmsea > 0.1


def test_item_without_variance_of_its_own_is_told() -> None:
    """Correlations that one factor cannot make are marked as not proper."""
    wanted = np.array([[1, 0.9, 0.7], [0.9, 1, 0.4], [0.7, 0.4, 1]])
    rows = np.random.default_rng(5).normal(size=(300, 3)) @ np.linalg.cholesky(wanted).T
    assert not fit_one_factor(rows).proper
    table = tabulate_scale(pd.DataFrame(rows, columns=["a", "b", "c"]))
    assert table.set_index("statistic").loc["proper", "estimate"] == 0


def test_scale_of_two_items_has_no_omega() -> None:
    """Two items cannot tell a factor, so only alpha is given."""
    table = tabulate_scale(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 3, 2]}))
    assert table["statistic"].tolist() == ["alpha", "alpha_standardised"]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (np.ones((5, 1)), "1 items and 5 complete rows"),
        (np.full((5, 2), np.nan), "2 items and 0 complete rows"),
        (np.array([[1.0, 3], [3, 1]]), "the sum of 2 items does not vary"),
    ],
)
def test_alpha_is_refused(items: np.ndarray, message: str) -> None:
    """Too little to go on is said in counts."""
    with pytest.raises(AnalysisError, match=message):
        fit_alpha(items)


def test_repeated_items_are_refused() -> None:
    """An item and its copy carry the information of one."""
    items = draw_items(2)
    with pytest.raises(AnalysisError, match="5 items carry the information of 4"):
        fit_one_factor(np.column_stack([items, items[:, 0]]))


def test_too_few_rows_for_a_factor_are_refused() -> None:
    """As many people as items tell nothing."""
    with pytest.raises(AnalysisError, match="4 items and 4 complete rows"):
        fit_one_factor(draw_items(2)[:4])
