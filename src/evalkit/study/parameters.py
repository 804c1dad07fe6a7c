"""Turn a parameter file, or a notebook's own names, into validated parameters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evalkit.errors import ParameterError
from evalkit.study.allowed_values import (
    Schema,
    describe_allowed,
    find_schema,
    make_json_schema,
)
from evalkit.study.canonical import canonical_text
from evalkit.study.matching import suggest
from evalkit.study.plain_values import find_value_faults, is_plain, shorten, show_value
from evalkit.study.rules import rules_of
from evalkit.study.schema import SCHEMAS, StudyParameters
from evalkit.study.yaml_file import read_yaml_file

_MOST_FAULTS = 100
_NOTEBOOK = "the notebook's parameters"
_SECRET = {
    "_connection": "something that is no name; not shown, since it may be an address",
    "_query": "something that cannot be one; not shown, since it may name people or secrets",
}
_OWN_NAMES = (
    "A name of your own in the notebook begins with _; after trying things out, restart the kernel."
)


def load_parameters(path: Path) -> StudyParameters:
    """Read and validate a parameter file for the notebook that it names."""
    return validate(read_yaml_file(path), str(path))


def open_parameters(namespace: Mapping[str, Any]) -> StudyParameters:
    """Validate the parameters that a notebook's cells have set: `open_parameters(globals())`.

    Public names with plain values count as parameters, so that a mistyped name, injected
    from a parameter file, is refused. Modules, functions and IPython's own names do not.
    """
    known = _schema_of(namespace, _NOTEBOOK).model_fields
    given = {
        name: value
        for name, value in namespace.items()
        if name in known or _is_parameter(name, value)
    }
    return validate(given, _NOTEBOOK, advice=_OWN_NAMES)


def validate(mapping: Mapping[str, Any], where: str, advice: str = "") -> StudyParameters:
    """Check names and values against the notebook's schema, and list all that is wrong."""
    schema = _schema_of(mapping, where)
    value_faults = {name: find_value_faults(str(name), item) for name, item in mapping.items()}
    bad = {name for name, faults in value_faults.items() if faults}
    lines = [line for faults in value_faults.values() for line in faults]
    plain = {name: item for name, item in mapping.items() if name not in bad}
    parameters, errors = _try(schema, plain)
    named = [
        error for error in errors if not (error["type"] == "missing" and error["loc"][0] in bad)
    ]
    json_schema = make_json_schema(schema)
    lines += [_describe_error(error, json_schema) for error in named]
    wrong = bad | {error["loc"][0] for error in errors}
    lines += _broken_rules(schema, plain, wrong)
    if lines or parameters is None:
        unknown = any(error["type"] == "extra_forbidden" for error in errors)
        raise _error(where, lines, advice if unknown else "")
    return parameters


def canonical_json(parameters: StudyParameters) -> str:
    """Write the parameters as one deterministic line of JSON."""
    return canonical_text(parameters.model_dump(mode="json"))


def find_schema_of(notebook: str) -> type[StudyParameters]:
    """Find a notebook's schema by the notebook's name, or list the known names."""
    if notebook not in SCHEMAS:
        raise ParameterError(
            f"{shorten(notebook)}: no notebook of this name has parameters."
            f"{suggest(notebook, SCHEMAS)} Known: {', '.join(sorted(SCHEMAS))}."
        )
    return SCHEMAS[notebook]


def _schema_of(mapping: Mapping[str, Any], where: str) -> type[StudyParameters]:
    known = ", ".join(sorted(SCHEMAS))
    if "notebook" not in mapping:
        near = suggest("notebook", [name for name in mapping if isinstance(name, str)])
        hint = f" {near.strip().replace('Did you mean', 'Is it')}" if near else ""
        raise ParameterError(f"{where}: notebook is missing.{hint} Give one of: {known}.")
    notebook = mapping["notebook"]
    if not isinstance(notebook, str) or notebook not in SCHEMAS:
        faults = find_value_faults("notebook", notebook)
        shown = faults[0] if faults else f"notebook: given {show_value(notebook)}"
        near = suggest(notebook, SCHEMAS) if isinstance(notebook, str) else ""
        raise ParameterError(f"{where}: {shown}.{near} Allowed: {known}.")
    return SCHEMAS[notebook]


def _try(
    schema: type[StudyParameters], plain: dict[str, Any]
) -> tuple[StudyParameters | None, list[ErrorDetails]]:
    try:
        return schema.model_validate(plain), []
    except ValidationError as fault:
        return None, fault.errors(include_url=False)


def _broken_rules(
    schema: type[StudyParameters], plain: dict[str, Any], wrong: set[Any]
) -> list[str]:
    """Apply the rules to the values that are right by themselves, defaults among them."""
    defaults = {
        name: field.default
        for name, field in schema.model_fields.items()
        if not field.is_required()
    }
    right = {name: item for name, item in {**defaults, **plain}.items() if name not in wrong}
    notebook = str(plain["notebook"])
    return [line for rule in rules_of(notebook) for line in rule(right)]


def _describe_error(error: ErrorDetails, json_schema: Schema) -> str:
    place = error["loc"]
    name = _name_place(place)
    if error["type"] in ("extra_forbidden", "invalid_key"):
        known = find_schema(json_schema, place[:-1]).get("properties", {})
        return f"{name}: no parameter has this name.{suggest(str(place[-1]), known)}"
    if place[-1] == "[key]":
        naming = find_schema(json_schema, place[:-2]).get("propertyNames", {})
        return (
            f"{_name_place(place[:-2])}: a name in it is {show_value(error['input'])}. "
            f"Allowed: {describe_allowed(naming)}."
        )
    allowed = describe_allowed(find_schema(json_schema, place))
    if error["type"] == "missing":
        return f"{name}: missing. Give {allowed}."
    reason = f"; {error['ctx']['error']}" if error["type"] == "value_error" else ""
    return f"{name}: given {_show(str(place[0]), error['input'])}{reason}. Allowed: {allowed}."


def _show(name: str, value: object) -> str:
    """Show a value, but not where a password may stand in it."""
    hidden = (words for ending, words in _SECRET.items() if name.endswith(ending))
    return next(hidden, None) or show_value(value)


def _name_place(place: tuple[int | str, ...]) -> str:
    steps = [
        f"entry {step + 1}" if isinstance(step, int) else shorten(step)
        for step in place
        if step != "[key]"
    ]
    return ", ".join(steps)


def _is_parameter(name: object, value: object) -> bool:
    if not isinstance(name, str) or name.startswith("_") or name in ("In", "Out"):
        return False
    return is_plain(value)


def _error(where: str, lines: list[str], advice: str) -> ParameterError:
    count = len(lines)
    shown = "\n".join(f"  {line}" for line in lines[:_MOST_FAULTS])
    more = f"\n  and {count - _MOST_FAULTS} more" if count > _MOST_FAULTS else ""
    end = f"\n{advice}" if advice else ""
    return ParameterError(
        f"{where}: {count} {'fault' if count == 1 else 'faults'} in the parameters. Mend each, "
        f"then run again.\n{shown}{more}{end}"
    )
