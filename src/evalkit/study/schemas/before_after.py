"""Parameters of `notebooks/before_after.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class BeforeAfter(DesignStudy):
    """Before and after, nobody to compare with."""

    ROLES: ClassVar[dict[str, RoleKind]] = {"outcome_base": "count", "selected_on": "number"}
    NEEDED: ClassVar[tuple[str, ...]] = ()
    FEWEST_UNITS: ClassVar[int] = 1
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")

    notebook: Literal["before_after"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
