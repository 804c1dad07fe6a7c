"""Linear mixed models: by hand, against whole matrices, and what they refuse."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.cluster_periods import make_blocks, sum_cells
from evalkit.fits.mixed_model import MixedModelFit, fit_mixed_model
from evalkit.fits.mixed_model_contrasts import estimate_contrast, make_curvature
from evalkit.fits.variance_shares import estimate_autocorrelation, estimate_icc
from evalkit.fits.variance_structures import Structure

SEARCH = 1e-6
"""The search for the variances stops about here; nothing else is approximate."""


def make_rows(seed: int = 3) -> dict[str, np.ndarray]:
    """Return 5 clusters by 4 periods, 2 to 4 answers a cell, three cells missing."""
    rng = np.random.default_rng(seed)
    cluster, time = (g.ravel() for g in np.indices((5, 4)))
    kept = ~np.isin(np.arange(20), [3, 9, 16])
    size = rng.integers(2, 5, 20)[kept]
    cluster, time = np.repeat(cluster[kept], size), np.repeat(time[kept], size)
    cell = rng.normal(size=(5, 4))[cluster, time]
    own = rng.normal(size=5)[cluster]
    treated = (time > cluster % 3).astype(float)
    noise = rng.normal(size=len(cluster))
    x = np.column_stack([treated, (time[:, None] == np.arange(4)).astype(float), noise])
    outcome = own + cell / 2 + treated + noise / 3 + rng.normal(size=len(cluster))
    weight = rng.uniform(0.5, 2.0, len(cluster))
    return {"outcome": outcome, "x": x, "cluster": cluster, "time": time, "weight": weight}


def covariance_of(fit: MixedModelFit, rows: dict[str, np.ndarray]) -> np.ndarray:
    """Return the covariance of all rows, written out."""
    same = rows["cluster"][:, None] == rows["cluster"]
    lag = np.abs(rows["time"][:, None] - rows["time"])
    whole = np.diag(fit.component("residual") / rows["weight"])
    if fit.structure == "decay":
        return whole + same * fit.component("cluster_period") * fit.component("decay") ** lag
    cell = same & (lag == 0)
    return whole + same * fit.component("cluster") + cell * fit.component("cluster_period")


@pytest.mark.parametrize(
    "structure", ["independent", "exchangeable", "nested_exchangeable", "decay"]
)
def test_agrees_with_whole_matrices(structure: Structure) -> None:
    """Effects, covariance and restricted likelihood equal the textbook's, all rows at once."""
    rows = make_rows()
    fit = fit_mixed_model(
        rows["outcome"],
        rows["x"],
        rows["cluster"],
        rows["time"],
        weight=rows["weight"],
        structure=structure,
    )
    whole, x, y = covariance_of(fit, rows), rows["x"], rows["outcome"]
    inverse = np.linalg.inv(whole)
    bread = x.T @ inverse @ x
    coef = np.linalg.solve(bread, x.T @ inverse @ y)
    left = y - x @ coef
    free = len(y) - x.shape[1]
    deviance = free * np.log(2 * np.pi) + left @ inverse @ left
    deviance += np.linalg.slogdet(whole)[1] + np.linalg.slogdet(bread)[1]
    assert fit.coef == pytest.approx(coef, abs=1e-9)
    assert fit.covariance == pytest.approx(np.linalg.inv(bread), rel=1e-8)
    assert fit.log_likelihood == pytest.approx(-deviance / 2, rel=1e-9)


def test_no_other_variances_are_likelier() -> None:
    """Moving any ratio of variances, or the decay, lowers the likelihood."""
    from evalkit.fits.mixed_model import deviance_at

    rows = make_rows()
    for structure in ("nested_exchangeable", "decay"):
        fit = fit_mixed_model(
            rows["outcome"], rows["x"], rows["cluster"], rows["time"], structure=structure
        )
        ratios = fit.variance[1:] / np.where(structure == "decay", [fit.variance[0], 1], [1, 1])
        if structure == "nested_exchangeable":
            ratios = fit.variance[1:] / fit.variance[0]
        best = deviance_at(fit.cells, fit.structure, ratios)
        for step in (0.02 * np.eye(2)).tolist() + (-0.02 * np.eye(2)).tolist():
            moved = np.clip(ratios + np.array(step), 0, [np.inf, 0.999])
            assert deviance_at(fit.cells, fit.structure, moved) >= best - SEARCH


