"""Parameters of `notebooks/stepped_wedge.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.schemas.design_study import DesignStudy, RoleKind


class SteppedWedge(DesignStudy):
    """Clusters that cross over by lot: in steps, or all at once beside others that never do."""

    ROLES: ClassVar[dict[str, RoleKind]] = {
        "first_treated": "start",
        "cluster": "code",
        "outcome_base": "count",
        "weight": "number",
    }
    NEEDED: ClassVar[tuple[str, ...]] = ("first_treated",)
    OF_PEOPLE: ClassVar[tuple[str, ...]] = ("weight",)
    ROWS: ClassVar[tuple[str, ...]] = ("panel", "people")
    POOLED: ClassVar[bool] = True
    CHOICES: ClassVar[tuple[str, ...]] = ("effect_over_time", "small_sample")

    notebook: Literal["stepped_wedge"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    allocation: Literal["random", "not_random"] = Field(
        description="whether clusters were given their starts by lot"
    )
    effect_over_time: Literal["constant", "averaged"] = Field(
        default="constant",
        description="the effect that answers: one that is the same in every period since the "
        "start (constant), or the average over those periods, if it may grow or fade (averaged)",
    )
    small_sample: Literal["kenward_roger", "satterthwaite"] = Field(
        default="kenward_roger",
        description="how the interval allows for few clusters; satterthwaite is the narrower",
    )
    few_clusters: Literal["refuse", "describe"] = Field(
        default="refuse",
        description="below 6 clusters in steps: refuse, or describe without a claim of cause",
    )
    other_estimates: bool = Field(
        default=True,
        description="whether to estimate by other methods too; false for the headline alone, as "
        "in simulations",
    )
