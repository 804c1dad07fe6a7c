"""Errors of mediation paths: as their regressions have them, by hand, and coverage."""

from dataclasses import replace

import numpy as np
import pytest

from evalkit.fits.mediation_across_levels import LevelProducts, MediationRows, within_units
from evalkit.fits.mediation_bootstrap import percentile_interval, sum_by_cluster
from evalkit.fits.mediation_errors import as_paths, degrees_of, draw_paths, fit_path_errors
from evalkit.fits.mediation_paths import Layout, solve_paths
from evalkit.fits.unit_panel import period_columns
from evalkit.inference.arrays import Floats
from evalkit.inference.clustered import fit_cr2

INDIRECT = 0.2
DRAWS = 40_000
SPREAD = 0.03
"""Error of the spread of 40,000 draws, many times over."""


def made_rows(seed: int, units: int, periods: int = 8) -> MediationRows:
    """Make a panel whose paths are 0.5 and 0.4, direct 0.2, errors carried over by one half."""
    rng = np.random.default_rng(seed)
    carried, x = np.zeros((3, units)), np.empty((3, periods, units))
    for t in range(periods):
        carried = 0.5 * carried + np.sqrt(0.75) * rng.normal(size=(3, units))
        x[:, t] = carried
    exposure, mediator = x[0], 0.5 * x[0] + x[1]
    outcome = INDIRECT * exposure + 0.4 * mediator + x[2]
    unit, time = np.tile(np.arange(units), periods), np.repeat(np.arange(periods), units)
    columns = (exposure.ravel(), mediator.ravel(), outcome.ravel(), np.empty((len(unit), 0)))
    return MediationRows(*columns, unit, time, unit)


def indirect_of(values: Floats, level: LevelProducts) -> Floats:
    """Return a x b of vectors of paths."""
    return as_paths(values, level).indirect[..., 0]


def test_each_path_has_the_cr2_error_of_its_regression() -> None:
    """Path a's and path b's errors and degrees of freedom are those of the two regressions."""
    rows = made_rows(1, 9)
    found = fit_path_errors(within_units(rows))
    periods = period_columns(rows.time)
    a = fit_cr2(rows.mediator, np.column_stack([rows.exposure, periods]), rows.unit)
    both = np.column_stack([rows.mediator, rows.exposure, periods])
    b = fit_cr2(rows.outcome, both, rows.unit)
    assert found.point == pytest.approx([a.coef[0], b.coef[0], b.coef[1]])
    assert np.sqrt(np.diag(found.cov)) == pytest.approx([a.std_error[0], *b.std_error[:2]])
    assert found.df == pytest.approx([a.df[0], *b.df[:2]])


def test_the_vector_holds_the_paths() -> None:
    """Turned back into paths, the vector's are those solved from the cross-products."""
    level = within_units(made_rows(2, 9))
    again = as_paths(fit_path_errors(level).point, level)
    solved = solve_paths(level.products.sum(axis=0), level.layout)
    assert again.a == pytest.approx(solved.a)
    assert again.b == pytest.approx(solved.b)
    assert float(again.direct) == pytest.approx(float(solved.direct))


def test_draws_have_the_errors_and_the_tails() -> None:
    """Normal draws spread by the errors; the others by root df / (df - 2) more."""
    errors = fit_path_errors(within_units(made_rows(3, 16)))
    plain, widened = draw_paths(errors, DRAWS, np.random.default_rng(1))
    spread = np.sqrt(np.diag(errors.cov))
    assert plain.std(axis=0) == pytest.approx(spread, rel=SPREAD)
    wider = np.sqrt(errors.df / (errors.df - 2))
    assert widened.std(axis=0) == pytest.approx(spread * wider, rel=SPREAD)
    correlation = errors.cov[1, 2] / spread[1] / spread[2]
    assert np.corrcoef(plain.T)[1, 2] == pytest.approx(correlation, abs=SPREAD)


def test_degrees_of_freedom_by_hand() -> None:
    """A path alone keeps its own; of a x b the parts are b va and a vb, as Welch adds them."""
    level = within_units(made_rows(4, 12))
    errors = replace(fit_path_errors(level), df=np.array([4.0, 6.0, 40.0]))
    variance = np.diag(errors.cov)
    parts = np.array([errors.point[1] ** 2 * variance[0], errors.point[0] ** 2 * variance[1]])
    by_hand = parts.sum() ** 2 / np.sum(parts**2 / errors.df[:2])
    assert degrees_of(errors, lambda v: v[..., 0]) == pytest.approx(errors.df[0])
    found = degrees_of(errors, lambda v: indirect_of(v, level))
    assert found == pytest.approx(by_hand, rel=1e-3)
    surest = replace(errors, df=np.array([4.0, 4.0, 4.0]))
    assert degrees_of(surest, lambda v: indirect_of(v, level)) == 4


def test_many_clusters_have_t_of_their_number() -> None:
    """Above 200 clusters the degrees of freedom are their number less one."""
    rng = np.random.default_rng(5)
    products = sum_by_cluster(rng.normal(size=(1005, 3)), np.repeat(np.arange(201), 5))
    errors = fit_path_errors(LevelProducts(products, Layout(1), 1005))
    assert errors.df.tolist() == [200, 200, 200]


@pytest.mark.parametrize("units", [8, 40])
def test_intervals_cover_with_few_clusters(units: int) -> None:
    """Over seeds, 95% intervals of the product hold the truth as often as they say."""
    seeds, held = 250, 0
    for seed in range(seeds):
        level = within_units(made_rows(seed, units))
        draws = draw_paths(fit_path_errors(level), 499, np.random.default_rng(seed))[1]
        low, high = percentile_interval(indirect_of(draws, level), 0.95)
        held += low < INDIRECT < high
    assert held / seeds > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / seeds)
