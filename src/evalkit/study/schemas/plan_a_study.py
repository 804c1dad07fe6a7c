"""Parameters of `notebooks/plan_a_study.ipynb`."""

from typing import Annotated, Literal

from pydantic import Field

from evalkit.study.fields import Columns, Line, Name, Path, Profile, Query, StudyParameters

Design = Literal[
    "before_after",
    "difference_in_differences",
    "staggered_adoption",
    "interrupted_time_series",
    "stepped_wedge",
    "synthetic_control",
    "dose_response",
    "mediation",
    "regression_discontinuity",
    "weighted_comparison",
]


class PlanAStudy(StudyParameters):
    """A study that is still to be done, in assumed values; past data take the place of some."""

    notebook: Literal["plan_a_study"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    design: Design = Field(description="design that the study is to have")
    intervention_name: Line = Field(description="what is to be changed, in plain words")
    outcome_name: Line = Field(description="the outcome, in plain words")
    outcome_unit: Line = Field(description="unit of the outcome, in the plural")
    outcome_facet: Literal["relational", "functional", "felt", "overall"] = Field(
        description="which part of experience the outcome measures"
    )
    outcome_kind: Literal["score", "percentage", "number", "count", "yes_no"] = Field(
        default="score",
        description="score 0 to 10; percentage 0 to 100; number; with past data also count of "
        "events and yes_no answers",
    )
    minimum_important_difference: float = Field(
        gt=0, description="smallest difference in the outcome that would matter to people"
    )
    allocation: Literal["random", "not_random"] = Field(
        description="whether a lot decides which units have it, or when"
    )
    unit_name: Line = Field(description="what one unit is, in the singular: ward, practice, trust")
    period_name: Literal["month", "quarter", "year"] = Field(description="what one period is")
    units: int = Field(ge=1, le=2000, description="units in the study, with and without it")
    treated_units: int | None = Field(
        default=None,
        ge=1,
        le=2000,
        description="units that have it, or come to have it; null for all, or where each has more "
        "or less of it",
    )
    periods: int = Field(ge=1, le=240, description="periods in the study, before and after")
    periods_before: int | None = Field(
        default=None,
        ge=1,
        le=240,
        description="periods before the start, or the first start; null where a design has none",
    )
    steps: int = Field(
        default=1, ge=1, le=60, description="groups of units that start one after the other"
    )
    periods_per_step: int = Field(
        default=1, ge=1, le=60, description="periods from one group's start to the next one's"
    )
    people: int | None = Field(
        default=None,
        ge=1,
        le=1000000,
        description="answers in each unit and period; null where past data say how many",
    )
    person_sd: float | None = Field(
        default=None,
        gt=0,
        description="spread of all answers (standard deviation); null where past outcomes are "
        "given and it is not known",
    )
    unit_sd: float | None = Field(
        default=None, ge=0, description="spread of units' lasting levels; null if icc is given"
    )
    drift_sd: float | None = Field(
        default=None,
        ge=0,
        description="spread of units' own ups and downs over time; null if cac is given",
    )
    icc: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="correlation of two answers of a unit in one period; null if unit_sd is given",
    )
    cac: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="share of icc that lasts from period to period; null if drift_sd is given",
    )
    drift_correlation: float | None = Field(
        default=0.0,
        ge=0,
        le=0.99,
        description="correlation of a unit's ups and downs with those of the period before; null "
        "where past outcomes say it",
    )
    period_sd: float | None = Field(
        default=0.0,
        ge=0,
        description="spread of what each period brings to all units alike; null where past "
        "outcomes say it",
    )
    dose_sd: float | None = Field(
        default=None,
        gt=0,
        description="spread over time, within a unit, of the dose or exposure; null for other "
        "designs",
    )
    dose_step: float | None = Field(
        default=None,
        gt=0,
        description="difference in the dose or exposure that effects are for; null for others",
    )
    mediator_correlation: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="correlation within units of exposure and mediator; null but for mediation",
    )
    group_difference: float | None = Field(
        default=None,
        ge=0,
        le=3,
        description="distance of the groups in a measured cause, in its standard deviations; null "
        "but for weighted_comparison",
    )
    data_rows: Literal["panel", "people"] = Field(
        default="panel", description="panel: a row a unit and period; people: a row an answer"
    )
    data_layout: Literal["table"] = Field(default="table", description="layout of the past data")
    data_file: Path | None = Field(
        default=None,
        description="file of past data, from which unequal units, gaps and outcomes are taken; "
        "null to assume them",
    )
    data_connection: Name | None = Field(
        default=None, description="name of a database connection, in place of a file"
    )
    data_query: Query | None = Field(
        default=None, description="table or SELECT to read over the connection"
    )
    data_until: Line | None = Field(
        default=None,
        description="last period of the past data to use, as in the data; null for all",
    )
    data_profile: Profile | None = Field(
        default=None, description="disclosure rules of the past data; null without any"
    )
    data_columns: Columns = Field(
        default={},
        description="role: column, for the past data: unit, period, and where known outcome, "
        "outcome_base, cluster, treated or first_treated",
    )
    confidence_level: float = Field(
        default=0.95, ge=0.5, le=0.999, description="level of every interval"
    )
    power_wanted: float = Field(
        default=0.8, ge=0.5, le=0.99, description="how often the study is to find what matters"
    )
    effects: list[Annotated[float, Field(gt=0)]] = Field(
        min_length=1, max_length=12, description="true differences to try, six or so"
    )
    numbers_of_units: list[Annotated[int, Field(ge=1, le=2000)]] = Field(
        min_length=1, max_length=6, description="numbers of units to try, six at most"
    )
    simulations: int = Field(
        default=300, ge=50, le=20000, description="made-up studies for each number of units"
    )
    seed: int = Field(ge=0, le=2**32 - 1, description="seed of every random draw")
