"""Local linear jumps and jumps of a density: by hand, by other algebra, and known truth."""

import numpy as np
import pytest
from scipy import stats

from evalkit.fits.density_jump import count_near, fit_density_jump
from evalkit.fits.discontinuity_bandwidth import choose_bandwidths
from evalkit.fits.local_linear import fit_discontinuity, partial_out, split
from evalkit.fits.local_polynomial import (
    left_out_coefs,
    linear_weights,
    neighbour_residuals,
    weighted_variance,
)

RNG_ROWS = 1500


def people(seed: int, n: int = RNG_ROWS, jump: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Make distances, and outcomes that bend and jump at zero."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, np.sin(x) + 0.2 * x**2 + jump * (x >= 0) + 0.5 * rng.normal(size=n)


def test_lines_by_hand() -> None:
    """Exact lines 1 + x short of zero and 4 + 2x beyond it jump by 3, with no error."""
    x = np.array([-3.0, -2, -1, 0, 1, 2, 3])
    y = np.where(x < 0, 1 + x, 4 + 2 * x)
    fit = fit_discontinuity(x, y, bandwidths=(4.0, 4.0))
    assert fit.estimate == pytest.approx(3)
    assert fit.corrected == pytest.approx(3)
    assert (fit.rows_below, fit.rows_above) == (3, 4)


def test_curve_is_corrected() -> None:
    """A parabola bends the line and not the corrected jump, which is that of a quadratic."""
    x = np.linspace(-1, 1, 41)
    y = np.where(x < 0, x**2, 2 - 3 * x**2)
    fit = fit_discontinuity(x, y, bandwidths=(0.8, 0.8))
    assert fit.corrected == pytest.approx(2)
    assert abs(fit.estimate - 2) > 0.1


def test_ratio_by_hand() -> None:
    """Outcome jumps by 3 and take-up by 1/2: those who take it up gain 6."""
    x = np.array([-3.0, -2, -1, 0, 1, 2, 3])
    y, takeup = np.where(x < 0, 1.0, 4.0), np.where(x < 0, 0.25, 0.75)
    fit = fit_discontinuity(x, y, takeup=takeup, bandwidths=(4.0, 4.0))
    assert fit.estimate == pytest.approx(6)
    assert fit.first_stage == pytest.approx(0.5)


def test_weights_are_least_squares() -> None:
    """Linear weights give the coefficients of weighted least squares by any other route."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(size=50), rng.normal(size=50)
    root = np.sqrt(np.clip(1 - x / 0.7, 0, None))
    powers = x[:, None] ** np.arange(3)
    other, *_ = np.linalg.lstsq(powers * root[:, None], y * root, rcond=None)
    assert linear_weights(x, 0.7, 2) @ y == pytest.approx(other)


def test_neighbours_by_hand() -> None:
    """Of 0, 1, 2, 10 the first's neighbours are the three others; ties are taken together."""
    y = np.array([[4.0], [1.0], [1.0], [1.0]])
    found = neighbour_residuals(np.array([0.0, 1, 2, 10]), y)
    assert found[0, 0] == pytest.approx(np.sqrt(3 / 4) * 3)
    tied = neighbour_residuals(np.array([0.0, 0, 0, 0, 0]), np.array([[5.0], [0], [0], [0], [0]]))
    assert tied[0, 0] == pytest.approx(np.sqrt(4 / 5) * 5)


def test_clustered_variance_by_hand() -> None:
    """Terms 1 + 2 in one cluster, 3 in another: (9 + 9) x 2/1 x 2/1 with one parameter of three."""
    found = weighted_variance(np.array([1.0, 2, 3]), np.array([7, 7, 9]), 1)
    assert found == pytest.approx(18 * 2 * 2 / 2)
    assert weighted_variance(np.array([1.0, 2, 3]), None, 1) == pytest.approx(14)


def test_jackknife_is_refitting() -> None:
    """With few clusters the error is that of refitting without each, bandwidths held."""
    x, y = people(2, 400)
    cluster = np.arange(400) % 8
    whole = fit_discontinuity(x, y, cluster=cluster, bandwidths=(0.8, 1.2))
    left = [
        fit_discontinuity(x[cluster != g], y[cluster != g], bandwidths=(0.8, 1.2)) for g in range(8)
    ]
    for name, error in (("estimate", whole.std_error), ("corrected", whole.robust_error)):
        values = np.array([getattr(fit, name) for fit in left])
        by_hand = np.sqrt(7 / 8 * np.sum((values - values.mean()) ** 2))
        assert error == pytest.approx(by_hand, rel=1e-9)
    assert whole.df == 7


def test_left_out_coefficients_scale() -> None:
    """The last column is the square itself: on a quadratic its coefficients are 0, 0, 1."""
    x = np.linspace(0, 1, 30)
    found = left_out_coefs(x, x[:, None], np.arange(30) % 3, 3, 2.0, 2)
    assert found[0, :, -1] == pytest.approx([0, 0, 1])


def test_clusters_of_one_are_near_rows() -> None:
    """Forty clusters or more use the sandwich, which with rows as clusters is near that by row."""
    x, y = people(3)
    by_row = fit_discontinuity(x, y, bandwidths=(0.8, 1.2))
    by_cluster = fit_discontinuity(x, y, cluster=np.arange(len(x)), bandwidths=(0.8, 1.2))
    assert by_cluster.robust_error == pytest.approx(by_row.robust_error, rel=0.1)


def test_bandwidth_follows_the_units() -> None:
    """Measured in tenths, everything is ten times as wide and the jump the same."""
    x, y = people(4)
    one, ten = fit_discontinuity(x, y), fit_discontinuity(10 * x, y)
    assert ten.bandwidth == pytest.approx(10 * one.bandwidth)
    assert ten.corrected == pytest.approx(one.corrected)


def test_no_spread_has_no_bandwidth() -> None:
    """An outcome that is exactly a line gives nothing to choose by."""
    x = np.sort(people(5)[0])
    with pytest.raises(np.linalg.LinAlgError, match="no spread"):
        choose_bandwidths(*split(x, np.zeros(len(x)), None))


def test_covariates_sharpen_and_do_not_move() -> None:
    """A cause that runs smoothly through the threshold shortens the interval."""
    x, y = people(6)
    cause = np.random.default_rng(7).normal(size=len(x))
    noisy = y + 2 * cause
    cleaned = partial_out(x, noisy, cause[:, None], 1.0)
    plain, adjusted = (fit_discontinuity(x, v, bandwidths=(1.0, 1.5)) for v in (noisy, cleaned))
    assert adjusted.robust_error < 0.5 * plain.robust_error
    assert abs(adjusted.estimate - 0.5) < 3.3 * adjusted.robust_error
    with pytest.raises(np.linalg.LinAlgError):
        partial_out(x, noisy, np.column_stack([cause, 2 * cause]), 1.0)


def test_recovers_and_covers() -> None:
    """Over 200 samples the corrected jump is on the truth and 95% intervals hold it."""
    found, covered = [], 0
    for seed in range(200):
        fit = fit_discontinuity(*people(seed, 600))
        found.append(fit.corrected)
        covered += abs(fit.corrected - 0.5) <= stats.norm.ppf(0.975) * fit.robust_error
    assert abs(np.mean(found) - 0.5) < 3.3 * np.std(found, ddof=1) / np.sqrt(200)
    assert covered >= 180


def test_even_density_does_not_jump() -> None:
    """Evenly spread rows have the same density on both sides, one over their range."""
    jump = fit_density_jump(np.linspace(-1, 1, 1001), 0.5)
    assert jump.below == pytest.approx(0.5, rel=0.01)
    assert jump.above == pytest.approx(0.5, rel=0.01)
    assert jump.p_value > 0.9


def test_density_test_keeps_its_size_and_finds_piling() -> None:
    """About one in twenty smooth samples is called a jump; moved people nearly always are."""
    called, found = 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(0.5, 1, 1000)
        called += fit_density_jump(x).p_value < 0.05
        moved = (x < 0) & (x > -0.2) & (rng.uniform(size=1000) < 0.6)
        found += fit_density_jump(np.where(moved, -x, x)).p_value < 0.05
    assert 2 <= called <= 20
    assert found >= 180


def test_fair_coin_by_hand() -> None:
    """One short and three beyond of four: 2 x (1 + 4) / 16."""
    near = count_near(np.array([-0.5, 0.0, 0.2, 0.4, 3.0]), 1.0)
    assert (near.rows_below, near.rows_above) == (1, 3)
    assert near.p_value == pytest.approx(10 / 16)
