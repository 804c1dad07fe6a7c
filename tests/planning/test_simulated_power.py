"""Power by simulation: tables are as assumed, and shares agree with formulae."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.disclosure.numerals import Known, numbers_in, unknown_numerals
from evalkit.errors import AnalysisError
from evalkit.planning.layouts import NEVER, Assumed, make_layout, roll_out
from evalkit.planning.resampled_layouts import assumed_from, continue_series, resample_units
from evalkit.planning.simulated_power import (
    Detectable,
    Plan,
    Power,
    compare_with_important,
    find_detectable,
    simulate_power,
    tabulate_power,
)
from evalkit.results import Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
UNITS, HALF, PERIODS = 20, 10, 8
ASSUMED = Assumed(
    UNITS, PERIODS, people=50, person_sd=2.0, icc=0.05, cluster_autocorrelation=0.5, period_sd=0.2
)
STARTS = [4.0] * HALF + [NEVER] * HALF
DRAWS = 400
ERRORS = 4
"""Monte Carlo standard errors by which a share may differ from its formula."""

MOMENTS = 0.06
"""Relative tolerance of variances of 4,000 units: about four of their standard errors."""


def estimate_by_means(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Compare changes of means between groups by t of equal variances, in arrays."""
    periods = table["time"].nunique()
    values = table["outcome"].to_numpy().reshape(-1, periods)
    first = table["first_treated"].to_numpy().reshape(-1, periods)[:, 0]
    after = table["time"].to_numpy()[:periods] >= np.nanmin(first)
    change = values[:, after].mean(axis=1) - values[:, ~after].mean(axis=1)
    one, other = change[np.isfinite(first)], change[~np.isfinite(first)]
    if min(len(one), len(other)) < 2:
        raise AnalysisError("units: too few in one group. Give more units.")
    df = len(change) - 2
    pooled = ((len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1)) / df
    error = np.sqrt(pooled * (1 / len(one) + 1 / len(other)))
    size, half = one.mean() - other.mean(), stats.t.ppf(0.975, df) * error
    row = {"estimate": size, "std_error": error, "conf_low": size - half, "conf_high": size + half}
    return Result("small", pd.DataFrame([row | {"level": 0.95, "df": float(df)}]), {})


def true_error() -> float:
    """Standard error of the comparison by the assumed values, memory being none."""
    course = 0.05 * 4 * 0.5
    noise = 0.95 * 4 / 50
    return float(np.sqrt((course + noise) * (1 / 4 + 1 / 4) * (2 / HALF)))


def true_power(size: float) -> float:
    """Power by noncentral t."""
    df, away = UNITS - 2, size / true_error()
    critical = stats.t.ppf(0.975, df)
    return float(stats.nct.sf(critical, df, away) + stats.nct.cdf(-critical, df, away))


@pytest.fixture
def plan(parameters: DifferenceInDifferences) -> Plan:
    """Return a plan of ten clusters that start and ten that do not."""
    return Plan(estimate_by_means, parameters, lambda rng: make_layout(ASSUMED, rng), STARTS)


def test_layout_is_as_assumed() -> None:
    """Variances and correlations of 4,000 units are those that the assumed values give."""
    many = replace(ASSUMED, units=4000, autocorrelation=0.6, period_sd=0.0)
    table = make_layout(many, np.random.default_rng(1))
    values = table["outcome"].to_numpy().reshape(4000, PERIODS)
    covariance = np.cov(values.T)
    assert np.diag(covariance).mean() == pytest.approx(0.2 + 0.95 * 4 / 50, rel=MOMENTS)
    assert covariance[0, 1] == pytest.approx(0.1 + 0.1 * 0.6, rel=MOMENTS)
    assert covariance[0, 7] == pytest.approx(0.1 + 0.1 * 0.6**7, rel=MOMENTS)
    assert table["period"].iloc[[0, 7]].to_list() == ["2001-01", "2001-08"]


def test_one_person_varies_as_people_do() -> None:
    """With one answer a unit and period, all variance is that between people, whatever the ICC."""
    alone = replace(ASSUMED, units=4000, people=1, icc=0.4, period_sd=0.0)
    table = make_layout(alone, np.random.default_rng(1))
    values = table["outcome"].to_numpy().reshape(4000, PERIODS)
    assert values.var(axis=0).mean() == pytest.approx(ASSUMED.person_sd**2, rel=MOMENTS)


