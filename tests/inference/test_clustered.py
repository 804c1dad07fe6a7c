"""Clustered covariances: by hand, against R's clubSandwich, and what they do not depend on."""

import numpy as np
import pandas as pd
import pytest

from evalkit.inference.cluster_moments import make_cluster_moments, solve_moments
from evalkit.inference.clustered import (
    clustered_covariance,
    fit_cr2,
    fit_cr3,
    moment_covariance,
    reduce_bias,
    two_way_covariance,
)
from evalkit.inference.least_squares import (
    fit_least_squares,
    iid_covariance,
    robust_covariance,
)

EXACT = 1e-10
"""Two ways to the same number differ by rounding alone."""

PRINTED = 1e-9
"""R's values are printed with 13 digits."""

WEIGHTED = {
    "site": ([1.041586155051, 0.5494221743101], [0.3528104543975, 0.0621680079064]),
    "region": ([1.041586155051, 0.5494221743101], [0.4175660524939, 0.05461684926076]),
}
WEIGHTED_DF = {
    "site": [15.47734794089, 22.02729538596],
    "region": [8.065120905884, 7.738628512862],
}
"""From tests/inference/weighted_cr2.R."""


@pytest.fixture(scope="module")
def sites(request: pytest.FixtureRequest) -> pd.DataFrame:
    """Return thirty sites in ten regions over eight months, rows missing."""
    frame = pd.read_csv(request.path.parents[1] / "reference" / "panel_fe.csv")
    return frame[(frame["site"] % 2 == 0) & frame["month"].between(10, 17)]


def regressors(frame: pd.DataFrame) -> np.ndarray:
    """Treatment, staffing, and a column for each month but the first."""
    months = np.unique(frame["month"])[1:]
    return np.column_stack(
        [frame[["treated", "staffing"]], frame["month"].to_numpy()[:, None] == months]
    ).astype(float)


def test_mean_of_three_clusters_by_hand() -> None:
    """A mean of 1, 2 and 6 is 3 with residuals -2, -1, 3: CR0 14/9, CR1 and CR2 14/9 x 3/2."""
    y, one = np.array([1.0, 2.0, 6.0]), np.ones((3, 1))
    codes = np.arange(3)
    fit = fit_least_squares(y, one)
    moments = make_cluster_moments(y, one, codes)
    assert clustered_covariance(fit, codes, counting="none")[0, 0] == pytest.approx(14 / 9)
    assert clustered_covariance(fit, codes)[0, 0] == pytest.approx(14 / 9 * 3 / 2)
    cr2 = reduce_bias(solve_moments(moments))
    assert cr2.cov[0, 0] == pytest.approx(14 / 9 * 3 / 2)
    assert cr2.df[0] == pytest.approx(2)
    assert fit_cr3(moments).cov[0, 0] == pytest.approx(14 / 9 * 9 / 4)
    assert iid_covariance(fit)[0, 0] == pytest.approx(14 / 2 / 3)
    assert robust_covariance(fit)[0, 0] == pytest.approx(14 / 9 * 3 / 2)


def test_two_groups_are_welch() -> None:
    """CR2 of a difference between two groups of clusters is Welch's error, 8/2 + 2/3 here."""
    y = np.array([1.0, 5, 0, 1, 2])
    x = np.array([[1.0, 1], [1, 1], [0, 1], [0, 1], [0, 1]])
    fit = fit_cr2(y, x, np.arange(5), within=False)
    assert fit.coef[0] == pytest.approx(2)
    assert fit.cov[0, 0] == pytest.approx(8 / 2 + 1 / 3)
    by_hand = (1 / 2 + 1 / 3) ** 2 / ((1 / 2) ** 2 / 1 + (1 / 3) ** 2 / 2)
    assert fit.df[0] == pytest.approx(by_hand)


@pytest.mark.parametrize("by", ["site", "region"])
def test_weighted_cr2_agrees_with_r(sites: pd.DataFrame, by: str) -> None:
    """Weighted, with site effects inside clusters of regions, CR2 equals clubSandwich's."""
    unit, cluster = pd.factorize(sites["site"])[0], pd.factorize(sites[by])[0]
    moments = make_cluster_moments(
        sites["score"].to_numpy(),
        regressors(sites),
        cluster,
        unit=unit,
        weight=sites["n_resp"].to_numpy(float),
    )
    found = reduce_bias(solve_moments(moments), size=2)
    coef, error = WEIGHTED[by]
    assert found.coef == pytest.approx(coef, rel=PRINTED)
    assert found.std_error == pytest.approx(error, rel=PRINTED)
    assert found.df == pytest.approx(WEIGHTED_DF[by], rel=PRINTED)


def test_cross_products_lose_nothing(sites: pd.DataFrame) -> None:
    """Errors from cross-products by cluster equal those from the rows."""
    unit, cluster = pd.factorize(sites["site"])[0], pd.factorize(sites["region"])[0]
    y, x = sites["score"].to_numpy(), regressors(sites)
    rows = fit_least_squares(y, x, unit=unit)
    moments = solve_moments(make_cluster_moments(y, x, cluster, unit=unit))
    assert moments.coef == pytest.approx(rows.coef, rel=EXACT)
    for counting in ("none", "nested", "all"):
        found = moment_covariance(moments, counting=counting)
        assert found == pytest.approx(
            clustered_covariance(rows, cluster, counting=counting), rel=1e-8, abs=1e-12
        )


def test_many_clusters_have_the_same_df(sites: pd.DataFrame) -> None:
    """CR0's degrees of freedom are those of a matrix written out in full."""
    unit = pd.factorize(sites["site"])[0]
    x = regressors(sites)
    fit = solve_moments(make_cluster_moments(sites["score"].to_numpy(), x, unit, unit=unit))
    rows = fit_least_squares(sites["score"].to_numpy(), x, unit=unit)
    own = np.stack(
        [np.where(unit == u, rows.regressors @ rows.bread[0], 0.0) for u in range(unit.max() + 1)]
    )
    hat = rows.regressors @ rows.bread @ rows.regressors.T
    within = (unit[:, None] == unit) / np.bincount(unit)[unit]
    products = own @ (np.eye(len(unit)) - within - hat) @ own.T
    by_hand = np.trace(products) ** 2 / np.sum(products**2)
    assert reduce_bias(fit, size=1, power=0.0).df[0] == pytest.approx(by_hand, rel=EXACT)


def test_two_way_of_one_way_twice() -> None:
    """Clustering two ways by the same codes is clustering by them once."""
    rng = np.random.default_rng(3)
    y, x, codes = rng.normal(size=30), rng.normal(size=(30, 2)), np.arange(30) % 6
    fit = fit_least_squares(y, x)
    one = clustered_covariance(fit, codes, counting="none")
    assert two_way_covariance(fit, codes, codes) == pytest.approx(one, rel=EXACT)


def test_a_sum_of_other_columns_changes_nothing() -> None:
    """A regressor that repeats another leaves the fitted values and their error as they were."""
    rng = np.random.default_rng(4)
    y, x, codes = rng.normal(size=40), rng.normal(size=(40, 2)), np.arange(40) % 8
    once = fit_cr2(y, x, codes)
    twice = fit_cr2(y, np.column_stack([x, x[:, 1]]), codes)
    assert twice.coef[0] == pytest.approx(once.coef[0], rel=1e-8)
    assert twice.std_error[0] == pytest.approx(once.std_error[0], rel=1e-8)
    assert twice.df[0] == pytest.approx(once.df[0], rel=1e-8)
