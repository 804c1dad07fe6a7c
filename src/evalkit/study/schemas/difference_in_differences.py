"""Parameters of `notebooks/difference_in_differences.ipynb`."""

from typing import ClassVar, Literal

from pydantic import Field

from evalkit.study.fields import Line
from evalkit.study.schemas.design_study import RoleKind
from evalkit.study.schemas.surveyed_study import SurveyedStudy


class DifferenceInDifferences(SurveyedStudy):
    """One change at one time, in some units and not in others."""

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
    CHOICES: ClassVar[tuple[str, ...]] = ("weight_by", "inference")

    notebook: Literal["difference_in_differences"] = Field(
        description="notebook in notebooks/ that answers it, without .ipynb"
    )
    start_period: Line = Field(description="first period with the intervention, as in the data")
    weight_by: Literal["rows", "people", "units"] = Field(
        default="rows",
        description="what counts the same: each row of the data, each person behind the rows "
        "(outcome_base), or each unit in each period",
    )
    inference: Literal[
        "chosen_by_data", "cr2", "clustered", "permutation", "wild_bootstrap", "pooled_changes"
    ] = Field(
        default="chosen_by_data",
        description="how the interval is made; chosen_by_data takes what holds with as many "
        "clusters as there are, and says so",
    )
