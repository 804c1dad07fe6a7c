"""Parameters of `notebooks/before_after.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import RoleKind
from evalkit.study.schemas.surveyed_study import SurveyedStudy


class BeforeAfter(SurveyedStudy):
    """Before and after, nobody to compare with."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "chosen_by": "number",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
        **SurveyedStudy.DRAWN,
    }
    NEEDED: ClassVar[tuple[str, ...]] = ()
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    POOLED: ClassVar[bool] = True
    TRIED_ON_OTHERS: ClassVar[bool] = False
    CHOICES: ClassVar[tuple[str, ...]] = ("weight_by", "period_correlation")

    notebook: Literal["before_after"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
    weight_by: Literal["rows", "people", "units"] = Field(
        default="rows",
        description="what counts the same: each row of the data, each person behind the rows "
        "(outcome_base), or each unit in each period",
    )
    selected: Literal["no", "lowest", "highest"] = Field(
        default="no",
        description="whether the units of the data were chosen because their results before were "
        "the lowest, or the highest, of all; data_columns then says which results, as chosen_by",
    )
    selected_share: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of all units that was chosen, 0.2 for the worst fifth; null for none",
    )
    selection_periods: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="periods whose results they were chosen by; null for all before the start",
    )
    period_correlation: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="correlation, over all units, of two periods of a unit; null to estimate it",
    )
