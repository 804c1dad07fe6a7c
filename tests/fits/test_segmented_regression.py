"""Segmented regression: columns by hand, counts and shares against statsmodels, recovery."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.quasi_likelihood import describe_differences, fit_quasi_likelihood, response
from evalkit.fits.segmented_regression import (
    LEVEL,
    SLOPE,
    Segments,
    fit_segmented,
    make_columns,
    make_design,
    make_season,
    make_typical_rows,
    uses_period,
    without_change,
)
from evalkit.inference.arrays import Floats
from evalkit.inference.linear_fits import (
    LinearFits,
    as_one_fit,
    describe_contrasts,
    fit_least_squares,
)

ITERATED = 1e-6
"""Two programs that iterate to convergence differ by less than this."""

SERIES = 60
"""Series drawn for recovery; a mean over them has an eighth of one estimate's error."""

TIME = np.arange(6)


def test_columns_by_hand() -> None:
    """Start at 3: trend -3 to 2, level from 3 on, slope counted from the first period after."""
    columns = make_columns(Segments(3), TIME)
    assert columns[:, 0].tolist() == [1] * 6
    assert columns[:, 1].tolist() == [-3, -2, -1, 0, 1, 2]
    assert columns[:, LEVEL].tolist() == [0, 0, 0, 1, 1, 1]
    assert columns[:, SLOPE].tolist() == [0, 0, 0, 0, 1, 2]


def test_phasing_in_is_left_out() -> None:
    """Two periods of phasing in from 2 on: they are not used, and full force begins at 4."""
    segments = Segments(2, phase_in=2)
    assert uses_period(segments, TIME).tolist() == [True, True, False, False, True, True]
    assert make_columns(segments, TIME)[:, LEVEL].tolist() == [0, 0, 0, 0, 1, 1]
    assert make_columns(segments, TIME)[:, SLOPE].tolist() == [0, 0, 0, 0, 0, 1]


def test_phasing_in_as_a_ramp() -> None:
    """The same as a ramp: a third, two thirds, then all of it, and every period is used."""
    segments = Segments(2, phase_in=2, ramp=True)
    assert uses_period(segments, TIME).all()
    expected = [0, 0, 1 / 3, 2 / 3, 1, 1]
    assert make_columns(segments, TIME)[:, LEVEL].tolist() == pytest.approx(expected)


def test_seasons_by_hand() -> None:
    """A wave of quarters is 0, 1, 0, -1 and 1, 0, -1, 0; dummies sum to zero over the year."""
    wave = make_season(Segments(3, season="harmonics", season_length=4), np.arange(4))
    assert wave == pytest.approx(np.array([[0, 1], [1, 0], [0, -1], [-1, 0.0]]), abs=1e-12)
    two = make_season(Segments(3, season="harmonics", season_length=4, harmonics=2), np.arange(4))
    assert two.shape == (4, 3), "the second sine of four quarters is zero throughout"
    dummies = make_season(Segments(3, season="dummies", season_length=4), np.arange(4))
    assert dummies.sum(axis=0).tolist() == [0, 0, 0]


def test_control_has_terms_of_its_own() -> None:
    """Of stacked series, differences are zero in the control, and only they are undone."""
    control = np.repeat([False, True], 6)
    design = make_design(Segments(3), np.tile(TIME, 2), control=control)
    assert np.all(design[control, 4:] == 0)
    assert design[~control, 4:] == pytest.approx(design[~control, :4])
    unchanged = without_change(design, controlled=True)
    assert unchanged[:, :4] == pytest.approx(design[:, :4])
    assert np.all(unchanged[:, [4 + LEVEL, 4 + SLOPE]] == 0)


def test_exact_lines_are_found() -> None:
    """10 + t, then up by 3 and steeper by 2, with alternating errors that cancel."""
    time = np.arange(16)
    after = time >= 8
    outcome = 10.0 + time + after * (3 + 2.0 * (time - 8)) + np.resize([0.1, -0.1, -0.1, 0.1], 16)
    for method in ("least_squares", "prais_winsten", "reml", "reml_averaged", "newey_west"):
        coef = fit_segmented(outcome, time, Segments(8), method=method).fits.mean
        assert coef[LEVEL] == pytest.approx(3.0, abs=0.15), method
        assert coef[SLOPE] == pytest.approx(2.0, abs=0.03), method


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_independent_counts_and_shares_equal_statsmodels(family: str) -> None:
    """Estimates and over-dispersed errors equal those of a generalised linear model."""
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    time, base = np.arange(24), rng.integers(80, 200, 24).astype(float)
    design = make_design(Segments(12), time)
    if family == "poisson":
        outcome = rng.poisson(base * 0.1).astype(float)
        model = sm.GLM(outcome, design, sm.families.Poisson(), offset=np.log(base))
    else:
        outcome = rng.binomial(base.astype(int), 0.7) / base
        model = sm.GLM(outcome, design, sm.families.Binomial(), var_weights=base)
    theirs = model.fit(scale="X2", tol=1e-12)
    ours = fit_segmented(
        outcome, time, Segments(12), method="least_squares", family=family, base=base
    )
    assert ours.fits.mean == pytest.approx(theirs.params, rel=ITERATED)
    assert np.sqrt(np.diag(ours.fits.cov[0])) == pytest.approx(theirs.bse, rel=ITERATED)
    assert ours.fits.df == 20
    fitted = theirs.fittedvalues
    assert ours.fitted == pytest.approx(fitted, rel=ITERATED)


