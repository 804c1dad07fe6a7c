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
        "weight": "number",
    }
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ("weight",)
    NEEDED: ClassVar[tuple[str, ...]] = ("dose",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    AVERAGED: ClassVar[bool] = True
    FEWEST_UNITS: ClassVar[int] = 4
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = ("dose_lag",)

    notebook: Literal["dose_response"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    dose_name: Line = Field(description="what there is more or less of, in plain words")
    dose_unit: Line = Field(description="unit of the dose, in the plural")
    dose_step: float = Field(gt=0, description="difference in the dose to report for")
    dose_lag: int = Field(
        default=0, ge=0, le=8, description="periods by which the dose comes before the outcome"
    )
    dose_bands: list[float] | None = Field(
        default=None,
        min_length=1,
        max_length=9,
        description="doses at which one band ends and the next begins, rising; null for quarters",
    )
