"""Choices of designs that may read answers as a survey drew them, or fill in what is missing."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Name
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class SurveyedStudy(DesignStudy):
    """Parameters that a design has beside its own where it knows of surveys and missing answers.

    `DRAWN` are the roles that say how a survey drew its people, to be put into `ROLES`.
    """

    DRAWN: ClassVar[dict[str, RoleKind]] = {"stratum": "label", "sampling_unit": "label"}

    single_unit_strata: Literal["refuse", "adjust", "certainty"] = Field(
        default="refuse",
        description="strata with one sampling unit: refuse; adjust, by its distance from the mean "
        "of all; certainty, as if drawn for certain, adding nothing",
    )
    missing_data: Literal["complete_rows", "multiple_imputation"] = Field(
        default="complete_rows",
        description="rows that lack a value: left out, or filled in several times over (people's "
        "answers only)",
    )
    imputed_from: list[Name] = Field(
        default=[],
        description="roles of further columns that multiple_imputation fills in from, beside those "
        "of the analysis",
    )
    imputations: int = Field(
        default=20, ge=2, le=200, description="how many times multiple_imputation fills in"
    )
