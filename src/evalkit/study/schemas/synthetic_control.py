"""Parameters of `notebooks/synthetic_control.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class SyntheticControl(DesignStudy):
    """One unit or a few, against a mixture of others that resembled them."""

    ROLES: ClassVar[dict[str, RoleKind]] = {"treated": "yes_no", "outcome_base": "count"}
    NEEDED: ClassVar[tuple[str, ...]] = ("treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel",)

    notebook: Literal["synthetic_control"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
