"""Parameters of `notebooks/weighted_comparison.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class WeightedComparison(DesignStudy):
    """Those who had it against others made comparable by weights or matches."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "treated": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")

    notebook: Literal["weighted_comparison"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    method: Literal["overlap_weights", "inverse_probability", "entropy_balance", "matching"] = (
        Field(default="overlap_weights", description="how the groups are made comparable")
    )
