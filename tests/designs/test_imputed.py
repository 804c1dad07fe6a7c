"""Rows filled in several times over: truth recovered, rules by hand, what is said, what refused."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import before_after, difference_in_differences, weighted_comparison
from evalkit.designs.imputed import with_few_imputations
from evalkit.designs.pooled_results import pool_frames
from evalkit.errors import AnalysisError
from evalkit.study.schemas.before_after import BeforeAfter
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.weighted_comparison import WeightedComparison

TRUTH = 0.5
SHARED: dict[str, Any] = {
    "study": "filled",
    "title": "Filled",
    "question": "Did it change?",
    "population": "people asked",
    "estimand": "mean difference",
    "co_production": [],
    "intervention_name": "an offer",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "minimum_important_difference": 0.2,
    "data_rows": "people",
    "data_profile": "tre10",
    "data_columns": {},
    "seed": 1,
    "missing_data": "multiple_imputation",
    "imputed_from": ["mood"],
    "imputations": 5,
}
CHANGED = BeforeAfter(notebook="before_after", start_period="2002", **SHARED)
COMPARED = DifferenceInDifferences(
    notebook="difference_in_differences", start_period="2002", **SHARED
)
ALIKE = WeightedComparison(notebook="weighted_comparison", adjust_for=["age"], **SHARED)


def make_people(seed: int, *, units: int = 20, controls: bool = False) -> pd.DataFrame:
    """Make people whose mood moves what they say and, once the offer is there, whether they do."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), 40), np.tile(np.repeat(np.arange(4), 10), units)
    ever = unit % 2 == 0 if controls else np.full(len(unit), True)
    after = ever & (time >= 2)
    mood, age = rng.normal(size=len(unit)), rng.normal(size=len(unit))
    level = 0.5 * rng.normal(size=units)[unit] + 0.1 * rng.normal(size=(units, 4))[unit, time]
    outcome = 6 + level + 0.8 * mood + TRUTH * after + 0.5 * rng.normal(size=len(unit))
    silent = rng.random(len(unit)) < 1 / (1 + np.exp(1.2 - 1.2 * mood * np.where(after, 1, -0.3)))
    codes = unit.astype(str)
    return pd.DataFrame(
        {
            "unit": codes,
            "unit_name": codes,
            "period": (2000 + time).astype(str),
            "time": time,
            "outcome": np.where(silent, np.nan, outcome),
            "outcome_base": np.nan,
            "cluster": codes,
            "weight": 1.0,
            "first_treated": np.where(ever, 2.0, np.nan),
            "treated": after,
            "mood": mood,
            "age": age,
        }
    )


def test_truth_is_recovered_where_complete_rows_miss_it() -> None:
    """Whoever was in good mood fell silent afterwards: mood tells what they would have said."""
    filled, alone, covered = [], [], 0
    for seed in range(12):
        result = before_after.estimate(make_people(seed), CHANGED)
        row = result.headline
        filled.append(row["estimate"])
        alone.append(result.tables["imputation"]["estimate"].iloc[1])
        covered += row["conf_low"] <= TRUTH <= row["conf_high"]
    assert np.mean(filled) == pytest.approx(TRUTH, abs=0.06)
    assert np.mean(alone) < TRUTH - 0.2
    assert covered >= 10


def test_rules_by_hand() -> None:
    """Answers 1, 2, 3 of error 2: mean 2, variance 4 + 4/3, and a band as much wider."""
    frames = [
        pd.DataFrame(
            {
                "term": ["effect", "event"],
                "estimate": [at, at],
                "std_error": [2.0, 2.0],
                "conf_low": at - 3.92,
                "conf_high": at + 3.92,
                "band_low": [np.nan, at - 7.84],
                "band_high": [np.nan, at + 7.84],
                "n": [10, 10],
            }
        )
        for at in (1.0, 2.0, 3.0)
    ]
    frames[1] = frames[1].iloc[::-1].reset_index(drop=True)
    pooled = pool_frames(frames).set_index("term")
    assert pooled["estimate"].tolist() == [2, 2]
    assert pooled["std_error"].tolist() == pytest.approx([np.sqrt(16 / 3)] * 2)
    half = (pooled["conf_high"] - pooled["conf_low"]) / 2
    assert ((pooled["band_high"] - pooled["band_low"]) / 2)["event"] == pytest.approx(
        2 * half["event"], rel=1e-4
    )
    assert half["effect"] > 1.96 * np.sqrt(16 / 3)
    assert pooled["n"].tolist() == [10, 10]


def test_same_seed_same_answer_and_input_is_left_alone() -> None:
    """The draws come from the study's seed alone."""
    table = make_people(3)
    before = table.copy()
    once, again = (before_after.estimate(table, CHANGED).headline for _ in range(2))
    other = before_after.estimate(table, CHANGED.model_copy(update={"seed": 2})).headline
    pd.testing.assert_series_equal(once, again)
    assert other["estimate"] != once["estimate"]
    pd.testing.assert_frame_equal(table, before)


