"""Survey estimates: by hand, with known truth, and what is refused."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import effective_sample_size, make_survey_design
from evalkit.fits.survey_means import (
    fit_survey_jackknife,
    fit_survey_mean,
    fit_survey_ratio,
    fit_survey_total,
)
from evalkit.fits.survey_regression import fit_survey_regression
from evalkit.fits.survey_weights import post_stratify, rake

FOUR_UNITS = np.array([1, 1, 2, 2, 3, 3, 4, 4])
SCORES = np.array([4.0, 6, 6, 8, 7, 7, 9, 9])
"""Unit means 5, 7, 7, 9: mean 7, so their variance is (4 + 0 + 0 + 4) / 3 = 8/3."""
COVERAGE_ERROR = 3.3
"""Standard errors of a share that a simulation may be off by: one run in a thousand is."""


def test_mean_of_units_by_hand() -> None:
    """Equal units, equal weights: the error is that of the mean of four unit means."""
    found = fit_survey_mean(SCORES, make_survey_design(np.ones(8), unit=FOUR_UNITS))
    assert found.estimate == pytest.approx(7.0)
    assert found.std_error == pytest.approx(np.sqrt(8 / 3 / 4))
    assert found.df == 3


def test_strata_by_hand() -> None:
    """Two strata of means 6 and 8: within each the units differ by 2, so each adds 1/4."""
    stratum = np.repeat([1, 2], 4)
    found = fit_survey_mean(
        SCORES, make_survey_design(np.ones(8), stratum=stratum, unit=FOUR_UNITS)
    )
    assert found.std_error == pytest.approx(np.sqrt(1 / 4 + 1 / 4))
    assert found.df == 2


def test_codes_of_units_may_repeat_between_strata() -> None:
    """Ward 1 of trust A is not ward 1 of trust B."""
    stratum = np.repeat([1, 2], 4)
    again = make_survey_design(np.ones(8), stratum=stratum, unit=np.tile([1, 1, 2, 2], 2))
    apart = make_survey_design(np.ones(8), stratum=stratum, unit=FOUR_UNITS)
    assert fit_survey_mean(SCORES, again) == fit_survey_mean(SCORES, apart)


def test_total_and_ratio_by_hand() -> None:
    """Weights of 10 give 10 x 56; the ratio to twice the score is a half without error."""
    design = make_survey_design(np.full(8, 10.0), unit=FOUR_UNITS)
    assert fit_survey_total(SCORES, design).estimate == pytest.approx(560.0)
    ratio = fit_survey_ratio(SCORES, 2 * SCORES, design)
    assert ratio.estimate == pytest.approx(0.5)
    assert ratio.std_error == pytest.approx(0.0, abs=1e-12)


def test_missing_values_are_left_out_of_the_mean() -> None:
    """A row without a value changes nothing but the number of people."""
    design = make_survey_design(np.ones(9), unit=np.append(FOUR_UNITS, 4))
    with_gap = fit_survey_mean(np.append(SCORES, np.nan), design)
    assert with_gap == fit_survey_mean(SCORES, make_survey_design(np.ones(8), unit=FOUR_UNITS))


def test_proportion_stays_between_0_and_1() -> None:
    """Near 1 the logit interval ends below 1 where the plain one does not."""
    top = np.array([1.0, 1, 1, 1, 1, 1, 1, 0])
    design = make_survey_design(np.ones(8), unit=FOUR_UNITS)
    assert fit_survey_mean(top, design).conf_high > 1
    share = fit_survey_mean(top, design, proportion=True)
    assert 0 < share.conf_low < share.estimate < share.conf_high < 1


def test_effective_size_by_hand() -> None:
    """Weights 1, 1, 2: 4 squared over 6."""
    assert effective_sample_size(np.array([1.0, 1, 2])) == pytest.approx(16 / 6)


def test_post_stratified_mean_by_hand() -> None:
    """Groups of mean 6 and 8 weighted .25 and .75 give 7.5."""
    group = np.repeat([0, 1], 4)
    design = make_survey_design(np.ones(8), unit=FOUR_UNITS)
    weighted = post_stratify(design, group, np.array([0.25, 0.75]))
    assert fit_survey_mean(SCORES, weighted).estimate == pytest.approx(7.5)
    assert weighted.weight.sum() == pytest.approx(8.0)


def test_raked_margins_hold() -> None:
    """After raking both margins have their shares of the population."""
    rng = np.random.default_rng(1)
    age, sex = rng.integers(0, 3, 300), rng.integers(0, 2, 300)
    shares = [np.array([0.5, 0.3, 0.2]), np.array([0.45, 0.55])]
    raked = rake(
        make_survey_design(rng.uniform(1, 3, 300)), list(zip((age, sex), shares, strict=True))
    )
    for codes, share in zip((age, sex), shares, strict=True):
        assert np.bincount(codes, raked.weight) / raked.weight.sum() == pytest.approx(share)


def test_jackknife_of_a_mean_of_units_is_its_error() -> None:
    """For equal units the jackknife of a mean is the error of the mean of unit means."""
    design = make_survey_design(np.ones(8), unit=FOUR_UNITS)
    found = fit_survey_jackknife(lambda w: float(w @ SCORES / w.sum()), design)
    assert found.std_error == pytest.approx(np.sqrt(8 / 3 / 4))


def draw_survey(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return scores, weights, strata and units of 4 strata of 8 units; true mean 7."""
    stratum = np.repeat(np.arange(4), 80)
    unit = np.repeat(np.arange(32), 10)
    level = np.array([6.4, 6.8, 7.2, 7.6])[stratum]
    score = level + rng.normal(0, 0.5, 32)[unit] + rng.normal(0, 1.5, 320)
    return score, np.ones(320), stratum, unit


