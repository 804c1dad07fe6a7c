"""Parameters of `notebooks/journey.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class Journey(TopicStudy):
    """Where along the journey, and in which facet, is experience good or poor?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "items": SourceRoles(
            "what each question asks, and where on the journey",
            {
                "item": "text",
                "wording": "text",
                "facet": "label",
                "touchpoint": "label",
                "options": "label",
                "always_event": "yes_no",
            },
            needed=("item", "wording", "facet", "touchpoint"),
            one_row_per=("item",),
        ),
        "answers": SourceRoles(
            "people's answers, one row each",
            {"unit": "text", "period": "period", "respondent": "label"},
            needed=("unit",),
            others="item",
            optional=True,
        ),
        "scores": SourceRoles(
            "units' scores of questions, 0 to 10",
            {
                "unit": "text",
                "period": "period",
                "item": "text",
                "score": "score",
                "base": "count",
            },
            needed=("unit", "item", "score", "base"),
            optional=True,
        ),
        "emotions": SourceRoles(
            "the emotional map, one row a mark",
            {
                "participant": "text",
                "role": "label",
                "touchpoint": "label",
                "valence": "number",
                "consent": "label",
            },
            needed=("participant", "role", "touchpoint", "valence", "consent"),
            optional=True,
        ),
    }

    notebook: Literal["journey"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    respondent: Line | None = Field(
        default=None,
        description="whose answers count, as written under respondent; never patients and those "
        "who answered for them together; null where nobody answered for others",
    )
    fewest: int = Field(
        default=30, ge=5, le=1000, description="fewest answers for which a question is scored"
    )
    always_target: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="target of Always Events, per cent; null for none",
    )
    audience: Literal["internal", "board", "public"] = Field(
        default="public",
        description="who will read the page: a mark on the emotional map counts if its maker "
        "agreed to them",
    )
