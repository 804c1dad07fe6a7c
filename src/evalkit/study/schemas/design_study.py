"""What a study of an intervention says, whatever its design: outcome, data, and how sure."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Columns, Line, Name, Path, Profile, Query, StudyParameters

RoleKind = Literal[
    "code",
    "text",
    "label",
    "free_text",
    "day",
    "period",
    "start",
    "score",
    "percentage",
    "events",
    "count",
    "item",
    "number",
    "yes_no",
]
"""What a role's column must hold.

`start` is a period, or empty where nothing ever started; `label` a category; `free_text` what
people wrote; `day` a date; `item` the number of an answer's option, empty where none was given.
"""

OUTCOME_KINDS: dict[str, RoleKind] = {
    "score": "score",
    "percentage": "percentage",
    "count": "events",
    "number": "number",
    "yes_no": "yes_no",
}


class DesignStudy(StudyParameters):
    """Parameters that every design shares; a design's own class adds its roles and choices.

    `ROLES` names the roles that a design reads beside those that all read, and what kind of
    column each needs; those in `NEEDED` must be mapped. `ROWS` says what one row of the data is:
    `panel` (one a unit and period) or `people` (one an answer, of which a unit and period may
    have many). `FEWEST_UNITS` is how many units there must be. `CHOICES` are the design's own
    parameters that may have alternatives. `CLUSTERED` says whether errors rest on clusters that
    vary independently, so that leaving some out shows how estimates move together. `POOLED` says
    whether sites may each be a study of their own (`pool_by`), `GROUPED` whether subgroups are
    estimated, `TRIED_ON_OTHERS` whether it is tried on placebo outcomes. A design that is
    `AVERAGED` reads a panel only, and people's answers are first made one
    (`data/unit_periods.py`).
    """

    ROLES: ClassVar[dict[str, RoleKind]] = {}
    NEEDED: ClassVar[tuple[str, ...]] = ()
    ROWS: ClassVar[tuple[str, ...]] = ("panel",)
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ()
    FEWEST_UNITS: ClassVar[int] = 2
    CHOICES: ClassVar[tuple[str, ...]] = ()
    CLUSTERED: ClassVar[bool] = True
    POOLED: ClassVar[bool] = False
    GROUPED: ClassVar[bool] = True
    TRIED_ON_OTHERS: ClassVar[bool] = True
    AVERAGED: ClassVar[bool] = False

    intervention_name: Line = Field(description="what was changed, in plain words")
    outcome_name: Line = Field(description="the outcome, in plain words")
    outcome_unit: Line = Field(description="unit of the outcome, in the plural")
    outcome_facet: Literal["relational", "functional", "felt", "overall"] = Field(
        description="which part of experience the outcome measures"
    )
    outcome_kind: Literal["score", "percentage", "count", "number", "yes_no"] = Field(
        default="score",
        description="score 0 to 10; percentage 0 to 100; count of events; number; yes_no answers",
    )
    outcome_better: Literal["higher", "lower"] = Field(
        default="higher", description="which direction of the outcome is the better one"
    )
    rate_per: float = Field(
        default=1000.0,
        gt=0,
        description="a count with an outcome_base is compared as events per so many of it",
    )
    minimum_important_difference: float = Field(
        gt=0, description="smallest difference in the outcome that would matter to people"
    )
    adjust_for: list[Name] = Field(default=[], description="roles of measured causes to hold fixed")
    placebo_outcomes: list[Name] = Field(
        default=[], description="roles of outcomes that the intervention cannot have moved"
    )
    subgroups: list[Name] = Field(
        default=[], max_length=6, description="roles of yes/no columns to compare, six at most"
    )
    multiplicity: Literal["holm", "romano_wolf"] = Field(
        default="holm",
        description="how p-values of several facets or subgroups are adjusted: holm; romano_wolf, "
        "by how they move together over clusters",
    )
    pool_by: Name | None = Field(
        default=None,
        description="role of a column that names sites, each then a study of its own, pooled; "
        "null for none",
    )
    only: dict[Name, Line] = Field(
        default={}, description="role: value, for the rows to read; {} for all rows"
    )
    confidence_level: float = Field(
        default=0.95, ge=0.5, le=0.999, description="level of every interval"
    )
    periods: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="periods to use, for example ['2021', '2022']; null for all",
    )
    alternatives: dict[Name, Annotated[list[Any], Field(min_length=1)]] = Field(
        default={},
        description="choices that the plan allows besides its own, by name; "
        "outcome lists facets, leave_out yes/no roles whose rows are left out",
    )
    data_rows: Literal["panel", "people"] = Field(
        default="panel", description="panel: a row a unit and period; people: a row an answer"
    )
    data_layout: Literal["table"] = Field(default="table", description="layout of the data")
    data_file: Path | None = Field(default=None, description="file of results")
    data_connection: Name | None = Field(
        default=None, description="name of a database connection, in place of a file"
    )
    data_query: Query | None = Field(
        default=None, description="table or SELECT to read over the connection"
    )
    data_profile: Profile = Field(description="disclosure rules of the results")
    data_columns: Columns = Field(description="role: column, for the results")
    draws: int = Field(
        default=999, ge=99, le=99999, description="resamples or permutations, where a method draws"
    )
    seed: int = Field(ge=0, le=2**32 - 1, description="seed of every random draw")

    @property
    def table_rows(self) -> Literal["panel", "people"]:
        """What one row of the design's table is, once it is made."""
        return "panel" if self.AVERAGED else self.data_rows
