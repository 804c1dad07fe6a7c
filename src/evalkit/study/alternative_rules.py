"""What alternatives of a plan must be: choices that its design has, with values they can take."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Annotated, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from evalkit.study.allowed_values import describe_allowed, find_schema, make_json_schema
from evalkit.study.canonical import canonical_text
from evalkit.study.design_rules import LEAVE_OUT, NEIGHBOUR, roles_of
from evalkit.study.fields import FACETS
from evalkit.study.matching import repeated, suggest
from evalkit.study.plain_values import show_value
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

OUTCOME = "outcome"
"""The alternative that puts another facet in the outcome's place."""

SHARED_CHOICES = ("adjust_for", "periods")
"""Parameters of every design that may have alternatives."""

MOST_ANALYSES = 1000
"""Combinations of the alternatives, at most."""

Values = Mapping[str, Any]


def choices_of(schema: type[DesignStudy]) -> tuple[str, ...]:
    """Name what may have alternatives in a design."""
    return (*SHARED_CHOICES, *schema.CHOICES, OUTCOME, LEAVE_OUT)


def check_alternatives(values: Values) -> Iterator[str]:
    """Refuse alternatives to what is no choice, values that it cannot take, and too many."""
    alternatives = values.get("alternatives", {})
    schema = SCHEMAS[str(values["notebook"])]
    if not issubclass(schema, DesignStudy) or not alternatives:
        return
    known = choices_of(schema)
    for name, given in alternatives.items():
        if name not in known:
            yield (
                f"alternatives: {name} is no choice that may have alternatives."
                f"{suggest(name, known)} Allowed: {', '.join(known)}."
            )
            continue
        for text in repeated([canonical_text(value) for value in given]):
            yield f"alternatives, {name}: {text} stands in it more than once. Keep one."
        for value in given:
            yield from _check_value(schema, name, value, values)
    count = prod(1 + len(given) for given in alternatives.values())
    if count > MOST_ANALYSES:
        yield f"alternatives: {count:,} analyses, at most {MOST_ANALYSES:,} are run. Give fewer."


def _check_value(
    schema: type[DesignStudy], name: str, value: object, values: Values
) -> Iterator[str]:
    if name == OUTCOME:
        yield from _check_outcome(value, values)
    elif name == LEAVE_OUT:
        yield from _check_left_out(value, values)
    elif value is None and name == "periods":
        yield "alternatives, periods: given null. Give lists of periods."
    elif not _fits(schema.model_fields[name], value):
        allowed = describe_allowed(find_schema(make_json_schema(schema), [name]))
        yield f"alternatives, {name}: given {show_value(value)}. Allowed: {allowed}."
    elif name == "adjust_for" and isinstance(value, list):
        yield from _check_causes(value, values)
    elif name == "periods" and isinstance(value, list):
        yield from _check_periods(value, values)


def _fits(field: FieldInfo, value: object) -> bool:
    """Say whether a parameter could have this value."""
    kind: Any = field.annotation
    kind = Annotated[(kind, *field.metadata)] if field.metadata else kind
    try:
        TypeAdapter(kind, config=ConfigDict(strict=True, allow_inf_nan=False)).validate_python(
            value
        )
    except ValidationError:
        return False
    return True


def _check_outcome(value: object, values: Values) -> Iterator[str]:
    own, mapped = values.get("outcome_facet"), values.get("data_columns", {})
    allowed = [facet for facet in FACETS if facet in mapped and facet != own]
    if "data_columns" in values and value not in allowed:
        told = " or ".join(allowed) or "none, since no other facet is mapped in data_columns"
        yield f"alternatives, {OUTCOME}: given {show_value(value)}. Allowed: {told}."


def _check_left_out(value: object, values: Values) -> Iterator[str]:
    mapped, taken = values.get("data_columns", {}), roles_of(str(values["notebook"]))[1]
    if not isinstance(value, str) or value in taken - {NEIGHBOUR}:
        yield (
            f"alternatives, {LEAVE_OUT}: given {show_value(value)}. Allowed: the role of a yes/no "
            "column, whose rows of yes are left out."
        )
    elif "data_columns" in values and value not in mapped:
        yield _unmapped(LEAVE_OUT, value, mapped)


def _check_causes(roles: list[str], values: Values) -> Iterator[str]:
    mapped, taken = values.get("data_columns", {}), roles_of(str(values["notebook"]))[1]
    for role in repeated(roles):
        yield f"alternatives, adjust_for: {role} stands in one of them more than once. Keep one."
    for role in dict.fromkeys(roles):
        if role in taken:
            yield f"alternatives, adjust_for: {role} has a part of its own. Take it out."
        elif "data_columns" in values and role not in mapped:
            yield _unmapped("adjust_for", role, mapped)


def _check_periods(periods: list[str], values: Values) -> Iterator[str]:
    for period in repeated(periods):
        yield f"alternatives, periods: {period} stands in one of them more than once. Keep one."
    own = values.get("periods")
    outside = [period for period in periods if own is not None and period not in own]
    if outside:
        yield (
            f"alternatives, periods: {', '.join(dict.fromkeys(outside))} is not among the plan's "
            "own periods, and no others are read. Take it out, or add it to periods."
        )


def _unmapped(name: str, role: str, mapped: Mapping[str, str]) -> str:
    return (
        f"alternatives, {name}: no column is given for {role}. Add `{role}: column` to "
        f"data_columns.{suggest(role, sorted(mapped))}"
    )