def test_parallel_trial_by_hand() -> None:
    """Cluster means 1, 3 against 4, 6: difference 3, error sqrt(2/2 + 2/2), 4 - 2 df.

    Each arm's means have variance 2; two answers a cluster, 1 above and 1 below its mean.
    """
    means = np.repeat([1.0, 3.0, 4.0, 6.0], 2)
    outcome = means + np.tile([1.0, -1.0], 4)
    cluster = np.repeat(np.arange(4), 2)
    x = np.column_stack([cluster >= 2, np.ones(8)]).astype(float)
    fit = fit_mixed_model(outcome, x, cluster, np.zeros(8, dtype=int), structure="exchangeable")
    for method in ("kenward_roger", "satterthwaite"):
        found = estimate_contrast(fit, np.array([1.0, 0]), make_curvature(fit), method=method)
        assert found.estimate == pytest.approx(3.0)
        assert found.std_error == pytest.approx(np.sqrt(2), rel=SEARCH)
        assert found.df == pytest.approx(2.0, rel=1e-4)
    assert fit.component("residual") == pytest.approx(2.0, rel=SEARCH)
    assert fit.component("cluster") == pytest.approx(1.0, rel=1e-5)


def test_order_of_rows_is_nothing() -> None:
    """Shuffled rows give the same fit."""
    rows = make_rows()
    order = np.random.default_rng(1).permutation(len(rows["outcome"]))
    first, second = (
        fit_mixed_model(*(rows[k][at] for k in ("outcome", "x", "cluster", "time")))
        for at in (np.arange(len(order)), order)
    )
    assert first.coef == pytest.approx(second.coef, abs=1e-7)


def test_cells_keep_the_sums() -> None:
    """Cells' means and the variation within them add up to the rows' cross-products."""
    rows = make_rows()
    cells = sum_cells(rows["outcome"], rows["x"], rows["cluster"], rows["time"], rows["weight"])
    values = np.column_stack([rows["x"], rows["outcome"]])
    whole = values.T @ (values * rows["weight"][:, None])
    found = cells.within + cells.mean.T @ (cells.mean * cells.weight[:, None])
    assert found == pytest.approx(whole)
    assert make_blocks(cells).present.sum() == len(cells.weight) == 17


def test_kenward_roger_is_wider_with_few_clusters() -> None:
    """Taking the variances as known understates the error of the treated effect."""
    rows = make_rows()
    fit = fit_mixed_model(rows["outcome"], rows["x"], rows["cluster"], rows["time"])
    treated = np.eye(len(fit.coef))[0]
    found = estimate_contrast(fit, treated, make_curvature(fit))
    assert found.std_error > fit.covariance[0, 0] ** 0.5
    assert found.df < len(rows["outcome"]) / 2


def test_too_few_rows_are_refused() -> None:
    """More regressors than rows is said in counts."""
    x = np.eye(3)
    with pytest.raises(AnalysisError, match="rows: 3, and the model has 3 regressors"):
        fit_mixed_model(np.arange(3.0), x, np.arange(3), np.zeros(3, dtype=int))


def test_shares_by_hand() -> None:
    """ICC and cluster autocorrelation are the variances' shares, inside their intervals."""
    rows = make_rows()
    fit = fit_mixed_model(rows["outcome"], rows["x"], rows["cluster"], rows["time"])
    residual, cluster, cell = fit.variance
    icc, kept = estimate_icc(fit), estimate_autocorrelation(fit)
    assert icc.estimate == pytest.approx((cluster + cell) / (cluster + cell + residual))
    assert kept.estimate == pytest.approx(cluster / (cluster + cell))
    for share in (icc, kept):
        assert 0 <= share.conf_low <= share.estimate <= share.conf_high <= 1


def test_end_of_the_interval_is_refuted_just_so() -> None:
    """At the end of the interval of a single variance the deviance is 3.84 above its lowest."""
    from evalkit.fits.mixed_model import deviance_at

    rows = make_rows()
    fit = fit_mixed_model(
        rows["outcome"], rows["x"], rows["cluster"], rows["time"], structure="exchangeable"
    )
    share = estimate_icc(fit)
    at = [s / (1 - s) for s in (share.estimate, share.conf_high)]
    best, end = (deviance_at(fit.cells, "exchangeable", np.array([ratio])) for ratio in at)
    assert end - best == pytest.approx(3.84, abs=0.02)
