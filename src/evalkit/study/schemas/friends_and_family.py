"""Parameters of `notebooks/friends_and_family.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class FriendsAndFamily(TopicStudy):
    """Is feedback changing, beyond how it is collected?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "feedback": SourceRoles(
            "counts of answers",
            {
                "unit": "text",
                "period": "period",
                "mode": "label",
                "group": "label",
                "very_good": "events",
                "good": "events",
                "neither": "events",
                "poor": "events",
                "very_poor": "events",
                "dont_know": "events",
                "asked": "events",
            },
            needed=(
                *("unit", "period", "mode"),
                *("very_good", "good", "neither", "poor", "very_poor", "dont_know"),
            ),
        ),
    }

    notebook: Literal["friends_and_family"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    units: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="codes of the units looked at together, as in the data; null for all of them",
    )
    start_period: Line = Field(
        description="first period from which a change is looked for, as in the data"
    )
    answers_counted: Literal["positive", "negative"] = Field(
        default="positive",
        description="share that answers: positive (very good, good) or negative (poor, very poor)",
    )
    asked_counts: Literal["row", "unit_and_period"] = Field(
        default="row",
        description="whom `asked` counts: those asked by the row's mode, or all of that unit and "
        "period, written on each of its rows",
    )
    target: float | None = Field(
        default=None, ge=0, le=100, description="target in per cent; null where there is none"
    )
    break_points: float = Field(
        default=10.0,
        gt=0,
        le=100,
        description="percentage points by which a mode's share must move to mark a break",
    )
    nonresponse_points: list[float] = Field(
        default=[5.0, 10.0, 20.0],
        min_length=1,
        max_length=6,
        description="percentage points by which people who did not answer may differ",
    )
