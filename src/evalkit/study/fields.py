"""What every study says of itself, and the types that its parameters may have."""

import datetime
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evalkit.study.data_paths import find_path_fault


def _path_that_stays_inside(written: str) -> str:
    fault = find_path_fault(written)
    if fault:
        raise ValueError(fault)
    return written


def _day_of_the_calendar(written: str) -> str:
    datetime.date.fromisoformat(written)
    return written


Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", json_schema_extra={"format": "name"})
]
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=600,
        pattern=r"^[^\n\t]*\S[^\n\t]*$",
        json_schema_extra={"format": "line"},
    ),
]
Query = Annotated[
    str,
    Field(min_length=1, max_length=4000, pattern=r"\S", json_schema_extra={"format": "query"}),
]
Path = Annotated[
    str,
    Field(min_length=1, max_length=300, json_schema_extra={"format": "path"}),
    AfterValidator(_path_that_stays_inside),
]
Column = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"\S", json_schema_extra={"format": "column"}),
]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "day"}),
    AfterValidator(_day_of_the_calendar),
]
Columns = dict[Name, Column]
Profile = Literal["fft", "hes", "gpps", "staff", "cqc_survey", "tre10", "gss_default", "opensafely"]


FACETS = ("relational", "functional", "felt")

TOUCHPOINTS = {
    "T01": "Recognising need and first contact",
    "T02": "Referral and booking",
    "T03": "Waiting",
    "T04": "Arrival and reception",
    "T05": "Assessment and diagnosis",
    "T06": "Decision and consent",
    "T07": "Treatment and stay",
    "T08": "Medicines and pain",
    "T09": "Transfer and handover",
    "T10": "Discharge",
    "T11": "Follow-up and long-term support",
    "T12": "End of life and bereavement",
}
"""Moments of care, from first contact to the end of life."""

Stage = Literal[
    "question",
    "outcome",
    "design",
    "measure",
    "data",
    "analysis",
    "interpretation",
    "dissemination",
]
STAGES: tuple[str, ...] = get_args(Stage)
"""The stages of an evaluation, from the earliest."""


class Decision(BaseModel):
    """One entry of the decision log: who proposed and who decided what, and what came of it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    decision_id: Name
    date: Day
    stage: Stage
    proposed_by: Line
    decided_by: list[Line]
    lived_experience_position: Line
    professional_position: Line
    outcome: Literal["adopted", "adapted", "declined", "deferred"]
    reason: Line


class StudyParameters(BaseModel):
    """What every study says of itself, whatever its notebook."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    study: Name = Field(description="name of the study, and of the folder that holds its results")
    notebook: Name = Field(description="notebook in notebooks/ that answers it, without .ipynb")
    title: Line = Field(description="title of the report")
    question: Line = Field(description="the question, as a commissioner would ask it")
    population: Line = Field(description="whom the answer is about")
    estimand: Line = Field(description="what is estimated, in one sentence")
    co_production: list[Decision] = Field(
        description="decision log: who co-produced the study and what they decided"
    )
