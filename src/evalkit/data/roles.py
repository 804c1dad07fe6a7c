"""Which roles each source may fill, what kind of column each needs, and which must be there."""

import difflib

from evalkit.data.problems import join_problems
from evalkit.errors import ParameterError
from evalkit.study.design_rules import roles_in_alternatives
from evalkit.study.fields import FACETS, StudyParameters
from evalkit.study.schemas.design_study import OUTCOME_KINDS, DesignStudy, RoleKind
from evalkit.study.schemas.plan_a_study import PlanAStudy
from evalkit.study.schemas.staff_wellbeing import StaffWellbeing
from evalkit.study.schemas.topic_study import TopicStudy

SOURCES = ("staff", "patient")
_SHARED: dict[str, RoleKind] = {"unit": "code", "period": "period", "unit_name": "text"}
_ALONE = "interrupted_time_series"
"""The design that can be planned on one unit's past."""

_OF_THE_PAST: dict[str, RoleKind] = {
    "unit": "code",
    "period": "period",
    "outcome_base": "count",
    "cluster": "code",
    "treated": "yes_no",
    "first_treated": "start",
}
_REQUIRED = {"staff": ("unit", "period", "exposure"), "patient": ("unit", "period", "outcome")}


def sources_of(parameters: StudyParameters) -> tuple[str, ...]:
    """Name a study's sources: those of its topic that it has, or the data of a design or plan."""
    if isinstance(parameters, PlanAStudy):
        none = parameters.data_file is None and parameters.data_connection is None
        return () if none else ("data",)
    if isinstance(parameters, TopicStudy):
        return tuple(source for source in parameters.SOURCES if _is_wanted(parameters, source))
    return SOURCES if isinstance(parameters, StaffWellbeing) else ("data",)


def _is_wanted(parameters: TopicStudy, source: str) -> bool:
    given = [getattr(parameters, f"{source}_{part}") for part in ("file", "connection")]
    return not parameters.SOURCES[source].optional or given != [None, None]


def unique_of(parameters: StudyParameters, source: str) -> tuple[str, ...]:
    """Name the roles in which no two rows of a source may agree; none where rows are answers."""
    if isinstance(parameters, TopicStudy):
        return parameters.SOURCES[source].one_row_per
    rows = parameters.data_rows if isinstance(parameters, DesignStudy | PlanAStudy) else "panel"
    return () if rows == "people" else ("unit", "period")


def columns_of(parameters: StudyParameters, source: str) -> dict[str, str]:
    """Return the columns that a source's roles are mapped to, by role."""
    mapped: dict[str, str] = getattr(parameters, f"{source}_columns")
    return mapped


def kinds_of(parameters: StudyParameters, source: str) -> dict[str, RoleKind]:
    """Return the kind of column that each role of a source needs, mapped or not."""
    if isinstance(parameters, DesignStudy):
        return _kinds_of_design(parameters)
    if isinstance(parameters, PlanAStudy):
        unit: RoleKind = "text" if parameters.design == _ALONE else "code"
        outcome = OUTCOME_KINDS[parameters.outcome_kind]
        return {**_OF_THE_PAST, "unit": unit, "outcome": outcome}
    if isinstance(parameters, TopicStudy):
        roles = parameters.SOURCES[source]
        mapped = {role: roles.kind_of(role) for role in columns_of(parameters, source)}
        return {**roles.roles, **{role: kind for role, kind in mapped.items() if kind}}
    if not isinstance(parameters, StaffWellbeing):
        raise TypeError(f"{type(parameters).__name__} has no sources")
    kinds: dict[str, RoleKind] = dict(_SHARED)
    if source == "staff":
        kinds |= {"exposure": parameters.exposure_kind, "exposure_base": "count"}
        kinds |= {"mediator": parameters.mediator_kind, "mediator_base": "count"}
    else:
        for role in ("outcome", *FACETS):
            kinds |= {role: "score", f"{role}_base": "count"}
    kinds |= dict.fromkeys(parameters.adjust_for, "number")
    return kinds | dict.fromkeys(parameters.subgroups, "yes_no")


def _kinds_of_design(parameters: DesignStudy) -> dict[str, RoleKind]:
    """Kinds of a design's roles; one unit is enough where it is compared with itself."""
    outcome = OUTCOME_KINDS[parameters.outcome_kind]
    unit: RoleKind = "code" if parameters.FEWEST_UNITS > 1 else "text"
    kinds: dict[str, RoleKind] = {**_SHARED, "unit": unit, "outcome": outcome}
    kinds |= dict.fromkeys(FACETS, outcome) | parameters.ROLES
    kinds |= {"mode_share": "number", "neighbour": "yes_no"}
    causes, groups = roles_in_alternatives(parameters.alternatives)
    filled_from = [role for role in getattr(parameters, "imputed_from", []) if role not in FACETS]
    measured = [*parameters.adjust_for, *parameters.placebo_outcomes, *causes, *filled_from]
    kinds |= dict.fromkeys(measured, "number")
    named = [parameters.pool_by] if parameters.pool_by is not None else []
    for role in (*named, *parameters.only):
        kinds.setdefault(role, "label")
    return kinds | dict.fromkeys([*parameters.subgroups, *groups], "yes_no")


def check_roles(parameters: StudyParameters) -> None:
    """Refuse column maps that miss a role, name an unknown one, or fill one twice.

    The rules of `evalkit.study` have refused all of these in a file; this holds for parameters
    that a program made.
    """
    if not isinstance(parameters, StaffWellbeing):
        return
    faults = [fault for source in SOURCES for fault in _map_faults(parameters, source)]
    staff, patient = (columns_of(parameters, source) for source in SOURCES)
    twice = sorted(set(staff) & set(patient) - set(_SHARED))
    faults += [f"{role}: mapped for staff and for patients. Keep one" for role in twice]
    absent = [
        role
        for role in (*parameters.adjust_for, *parameters.subgroups)
        if role not in staff and role not in patient
    ]
    faults += [f"{role}: named in the study and mapped to no column. Map it" for role in absent]
    if parameters.mediator_name is not None and "mediator" not in staff:
        faults.append("mediator: named in the study and mapped to no column. Map it for staff")
    if faults:
        problems = [f"{fault}." for fault in faults]
        raise ParameterError(join_problems("staff_columns, patient_columns", problems))


def _map_faults(parameters: StaffWellbeing, source: str) -> list[str]:
    columns, kinds = columns_of(parameters, source), kinds_of(parameters, source)
    faults = [
        f"{role}: missing from {source}_columns. Map it to a column"
        for role in _REQUIRED[source]
        if role not in columns
    ]
    for role in columns:
        if role not in kinds:
            close = difflib.get_close_matches(role, list(kinds), n=1)
            offer = f"The nearest role is {close[0]}" if close else f"Roles are {', '.join(kinds)}"
            faults.append(
                f"{role}: no role of {source}_columns, nor in adjust_for or subgroups. {offer}"
            )
    needed: dict[str, set[str]] = {}
    for role, column in columns.items():
        form = kinds.get(role, "number")
        form = form if form in ("code", "text", "period", "yes_no") else "number"
        needed.setdefault(column, set()).add(form)
    return faults + [
        f"column {column}: mapped to roles that need {' and '.join(sorted(forms))}. Map one"
        for column, forms in needed.items()
        if len(forms) > 1
    ]
