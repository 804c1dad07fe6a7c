"""Parameters of `notebooks/unpaid_carers.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line, Name
from evalkit.study.schemas.design_study import RoleKind
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources

_SACE: dict[str, RoleKind] = {
    "sace_occupation": "item",
    "sace_control": "item",
    "sace_personal_care": "item",
    "sace_safety": "item",
    "sace_social": "item",
    "sace_encouragement": "item",
}
_CARERQOL: dict[str, RoleKind] = {f"carerqol_{number}": "item" for number in range(1, 8)}


@with_sources
class UnpaidCarers(TopicStudy):
    """Are unpaid carers identified, supported, better off?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "carers": SourceRoles(
            "carers' answers, one row a carer and wave",
            {
                "dyad": "text",
                "unit": "text",
                "period": "period",
                "wave": "text",
                "status": "label",
                "offered": "yes_no",
                "hours_band": "label",
                "hours": "number",
                "age_band": "label",
                "sex": "label",
                "ethnic_group": "label",
                "deprivation_decile": "number",
                **_SACE,
                **_CARERQOL,
                "happiness": "score",
                "identified": "label",
                "patient_overall": "score",
            },
            needed=("dyad", "unit", *_SACE),
            one_row_per=("dyad", "wave"),
        ),
        "answers": SourceRoles(
            "patients' answers, which say who is a carer",
            {
                "unit": "text",
                "provider": "text",
                "period": "period",
                "outcome": "score",
                "carer": "label",
            },
            needed=("unit", "period", "outcome", "carer"),
            optional=True,
        ),
        "units": SourceRoles(
            "when each unit of the patients' answers began",
            {"unit": "text", "start": "start"},
            needed=("unit", "start"),
            optional=True,
            one_row_per=("unit",),
        ),
        "population": SourceRoles(
            "carers recorded, people, and the census share of carers among them",
            {"group": "text", "recorded": "events", "people": "events", "carer_share": "number"},
            needed=("group", "recorded", "people", "carer_share"),
            optional=True,
            one_row_per=("group",),
        ),
        "tariff": SourceRoles(
            "values of the CarerQol's levels, which their owner licenses",
            {"item": "text", "level": "item", "value": "number"},
            needed=("item", "level", "value"),
            optional=True,
            one_row_per=("item", "level"),
        ),
    }

    notebook: Literal["unpaid_carers"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    estimand_for: Literal["while_caring", "treatment_policy"] = Field(
        description="whose quality of life answers the question: of those who still care at the "
        "second wave, or of all asked at the first, whatever became of their caring"
    )
    moderators: list[Literal["long_hours", "most_deprived", "older"]] = Field(
        default=["long_hours", "most_deprived", "older"],
        max_length=3,
        description="carers for whom the effect may differ: 35 hours or more a week, the most "
        "deprived fifth of areas, 66 years or older",
    )
    lost_shift: float = Field(
        default=1.0,
        gt=0,
        description="points by which those lost with the programme may have fared worse or better "
        "than others like them; the answer must stand up to it",
    )
    imputations: int = Field(
        default=20, ge=5, le=200, description="times that answers of those lost are filled in"
    )
    fewest: int = Field(default=20, ge=5, description="fewest carers of a group to estimate it")
    tariff_described: dict[Name, Line] = Field(
        default={},
        description="whose CarerQol values these are: country, version, dated, licence, citation",
    )
