"""Parameters of `notebooks/interrupted_time_series.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class InterruptedTimeSeries(DesignStudy):
    """One series, or one beside a control, that a change interrupts."""

    ROLES: ClassVar[dict[str, RoleKind]] = {"outcome_base": "count", "control": "yes_no"}
    NEEDED: ClassVar[tuple[str, ...]] = ()
    FEWEST_UNITS: ClassVar[int] = 1
    ROWS: ClassVar[tuple[str, ...]] = ("panel",)

    notebook: Literal["interrupted_time_series"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
