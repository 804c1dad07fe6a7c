"""What parameters must be together: one source each, the roles mapped, nothing twice.

A rule reads the values that are right by themselves, says nothing where one it needs is
wrong, and yields one line a fault.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evalkit.study.alternative_rules import check_alternatives
from evalkit.study.design_rules import (
    check_design_asks,
    check_design_choices,
    check_design_inference,
    check_design_only,
    check_design_roles,
    check_design_rows,
    check_nothing_ignored,
)
from evalkit.study.matching import repeated, suggest
from evalkit.study.plan_data_rules import check_plan_roles, check_plan_source, check_plan_twice
from evalkit.study.plan_rules import (
    check_plan_arms,
    check_plan_numbers,
    check_plan_own,
    check_plan_periods,
    check_plan_spread,
)
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.plan_a_study import PlanAStudy
from evalkit.study.schemas.topic_study import TopicStudy
from evalkit.study.survey_rules import check_survey
from evalkit.study.topic_rules import check_topic_sources, sources_named

Values = Mapping[str, Any]
Rule = Callable[[Values], Iterator[str]]

STAFF_ROLES = (
    "unit",
    "unit_name",
    "period",
    "exposure",
    "exposure_base",
    "mediator",
    "mediator_base",
)
PATIENT_ROLES = (
    "unit",
    "unit_name",
    "period",
    "outcome",
    "outcome_base",
    "relational",
    "functional",
    "felt",
)
_REQUIRED = {
    "staff_columns": ("unit", "period", "exposure"),
    "patient_columns": ("unit", "period", "outcome"),
}
_KNOWN = {"staff_columns": STAFF_ROLES, "patient_columns": PATIENT_ROLES}
_CHOSEN = ("adjust_for", "subgroups")


def check_one_source(values: Values) -> Iterator[str]:
    """Require a file, or a connection with its query, for each source and not both."""
    topic = sources_named(str(values["notebook"])) if "notebook" in values else {}
    for source in topic or ("staff", "patient", "data"):
        names = [f"{source}_{part}" for part in ("file", "connection", "query")]
        if not _has(values, *names):
            continue
        file, connection, query = (values[name] for name in names)
        absent = file is None and connection is None and query is None
        if absent and source in topic and topic[source].optional:
            continue
        if (file is None) == (connection is None):
            found = "both are given" if file is not None else "neither is given"
            yield f"{names[0]}, {names[1]}: {found}. Give one of the two."
        if connection is not None and query is None:
            yield f"{names[2]}: missing. A connection needs a table or a SELECT to read."
        if connection is None and query is not None:
            yield f"{names[2]}: given without {names[1]}. Name the connection, or give null."


def check_required_roles(values: Values) -> Iterator[str]:
    """Require the roles without which there is no panel."""
    for name, required in _REQUIRED.items():
        if _has(values, name):
            missing = [role for role in required if role not in values[name]]
            if missing:
                yield f"{name}: no column is given for {', '.join(missing)}. Add `role: column`."


def check_known_roles(values: Values) -> Iterator[str]:
    """Refuse a role that nothing will read."""
    if not _has(values, *_CHOSEN):
        return
    chosen = {*values["adjust_for"], *values["subgroups"]}
    for name, known in _KNOWN.items():
        for role in values.get(name, {}):
            if role not in known and role not in chosen:
                yield (
                    f"{name}: {role} is no role, and neither in adjust_for nor in subgroups."
                    f"{suggest(role, sorted({*known, *chosen}))}"
                )


def check_chosen_roles(values: Values) -> Iterator[str]:
    """Require each adjustment and subgroup once, mapped in one of the two sources."""
    for name in _CHOSEN:
        roles = values.get(name, [])
        for role in repeated(roles):
            yield f"{name}: {role} stands in it more than once. Keep one."
        for role in dict.fromkeys(roles):
            yield from _check_chosen_role(name, role, values)


def _check_chosen_role(name: str, role: str, values: Values) -> Iterator[str]:
    if role in (*STAFF_ROLES, *PATIENT_ROLES):
        yield f"{name}: {role} has a part of its own in the study. Take it out of {name}."
    elif _has(values, *_KNOWN):
        places = [columns for columns in _KNOWN if role in values[columns]]
        mapped = sorted({*values["staff_columns"], *values["patient_columns"]})
        if not places:
            yield (
                f"{name}: no column is given for {role}. Add `{role}: column` to staff_columns or "
                f"patient_columns.{suggest(role, mapped)}"
            )
        elif len(places) == 2:
            yield f"{name}: {role} has a column in {' and '.join(places)}. Keep one of them."


def check_mediator(values: Values) -> Iterator[str]:
    """Require the mediator's name and its column together, or neither."""
    if not _has(values, "mediator_name", "staff_columns"):
        return
    mapped = "mediator" in values["staff_columns"]
    if mapped and values["mediator_name"] is None:
        yield "mediator_name: missing, while staff_columns maps a mediator. Name it, or unmap it."
    if not mapped and values["mediator_name"] is not None:
        yield (
            "staff_columns: no column is given for mediator, while mediator_name names one. "
            "Add `mediator: column`, or give mediator_name as null."
        )


def check_periods(values: Values) -> Iterator[str]:
    """Refuse a period given twice."""
    for period in repeated(values.get("periods") or []):
        yield f"periods: {period} stands in it more than once. Keep one."


def check_decision_log(values: Values) -> Iterator[str]:
    """Require a decision's id to name one decision."""
    log = values.get("co_production", [])
    for decision_id in repeated([decision["decision_id"] for decision in log]):
        yield f"co_production: decision_id {decision_id} is used more than once. Give each its own."


_STAFF_WELLBEING: tuple[Rule, ...] = (
    check_one_source,
    check_required_roles,
    check_known_roles,
    check_chosen_roles,
    check_mediator,
    check_periods,
    check_decision_log,
)
_DESIGN: tuple[Rule, ...] = (
    check_one_source,
    check_design_roles,
    check_design_choices,
    check_design_inference,
    check_design_asks,
    check_design_rows,
    check_design_only,
    check_nothing_ignored,
    check_survey,
    check_periods,
    check_alternatives,
    check_decision_log,
)
_TOPIC: tuple[Rule, ...] = (
    check_one_source,
    check_topic_sources,
    check_periods,
    check_decision_log,
)
_PLAN: tuple[Rule, ...] = (
    check_plan_arms,
    check_plan_numbers,
    check_plan_periods,
    check_plan_spread,
    check_plan_own,
    check_plan_source,
    check_plan_roles,
    check_plan_twice,
    check_decision_log,
)


def rules_of(notebook: str) -> tuple[Rule, ...]:
    """Return the rules that a notebook's parameters must keep together."""
    if issubclass(SCHEMAS[notebook], PlanAStudy):
        return _PLAN
    if issubclass(SCHEMAS[notebook], TopicStudy):
        return _TOPIC
    return _DESIGN if issubclass(SCHEMAS[notebook], DesignStudy) else _STAFF_WELLBEING


def _has(values: Values, *names: str) -> bool:
    return all(name in values for name in names)
