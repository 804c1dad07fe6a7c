"""Parameters of `notebooks/difference_in_differences.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class DifferenceInDifferences(DesignStudy):
    """One change at one time, in some units and not in others."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "treated": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")

    notebook: Literal["difference_in_differences"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
