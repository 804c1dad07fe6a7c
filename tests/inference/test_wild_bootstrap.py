"""Wild cluster bootstrap: by hand, against a full refit of each draw, and its speed."""

import time

import numpy as np
import pytest

from evalkit.inference.arrays import Floats
from evalkit.inference.cluster_moments import (
    ClusterMoments,
    make_cluster_moments,
    solve_moments,
)
from evalkit.inference.clustered import moment_covariance
from evalkit.inference.wild_bootstrap import all_signs, bootstrap_wild, draw_signs

SECONDS = 1.0
"""What 999 draws on 40 clusters x 60 periods may take; they take a twentieth of it."""


def two_way_panel(units: int, periods: int, seed: int) -> tuple[Floats, Floats, np.ndarray]:
    """Outcome, [treatment, period dummies] and unit codes; a third start half way, rows lack."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), periods)
    period = np.tile(np.arange(periods), units)
    treated = (unit < units // 3) * (period >= periods // 2)
    dummies = period[:, None] == np.arange(1, periods)
    outcome = rng.normal(size=len(unit)) + 0.5 * treated + rng.normal(size=units)[unit]
    kept = (rng.uniform(size=len(unit)) > 0.1) | (period == 0) | (period == periods - 1)
    x = np.column_stack([treated, dummies]).astype(float)
    return outcome[kept], x[kept], unit[kept]


def refit_statistic(y: Floats, x: Floats, unit: np.ndarray, signs: Floats, null: float) -> float:
    """Impose `null` by hand, turn whole units' residuals by `signs`, refit, and return t."""
    full = np.column_stack([x, unit[:, None] == np.arange(unit.max() + 1)]).astype(float)
    rest, target = full[:, 1:], y - null * x[:, 0]
    fitted = rest @ np.linalg.lstsq(rest, target, rcond=None)[0]
    drawn = fitted + (target - fitted) * signs[unit]
    fit = solve_moments(make_cluster_moments(drawn, x, unit, unit=unit))
    return float(fit.coef[0] / np.sqrt(moment_covariance(fit)[0, 0]))


@pytest.mark.parametrize("null", [-0.6, 0.0, 0.3, 0.9, 1.4])
def test_draws_equal_refits(null: float) -> None:
    """The p-value from cross-products is that of refitting every pattern of signs."""
    y, x, unit = two_way_panel(8, 4, 1)
    shifted = y - null * x[:, 0]
    found = bootstrap_wild(
        make_cluster_moments(shifted, x, unit, unit=unit), np.random.default_rng(0)
    )
    squares = [refit_statistic(y, x, unit, signs, null) ** 2 for signs in all_signs(8)]
    by_hand = np.mean(np.array(squares) >= squares[0] * (1 - 1e-9))
    assert found.enumerated
    assert found.draws == 128
    assert found.p_value == pytest.approx(by_hand)


def test_interval_holds_what_is_not_rejected() -> None:
    """Effects just inside the interval are not rejected; those just outside are."""
    y, x, unit = two_way_panel(10, 4, 2)

    def p_value_of(effect: float) -> float:
        moments = make_cluster_moments(y - effect * x[:, 0], x, unit, unit=unit)
        return bootstrap_wild(moments, np.random.default_rng(0)).p_value

    moments = make_cluster_moments(y, x, unit, unit=unit)
    found = bootstrap_wild(moments, np.random.default_rng(0))
    width = found.conf_high - found.conf_low
    for end, outward in ((found.conf_low, -1), (found.conf_high, 1)):
        assert p_value_of(end - outward * 1e-3 * width) > 0.05
        assert p_value_of(end + outward * 1e-3 * width) <= 0.05


def test_signs_by_hand() -> None:
    """Three clusters have four patterns once mirror images count once."""
    assert all_signs(3).tolist() == [[1, 1, 1], [1, -1, 1], [1, 1, -1], [1, -1, -1]]


def test_webb_draws_six_values() -> None:
    """Webb's weights take six values with mean square one; the first row keeps the data."""
    signs = draw_signs(5, 4000, "webb", np.random.default_rng(5))
    assert np.all(signs[0] == 1)
    assert len(np.unique(signs[1:].round(9))) == 6
    assert np.mean(signs[1:] ** 2) == pytest.approx(1, abs=0.02)


def test_drawn_is_near_enumerated() -> None:
    """Where all patterns can be taken, many draws come to the same p-value."""
    y, x, unit = two_way_panel(12, 4, 6)
    moments = make_cluster_moments(y, x, unit, unit=unit)
    every = bootstrap_wild(moments, np.random.default_rng(0)).p_value
    signs = draw_signs(12, 20000, "rademacher", np.random.default_rng(1))
    assert len(np.unique(signs, axis=0)) <= 4096
    drawn = bootstrap_wild(moments, np.random.default_rng(1), draws=20000, weights="webb").p_value
    assert drawn == pytest.approx(every, abs=0.03)


def test_forty_clusters_take_well_under_a_second() -> None:
    """999 draws with unit and period effects and an interval are quick."""
    y, x, unit = two_way_panel(40, 60, 7)
    start = time.perf_counter()
    moments: ClusterMoments = make_cluster_moments(y, x, unit, unit=unit)
    found = bootstrap_wild(moments, np.random.default_rng(0))
    assert time.perf_counter() - start < SECONDS
    assert found.conf_low < 0.5 < found.conf_high
