"""How a survey drew its people: where it is read, where it is refused, and what is said."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data.contracts import check_values
from evalkit.data.design_table import make_table
from evalkit.data.roles import kinds_of
from evalkit.data.sources import Source
from evalkit.designs import before_after, difference_in_differences, weighted_comparison
from evalkit.errors import AnalysisError
from evalkit.study.schemas.before_after import BeforeAfter
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.weighted_comparison import WeightedComparison

SHARED: dict[str, Any] = {
    "study": "drawn",
    "title": "Drawn",
    "question": "Did it change?",
    "population": "people drawn",
    "estimand": "mean difference",
    "co_production": [],
    "intervention_name": "an offer",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "minimum_important_difference": 0.2,
    "data_rows": "people",
    "data_profile": "tre10",
    "data_columns": {
        "unit": "ward",
        "period": "year",
        "outcome": "score",
        "weight": "w",
        "stratum": "region",
        "sampling_unit": "ward",
    },
    "seed": 1,
}
CHANGED = BeforeAfter(notebook="before_after", start_period="2002", **SHARED)
COMPARED = DifferenceInDifferences(
    notebook="difference_in_differences",
    start_period="2002",
    **{**SHARED, "data_columns": {**SHARED["data_columns"], "treated": "offer"}},
)
ALIKE = WeightedComparison(
    notebook="weighted_comparison",
    adjust_for=["age"],
    **{**SHARED, "data_columns": {**SHARED["data_columns"], "treated": "offer", "age": "age"}},
)


def make_answers(seed: int = 1, wards: int = 24) -> pd.DataFrame:
    """Make answers of people in wards that were drawn within four regions."""
    rng = np.random.default_rng(seed)
    ward, year = np.repeat(np.arange(wards), 20), np.tile(np.repeat([2001, 2002], 10), wards)
    offer = ward % 2 == 0
    level = rng.normal(size=(wards, 2))[ward, year - 2001]
    score = 5 + 0.5 * (offer & (year == 2002)) + 0.3 * level + 0.5 * rng.normal(size=len(ward))
    return pd.DataFrame(
        {
            "ward": pd.array([f"W{w:02d}" for w in ward], dtype="string"),
            "year": pd.array(year.astype(str), dtype="string"),
            "score": score,
            "w": np.exp(0.5 * rng.normal(size=len(ward))),
            "region": pd.array([f"R{w % 4}" for w in ward // 2], dtype="string"),
            "offer": pd.array(offer, dtype="boolean"),
            "age": rng.normal(size=len(ward)),
        }
    )


def read(frame: pd.DataFrame, parameters: Any) -> pd.DataFrame:
    """Make the design's table of a source's rows."""
    source = Source("data", "tre10", "table", frame, "0" * 64, len(frame), True)
    return make_table({"data": source}, parameters)


def test_strata_and_units_are_read_and_said() -> None:
    """From a source's columns to an interval with wards less regions as degrees of freedom."""
    result = before_after.estimate(read(make_answers(), CHANGED), CHANGED)
    row = result.headline
    assert (row["method"], row["df"]) == ("linearised", 20)
    assert "24 sampling units in 4 strata, 20 degrees of freedom" in " ".join(result.remarks)


def test_weights_move_the_change_as_by_hand() -> None:
    """The change is that of weighted least squares with a level for each ward."""
    table = read(make_answers(), CHANGED)
    wards = pd.get_dummies(table["unit"]).to_numpy(float)
    x = np.column_stack([table["treated"], wards])
    root = np.sqrt(table["weight"].to_numpy(float))
    coef = np.linalg.lstsq(x * root[:, None], table["outcome"] * root, rcond=None)[0]
    assert before_after.estimate(table, CHANGED).headline["estimate"] == pytest.approx(coef[0])


def test_few_sampling_units_in_one_group_cost_degrees_of_freedom() -> None:
    """With whole wards in one group Welch's count holds, where it is below units less strata."""
    answers = make_answers()
    answers["offer"] = pd.array(answers["ward"].isin(["W00", "W01", "W02"]), dtype="boolean")
    row = weighted_comparison.estimate(read(answers, ALIKE), ALIKE).headline
    assert 1 < row["df"] < 8
    assert row["method"] == "overlap_weights"


