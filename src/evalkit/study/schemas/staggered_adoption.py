"""Parameters of `notebooks/staggered_adoption.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class StaggeredAdoption(DesignStudy):
    """The same change at different times in different units."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "first_treated": "start",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ("weight",)
    NEEDED: ClassVar[tuple[str, ...]] = ("first_treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    AVERAGED: ClassVar[bool] = True
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = ("comparison", "average", "anticipation")

    notebook: Literal["staggered_adoption"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    comparison: Literal["never_treated", "not_yet_treated"] = Field(
        default="never_treated", description="whom units are compared with until they change"
    )
    average: Literal["group", "simple"] = Field(
        default="group",
        description="the effect that answers: every unit that changed counts the same (group), "
        "or every unit and period since it changed (simple)",
    )
    anticipation: int = Field(
        default=0,
        ge=0,
        le=12,
        description="periods before its start in which a unit may act on the change already",
    )
