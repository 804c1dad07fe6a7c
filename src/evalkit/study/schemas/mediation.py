"""Parameters of `notebooks/mediation.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class Mediation(DesignStudy):
    """How much of a difference goes by way of something in between."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "exposure": "number",
        "mediator": "number",
        "cluster": "code",
        "outcome_base": "count",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("exposure", "mediator")
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")

    notebook: Literal["mediation"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    mediator_name: Line = Field(description="what may carry the effect, in plain words")
