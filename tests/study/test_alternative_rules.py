"""What alternatives of a plan must be: each fault in one line, before anything is read or run."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.errors import ParameterError
from evalkit.study.alternative_rules import choices_of
from evalkit.study.parameters import validate
from evalkit.study.protocol import protocol_of
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
DESIGNS = {n: s for n, s in SCHEMAS.items() if issubclass(s, DesignStudy)}
DIFFERENCES = "difference_in_differences"
QUARTERS = ["2022Q3", "2022Q4", "2023Q1"]
CHOICES = "adjust_for, periods, weight_by, inference, outcome, leave_out"


def values_of(study: str = DIFFERENCES, **changes: Any) -> dict[str, Any]:
    """Return the embedded study's parameters with other ones in their place."""
    text = (ROOT / "parameters" / f"{study}.yml").read_text("utf-8")
    return yaml.safe_load(text) | changes


def faults_of(values: dict[str, Any]) -> list[str]:
    """List the lines of the refusal; none if the parameters are taken."""
    try:
        validate(values, "x.yml")
    except ParameterError as refusal:
        return [line.strip() for line in str(refusal).splitlines()[1:]]
    return []


def faults_with(alternatives: Any, **changes: Any) -> list[str]:
    """List the refusal of the embedded study with these alternatives."""
    return faults_of(values_of(alternatives=alternatives, **changes))


@pytest.mark.parametrize("study", ["staggered_adoption", "interrupted_time_series", DIFFERENCES])
def test_the_embedded_plans_name_alternatives_that_are_allowed(study: str) -> None:
    """What the committed studies allow breaks no rule, and is part of their protocol."""
    values = values_of(study)
    assert values["alternatives"]
    assert protocol_of(validate(values, "x.yml"))["alternatives"] == values["alternatives"]


def test_a_plan_without_alternatives_allows_none() -> None:
    """The parameter may be absent or empty."""
    values = values_of()
    del values["alternatives"]
    assert faults_of(values) == []
    assert validate(values, "x.yml").model_dump()["alternatives"] == {}
    assert faults_with({}) == []


@pytest.mark.parametrize(
    ("alternatives", "said"),
    [
        (
            {"wieght_by": ["people"]},
            "alternatives: wieght_by is no choice that may have alternatives. Did you mean "
            f"weight_by? Allowed: {CHOICES}.",
        ),
        (
            {"confidence_level": [0.9]},
            f"alternatives: confidence_level is no choice that may have alternatives. "
            f"Allowed: {CHOICES}.",
        ),
        (
            {"weight_by": ["poeple"]},
            'alternatives, weight_by: given "poeple" (text). Allowed: rows or people or units.',
        ),
        (
            {"weight_by": [1]},
            "alternatives, weight_by: given 1 (a whole number). Allowed: rows or people or units.",
        ),
        (
            {"weight_by": ["people", "people"]},
            'alternatives, weight_by: "people" stands in it more than once. Keep one.',
        ),
        (
            {"weight_by": []},
            "alternatives, weight_by: given [] (a list). Allowed: a list of values, not empty.",
        ),
        (
            {"weight_by": "people"},
            'alternatives, weight_by: given "people" (text). Allowed: a list of values, not empty.',
        ),
        (
            {"outcome": ["parking"]},
            'alternatives, outcome: given "parking" (text). Allowed: relational or functional or '
            "felt.",
        ),
        (
            {"leave_out": ["treated"]},
            'alternatives, leave_out: given "treated" (text). Allowed: the role of a yes/no '
            "column, whose rows of yes are left out.",
        ),
        (
            {"leave_out": ["deprived"]},
            "alternatives, leave_out: no column is given for deprived. Add `deprived: column` to "
            "data_columns. Did you mean more_deprived?",
        ),
        (
            {"adjust_for": [["staffing"]]},
            "alternatives, adjust_for: no column is given for staffing. Add `staffing: column` to "
            "data_columns.",
        ),
        (
            {"adjust_for": [["outcome"]]},
            "alternatives, adjust_for: outcome has a part of its own. Take it out.",
        ),
        (
            {"adjust_for": ["staffing"]},
            'alternatives, adjust_for: given "staffing" (text). Allowed: a list of names.',
        ),
        (
            {"periods": [["2022Q1", "2022Q1"]]},
            "alternatives, periods: 2022Q1 stands in one of them more than once. Keep one.",
        ),
        ({"periods": [None]}, "alternatives, periods: given null. Give lists of periods."),
    ],
)
def test_each_fault_is_one_line(alternatives: dict[str, Any], said: str) -> None:
    """What is wrong, and what is allowed or nearest."""
    assert faults_with(alternatives) == [said]


def test_windows_lie_within_the_plans_own_periods() -> None:
    """Periods that are not read cannot be analysed."""
    assert faults_with({"periods": [QUARTERS[1:]]}, periods=QUARTERS) == []
    assert faults_with({"periods": [["2021Q1", *QUARTERS]]}, periods=QUARTERS) == [
        "alternatives, periods: 2021Q1 is not among the plan's own periods, and no others are "
        "read. Take it out, or add it to periods."
    ]


def test_a_column_may_be_mapped_for_an_alternative_alone() -> None:
    """A cause and a group that only alternatives name are roles that are read."""
    mapped = values_of()["data_columns"] | {"staffing": "staffing", "pilot": "pilot"}
    named = {"adjust_for": [["staffing"]], "leave_out": ["pilot", "more_deprived"]}
    assert faults_with(named, data_columns=mapped) == []
    assert faults_with({}, data_columns=mapped) == [
        f"data_columns: {role} is no role, and in none of adjust_for, subgroups, placebo_outcomes."
        for role in ("staffing", "pilot")
    ]


def test_too_many_analyses_are_refused() -> None:
    """By hand: two weightings, four outcomes, and 126 stretches are 1,008."""
    windows = [["2022Q4", f"2023Q{n}", f"2019Q{m}"] for n in range(1, 5) for m in range(1, 32)]
    named = {"weight_by": ["people"], "outcome": ["felt", "relational", "functional"]}
    assert faults_with(named | {"periods": [*windows, QUARTERS]}) == [
        "alternatives: 1,008 analyses, at most 1,000 are run. Give fewer."
    ]


@pytest.mark.parametrize("design", DESIGNS)
def test_choices_are_parameters_and_none_is_the_level(design: str) -> None:
    """Each own choice is a parameter of its design; what is claimed or how sure is no choice."""
    schema = DESIGNS[design]
    assert set(schema.CHOICES) <= set(schema.model_fields) - set(DesignStudy.model_fields)
    never = {"confidence_level", "minimum_important_difference", "start_period", "primary"}
    assert not never & set(choices_of(schema))