def test_assumed_values_are_read_off() -> None:
    """From 4,000 made-up units the assumed values come back."""
    many = replace(ASSUMED, units=4000, periods=16, autocorrelation=0.5)
    found = assumed_from(make_layout(many, np.random.default_rng(2)), person_sd=2.0)
    assert found.icc == pytest.approx(0.05, rel=MOMENTS)
    assert found.cluster_autocorrelation == pytest.approx(0.5, rel=2 * MOMENTS)
    assert found.autocorrelation == pytest.approx(0.5, rel=2 * MOMENTS)


def test_resampled_units_are_whole(make: Make) -> None:
    """Each drawn unit has all periods of one unit of the data, under a name of its own."""
    before = make(units=6, periods=8)
    kept = before.copy()
    drawn = resample_units(before, 10, np.random.default_rng(3))
    series = {tuple(part) for _, part in before.groupby("unit")["outcome"]}
    assert drawn["unit"].nunique() == drawn["cluster"].nunique() == 10
    assert {tuple(part) for _, part in drawn.groupby("unit")["outcome"]} <= series
    pd.testing.assert_frame_equal(before, kept)


def test_series_are_carried_on() -> None:
    """Series of slope 0.1 and memory 0.5 are continued with both, on average over 200."""
    rng = np.random.default_rng(4)
    slopes, memories = [], []
    for _ in range(200):
        course = make_layout(
            Assumed(2, 24, 1000, 1.0, 0.9, cluster_autocorrelation=0.0, autocorrelation=0.5), rng
        )
        course["outcome"] += 0.1 * (course["time"] - course["time"].min())
        made = continue_series(course, 200, rng)
        values = made["outcome"].to_numpy().reshape(2, 200)
        lines = np.polyfit(np.arange(200), values.T, 1)
        left = values - np.outer(lines[0], np.arange(200)) - lines[1][:, None]
        slopes += list(lines[0])
        memories.append(np.sum(left[:, 1:] * left[:, :-1]) / np.sum(left**2))
    assert np.mean(slopes) == pytest.approx(0.1, abs=4 * np.std(slopes) / np.sqrt(400))
    assert np.mean(memories) == pytest.approx(0.5, abs=0.05)


def test_roll_out_by_hand(parameters: DifferenceInDifferences) -> None:
    """Of three units over three periods the first starts after one: two rows gain 5."""
    table = make_layout(replace(ASSUMED, units=3, periods=3), np.random.default_rng(5))
    moved, changed = roll_out(table, parameters, [1.0, NEVER, NEVER], 5.0)
    gained = (moved["outcome"] - table["outcome"]).round(9).to_list()
    assert gained == [0, 5, 5, 0, 0, 0, 0, 0, 0]
    assert moved["treated"].sum() == 2
    assert changed.start_period == "2001-02"
    assert not table["treated"].any()


@pytest.mark.parametrize("size", [0.0, 0.2, 0.4])
def test_power_agrees_with_noncentral_t(plan: Plan, size: float) -> None:
    """Power is that of the formula, and intervals hold the effect in 95 of 100."""
    found = simulate_power(plan, size, draws=DRAWS, seed=6)
    expected = true_power(size)
    error = np.sqrt(expected * (1 - expected) / DRAWS)
    assert found.power == pytest.approx(expected, abs=ERRORS * error)
    assert found.coverage == pytest.approx(0.95, abs=ERRORS * np.sqrt(0.95 * 0.05 / DRAWS))
    assert found.bias == pytest.approx(0, abs=ERRORS * true_error() / np.sqrt(DRAWS))
    assert (found.draws, found.refused) == (DRAWS, 0)


def test_detectable_agrees_with_noncentral_t(plan: Plan) -> None:
    """The smallest effect found four times in five is that of the formula within its error."""
    found = find_detectable(plan, draws=200, seed=7)
    assert abs(true_power(found.size) - 0.8) < ERRORS * np.sqrt(0.8 * 0.2 / 200)
    assert 0 < found.error < found.size / 4
    powers = [one.power for one in found.tried]
    assert powers == sorted(powers)
    assert [one.size for one in found.tried] == sorted(one.size for one in found.tried)


