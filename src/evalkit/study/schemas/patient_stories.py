"""Parameters of `notebooks/patient_stories.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from evalkit.study.fields import Day
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources

ACTED_ON = ("with_action", "closed_on_time", "fed_back")
_NO_RATE = (
    "is no share of stories that means anything: stories are told because they teach, and do not "
    "say how common a thing is. Ask for with_action, closed_on_time or fed_back; for how often a "
    "theme is written about, use feedback_themes."
)


@with_sources
class PatientStories(TopicStudy):
    """Whether stories are heard and acted on; never how common a thing is."""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "stories": SourceRoles(
            "the register of stories, one row each",
            {
                "story": "text",
                "consent": "label",
                "withdrawn": "yes_no",
                "teller": "label",
                "touchpoint": "label",
                "theme": "label",
                "text": "free_text",
                "presented_to": "label",
                "date": "day",
                "learning": "free_text",
                "action": "free_text",
                "owner": "label",
                "due": "day",
                "closed": "day",
                "fed_back": "day",
            },
            needed=(
                *("story", "consent", "withdrawn", "teller", "touchpoint", "theme", "date"),
                *("action", "due", "closed", "fed_back"),
            ),
            one_row_per=("story",),
        ),
    }

    notebook: Literal["patient_stories"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    audience: Literal["internal", "board", "public"] = Field(
        description="who will read the page: a story is shown if its teller agreed to them"
    )
    as_of: Day = Field(description="day on which the register is read; what is due later can wait")
    share: str = Field(
        default="closed_on_time",
        description="the share that the answer is about: with_action, closed_on_time or fed_back",
    )
    target: float = Field(gt=0, le=100, description="per cent of stories that was aimed at")

    @field_validator("share")
    @classmethod
    def refuse_prevalence(cls, share: str) -> str:
        """Refuse a rate of what stories are about."""
        if share not in ACTED_ON:
            raise ValueError(_NO_RATE)
        return share
