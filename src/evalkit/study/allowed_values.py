"""Say in plain words what a parameter may be, read off its schema."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_FORMATS = {
    "name": "a name: small letters, digits and _, a letter first, 60 at most",
    "line": "one line of text, 1 to 600 characters",
    "query": "a table or a SELECT, 1 to 4000 characters",
    "path": "a path inside the project, or {data_root}/ and a path inside the data folder",
    "column": "the name of a column, 1 to 200 characters",
    "day": 'a date in quotes, as "2026-01-31"',
}
_SHORT_FORMATS = {
    "name": "name",
    "line": "text",
    "query": "text",
    "path": "path",
    "column": "column",
    "day": "date",
}
_KINDS = {"integer": "whole number", "number": "number", "boolean": "true or false"}


@cache
def make_json_schema(model: type[BaseModel]) -> Schema:
    """Give the model's JSON schema with each reference replaced by what it refers to."""
    whole = model.model_json_schema()
    return {key: _expand(part, whole.get("$defs", {})) for key, part in whole.items()}


def find_schema(schema: Schema, place: Sequence[str | int]) -> Schema:
    """Follow a place such as ("co_production", 0, "stage") into a schema; {} if it leads out."""
    for step in place:
        schema = _without_null(schema)
        if isinstance(step, int):
            schema = schema.get("items", {})
        elif "properties" in schema:
            schema = schema["properties"].get(step, {})
        elif step != "[key]":
            schema = next(iter(schema.get("patternProperties", {}).values()), {})
    return schema


def describe_allowed(schema: Schema) -> str:
    """Say in a message what may stand here: `a whole number from 0 to 8`."""
    return _or_null(schema, _describe(_without_null(schema), _FORMATS, "a "))


def describe_type(schema: Schema) -> str:
    """Say in a table what may stand here, in few words: `whole number, 0 to 8`."""
    return _or_null(schema, _describe(_without_null(schema), _SHORT_FORMATS, ""))


def _describe(schema: Schema, formats: dict[str, str], article: str) -> str:
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kind = schema.get("type")
    if kind in _KINDS:
        return f"{article if kind != 'boolean' else ''}{_KINDS[kind]}{_bounds(schema)}"
    if kind == "array":
        most = f", {schema['maxItems']} at most" if "maxItems" in schema else ""
        least = ", not empty" if schema.get("minItems") else ""
        return f"{article}list of {_plural(schema.get('items', {}))}{most}{least}"
    if kind == "object":
        if "properties" in schema:
            return f"{article}mapping with {', '.join(schema['properties'])}"
        held: Schema = next(iter(schema.get("patternProperties", {}).values()), {})
        lists = held.get("type") == "array"
        return f"{article}mapping of {'choice: list of values' if lists else 'role: column'}"
    return formats.get(schema.get("format", ""), "text")


def _plural(items: Schema) -> str:
    if "properties" in items:
        return "entries with " + ", ".join(items["properties"])
    return {"name": "names", "line": "texts"}.get(items.get("format", ""), "values")


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {_number(low)} to {_number(high)}"
    if "exclusiveMinimum" in schema:
        return f" above {_number(schema['exclusiveMinimum'])}"
    return f" from {_number(low)}" if low is not None else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _without_null(schema: Schema) -> Schema:
    choices = schema.get("anyOf", [])
    return next((choice for choice in choices if choice.get("type") != "null"), schema)


def _or_null(schema: Schema, words: str) -> str:
    nullable = any(choice.get("type") == "null" for choice in schema.get("anyOf", []))
    return f"{words}, or null" if nullable else words


def _expand(part: Any, definitions: Schema) -> Any:
    if isinstance(part, list):
        return [_expand(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _expand(definitions[part["$ref"].removeprefix("#/$defs/")], definitions)
    return {key: _expand(value, definitions) for key, value in part.items()}
