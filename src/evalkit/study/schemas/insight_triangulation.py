"""Parameters of `notebooks/insight_triangulation.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class InsightTriangulation(TopicStudy):
    """Do the sources agree?"""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "evidence": SourceRoles(
            "what each source says of each theme, one row a coder",
            {
                "theme": "label",
                "source": "label",
                "source_type": "label",
                "direction": "label",
                "prominence": "label",
                "example": "free_text",
                "coder": "label",
                "code": "label",
                "detectable": "yes_no",
            },
            needed=(
                *("theme", "source", "source_type", "direction", "prominence", "example"),
                *("coder", "code", "detectable"),
            ),
            one_row_per=("theme", "source", "coder"),
        ),
        "answers": SourceRoles(
            "people's answers, for what changed at each site",
            {
                "unit": "text",
                "site": "text",
                "period": "period",
                "respondent": "label",
                "overall": "number",
                "relational": "number",
                "functional": "number",
                "felt": "number",
            },
            needed=("unit", "site", "period"),
            optional=True,
        ),
        "units": SourceRoles(
            "when each unit began",
            {"unit": "text", "start": "start"},
            needed=("unit", "start"),
            optional=True,
            one_row_per=("unit",),
        ),
    }

    notebook: Literal["insight_triangulation"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    reference_source: Line = Field(
        description="the source that coders compared every other source with"
    )
    lived_experience_coder: Line | None = Field(
        default=None, description="which coder is a lived-experience partner; null for none"
    )
    designed_sources: list[Line] = Field(
        default=[],
        description="sources whose statements rest on a designed comparison, not on what was said",
    )
    respondents: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="whose answers are used, by the role respondent; null for everybody's",
    )
    overall_themes: list[Line] = Field(
        default=[], description="themes that the overall outcome of the answers measures"
    )
    relational_themes: list[Line] = Field(
        default=[], description="themes that the relational outcome of the answers measures"
    )
    functional_themes: list[Line] = Field(
        default=[], description="themes that the functional outcome of the answers measures"
    )
    felt_themes: list[Line] = Field(
        default=[], description="themes that the felt outcome of the answers measures"
    )
    explained: list[Line] = Field(
        default=[],
        description="what explains a disagreement, one line a theme: the theme, a colon, the words",
    )