def test_what_is_said_of_it() -> None:
    """How many rows, how often, from what, what it cost, when it holds, and what it changed."""
    table = make_people(3)
    result = before_after.estimate(table, CHANGED)
    missing = int(table["outcome"].isna().sum())
    told, beside = result.remarks[-2:]
    assert told.startswith(f"{missing} rows of 800 lacked an outcome. They were filled in 5 times")
    assert "from the unit, the period and mood" in told
    assert "given these columns, values are missing whatever the outcome would have been" in told
    assert not any("are left out. The answer is about the rest" in said for said in result.remarks)
    assert beside.startswith("From complete rows alone it would be")
    row = result.headline
    assert row["missing_share"] == pytest.approx(missing / 800)
    assert 0 < row["fraction_missing"] < 1
    shown = result.tables["imputation"]
    assert shown["n"].tolist() == [800, 800 - missing]


def test_nothing_missing_is_the_plain_answer() -> None:
    """Complete rows give the same numbers, and a remark says so."""
    table = make_people(3)
    table["outcome"] = table["outcome"].fillna(6.0)
    plain = CHANGED.model_copy(update={"missing_data": "complete_rows"})
    result = before_after.estimate(table, CHANGED)
    pd.testing.assert_frame_equal(result.estimates, before_after.estimate(table, plain).estimates)
    assert result.remarks[-1] == "No row lacks a value: nothing is filled in."


def test_difference_in_differences_is_pooled_with_all_that_rests_on_it() -> None:
    """What was expected is what was seen less the pooled differences, ends and all."""
    result = difference_in_differences.estimate(make_people(5, controls=True), COMPARED)
    events = result.estimates[result.estimates["term"] == "event"].set_index("period")
    series = result.tables["series"].dropna(subset="counterfactual").reset_index(drop=True)
    for name, end in (("counterfactual", "estimate"), ("counterfactual_low", "conf_high")):
        away = series["observed"] - series[name]
        assert away.tolist() == pytest.approx(events.loc[["0", "1"], end].tolist())
    covariance = result.tables["event_covariance"].set_index("period")
    assert np.sqrt(np.diag(covariance)).tolist() == pytest.approx(events["std_error"].tolist())
    assert result.headline["estimate"] == pytest.approx(TRUTH, abs=0.3)


def test_weighted_comparison_fills_causes_too() -> None:
    """A missing cause is filled in, everyone counts, and what may hide follows the pooled row."""
    table = make_people(6, units=10)
    rng = np.random.default_rng(6)
    table = table.assign(treated=rng.random(len(table)) < 0.5, period="1", time=0)
    table = table.drop(columns="first_treated")
    table.loc[rng.random(len(table)) < 0.1, "age"] = np.nan
    result = weighted_comparison.estimate(table, ALIKE)
    row = result.headline
    assert row["n"] == len(table)
    hidden = result.tables["hidden_cause"].iloc[0]["effect_that_leaves_nothing"]
    assert hidden == pytest.approx(abs(row["estimate"]) / 0.1)
    assert "an outcome or a measured cause" in " ".join(result.remarks)
    assert "who had the intervention, the unit, the period, age and mood" in " ".join(
        result.remarks
    )


def test_no_interval_from_a_standard_error_is_refused() -> None:
    """With two of ten clusters changed the data call for permutation, which cannot be pooled."""
    table = make_people(7, units=10, controls=True)
    ever = table["unit"].isin(["0", "2"])
    table["first_treated"] = np.where(ever, 2.0, np.nan)
    few = COMPARED.model_copy(update={"imputations": 2})
    with pytest.raises(AnalysisError, match=r"without one \(permutation\).*cr2"):
        difference_in_differences.estimate(table, few)


def test_a_period_that_nobody_answered_in_is_refused() -> None:
    """Where a group has no answers in a period nothing shows what they would have been."""
    table = make_people(8)
    table.loc[table["time"] == 3, "outcome"] = np.nan
    with pytest.raises(AnalysisError, match="in 1 period of 4 nobody of a group"):
        before_after.estimate(table, CHANGED)


def test_checks_fill_in_fewer_times() -> None:
    """Estimates made again and again are filled in five times at the most."""
    many = CHANGED.model_copy(update={"imputations": 50})
    assert with_few_imputations(many).imputations == 5
    assert with_few_imputations(CHANGED.model_copy(update={"imputations": 3})).imputations == 3


@pytest.mark.parametrize(
    ("design", "study"), [(difference_in_differences, COMPARED), (weighted_comparison, ALIKE)]
)
def test_the_headline_alone_is_pooled_alike(design: Any, study: Any) -> None:
    """Filled in and pooled without what stands beside it, the headline is the same to 1e-12."""
    people = make_people(3, controls=True)
    if study is ALIKE:
        rng = np.random.default_rng(3)
        at_once = people.assign(treated=rng.random(len(people)) < 0.5, period="1", time=0)
        people = at_once.drop(columns="first_treated")
    alone = design.estimate(people, study, headline_only=True)
    whole = design.estimate(people, study).headline
    assert len(alone.estimates) == 1
    for name in ("estimate", "std_error", "conf_low", "conf_high", "df", "fraction_missing"):
        assert alone.headline[name] == pytest.approx(whole[name], rel=1e-12)
    assert "imputation" not in alone.tables
