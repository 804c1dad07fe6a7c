"""Parameters of `notebooks/co_production.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources

_GROUPS = {
    "deprivation_decile": "number",
    "ethnic_group": "label",
    "age_band": "label",
    "sex": "label",
    "carer": "label",
    "disability": "label",
}


@with_sources
class CoProduction(TopicStudy):
    """Who decided what, and did it matter?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "decisions": SourceRoles(
            "the log of decisions, one row each",
            {
                "decision": "text",
                "date": "day",
                "stage": "label",
                "subject": "label",
                "proposed_by": "label",
                "decided_by_lived_experience": "yes_no",
                "decided_by_staff": "yes_no",
                "decided_by_leaders": "yes_no",
                "lived_experience_position": "label",
                "staff_position": "label",
                "leaders_position": "label",
                "outcome": "label",
                "reason": "free_text",
                "paid_hours": "number",
                "rate": "number",
                "unit": "text",
            },
            needed=(
                *("decision", "date", "stage", "subject", "proposed_by"),
                *("decided_by_lived_experience", "decided_by_staff", "decided_by_leaders"),
                *("lived_experience_position", "staff_position", "leaders_position"),
                *("outcome", "reason", "paid_hours", "rate"),
            ),
            one_row_per=("decision",),
        ),
        "partners": SourceRoles(
            "lived-experience partners, one row each",
            {"partner": "text", **_GROUPS},  # type: ignore[dict-item]
            needed=("partner",),
            optional=True,
            one_row_per=("partner",),
        ),
        "served": SourceRoles(
            "the people served",
            {**_GROUPS, "people": "events"},  # type: ignore[dict-item]
            needed=(),
            optional=True,
        ),
        "ratings": SourceRoles(
            "ratings of the values and steps, by both sides",
            {
                "rater": "text",
                "side": "label",
                "part": "label",
                "name": "label",
                "rating": "number",
            },
            needed=("rater", "side", "part", "name", "rating"),
            optional=True,
            one_row_per=("rater", "part", "name"),
        ),
        "priorities": SourceRoles(
            "scores and ranks of topics, round by round",
            {
                "participant": "text",
                "side": "label",
                "topic": "label",
                "round": "number",
                "score": "number",
                "rank": "number",
            },
            needed=("participant", "side", "topic", "round", "score", "rank"),
            optional=True,
            one_row_per=("participant", "topic", "round"),
        ),
        "best_worst": SourceRoles(
            "picks of best and worst",
            {
                "participant": "text",
                "side": "label",
                "question": "text",
                "topic": "label",
                "picked": "label",
            },
            needed=("participant", "side", "question", "topic", "picked"),
            optional=True,
            one_row_per=("participant", "question", "topic"),
        ),
        "outcomes": SourceRoles(
            "an outcome of each unit that decisions were about",
            {"unit": "text", "outcome": "number"},
            needed=("unit", "outcome"),
            optional=True,
        ),
    }

    notebook: Literal["co_production"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    share_wanted: float = Field(
        default=50.0,
        gt=0,
        le=100,
        description="per cent of a stage's decisions that partners are to be among the deciders of",
    )
    gripp2_aim: Line | None = Field(
        default=None, description="GRIPP2, aim: what involvement was to bring; null where unwritten"
    )
    gripp2_methods: Line | None = Field(
        default=None, description="GRIPP2, methods: how people were involved"
    )
    gripp2_results: Line | None = Field(
        default=None, description="GRIPP2, results: what involvement brought, good and bad"
    )
    gripp2_discussion: Line | None = Field(
        default=None, description="GRIPP2, discussion: how far involvement changed the study"
    )
    gripp2_reflections: Line | None = Field(
        default=None, description="GRIPP2, reflections: what went well, and what did not"
    )
    delphi_agree: float = Field(
        default=70.0, gt=50, le=100, description="per cent that must score 7 to 9 for a topic in"
    )
    delphi_against: float = Field(
        default=15.0, gt=0, lt=50, description="per cent that may not score 1 to 3 for a topic in"
    )
    delphi_stable: float = Field(
        default=15.0, gt=0, lt=100, description="per cent of change below which scores are stable"
    )
    weight_lived_experience: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="weight of lived experience in one merged list, the other groups sharing the "
        "rest; null to keep the lists apart",
    )
    weights_set_by: Line | None = Field(
        default=None, description="who set that weight, and when; null where none is set"
    )
