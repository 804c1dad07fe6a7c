"""Parameters of `notebooks/regression_discontinuity.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class RegressionDiscontinuity(DesignStudy):
    """An offer to those on one side of a threshold."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "running": "number",
        "offered": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("running",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = ("bandwidth",)

    notebook: Literal["regression_discontinuity"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    threshold: float = Field(description="value of the running variable at which the offer starts")
    offered_side: Literal["above", "below"] = Field(
        description="side on which the offer is made; the threshold itself belongs to it"
    )
    running_name: Line = Field(description="what decides who is offered it, in plain words")
    bandwidth: float | None = Field(
        default=None,
        gt=0,
        description="distance from the threshold to look at; null to let the data choose",
    )
    least_near: int = Field(
        default=30, ge=10, le=100000, description="fewest rows near the threshold on each side"
    )
