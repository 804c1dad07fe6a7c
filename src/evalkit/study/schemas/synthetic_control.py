"""Parameters of `notebooks/synthetic_control.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class SyntheticControl(DesignStudy):
    """One unit or a few, against a mixture of others that resembled them."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "treated": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ("weight",)
    NEEDED: ClassVar[tuple[str, ...]] = ("treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    AVERAGED: ClassVar[bool] = True
    CLUSTERED: ClassVar[bool] = False
    GROUPED: ClassVar[bool] = False
    CHOICES: ClassVar[tuple[str, ...]] = ("primary_analysis", "interval_by")

    notebook: Literal["synthetic_control"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
    primary_analysis: Literal["synthetic_control", "synthetic_difference_in_differences"] = Field(
        default="synthetic_control",
        description="the estimate that answers: matched in level, or allowed a constant distance",
    )
    interval_by: Literal["automatic", "placebo", "conformal"] = Field(
        default="automatic",
        description="of the synthetic control: placebo units, shifts in time, or whichever can",
    )
    least_donors: int = Field(
        default=10, ge=2, le=1000, description="fewest untreated units with which to go on"
    )
    least_pre_periods: int = Field(
        default=5, ge=2, le=1000, description="fewest periods before the start with which to go on"
    )
    largest_misfit: float = Field(
        default=0.25,
        gt=0,
        le=10,
        description="largest gap before the start (root mean square), in SDs of the outcome",
    )
