"""Made-up and drawn tables are as assumed, and an effect is planted where it should be."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.planning.layouts import NEVER, Assumed, as_table, draw_outcomes, roll_out
from evalkit.planning.resampled_layouts import assumed_from, continue_series
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
UNITS, HALF, PERIODS = 20, 10, 8
ASSUMED = Assumed(
    UNITS, PERIODS, people=50, person_sd=2.0, icc=0.05, cluster_autocorrelation=0.5, period_sd=0.2
)
STARTS = [4.0] * HALF + [NEVER] * HALF
MOMENTS = 0.06
"""Relative tolerance of variances of 4,000 units: about four of their standard errors."""


def make_layout(assumed: Assumed, rng: np.random.Generator) -> pd.DataFrame:
    """Lay out drawn outcomes of units over months, as plans do."""
    outcome = draw_outcomes(assumed, rng)
    unit = np.array([f"U{i:04d}" for i in range(assumed.units)])
    time = np.tile(np.arange(assumed.periods), assumed.units)
    return as_table(np.repeat(unit, assumed.periods), time, outcome, float(assumed.people))


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


def test_refusals(parameters: DifferenceInDifferences) -> None:
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
    with pytest.raises(AnalysisError, match="number of answers is not known"):
        assumed_from(table.assign(outcome_base=np.nan), 2.0)
    with pytest.raises(AnalysisError, match="6 periods, are needed"):
        continue_series(table[table["period"] < "2001-04"], 12, rng)
