"""Parameters of the study that asks whether staff wellbeing comes first."""

from typing import Literal

from pydantic import Field

from evalkit.study.fields import Columns, Line, Name, Path, Profile, Query, StudyParameters


class StaffWellbeing(StudyParameters):
    """Parameters of `notebooks/staff_wellbeing.ipynb`: does better staff wellbeing come first?"""

    notebook: Literal["staff_wellbeing"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    exposure_name: Line = Field(description="what is measured of staff, in plain words")
    exposure_unit: Line = Field(description="unit of the staff measure, in the plural")
    exposure_better: Literal["higher", "lower"] = Field(
        description="which direction of the staff measure is the better one"
    )
    exposure_kind: Literal["score", "percentage"] = Field(
        description="score: a mean over people; percentage: a share of people, 0-100"
    )
    exposure_person_sd: float | None = Field(
        default=None, gt=0, description="spread between people of a staff score; null if unknown"
    )
    exposure_step: float = Field(gt=0, description="difference in the staff measure to report for")
    mediator_name: Line | None = Field(
        default=None, description="what may carry the effect, in plain words; null for none"
    )
    mediator_kind: Literal["score", "percentage"] = Field(
        default="percentage", description="score or percentage, as for the staff measure"
    )
    mediator_noise_correlation: float = Field(
        default=0.0,
        ge=-1,
        le=1,
        description="correlation over people of staff measure and mediator; both share answers",
    )
    mediator_person_sd: float | None = Field(
        default=None, gt=0, description="spread between people of a mediator score; null if unknown"
    )
    outcome_name: Line = Field(description="the patients' outcome, in plain words")
    outcome_unit: Line = Field(description="unit of the outcome, in the plural")
    outcome_facet: Literal["relational", "functional", "felt", "overall"] = Field(
        description="which part of experience the primary outcome measures"
    )
    outcome_person_sd: float | None = Field(
        default=None, gt=0, description="spread between patients of the outcome; null if unknown"
    )
    primary_analysis: Literal["within", "first_difference"] = Field(
        description="the estimate that answers the question: within trusts, or change on change"
    )
    exposure_lag: int = Field(ge=0, le=8, description="periods by which staff come before patients")
    adjust_for: list[Name] = Field(description="roles of measured causes that move with time")
    minimum_important_difference: float = Field(
        gt=0, description="smallest difference in the outcome that would matter to people"
    )
    subgroups: list[Name] = Field(
        max_length=6, description="roles of yes/no columns to compare, six at most"
    )
    confidence_level: float = Field(
        default=0.95, ge=0.5, le=0.999, description="level of every interval"
    )
    periods: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="periods to use, for example ['2021', '2022']; null for all",
    )
    staff_layout: Literal["table", "nhs_staff_survey"] = Field(
        default="table", description="table: rows of trust and period; or the official layout"
    )
    staff_file: Path | None = Field(default=None, description="file of staff results")
    staff_connection: Name | None = Field(
        default=None, description="name of a database connection, in place of a file"
    )
    staff_query: Query | None = Field(
        default=None, description="table or SELECT to read over the connection"
    )
    staff_profile: Profile = Field(description="disclosure rules of the staff results")
    staff_columns: Columns = Field(description="role: column, for the staff results")
    patient_layout: Literal["table", "cqc_adult_inpatient"] = Field(
        default="table", description="table: rows of trust and period; or the official layout"
    )
    patient_file: Path | None = Field(default=None, description="file of patient results")
    patient_connection: Name | None = Field(
        default=None, description="name of a database connection, in place of a file"
    )
    patient_query: Query | None = Field(
        default=None, description="table or SELECT to read over the connection"
    )
    patient_profile: Profile = Field(description="disclosure rules of the patient results")
    patient_columns: Columns = Field(description="role: column, for the patient results")
    bootstrap_draws: int = Field(
        default=999, ge=99, le=99999, description="resamples of trusts for mediation"
    )
    seed: int = Field(ge=0, le=2**32 - 1, description="seed of every random draw")
