"""What a topic's parameters must be together: sources given, roles known and mapped."""

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.study.matching import suggest
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy

Values = Mapping[str, Any]


def sources_named(notebook: str) -> Mapping[str, SourceRoles]:
    """Return the sources of a topic's notebook; none of another notebook."""
    schema = SCHEMAS[notebook]
    return schema.SOURCES if issubclass(schema, TopicStudy) else {}


def check_topic_sources(values: Values) -> Iterator[str]:
    """Require the roles that a given source cannot do without; refuse one that is never read."""
    for source, roles in sources_named(str(values["notebook"])).items():
        name = f"{source}_columns"
        if name in values and _is_given(source, values):
            yield from _check_roles(name, roles, values[name])


def _is_given(source: str, values: Values) -> bool:
    return any(values.get(f"{source}_{part}") is not None for part in ("file", "connection"))


def _check_roles(name: str, roles: SourceRoles, mapped: Mapping[str, str]) -> Iterator[str]:
    missing = [role for role in roles.needed if role not in mapped]
    if missing:
        yield f"{name}: no column is given for {', '.join(missing)}. Add `role: column`."
    for role in mapped:
        if roles.kind_of(role) is None:
            yield f"{name}: {role} is no role of {roles.title}.{suggest(role, sorted(roles.roles))}"
