"""What a study says that asks of the data themselves: its sources, each with roles of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import Field, create_model

from evalkit.study.fields import Columns, Line, Name, Path, Profile, Query, StudyParameters
from evalkit.study.schemas.design_study import RoleKind


@dataclass(frozen=True, slots=True)
class SourceRoles:
    """One source of a topic: what it holds, its roles and their kinds, and which must be mapped.

    `others` is the kind of any further role that `<source>_columns` names, the items of a
    questionnaire for one; None where there are none. A source that is `optional` may be left out.
    No two rows may agree in the roles of `one_row_per`.
    """

    title: str
    roles: Mapping[str, RoleKind]
    needed: tuple[str, ...]
    others: RoleKind | None = None
    optional: bool = False
    one_row_per: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ("table",)

    def kind_of(self, role: str) -> RoleKind | None:
        """Return the kind of column that a role needs; None for one that is not read."""
        return self.roles.get(role, self.others)


class TopicStudy(StudyParameters):
    """Parameters of every study that is no design; its own class names its sources and choices."""

    SOURCES: ClassVar[Mapping[str, SourceRoles]] = {}

    intervention_name: Line | None = Field(
        default=None, description="what was changed, in plain words; null where nothing was"
    )
    outcome_name: Line = Field(description="what is measured, in plain words")
    outcome_unit: Line = Field(description="unit of it, in the plural")
    minimum_important_difference: float | None = Field(
        default=None, gt=0, description="smallest difference that would matter; null for none"
    )
    confidence_level: float = Field(
        default=0.95, ge=0.5, le=0.999, description="level of every interval"
    )
    periods: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="periods to use, for example ['2021', '2022']; null for all",
    )
    draws: int = Field(
        default=999, ge=99, le=99999, description="resamples or permutations, where a method draws"
    )
    seed: int = Field(ge=0, le=2**32 - 1, description="seed of every random draw")


Topic = TypeVar("Topic", bound=TopicStudy)


def with_sources(schema: type[Topic]) -> type[Topic]:
    """Give a topic's class the parameters of each of its sources: file, rules, columns."""
    fields: dict[str, Any] = {}
    for source, roles in schema.SOURCES.items():
        fields |= _fields_of(source, roles)
    made: type[Topic] = create_model(
        schema.__name__,
        __base__=schema,
        __module__=schema.__module__,
        __doc__=schema.__doc__,
        **fields,
    )
    return made


def _fields_of(source: str, roles: SourceRoles) -> dict[str, Any]:
    """Return the six parameters of a source, with their types and descriptions."""
    title = roles.title
    file = f"file of {title}" + ("; null where there is none" if roles.optional else "")
    connection = "name of a database connection, in place of a file"
    query = "table or SELECT to read over the connection"
    columns, profile = f"role: column, for {title}", f"disclosure rules of {title}"
    unmapped: Any = {"default": {}} if roles.optional else {}
    return {
        f"{source}_layout": (
            Literal[roles.layouts],
            Field(default=roles.layouts[0], description=f"layout of {title}"),
        ),
        f"{source}_file": (Path | None, Field(default=None, description=file)),
        f"{source}_connection": (Name | None, Field(default=None, description=connection)),
        f"{source}_query": (Query | None, Field(default=None, description=query)),
        f"{source}_profile": (Profile, Field(description=profile)),
        f"{source}_columns": (Columns, Field(description=columns, **unmapped)),
    }
