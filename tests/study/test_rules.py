"""What parameters must be together, one rule at a time, each fault by hand."""

from typing import Any

import pytest

from evalkit.errors import ParameterError
from evalkit.study.parameters import validate

Values = dict[str, Any]


def faults_of(values: Values) -> list[str]:
    """List the lines of the refusal; none if the parameters are taken."""
    try:
        validate(values, "x.yml")
    except ParameterError as refusal:
        return [line.strip() for line in str(refusal).splitlines()[1:]]
    return []


def test_right_parameters_break_no_rule(values: Values) -> None:
    """The set from which each test departs is right."""
    assert faults_of(values) == []


@pytest.mark.parametrize("source", ["staff", "patient"])
@pytest.mark.parametrize(
    ("file", "connection", "query", "said"),
    [
        (None, None, None, "{0}_file, {0}_connection: neither is given. Give one of the two."),
        ("a.csv", "w", "t", "{0}_file, {0}_connection: both are given. Give one of the two."),
        (None, "w", None, "{0}_query: missing. A connection needs a table or a SELECT to read."),
        (
            "a.csv",
            None,
            "t",
            "{0}_query: given without {0}_connection. Name the connection, or give null.",
        ),
        (None, "w", "SELECT a\nFROM t", None),
    ],
)
def test_each_source_is_a_file_or_a_connection_with_its_query(
    values: Values, source: str, file: str, connection: str, query: str, said: str | None
) -> None:
    """One of the two, for staff and for patients; a query may have several lines."""
    given = {"file": file, "connection": connection, "query": query}
    values.update({f"{source}_{part}": value for part, value in given.items()})
    assert faults_of(values) == ([said.format(source)] if said else [])


@pytest.mark.parametrize(
    ("columns", "role"),
    [
        ("staff_columns", "unit"),
        ("staff_columns", "period"),
        ("staff_columns", "exposure"),
        ("patient_columns", "unit"),
        ("patient_columns", "period"),
        ("patient_columns", "outcome"),
    ],
)
def test_a_role_without_which_there_is_no_panel_must_be_mapped(
    values: Values, columns: str, role: str
) -> None:
    """Each of the six, by its name."""
    del values[columns][role]
    assert faults_of(values) == [f"{columns}: no column is given for {role}. Add `role: column`."]


def test_a_role_that_nothing_reads_is_refused_with_the_nearest(values: Values) -> None:
    """A mistyped facet would otherwise be left out of the report without a word."""
    values["patient_columns"]["relatonal"] = "q1"
    values["patient_columns"]["exposure"] = "q2"
    assert faults_of(values) == [
        "patient_columns: relatonal is no role, and neither in adjust_for nor in subgroups. "
        "Did you mean relational?",
        "patient_columns: exposure is no role, and neither in adjust_for nor in subgroups.",
    ]


@pytest.mark.parametrize("name", ["adjust_for", "subgroups"])
def test_each_chosen_role_is_mapped_once(values: Values, name: str) -> None:
    """Not mapped, mapped in both, given twice, or with a part of its own: each is told."""
    values["staff_columns"]["both"] = values["patient_columns"]["both"] = "both"
    values["patient_columns"]["agency_share"] = "agency"
    kept = values[name]
    values[name] = [*kept, "both", "agency_shar", "agency_share", "agency_share", "outcome"]
    assert faults_of(values) == [
        f"{name}: agency_share stands in it more than once. Keep one.",
        f"{name}: both has a column in staff_columns and patient_columns. Keep one of them.",
        f"{name}: no column is given for agency_shar. Add `agency_shar: column` to staff_columns "
        "or patient_columns. Did you mean agency_share?",
        f"{name}: outcome has a part of its own in the study. Take it out of {name}.",
    ]


def test_six_subgroups_are_taken_and_seven_are_not(values: Values) -> None:
    """The limit is the protocol's, not the reader's patience."""
    roles = [f"group_{number}" for number in range(7)]
    values["patient_columns"].update({role: role for role in roles})
    values["subgroups"] = ["london", *roles[:5]]
    for role in roles[5:]:
        del values["patient_columns"][role]
    assert faults_of(values) == []
    values["patient_columns"]["group_5"] = "group_5"
    values["subgroups"].append("group_5")
    assert [fault.split(":")[0] for fault in faults_of(values)] == ["subgroups"]


def test_the_mediator_has_a_name_and_a_column_or_neither(values: Values) -> None:
    """One without the other is refused, both are taken."""
    values["mediator_name"] = "burnout"
    assert faults_of(values)[0].startswith("staff_columns: no column is given for mediator")
    values["staff_columns"]["mediator"] = "burnout"
    assert faults_of(values) == []
    values["mediator_name"] = None
    assert faults_of(values)[0].startswith("mediator_name: missing")


def test_a_decision_id_and_a_period_are_given_once(values: Values) -> None:
    """Two decisions of one name could not be told apart."""
    values["co_production"] = values["co_production"] * 2
    values["periods"] = ["2021", "2022", "2021"]
    assert faults_of(values) == [
        "periods: 2021 stands in it more than once. Keep one.",
        "co_production: decision_id outcome_overall is used more than once. Give each its own.",
    ]


def test_a_rule_is_silent_where_a_value_it_needs_is_wrong(values: Values) -> None:
    """A wrong mapping is told once, not again for each role that it lacks."""
    values["staff_columns"] = "trust"
    assert [fault.split(":")[0] for fault in faults_of(values)] == ["staff_columns"]


def test_a_value_that_cannot_be_read_is_not_taken_for_its_default(values: Values) -> None:
    """A name with a control character is told once, and not as a name that is missing."""
    values["staff_columns"]["mediator"] = "burnout"
    values["mediator_name"] = "burn\x00out"
    assert faults_of(values) == ["mediator_name: holds a control character (U+0000)"]
