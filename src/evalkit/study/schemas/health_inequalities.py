"""Parameters of `notebooks/health_inequalities.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class HealthInequalities(TopicStudy):
    """Who has the poorest experience, and does the intervention close the gap?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "answers": SourceRoles(
            "people's answers",
            {
                "unit": "text",
                "provider": "text",
                "period": "period",
                "outcome": "number",
                "relational": "number",
                "functional": "number",
                "felt": "number",
                "deprivation_decile": "number",
                "imd_version": "label",
                "ethnic_group": "label",
                "age_band": "label",
                "sex": "label",
                "carer": "label",
                "disability": "label",
                "plus_group": "label",
                "clinical_area": "label",
                "weight": "number",
            },
            needed=("unit", "outcome", "deprivation_decile"),
        ),
        "units": SourceRoles(
            "when each unit began",
            {"unit": "text", "start": "start"},
            needed=("unit", "start"),
            optional=True,
            one_row_per=("unit",),
        ),
        "eligible": SourceRoles(
            "everybody who could have answered",
            {
                "provider": "text",
                "period": "period",
                "deprivation_decile": "number",
                "ethnic_group": "label",
                "age_band": "label",
                "sex": "label",
                "people": "events",
            },
            needed=("people",),
            optional=True,
        ),
    }

    notebook: Literal["health_inequalities"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    imd_version: Literal["2019", "2025"] = Field(
        description="edition of the Index of Multiple Deprivation; editions are never mixed"
    )
    row_name: Line = Field(default="answer", description="what one row is, in the singular")
    outcome_facet: Literal["relational", "functional", "felt", "overall"] = Field(
        default="overall", description="which part of experience the outcome measures"
    )
    outcome_better: Literal["higher", "lower"] = Field(
        default="higher", description="which direction of the outcome is the better one"
    )
    outcome_least: float = Field(default=0.0, description="least value that the outcome can take")
    outcome_most: float = Field(default=10.0, description="greatest value of the outcome")
    plus_chosen_by: Line | None = Field(
        default=None, description="who chose the PLUS groups here, and when; null where none are"
    )
    strata: list[Literal["deprivation", "ethnic_group", "age_band", "sex"]] = Field(
        default=["deprivation", "ethnic_group", "sex"],
        max_length=4,
        description="characteristics whose combinations are looked at together",
    )
    fewest: int = Field(default=30, ge=5, description="fewest rows of a group to estimate it")
