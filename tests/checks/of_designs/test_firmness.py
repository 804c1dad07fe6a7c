"""Left-out clusters, other specifications, numbers of clusters, residuals, and all checks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import (
    CHECKS,
    CONTRADICT_CAUSE,
    MAY_NOT_FAIL,
    MUST_PASS,
    ONE_MUST_PASS,
    check_all,
)
from evalkit.checks.groups import check_groups
from evalkit.checks.judging import Estimate
from evalkit.checks.left_out import check_left_out, leave_out_each
from evalkit.checks.residual_autocorrelation import (
    LAGS,
    autocorrelation,
    carrying_p,
    check_residual_autocorrelation,
)
from evalkit.checks.specification import check_specification, tabulate_others
from evalkit.data import make_table, read_sources
from evalkit.designs import interrupted_time_series
from evalkit.fits.segmented_regression import Segments, fit_segmented
from evalkit.inference.autoregressive_errors import find_gaps, whiten
from evalkit.results import Check, Result
from evalkit.study import load_parameters
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries
from evalkit.synthetic.series import autoregressive

ROOT = Path(__file__).resolve().parents[3]
Make = Callable[..., pd.DataFrame]
Stand = Callable[[Check], None]


def test_left_out_passes(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """An effect in every unit does not rest on a few."""
    table = make()
    check = check_left_out(table, small(table, parameters), parameters, small)
    assert check.verdict == "passes"
    numbers_stand(check)


def test_left_out_worries(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """An interval that leaves zero out only because one unit rose by much is a concern."""
    table = make(units=12, treated=6, effect=0.0, noise=0.05)
    table["outcome"] += 0.06 * table["treated"]
    result = small(table, parameters)
    assert result.headline["conf_low"] > 0
    assert result.headline["conf_low"] < 0.02
    check = check_left_out(table, result, parameters, small)
    assert check.verdict == "concern"
    assert "Leaving out 1 of 12 clusters would change the answer" in check.finding
    numbers_stand(check)


def test_one_that_hides_an_answer_takes_no_claim_back(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """Without one unit that fell by much the interval leaves zero out: there was no claim."""
    table = make(effect=0.3)
    table["outcome"] -= 6.0 * ((table["unit"] == "U003") & table["treated"])
    check = check_left_out(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "Leaving out 1 of 40 clusters would change the answer" in check.finding
    numbers_stand(check)


def test_two_that_carry_an_answer_do_not_stop_it(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """Only a change without one cluster worries, however many there are: two are told."""
    table = make(units=120, treated=60, effect=0.0)
    spare = 0.006 - small(table, parameters).headline["conf_low"]
    table["outcome"] += spare * table["treated"]
    check = check_left_out(table, small(table, parameters), parameters, small)
    assert "Leaving out 2 of 120 clusters would change the answer" in check.finding
    assert check.verdict == "passes"
    numbers_stand(check)


def test_few_that_carry_the_answer_are_counted(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """Where three of twenty units made all of the difference, no more than three change it."""
    table = make(effect=0.0, noise=0.05)
    carry = table["unit"].isin(["U002", "U007", "U011"]) & table["treated"]
    table["outcome"] += np.where(carry, 1.5, np.where(table["treated"], 0.15, 0.0))
    check = check_left_out(table, small(table, parameters), parameters, small)
    few = check.table.set_index("name")["value"].get("fewest_that_change_it")
    assert few is None or few > 3
    table["outcome"] -= np.where(table["treated"] & ~carry, 0.15, 0.0)
    check = check_left_out(table, small(table, parameters), parameters, small)
    assert check.table.set_index("name").loc["fewest_that_change_it", "value"] <= 3
    numbers_stand(check)


def test_left_out_cannot_tell(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """Two clusters in each group: the small design needs each of them."""
    table = make(units=4, treated=2)
    check = check_left_out(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    numbers_stand(check)


def test_left_out_is_estimated_without_it(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Each estimate equals that of the table without the cluster."""
    table = make(units=8, treated=4)
    left = leave_out_each(table, parameters, small)
    by_hand = small(table[table["cluster"] != "U002"], parameters).headline["estimate"]
    assert left.set_index("cluster").loc["U002", "estimate"] == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("noise", "confounded", "verdict"),
    [(0.2, 0.0, "passes"), (0.2, 1.5, "concern"), (3.0, 0.0, "cannot tell")],
)
def test_specification(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    noise: float,
    confounded: float,
    verdict: str,
) -> None:
    """No matter what is held fixed passes; a moving cause that makes the answer worries."""
    table = make(noise=noise)
    rng = np.random.default_rng(2)
    table["agency"] = rng.normal(0, 1, len(table)) + confounded * table["treated"]
    table["outcome"] += (0.5 if confounded else 0.0) * table["agency"]
    chosen = parameters.model_copy(update={"adjust_for": ["agency"]})
    check = check_specification(table, small(table, chosen), chosen, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(("treated", "bounded"), [(1, True), (4, True), (5, False)])
def test_few_clusters_on_a_side_bound_the_shift_by_errors(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    treated: int,
    bounded: bool,
) -> None:
    """With fewer than five clusters on a side, chance is as large as both errors allow."""
    table = make(units=20, treated=5)
    number = pd.Series(pd.factorize(table["unit"])[0], index=table.index)
    with_it = table["first_treated"].notna()
    table["cluster"] = table["unit"].mask(with_it, "T" + (number % treated).astype(str))
    others = tabulate_others(table, small(table, parameters), parameters, small)
    assert np.isinf(others["df"]).all() == bounded


@pytest.mark.parametrize(
    ("units", "treated", "method", "df", "verdict"),
    [
        (40, 20, "clustered", 39.0, "passes"),
        (20, 10, "clustered", 19.0, "concern"),
        (20, 10, "cr2", 18.0, "passes"),
        (40, 2, "cr2", 2.1, "concern"),
        (40, 1, "cr2", 38.0, "concern"),
        (8, 4, "wild_bootstrap", np.nan, "concern"),
        (20, 1, "pooled_changes", 18.0, "cannot tell"),
        (20, 2, "permutation", 1.2, "passes"),
    ],
)
def test_groups(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    units: int,
    treated: int,
    method: str,
    df: float,
    verdict: str,
) -> None:
    """Few clusters, or few with the intervention, worry unless the method allows for them."""
    result = small(make(), parameters)
    named = replace(result, estimates=result.estimates.assign(method=method, df=df))
    check = check_groups(make(units=units, treated=treated), named, parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def with_residuals(result: Result, length: int, carried: float) -> Result:
    """Return a result with a series whose residuals carry over."""
    rng = np.random.default_rng(6)
    values = np.zeros(length)
    for t in range(length):
        values[t] = (carried * values[t - 1] if t else 0.0) + rng.normal()
    return replace(result, tables={"series": pd.DataFrame({"residual": values})})


@pytest.mark.parametrize(
    ("length", "carried", "verdict"),
    [
        (120, 0.0, "passes"),
        (120, 0.7, "concern"),
        (24, 0.0, "cannot tell"),
        (5, 0.0, "cannot tell"),
    ],
)
def test_residuals(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    length: int,
    carried: float,
    verdict: str,
) -> None:
    """A long unrelated series passes, a related one worries, and a short one cannot tell."""
    result = with_residuals(small(make(), parameters), length, carried)
    check = check_residual_autocorrelation(make(), result, parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_autocorrelation_by_hand() -> None:
    """Residuals 1, -1, 1, -1: the products of neighbours sum to -3, over 4."""
    assert autocorrelation(np.array([1.0, -1.0, 1.0, -1.0])) == pytest.approx(-0.75)


def make_regressors(length: int) -> np.ndarray:
    """Return a constant, a trend, changes in both halfway, and a season of twelve."""
    time = np.arange(length)
    late, angle = (time >= length // 2) * 1.0, 2 * np.pi * time / 12
    trend = [np.ones(length), time, late, late * (time - length // 2)]
    return np.column_stack([*trend, np.sin(angle), np.cos(angle)])


def test_what_carries_over_is_tested_as_statsmodels_tests_it() -> None:
    """The p-value is that of the F form of Breusch and Godfrey's test with two lags."""
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.diagnostic import acorr_breusch_godfrey

    regressors, values = make_regressors(40), np.random.default_rng(3).normal(size=40)
    fit = OLS(values, regressors).fit()
    expected = acorr_breusch_godfrey(fit, nlags=LAGS, result_object=False)[3]
    assert carrying_p(np.asarray(fit.resid), regressors) == pytest.approx(expected, rel=1e-9)


MONTE_CARLO = 0.025
"""Over two standard errors of a share of one in twenty over four hundred series."""


def test_a_good_series_of_four_years_is_seldom_stopped() -> None:
    """Of 400 series whose errors carry over as modelled, about one in twenty raises an alarm."""
    rng, time = np.random.default_rng(11), np.arange(48)
    segments = Segments(start=24, season="harmonics", season_length=12)
    alarms = []
    for outcome in autoregressive(rng, (48, 400), 0.4, 1.0).T:
        fit = fit_segmented(outcome, time, segments)
        carried = np.array([float(fit.fits.weight @ fit.fits.rho)])
        white = whiten(fit.design, find_gaps(time), carried)[0][0]
        alarms.append(carrying_p(fit.surprise, white) < 0.05)
    assert np.mean(alarms) == pytest.approx(0.05, abs=MONTE_CARLO)


def test_the_regressors_are_those_of_the_study() -> None:
    """What a study's series was regressed on is held fixed: level, trend and its season."""
    parameters = load_parameters(ROOT / "parameters" / "interrupted_time_series_single.yml")
    assert isinstance(parameters, InterruptedTimeSeries)
    table = make_table(read_sources(parameters), parameters)
    result = interrupted_time_series.estimate(table, parameters)
    residuals = result.tables["series"]["residual"].dropna().to_numpy(float)
    told = check_residual_autocorrelation(
        table, result, parameters, interrupted_time_series.estimate
    )
    p_value = told.table.set_index("name").loc["p_value", "value"]
    assert p_value != round(carrying_p(residuals, np.ones((len(residuals), 1))), 3)


def test_checks_mark_what_stops_a_claim(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, numbers_stand: Stand
) -> None:
    """Checks without which nothing is claimed are marked, and no check alters the table."""
    table = make(units=12, treated=5)
    before = table.copy()
    checks = check_all(table, small(table, parameters), parameters, small)
    assert all(check.assumption and check.question and check.consequence for check in checks)
    assert set(MUST_PASS["difference_in_differences"]) <= {c.name for c in checks if c.blocks}
    pd.testing.assert_frame_equal(table, before)
    for check in checks:
        numbers_stand(check)


def test_each_design_has_its_checks() -> None:
    """Every design of the workbench has checks, and what must pass is among them."""
    assert set(CHECKS) == set(MUST_PASS)
    names = {d: [c.__name__.removeprefix("check_") for c in found] for d, found in CHECKS.items()}
    for design, asked in names.items():
        assert set(MUST_PASS[design]) <= set(asked), design
        assert len(set(asked)) == len(asked), design
        assert set(ONE_MUST_PASS.get(design, ())) <= set(asked), design
    stopping = {*MAY_NOT_FAIL, *CONTRADICT_CAUSE}
    assert stopping <= {name for asked in names.values() for name in asked}


def test_only_a_concern_stops_what_may_not_fail(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A mode that is not in the data does not stop a claim; one that jumped does."""
    table = make(units=10, treated=5)
    shared = [check_all(table, small(table, parameters), parameters, small)]
    table["mode_share"] = 0.4 + 0.3 * table["treated"]
    shared.append(check_all(table, small(table, parameters), parameters, small))
    mode = [next(check for check in checks if check.name == "mode") for checks in shared]
    assert [check.verdict for check in mode] == ["cannot tell", "concern"]
    assert [check.blocks for check in mode] == [False, True]
