"""Estimating equations: by hand, against statsmodels, collapsed rows, and what they refuse."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.estimating_equations import Family, fit_estimating_equations
from evalkit.fits.robust_contrasts import robust_contrast, robust_covariance

SEARCH = 1e-5
"""statsmodels stops its search about here. The working correlation is handed to it, since it
takes the regressors off the count of pairs, which geepack and we do not."""


def make_answers(seed: int = 5, family: Family = "gaussian") -> dict[str, np.ndarray]:
    """Return 8 clusters of 12 answers, 4 of them treated, two periods."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(8), 12)
    period = np.tile([0, 1], 48)
    treated = ((cluster >= 4) & (period == 1)).astype(float)
    mean = rng.normal(scale=0.6, size=8)[cluster] + 0.8 * treated + 0.3 * period
    outcome = mean + rng.normal(size=96)
    if family == "binomial":
        outcome = (rng.random(96) < 1 / (1 + np.exp(-mean))).astype(float)
    x = np.column_stack([treated, np.ones(96), period])
    return {"outcome": outcome, "x": x, "cluster": cluster}


def test_difference_by_hand() -> None:
    """Cluster means 1, 3 and 4, 6: difference 3; CR0 error sqrt(2 x (1 + 1) / 4) = 1.

    Each half of the error sums squared deviations 1 and 1 over 2 squared. The leverage of each
    cluster is a half, so (1 - 1/2)^(-1/2) makes CR2's sqrt(2), with 2 degrees of freedom.
    """
    outcome = np.array([1.0, 3.0, 4.0, 6.0])
    x = np.column_stack([[0.0, 0, 1, 1], np.ones(4)])
    fit = fit_estimating_equations(outcome, x, np.arange(4), correlation="independence")
    treated = np.array([1.0, 0.0])
    assert robust_contrast(fit, treated, "CR0").std_error == pytest.approx(1.0)
    found = robust_contrast(fit, treated)
    assert found.estimate == pytest.approx(3.0)
    assert found.std_error == pytest.approx(np.sqrt(2))
    assert found.df == pytest.approx(2.0)
    assert robust_contrast(fit, treated, "mancl_derouen").std_error == pytest.approx(2.0)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_agrees_with_statsmodels(family: Family) -> None:
    """Exchangeable estimates, robust and Mancl-DeRouen errors equal statsmodels'."""
    import statsmodels.api as sm

    data = make_answers(family=family)
    fit = fit_estimating_equations(data["outcome"], data["x"], data["cluster"], family=family)
    law = {"gaussian": sm.families.Gaussian(), "binomial": sm.families.Binomial()}[family]
    shared = sm.cov_struct.Exchangeable()
    shared.dep_params = fit.correlation
    model = sm.GEE(
        data["outcome"],
        data["x"],
        data["cluster"],
        family=law,
        cov_struct=shared,
        update_dep=False,
    )
    theirs = model.fit(cov_type="bias_reduced")
    assert fit.coef == pytest.approx(theirs.params, rel=SEARCH)
    pairs = (("CR0", theirs.cov_robust), ("mancl_derouen", theirs.cov_robust_bc))
    for correction, covariance in pairs:
        ours = np.sqrt(np.diag(robust_covariance(fit, correction)))
        assert ours == pytest.approx(np.sqrt(np.diag(covariance)), rel=SEARCH)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_cells_stand_for_their_answers(family: Family) -> None:
    """Means with their sizes and variation give the fit of the answers themselves."""
    data = make_answers(family=family)
    whole = fit_estimating_equations(data["outcome"], data["x"], data["cluster"], family=family)
    cell = data["cluster"] * 2 + data["x"][:, 2].astype(int)
    _, first, inverse, size = np.unique(
        cell, return_index=True, return_inverse=True, return_counts=True
    )
    mean = np.bincount(inverse, data["outcome"]) / size
    within = np.bincount(inverse, (data["outcome"] - mean[inverse]) ** 2)
    cells = fit_estimating_equations(
        mean,
        data["x"][first],
        data["cluster"][first],
        family=family,
        size=size.astype(float),
        within=within,
    )
    assert cells.coef == pytest.approx(whole.coef, abs=1e-8)
    assert cells.correlation == pytest.approx(whole.correlation)
    assert robust_covariance(cells, "fay_graubard") == pytest.approx(
        robust_covariance(whole, "fay_graubard")
    )


def test_corrections_are_in_order() -> None:
    """With few clusters: no correction, the square root, then the whole leverage."""
    data = make_answers()
    fit = fit_estimating_equations(data["outcome"], data["x"], data["cluster"])
    treated = np.eye(3)[0]
    none, root, whole = (
        robust_contrast(fit, treated, c).std_error
        for c in ("CR0", "kauermann_carroll", "mancl_derouen")
    )
    assert none < root < whole


def test_answers_without_bound_are_refused() -> None:
    """Where everyone treated says yes the odds have no bound, which is said."""
    data = make_answers(family="binomial")
    outcome = np.maximum(data["outcome"], data["x"][:, 0])
    with pytest.raises(AnalysisError, match="do not settle"):
        fit_estimating_equations(outcome, data["x"], data["cluster"], family="binomial")