def test_interval_covers_the_truth() -> None:
    """With people alike within units, 95% intervals hold the true mean 95% of the time."""
    rng, held, runs = np.random.default_rng(20), 0, 600
    for _ in range(runs):
        score, weight, stratum, unit = draw_survey(rng)
        found = fit_survey_mean(score, make_survey_design(weight, stratum=stratum, unit=unit))
        held += found.conf_low <= 7 <= found.conf_high
    assert abs(held / runs - 0.95) < COVERAGE_ERROR * np.sqrt(0.95 * 0.05 / runs)


def test_calibrated_interval_covers_and_is_shorter() -> None:
    """Known shares of a group that drives the score shorten the interval, which still covers."""
    rng, held, shorter, runs = np.random.default_rng(21), 0, 0, 400
    for _ in range(runs):
        score, weight, _, unit = draw_survey(rng)
        group = rng.integers(0, 2, 320)
        score = score + 4.0 * group - 2
        plain = make_survey_design(weight, unit=unit)
        fitted = post_stratify(plain, group, np.array([0.5, 0.5]))
        found = fit_survey_mean(score, fitted)
        held += found.conf_low <= 7 <= found.conf_high
        shorter += found.std_error < fit_survey_mean(score, plain).std_error
    assert held / runs > 0.95 - COVERAGE_ERROR * np.sqrt(0.95 * 0.05 / runs)
    assert shorter / runs > 0.9


def test_regression_without_regressors_is_the_mean() -> None:
    """A constant alone gives the mean and its error."""
    design = make_survey_design(np.ones(8), unit=FOUR_UNITS)
    fit = fit_survey_regression(SCORES, np.ones((8, 1)), ("constant",), design)
    assert fit.estimate("constant") == fit_survey_mean(SCORES, design)


def test_logistic_slope_of_one_group_is_the_log_odds_ratio() -> None:
    """Shares 1/4 and 3/4 give a log odds ratio of 2 log 3."""
    y = np.array([1.0, 0, 0, 0, 1, 1, 1, 0])
    x = np.column_stack([np.ones(8), np.repeat([0.0, 1], 4)])
    design = make_survey_design(np.ones(8))
    fit = fit_survey_regression(y, x, ("constant", "group"), design, family="logistic")
    assert fit.coef[1] == pytest.approx(2 * np.log(3))


def test_wrong_weights_are_refused() -> None:
    """Missing and negative weights are counted, not shown."""
    with pytest.raises(AnalysisError, match="2 of 3 are missing or negative"):
        make_survey_design(np.array([np.nan, -1.0, 1]))


def test_lonely_units_are_refused_unless_ruled() -> None:
    """A stratum of one sampling unit needs a rule."""
    with pytest.raises(AnalysisError, match="1 of 2 strata hold one sampling unit"):
        make_survey_design(np.ones(3), stratum=np.array([1, 2, 2]))
    assert make_survey_design(np.ones(3), stratum=np.array([1, 2, 2]), lonely="adjust").df == 1


def test_one_unit_is_refused_whatever_the_rule() -> None:
    """One sampling unit in all has no spread."""
    with pytest.raises(AnalysisError, match="1 of 1 strata"):
        make_survey_design(np.ones(3), unit=np.ones(3), lonely="adjust")


def test_empty_domain_is_refused() -> None:
    """Nobody in the group is said, not divided by."""
    with pytest.raises(AnalysisError, match="none of 8 rows"):
        fit_survey_mean(SCORES, make_survey_design(np.ones(8)), domain=np.zeros(8, dtype=bool))


def test_population_groups_without_people_are_refused() -> None:
    """A share of the population that nobody stands for cannot be made up."""
    design = make_survey_design(np.ones(4))
    with pytest.raises(AnalysisError, match="1 of 3 groups have nobody"):
        post_stratify(design, np.array([0, 0, 1, 1]), np.array([0.3, 0.3, 0.4]))


def test_shares_that_do_not_add_up_are_refused() -> None:
    """Shares must add up to 1."""
    with pytest.raises(AnalysisError, match="do not add up to 1"):
        post_stratify(make_survey_design(np.ones(2)), np.array([0, 1]), np.array([0.5, 0.6]))


def test_margins_at_odds_are_refused() -> None:
    """Two copies of one grouping with different shares never settle."""
    group = np.array([0, 0, 1, 1])
    margins = [(group, np.array([0.5, 0.5])), (group, np.array([0.4, 0.6]))]
    with pytest.raises(AnalysisError, match="2 margins do not settle"):
        rake(make_survey_design(np.ones(4)), margins)


def test_collinear_regressors_are_refused() -> None:
    """The same column twice is counted."""
    x = np.ones((8, 2))
    with pytest.raises(AnalysisError, match="2 regressors carry the information of 1"):
        fit_survey_regression(SCORES, x, ("a", "b"), make_survey_design(np.ones(8)))


def test_separated_outcome_is_refused() -> None:
    """A group without one event has no logit slope."""
    y = np.repeat([0.0, 1], 4)
    x = np.column_stack([np.ones(8), y])
    with pytest.raises(AnalysisError, match="no solution"):
        fit_survey_regression(y, x, ("a", "b"), make_survey_design(np.ones(8)), family="logistic")
