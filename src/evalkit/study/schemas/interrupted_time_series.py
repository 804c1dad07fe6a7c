"""Parameters of `notebooks/interrupted_time_series.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class InterruptedTimeSeries(DesignStudy):
    """One series, or one beside a control, that a change interrupts."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "control": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ()
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    AVERAGED: ClassVar[bool] = True
    FEWEST_UNITS: ClassVar[int] = 1
    CLUSTERED: ClassVar[bool] = False
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = (
        "phase_in_periods",
        "phase_in",
        "season",
        "season_waves",
        "serial_correlation",
        "percentage_model",
        "weight_by",
    )

    notebook: Literal["interrupted_time_series"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
    primary: Literal["level", "slope", "level_at", "average"] = Field(
        default="level",
        description="effect that answers: on level at once, on slope (then all sizes are per "
        "period), at a time, or on average",
    )
    level_at_periods: int | None = Field(
        default=None,
        ge=0,
        le=600,
        description="periods after the start at which level_at is read; null for the last",
    )
    phase_in_periods: int = Field(
        default=0, ge=0, le=60, description="periods from the start until it is in full force"
    )
    phase_in: Literal["left_out", "ramp"] = Field(
        default="left_out", description="periods of phasing in: not counted, or rising evenly"
    )
    season: Literal["automatic", "none", "harmonics", "dummies"] = Field(
        default="automatic",
        description="of the year: none, waves, each period's own; automatic: by length, one wave",
    )
    season_waves: int = Field(
        default=1, ge=1, le=6, description="waves in a year where season is harmonics"
    )
    serial_correlation: Literal["reml_averaged", "reml", "prais_winsten"] = Field(
        default="reml_averaged",
        description="correlation of neighbouring errors: averaged over, or taken as known",
    )
    percentage_model: Literal["linear", "log_odds"] = Field(
        default="linear", description="of percentages: a trend in points, or in log odds"
    )
    weight_by: Literal["base", "nothing"] = Field(
        default="base", description="how much a period counts: by its answers, or all the same"
    )
    minimum_points: int = Field(
        default=8, ge=3, le=600, description="fewest periods on each side with which to go on"
    )
