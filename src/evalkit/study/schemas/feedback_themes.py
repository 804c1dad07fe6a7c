"""Parameters of `notebooks/feedback_themes.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class FeedbackThemes(TopicStudy):
    """What people write about, and whether it changed: comments sorted by machine and by people."""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "comments": SourceRoles(
            "comments",
            {
                "comment": "text",
                "period": "period",
                "group": "label",
                "text": "free_text",
                "sentiment": "item",
                "quote_consent": "yes_no",
                "quote_checked": "yes_no",
            },
            needed=("comment", "period"),
            one_row_per=("comment",),
            layouts=("table", "labelled_comments"),
        ),
        "codes": SourceRoles(
            "labels that people and a machine gave",
            {"comment": "text", "coder": "text", "label": "text"},
            needed=("comment", "coder", "label"),
            one_row_per=("comment", "coder", "label"),
            layouts=("table", "comment_codes"),
        ),
    }

    notebook: Literal["feedback_themes"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    theme: Line = Field(
        description="the label that the answer is about, as insight/themes.csv has it"
    )
    group: Line | None = Field(
        default=None, description="the group that the answer is about; null for all comments"
    )
    later_from: Line | None = Field(
        default=None, description="first period of the later span; null to ask for no change"
    )
    human_coders: list[Line] = Field(
        min_length=1, description="people who coded, as codes name them"
    )
    machine_coder: Line | None = Field(
        default="machine", description="the machine, as codes name it; null where people coded all"
    )
    label_list: Literal["framework", "of_2021_2022"] = Field(
        default="framework",
        description="list that the codes' labels are of; those of 2021 to 2022 are carried over",
    )
    fewest_coded: int = Field(
        default=10,
        ge=5,
        le=1000,
        description="comments with a label, by people, below which its share is not corrected",
    )
