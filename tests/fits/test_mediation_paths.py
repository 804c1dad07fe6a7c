"""Paths of mediation: by hand, parallel mediators, resampling, recovery, refusal."""

import time

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.mediation_bootstrap import (
    bias_corrected_interval,
    bootstrap_clusters,
    bootstrap_rows,
    percentile_interval,
    sum_by_cluster,
)
from evalkit.fits.mediation_paths import Layout, fit_mediation, solve_paths

FASTEST = 0.3
"""Seconds that 999 resamples of 200 clusters with 24 periods may take."""


def made_clusters(
    seed: int, clusters: int, size: int, *, a: float = 0.5, b: float = 0.4, icc: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Make columns [exposure, mediator, outcome], direct effect 0.2, demeaned, and clusters."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), size)
    shared = np.sqrt(icc) * rng.normal(size=(3, clusters))[:, cluster]
    own = np.sqrt(1 - icc) * rng.normal(size=(3, len(cluster)))
    x, u, v = shared + own
    m = a * x + u
    columns = np.column_stack([x, m, 0.2 * x + b * m + v])
    return columns - columns.mean(axis=0), cluster


def test_paths_by_hand() -> None:
    """Sums 4, 8, 8 / 17, 18: a = 8/4 = 2; b = (18 - 8 x 8 / 4) / (17 - 16) = 2; direct = -2."""
    products = np.array([[4.0, 8, 8], [8, 17, 18], [8, 18, 21]])
    found = solve_paths(products, Layout(1))
    assert found.a[0] == pytest.approx(2)
    assert found.b[0] == pytest.approx(2)
    assert found.direct == pytest.approx(-2)
    assert found.indirect[0] == pytest.approx(4)
    assert found.total == pytest.approx(2)


def test_parts_add_up_to_the_simple_slope() -> None:
    """With two mediators, direct and both indirect parts make the outcome's slope on exposure."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=50)
    m = np.column_stack([x, -x]) + rng.normal(size=(50, 2))
    y = x + m @ [1.0, 0.5] + rng.normal(size=50)
    rows = fit_mediation(x, m, y).set_index("term")["estimate"]
    assert rows["total"] == pytest.approx(np.polyfit(x, y, 1)[0])
    assert rows["total"] == pytest.approx(rows["direct"] + rows["indirect"].sum())


def test_a_period_that_a_resample_lacks() -> None:
    """A column of zeros among the fixed ones changes nothing."""
    products = np.array([[4.0, 8, 8], [8, 17, 18], [8, 18, 21]])
    wide = np.insert(np.insert(products, 1, 0, axis=0), 1, 0, axis=1)
    found = solve_paths(np.stack([wide, 2 * wide]), Layout(2))
    assert found.indirect[:, 0] == pytest.approx([4, 4])


def test_clusters_of_one_row_are_rows() -> None:
    """Resampling clusters of one row each gives the spread that resampling rows gives."""
    columns, _ = made_clusters(3, 150, 1)
    constant = np.insert(columns, 1, 1.0, axis=1)
    products = sum_by_cluster(constant, np.arange(150))
    rng = np.random.default_rng(4)
    by_cluster = bootstrap_clusters(products, Layout(2), 3000, rng).indirect[:, 0]
    by_row = bootstrap_rows(columns, Layout(1), 3000, rng).indirect[:, 0]
    assert by_cluster.std() == pytest.approx(by_row.std(), rel=0.08)


def test_intervals_by_hand() -> None:
    """Of 0 to 100 the middle 90% is 5 to 95; a median draw at the estimate shifts nothing."""
    draws = np.arange(101.0)
    assert percentile_interval(draws, 0.9) == pytest.approx((5, 95))
    assert bias_corrected_interval(np.arange(100.0), 50.0, 0.9) == pytest.approx((4.95, 94.05))
    assert bias_corrected_interval(np.arange(100.0), 60.0, 0.9)[0] > 10


def test_resampling_is_quick() -> None:
    """999 resamples of 200 clusters with 24 periods are one product and one batch of solves."""
    rng = np.random.default_rng(6)
    products = sum_by_cluster(rng.normal(size=(4800, 27)), np.repeat(np.arange(200), 24))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        bootstrap_clusters(products, Layout(25), 999, rng)
        times.append(time.perf_counter() - start)
    assert min(times) < FASTEST


def test_intervals_cover_with_many_clusters() -> None:
    """Over seeds, with shared causes in 60 clusters, 95% intervals hold the true product."""
    seeds, held = 300, 0
    for seed in range(seeds):
        products = sum_by_cluster(*made_clusters(seed, 60, 8, icc=0.2))
        paths = bootstrap_clusters(products, Layout(1), 499, np.random.default_rng(seed))
        low, high = percentile_interval(paths.indirect[:, 0], 0.95)
        held += low < 0.2 < high
    assert held / seeds > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / seeds)


def test_what_cannot_be_fitted_is_refused() -> None:
    """Few rows, gaps, a constant mediator, one cluster and one-sided draws are refused."""
    x = np.arange(8.0)
    with pytest.raises(AnalysisError, match="3 rows for 3 columns"):
        fit_mediation(x[:3], x[:3, None] ** 2, x[:3])
    with pytest.raises(AnalysisError, match="some are missing"):
        fit_mediation(np.where(x == 2, np.nan, x), x[:, None] ** 2, x)
    with pytest.raises(AnalysisError, match="does not vary"):
        fit_mediation(x, np.ones((8, 1)), x**2)
    one = sum_by_cluster(np.ones((3, 3)), np.zeros(3, dtype=np.int64))
    rng = np.random.default_rng(0)
    with pytest.raises(AnalysisError, match="clusters: 1"):
        bootstrap_clusters(one, Layout(1), 99, rng)
    with pytest.raises(AnalysisError, match="one side"):
        bias_corrected_interval(x, -1.0, 0.95)
