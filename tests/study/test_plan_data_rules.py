"""A plan on past data: one source and its roles, and nothing assumed that the past says."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import ParameterError
from evalkit.study.parameters import validate

_HERE = Path(__file__).resolve().parents[1] / "planning"
values_of = runpy.run_path(str(_HERE / "made_plan.py"))["values_of"]
UNKNOWN = runpy.run_path(str(_HERE / "made_past.py"))["UNKNOWN"]
COLUMNS = UNKNOWN["data_columns"]
NO_OUTCOME = {"unit": "ward", "period": "period"}
ASSUMED = {"person_sd": 2.0, "unit_sd": 0.3, "drift_sd": 0.1, "drift_correlation": 0.0}


def faults_of(design: str, **changes: Any) -> str:
    """Return what is told of a plan on past data with changes."""
    with pytest.raises(ParameterError) as told:
        validate({**values_of(design), **UNKNOWN, **changes}, "plan.yml")
    return str(told.value)


@pytest.mark.parametrize("changes", [{}, {"people": 40, "person_sd": 2.0}])
def test_a_right_plan_breaks_no_rule(changes: dict[str, Any]) -> None:
    """Past outcomes and no spreads; the number of answers may be told beside them."""
    validate({**values_of(), **UNKNOWN, **changes}, "plan.yml")


@pytest.mark.parametrize(
    ("design", "changes", "said"),
    [
        ("before_after", {"data_connection": "db"}, "data_file, data_connection: both are given"),
        ("before_after", {"data_query": "t"}, "data_query: given without data_connection"),
        (
            "before_after",
            {"data_file": None, "data_connection": "db"},
            "data_query: missing. A connection needs",
        ),
        ("before_after", {"data_profile": None}, "data_profile: missing. Past data are protected"),
        (
            "before_after",
            {"data_columns": {"outcome": "score"}},
            "data_columns: no column is given for unit, period",
        ),
        (
            "before_after",
            {"data_columns": {**COLUMNS, "outcomes": "score"}},
            "data_columns: outcomes is no role of past data. Did you mean outcome",
        ),
        (
            "before_after",
            {"data_columns": {**COLUMNS, "treated": "x"}},
            "data_columns: treated is not read where before_after is planned",
        ),
        (
            "staggered_adoption",
            {"data_columns": {**COLUMNS, "treated": "x"}},
            "data_columns: treated is not read where staggered_adoption is planned",
        ),
        ("before_after", {"unit_sd": 0.2}, "unit_sd: given, and past outcomes say it. Give null"),
        ("before_after", {"period_sd": 0.1}, "period_sd: given, and past outcomes say it"),
        (
            "before_after",
            {"people": 30, "data_columns": {**COLUMNS, "outcome_base": "n"}},
            "people: given, and past data say how many answers there are",
        ),
        (
            "before_after",
            {"outcome_kind": "yes_no"},
            "data_rows: panel, and yes_no answers are a row each",
        ),
        (
            "before_after",
            {**ASSUMED, "period_sd": 0.0, "data_columns": NO_OUTCOME},
            "people: missing. Give the answers",
        ),
        (
            "before_after",
            {**ASSUMED, "people": 30, "data_columns": NO_OUTCOME},
            "period_sd: missing. Give a number, 0.0 for none",
        ),
        (
            "before_after",
            {**ASSUMED, "period_sd": 0.0, "people": 30, "data_columns": NO_OUTCOME,
             "outcome_kind": "count"},
            "outcome_kind: count, which is only drawn from past outcomes",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_told(design: str, changes: dict[str, Any], said: str) -> None:
    """What is wrong by name, and what to give."""
    assert said in faults_of(design, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"data_profile": "fft"}, "data_profile: given without past data"),
        ({"data_until": "2022Q4"}, "data_until: given without past data"),
        ({"data_columns": COLUMNS}, "data_columns: given without past data"),
        ({"data_rows": "people"}, "data_rows: people, and no past data are given"),
        ({"people": None}, "people: missing"),
        ({"person_sd": None}, "person_sd: missing. Give the spread"),
        ({"outcome_kind": "count"}, "outcome_kind: count, which is only drawn"),
    ],
)
def test_without_past_data_all_is_assumed(changes: dict[str, Any], said: str) -> None:
    """Nothing of the data is read, and nothing may be left to them."""
    with pytest.raises(ParameterError, match="fault") as told:
        validate({**values_of(), **changes}, "plan.yml")
    assert said in str(told.value)
