"""What a plan on past data must be together: one source, its roles, nothing said twice.

What past data say is not assumed as well. A rule reads the values that are right by themselves,
says nothing where one it needs is wrong, and yields one line a fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.study.matching import suggest
from evalkit.study.plan_rules import STARTS
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

Values = Mapping[str, Any]

PAST_ROLES = ("unit", "period", "outcome", "outcome_base", "cluster", "treated", "first_treated")
"""Roles of past data; those after the period are mapped where they are known."""

KEY = ("unit", "period")
ROLL_OUT = ("treated", "first_treated")
OF_PAST_OUTCOMES = ("count", "yes_no")
"""Kinds of outcome that are only drawn from the past: they are not made up from spreads."""

_SPREADS = ("unit_sd", "drift_sd", "icc", "cac")
_NUMBERS = ("drift_correlation", "period_sd")


def check_plan_source(values: Values) -> Iterator[str]:
    """Require of past data one source, its rules of disclosure and its columns; or none of them."""
    names = ("data_file", "data_connection", "data_query", "data_profile", "data_columns")
    if not _has(values, *names):
        return
    file, connection, query, profile, columns = (values[name] for name in names)
    if file is not None and connection is not None:
        yield "data_file, data_connection: both are given. Give one of the two, or null for both."
    if connection is not None and query is None:
        yield "data_query: missing. A connection needs a table or a SELECT to read."
    if connection is None and query is not None:
        yield "data_query: given without data_connection. Name the connection, or give null."
    given = file is not None or connection is not None
    if given and profile is None:
        yield "data_profile: missing. Past data are protected by the rules of whoever published it."
    if not given and profile is not None:
        yield "data_profile: given without past data. Give data_file, or give null."
    if not given and values.get("data_until") is not None:
        yield "data_until: given without past data. Give data_file, or give null."
    if not given and columns:
        yield "data_columns: given without past data. Give data_file, or give {}."


def check_plan_roles(values: Values) -> Iterator[str]:
    """Require the roles without which there is no layout, and refuse those that are not read."""
    names = ("data_file", "data_connection", "data_columns", "design", "data_rows")
    if not _has(values, *names) or not _is_given(values):
        return
    mapped, design = values["data_columns"], values["design"]
    missing = [role for role in KEY if role not in mapped]
    if missing:
        yield f"data_columns: no column is given for {', '.join(missing)}. Add `role: column`."
    for role in mapped:
        if role not in PAST_ROLES:
            yield f"data_columns: {role} is no role of past data.{suggest(role, list(PAST_ROLES))}"
    decided = [role for role in ROLL_OUT if role in mapped]
    allowed = _roll_out_of(design)
    for role in decided:
        if role not in allowed:
            yield f"data_columns: {role} is not read where {design} is planned. Take it out."
    if len(decided) == 2:
        yield "data_columns: treated and first_treated both say who has it. Keep one."
    schema = SCHEMAS[design]
    if issubclass(schema, DesignStudy) and values["data_rows"] not in schema.ROWS:
        yield f"data_rows: {values['data_rows']} is not read by {design}. Give panel."


def check_plan_twice(values: Values) -> Iterator[str]:
    """Refuse an assumed value that past data say, and require what nothing says."""
    names = ("data_file", "data_connection", "data_columns", "data_rows", "outcome_kind")
    own = ("people", "person_sd", *_SPREADS, *_NUMBERS)
    if not _has(values, *names, *own):
        return
    mapped = values["data_columns"] if _is_given(values) else {}
    people, known = values["data_rows"] == "people", "outcome" in mapped
    if people and not _is_given(values):
        yield "data_rows: people, and no past data are given. Give data_file, or give panel."
        people = False
    counted = "outcome_base" in mapped or people
    if counted and values["people"] is not None:
        yield "people: given, and past data say how many answers there are. Give null."
    if not counted and not known and values["people"] is None:
        yield "people: missing. Give the answers in each unit and period."
    if not known and values["person_sd"] is None:
        yield "person_sd: missing. Give the spread of all answers."
    if not known and values["outcome_kind"] in OF_PAST_OUTCOMES:
        yield (
            f"outcome_kind: {values['outcome_kind']}, which is only drawn from past outcomes. Map "
            "outcome in data_columns, or plan on a percentage or number."
        )
    if values["outcome_kind"] == "yes_no" and known and not people:
        yield "data_rows: panel, and yes_no answers are a row each. Give people, or percentages."
    if known:
        for name in (*_SPREADS, *_NUMBERS):
            if values[name] is not None:
                yield f"{name}: given, and past outcomes say it. Give null."
    for name in _NUMBERS:
        if not known and values[name] is None:
            yield f"{name}: missing. Give a number, 0.0 for none."


def _roll_out_of(design: str) -> tuple[str, ...]:
    """Name the roles that may say who has it, or comes to have it."""
    if design in ("staggered_adoption", "stepped_wedge"):
        return ("first_treated",)
    if design == "weighted_comparison" or (design in STARTS and design != "before_after"):
        return ("treated",)
    return ()


def _is_given(values: Values) -> bool:
    return values["data_file"] is not None or values["data_connection"] is not None


def _has(values: Values, *names: str) -> bool:
    return all(name in values for name in names)