def test_power_on_resampled_data(make: Make, parameters: DifferenceInDifferences) -> None:
    """On the data's own units before the start a large effect is found and none is not."""
    before = make(units=30, periods=8)
    plan = Plan(
        estimate_by_means, parameters, lambda rng: resample_units(before, UNITS, rng), STARTS
    )
    table = tabulate_power(plan, [0.0, 1.0], draws=100, seed=8)
    assert table["power"].iloc[0] < 0.15
    assert table["power"].iloc[1] == 1.0
    assert {"power_error", "coverage_error", "refused"} <= set(table)


def test_same_seed_same_power(plan: Plan) -> None:
    """A seed gives the same shares again, and another seed others."""
    first = simulate_power(plan, 0.3, draws=50, seed=9)
    assert simulate_power(plan, 0.3, draws=50, seed=9) == first
    assert simulate_power(plan, 0.3, draws=50, seed=10).bias != first.bias


def test_errors_by_hand() -> None:
    """Half of 100: an error of 0.05; 0.9 of 100: 0.03."""
    power = Power(1.0, 0.5, 0.9, 0.0, 1.0, 100, 0)
    assert power.power_error == pytest.approx(0.05)
    assert power.coverage_error == pytest.approx(0.03)


@pytest.mark.parametrize(
    ("size", "said"), [(0.1, "large enough"), (0.3, "about as large"), (0.6, "miss it too often")]
)
def test_comparison_with_what_matters(
    parameters: DifferenceInDifferences, size: float, said: str
) -> None:
    """Against 0.3 that matters: 0.1 is large enough, 0.3 about, 0.6 too little; numbers stand."""
    sentence, values = compare_with_important(Detectable(size, 0.02, 0.8, ()), parameters)
    assert said in sentence
    known = numbers_in(values["value"]) | Known(exact=frozenset(values["value"] / 100))
    assert unknown_numerals(sentence, known) == 0


def test_refusals(plan: Plan, parameters: DifferenceInDifferences) -> None:
    """Plans that cannot be are refused, with what to plan instead."""
    rng = np.random.default_rng(1)
    with pytest.raises(AnalysisError, match="icc, people, person_sd: cannot be"):
        make_layout(Assumed(5, 5, 0, -1.0, 1.5), rng)
    table = make_layout(ASSUMED, rng)
    with pytest.raises(AnalysisError, match="1 given for 20 clusters"):
        roll_out(table, parameters, [3.0], 0.1)
    for starts in ([NEVER] * UNITS, [0.0] * UNITS, [8.0] * UNITS):
        with pytest.raises(AnalysisError, match="each must lie after the first"):
            roll_out(table, parameters, starts, 0.1)
    counts = parameters.model_copy(update={"outcome_kind": "count"})
    with pytest.raises(AnalysisError, match="Plan on rates"):
        roll_out(table, counts, STARTS, 0.1)
    with pytest.raises(AnalysisError, match="10 of 10 made-up tables cannot be estimated"):
        simulate_power(replace(plan, starts=[4.0] * UNITS), 0.1, draws=10)
    with pytest.raises(AnalysisError, match="number of answers is not known"):
        assumed_from(table.assign(outcome_base=np.nan), 2.0)
    with pytest.raises(AnalysisError, match="6 periods, are needed"):
        continue_series(table[table["period"] < "2001-04"], 12, rng)


def test_hopeless_plan(parameters: DifferenceInDifferences) -> None:
    """Where no effect of a size that can be is found, the search ends and says so."""
    blind = Plan(
        lambda table, chosen: Result(
            "blind",
            pd.DataFrame([{"estimate": 0.0, "conf_low": -1.0, "conf_high": 1.0}]),
            {},
        ),
        parameters,
        lambda rng: make_layout(ASSUMED, rng),
        STARTS,
    )
    with pytest.raises(AnalysisError, match="is still found in fewer than 80%"):
        find_detectable(blind, draws=5)