def test_differences_of_rates_by_hand() -> None:
    """A rate of 2 before and 6 after: 4 more, and per ten people 40."""
    outcome = np.array([1.0, 3, 1, 3, 5, 7, 5, 7])
    design = np.column_stack([np.ones(8), np.arange(8) >= 4])

    def solve(working: Floats, columns: Floats, weight: Floats | None) -> LinearFits:
        return fit_least_squares(working, columns, weight=weight)

    fit = fit_quasi_likelihood(outcome, design, solve, family="poisson")
    rows = np.array([[1.0, 1], [1, 0]])
    found = describe_differences(
        fit.fits, rows, np.array([[1.0, -1.0]]), family="poisson", scale=10
    )
    assert found.estimate[0] == pytest.approx(40)
    assert found.conf_low[0] < 40 < found.conf_high[0]
    gradient = np.array([6.0 - 2.0, 6.0])
    error = np.sqrt(gradient @ fit.fits.cov[0] @ gradient)
    assert found.std_error[0] == pytest.approx(10 * error)


def test_differences_of_shares_by_hand() -> None:
    """Log odds of 0 and log 3 are shares of a half and three quarters: 25 points more.

    The error follows the log odds of the second, times 100 times 3/4 times 1/4.
    """
    fits = as_one_fit(np.array([0.0, np.log(3)]), np.diag([0.0, 0.04]), df=10)
    found = describe_differences(
        fits, np.array([[1.0, 1], [1, 0]]), np.array([[1.0, -1.0]]), family="binomial", scale=100
    )
    assert found.estimate[0] == pytest.approx(25)
    assert found.std_error[0] == pytest.approx(100 * 3 / 16 * 0.2)


def test_responses() -> None:
    """Rates are exponentials, shares lie on the logistic curve, and lines are left as they are."""
    zero = np.zeros(1)
    assert [response(zero, f)[0] for f in ("linear", "poisson", "binomial")] == [0, 1, 0.5]


@pytest.mark.parametrize(("family", "size"), [("poisson", 0.3), ("binomial", 0.5)])
def test_correlated_counts_are_recovered(family: str, size: float) -> None:
    """With rates that carry over by 0.4 and vary more than chance, the change is found."""
    found = []
    for seed in range(SERIES):
        rng = np.random.default_rng(seed)
        time, base = np.arange(40), rng.integers(100, 300, 40).astype(float)
        drift = np.zeros(40)
        for i in range(1, 40):
            drift[i] = 0.4 * drift[i - 1] + 0.1 * rng.normal()
        predictor = -1.5 + drift + size * (time >= 20)
        mean = response(predictor, family)
        outcome = (
            rng.poisson(base * mean).astype(float)
            if family == "poisson"
            else rng.binomial(base.astype(int), mean) / base
        )
        fit = fit_segmented(outcome, time, Segments(20), family=family, base=base)
        c = describe_contrasts(fit.fits, np.eye(4)[[LEVEL]])
        found.append((c.estimate[0], c.conf_low[0] < size < c.conf_high[0]))
    estimates, held = np.array(found).T
    error = estimates.std(ddof=1) / np.sqrt(SERIES)
    assert abs(estimates.mean() - size) < 3.3 * error
    assert held.mean() > 0.88


def test_short_series_of_counts_never_run_away() -> None:
    """Whatever correlation a short series suggests, estimates stay near those without any."""
    time = np.arange(24)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        outcome = rng.poisson(40 * np.exp(0.1 * rng.normal(size=24))).astype(float)
        fit = fit_segmented(outcome, time, Segments(12), method="reml", family="poisson")
        assert abs(fit.fits.mean[LEVEL]) < 1


def test_typical_rows_are_for_an_average_period() -> None:
    """Season and measured causes are at zero, which is their mean."""
    segments = Segments(3, season="dummies", season_length=4)
    rows = make_typical_rows(segments, np.array([3, 4]), extra=2)
    assert rows.shape == (2, 4 + 3 + 2)
    assert np.all(rows[:, 4:] == 0)


def test_counts_at_the_end_of_their_range_are_refused() -> None:
    """With no event at all after the start, no log of a rate can be fitted."""
    outcome = np.array([3.0, 4, 5, 3, 4, 5, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(AnalysisError, match="at the end of what they can be"):
        fit_segmented(outcome, np.arange(16), Segments(8), family="poisson")
