"""Parameters of `notebooks/mediation.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class Mediation(DesignStudy):
    """How much of a difference goes by way of something in between.

    With `data_rows: panel` exposure, mediator and outcome are each a unit's, and come one after
    the other by the two lags. With `data_rows: people` the exposure is the unit's, mediator and
    outcome are of one person's one answer, and `outcome_lag` is not used.
    """

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "exposure": "number",
        "mediator": "number",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ("weight",)
    NEEDED: ClassVar[tuple[str, ...]] = ("exposure", "mediator")
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    FEWEST_UNITS: ClassVar[int] = 4
    CLUSTERED: ClassVar[bool] = False
    TRIED_ON_OTHERS: ClassVar[bool] = False
    CHOICES: ClassVar[tuple[str, ...]] = ("mediator_lag", "outcome_lag")

    notebook: Literal["mediation"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    exposure_name: Line = Field(description="what comes first, in plain words")
    exposure_unit: Line = Field(description="unit of the exposure, in the plural")
    exposure_step: float = Field(
        default=1.0, gt=0, description="difference in the exposure to report for"
    )
    mediator_name: Line = Field(description="what may carry the effect, in plain words")
    mediator_lag: int = Field(
        default=1, ge=0, le=8, description="periods by which the exposure comes before the mediator"
    )
    outcome_lag: int = Field(
        default=1,
        ge=0,
        le=8,
        description="periods by which the mediator comes before the outcome; not used for people",
    )
