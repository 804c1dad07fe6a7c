"""Parameters of `notebooks/priority_programmes.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Day, Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class PriorityProgrammes(TopicStudy):
    """Does each priority programme have specific actions, measures, targets and progress?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "actions": SourceRoles(
            "the programmes' actions, one row each",
            {
                "programme": "label",
                "action": "free_text",
                "owner": "label",
                "measure": "label",
                "better": "label",
                "target": "number",
                "due": "day",
                "status": "label",
            },
            needed=(
                *("programme", "action", "owner", "measure", "better", "target", "due", "status"),
            ),
            one_row_per=("programme", "action"),
        ),
        "measures": SourceRoles(
            "the programmes' measures, one row a measure and period",
            {
                "programme": "label",
                "measure": "label",
                "period": "period",
                "value": "number",
                "base": "events",
            },
            needed=("programme", "measure", "period", "value"),
            one_row_per=("programme", "measure", "period"),
        ),
    }

    notebook: Literal["priority_programmes"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    programme: Line | None = Field(
        default=None, description="the one programme to look at; null for all, as a portfolio"
    )
    as_of: Day = Field(description="day on which the plans are read; what is due later can wait")
    done_when: list[Line] = Field(
        default=["done"], min_length=1, description="statuses that say an action is done"
    )
    value_kind: Literal["percentage", "number"] = Field(
        default="percentage", description="what the measures' values are"
    )
    chart: Literal["xmr", "percentages"] = Field(
        default="xmr",
        description="xmr: limits from month-to-month movement; percentages: from the base as well",
    )
    start_period: Line | None = Field(
        default=None,
        description="period in which the programmes began: limits are those before it, held; null "
        "for limits of all points",
    )
    new_limits_reason: Line | None = Field(
        default=None,
        description="why targets are judged by limits from the start on; null for limits before it",
    )
