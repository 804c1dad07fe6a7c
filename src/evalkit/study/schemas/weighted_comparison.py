"""Parameters of `notebooks/weighted_comparison.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Name
from evalkit.study.schemas.design_study import RoleKind
from evalkit.study.schemas.surveyed_study import SurveyedStudy


class WeightedComparison(SurveyedStudy):
    """Those who had it against others made comparable by weights or matches."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "treated": "yes_no",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
        **SurveyedStudy.DRAWN,
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("treated",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = ("method", "effect_for")
    HOLDS_CAUSES: ClassVar[bool] = True
    """Whatever is compared, the groups are first made alike in the measured causes."""

    notebook: Literal["weighted_comparison"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    method: Literal["overlap_weights", "inverse_probability", "entropy_balance", "matching"] = (
        Field(default="overlap_weights", description="how the groups are made comparable")
    )
    effect_for: Literal["treated", "everyone"] = Field(
        default="treated",
        description="whom inverse_probability and entropy_balance speak for; others have their own",
    )
    caliper: float = Field(
        default=0.2, gt=0, le=5, description="furthest match, in SDs of the log odds of treatment"
    )
    exact_on: list[Name] = Field(
        default=[], description="roles of adjust_for in which matches must agree exactly"
    )
    least_effective: float = Field(
        default=20.0, gt=1, description="fewest effective rows in each group with which to go on"
    )