def test_clusters_must_hold_whole_sampling_units() -> None:
    """An interval over clusters is refused where people of one draw are in several."""
    answers = make_answers()
    result = difference_in_differences.estimate(read(answers, COMPARED), COMPARED)
    assert "makes no use of strata, which leaves it too wide" in " ".join(result.remarks)
    table = read(answers, COMPARED)
    table["sampling_unit"] = table["stratum"]
    with pytest.raises(AnalysisError, match="sampling_unit: 4 of 4 reach over more than one"):
        difference_in_differences.estimate(table, COMPARED)


def test_single_units_are_refused_unless_told() -> None:
    """A stratum with one ward has no spread; the study may say what it then adds."""
    answers = make_answers()
    answers = answers[(answers["region"] != "R0") | (answers["ward"] == "W00")]
    table = read(answers, CHANGED)
    with pytest.raises(AnalysisError, match="1 of 4 strata hold one sampling unit"):
        before_after.estimate(table, CHANGED)
    told = CHANGED.model_copy(update={"single_unit_strata": "certainty"})
    assert "as if drawn for certain" in " ".join(before_after.estimate(table, told).remarks)


@pytest.mark.parametrize(
    ("change", "study", "words"),
    [
        ({"stratum": None}, {}, "stratum: 480 rows of 480 have none"),
        ({"weight": -1.0}, {}, "weight: 480 rows below zero"),
        ({"weight": 0.0}, {}, "no row has an outcome"),
        (
            {"chosen_by": 5.0},
            {"selected": "lowest", "selected_share": 0.2},
            "chance brings back in units chosen by their results",
        ),
    ],
)
def test_refusals(change: dict[str, Any], study: dict[str, Any], words: str) -> None:
    """Rows without a code, weights that cannot be, and what is worked out by cluster."""
    table = read(make_answers(), CHANGED).assign(**change)
    with pytest.raises(AnalysisError, match=words):
        before_after.estimate(table, CHANGED.model_copy(update=study))


def test_matching_takes_no_survey() -> None:
    """Matches have no influence that could be summed by strata."""
    table = read(make_answers(), ALIKE).assign(weight=1.0)
    with pytest.raises(AnalysisError, match="matching cannot take how a survey drew"):
        weighted_comparison.estimate(table, ALIKE.model_copy(update={"method": "matching"}))


def test_rows_without_weight_or_value_are_counted() -> None:
    """Weights of nought and answers that are missing are left out, each said by itself."""
    table = read(make_answers(), ALIKE)
    table.loc[:2, "weight"] = 0.0
    table.loc[10:13, "outcome"] = np.nan
    told = " ".join(weighted_comparison.estimate(table, ALIKE).remarks)
    assert "4 rows of 480 lack a value and are left out." in told
    assert "and the difference is the same for all" in told
    assert "3 rows left out: weight is missing or nought." in told


def test_expected_level_outside_the_scale_is_said() -> None:
    """Held for a cause that moved far, what was expected afterwards can lie below nought."""
    table = read(make_answers(), CHANGED)
    noise = np.random.default_rng(1).normal(size=len(table)) / 50
    table["staffing"] = table["outcome"] + noise - np.where(table["period"] == "2002", 9.0, 0.0)
    study = CHANGED.model_copy(update={"adjust_for": ["staffing"]})
    told = " ".join(before_after.estimate(table, study).remarks)
    assert "lies outside what the outcome can be in at least one of 1 period" in told


def test_an_answer_of_yes_or_no_may_be_missing() -> None:
    """Somebody who said neither is left out or filled in by the design, not refused as data."""
    asked = CHANGED.model_copy(update={"outcome_kind": "yes_no"})
    answers = make_answers()
    answers["score"] = pd.array(answers["score"] > 5, dtype="boolean")
    answers.loc[3, "score"] = pd.NA
    mapped = asked.data_columns
    assert check_values(answers, mapped, kinds_of(asked, "data"), unique=()) == []
    table = read(answers, asked)
    assert table["outcome"].isna().sum() == 1
    assert set(table["outcome"].dropna()) == {0.0, 100.0}
