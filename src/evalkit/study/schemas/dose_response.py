"""Parameters of `notebooks/dose_response.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class DoseResponse(DesignStudy):
    """More of it or less, within the same units."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "dose": "number",
        "cluster": "code",
        "outcome_base": "count",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("dose",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel",)

    notebook: Literal["dose_response"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    dose_name: Line = Field(description="what there is more or less of, in plain words")
    dose_unit: Line = Field(description="unit of the dose, in the plural")
    dose_step: float = Field(gt=0, description="difference in the dose to report for")
