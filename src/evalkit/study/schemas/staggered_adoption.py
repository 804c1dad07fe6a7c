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
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("first_treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel",)

    notebook: Literal["staggered_adoption"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    comparison: Literal["never_treated", "not_yet_treated"] = Field(
        default="never_treated", description="whom units are compared with until they change"
    )
