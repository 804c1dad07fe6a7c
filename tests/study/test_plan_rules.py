"""What a plan's parameters must be together: each fault in one line, by hand."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import ParameterError
from evalkit.study.parameters import validate

_MADE = runpy.run_path(str(Path(__file__).resolve().parents[1] / "planning" / "made_plan.py"))
values_of, OF_DESIGN = _MADE["values_of"], _MADE["OF_DESIGN"]
DIFFERENCES = "difference_in_differences"


def faults_of(design: str, **changes: Any) -> list[str]:
    """List the lines of the refusal of a design's plan; none if the parameters are taken."""
    return faults_in(values_of(design, **changes))


def faults_in(values: dict[str, Any]) -> list[str]:
    """List the lines of the refusal; none if the parameters are taken."""
    try:
        validate(values, "x.yml")
    except ParameterError as refusal:
        return [line.strip() for line in str(refusal).splitlines()[1:]]
    return []


@pytest.mark.parametrize("design", OF_DESIGN)
def test_right_plans_break_no_rule(design: str) -> None:
    """The plans from which each test departs are right."""
    assert faults_of(design) == []


@pytest.mark.parametrize(
    ("design", "changes", "said"),
    [
        (
            DIFFERENCES,
            {"treated_units": 20},
            "treated_units: all of 20 units, and difference_in_differences compares with units "
            "that do not have it. Give fewer than units.",
        ),
        (
            DIFFERENCES,
            {"treated_units": None},
            "treated_units: all of 20 units, and difference_in_differences compares with units "
            "that do not have it. Give fewer than units.",
        ),
        (
            "staggered_adoption",
            {"treated_units": 25},
            "treated_units: 25 of 20 units. Give fewer than units.",
        ),
        (
            "before_after",
            {"treated_units": 10},
            "treated_units: 10, and before_after has no units without it. Give null.",
        ),
        (
            "stepped_wedge",
            {"steps": 1},
            "treated_units: all of 20 units, and stepped_wedge compares with units that do not "
            "have it. Give fewer than units.",
        ),
        (
            "staggered_adoption",
            {"treated_units": 3, "steps": 5, "periods": 12, "periods_per_step": 1},
            "steps: 5 groups of 3 units that start. Give fewer steps.",
        ),
        (
            DIFFERENCES,
            {"periods_before": 8},
            "periods_before: 8 of 8 periods, so that the start lies outside. Give 1 to 7.",
        ),
        (
            DIFFERENCES,
            {"periods_before": None},
            "periods_before: missing. Give the periods before the start, of 8 in all.",
        ),
        (
            "dose_response",
            {"periods_before": 4},
            "periods_before: 4, and dose_response has no start. Give null.",
        ),
        (
            "stepped_wedge",
            {"periods_per_step": 2},
            "steps, periods_per_step: the last of 4 groups starts after 8 of 8 periods. Give more "
            "periods, or fewer steps.",
        ),
        (
            "staggered_adoption",
            {"steps": 1},
            "steps: 1, and staggered_adoption has two or more starts. Give 2 or more.",
        ),
        (
            DIFFERENCES,
            {"steps": 2},
            "steps: 2, and difference_in_differences has one start. Give 1.",
        ),
        (
            DIFFERENCES,
            {"icc": 0.1},
            "unit_sd, drift_sd, icc, cac: give either unit_sd and drift_sd, or icc and cac, and "
            "null for the other two.",
        ),
        (
            DIFFERENCES,
            {"drift_sd": None, "cac": 0.5},
            "unit_sd, drift_sd, icc, cac: give either unit_sd and drift_sd, or icc and cac, and "
            "null for the other two.",
        ),
        (
            DIFFERENCES,
            {"unit_sd": 1.9, "drift_sd": 0.7},
            "unit_sd, drift_sd: are together as large as person_sd (2), which is the spread of all "
            "answers. Give smaller ones.",
        ),
        ("dose_response", {"dose_sd": None}, "dose_sd: missing. dose_response needs it."),
        (
            DIFFERENCES,
            {"group_difference": 0.5},
            "group_difference: given, and difference_in_differences does not read it. Give null.",
        ),
        (
            DIFFERENCES,
            {"effects": [0.1, 0.1]},
            "effects: 0.1 stands in it more than once. Keep one.",
        ),
        (
            DIFFERENCES,
            {"numbers_of_units": [1, 40]},
            "numbers_of_units: 1 leaves a group without any. Give at least 2.",
        ),
        (
            DIFFERENCES,
            {"power_wanted": 1.2},
            "power_wanted: given 1.2 (a number). Allowed: a number from 0.5 to 0.99.",
        ),
        (
            DIFFERENCES,
            {"effects": [-0.1]},
            "effects, entry 1: given -0.1 (a number). Allowed: a number above 0.",
        ),
        (
            DIFFERENCES,
            {"people": 0},
            "people: given 0 (a whole number). Allowed: a whole number from 1 to 1000000, or null.",
        ),
        (
            DIFFERENCES,
            {"person_sd": 0.0},
            "person_sd: given 0.0 (a number). Allowed: a number above 0, or null.",
        ),
    ],
)
def test_each_fault_is_one_line(design: str, changes: dict[str, Any], said: str) -> None:
    """Each wrong plan is refused with one line that says what to give."""
    assert faults_of(design, **changes) == [said]


def test_an_unknown_design_is_told_with_the_known_ones() -> None:
    """A mistyped design is one fault, and no rule about designs adds another."""
    (line,) = faults_in({**values_of(), "design": "diff_in_diff"})
    assert line.startswith('design: given "diff_in_diff" (text). Allowed: before_after or ')
