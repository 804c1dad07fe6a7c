"""What the study did not measure, so that silence is not taken for nothing there."""

import pandas as pd

from evalkit.study.schema import FACETS, StaffWellbeing
from evalkit.study.schemas.design_study import DesignStudy


def list_not_measured(panel: pd.DataFrame, parameters: StaffWellbeing) -> list[str]:
    """List what a reader may expect to find, and these data do not hold."""
    absent = [f"{f.capitalize()} experience by itself" for f in FACETS if f not in panel]
    if "mediator" not in panel:
        absent.append("What may carry an effect from staff to patients: no mediator was mapped")
    return [
        *absent,
        "Unpaid carers' experience",
        "Where along the journey, from first contact to the end of life, care was good or poor",
        "Differences between patients by deprivation, ethnicity, age and sex: averages of a trust "
        "cannot show them",
        *([] if parameters.subgroups else ["For which trusts the association is larger"]),
    ]


def list_not_measured_by_design(
    table: pd.DataFrame, parameters: DesignStudy, by_group: pd.DataFrame | None = None
) -> list[str]:
    """List what a reader of a design's report may expect to find, and these data do not hold.

    `by_group` has the rows of `estimate_groups`: a named subgroup without a row is told.
    """
    facets = [f for f in FACETS if f not in table and f != parameters.outcome_facet]
    return [
        *(f"{facet.capitalize()} experience by itself" for facet in facets),
        f"{_others(parameters)} and staff's own experience",
        "Where along the journey, from first contact to the end of life, care was good or poor",
        *([] if parameters.subgroups else ["For whom the difference is larger"]),
        *_groups_without(parameters, by_group),
    ]


def _groups_without(parameters: DesignStudy, by_group: pd.DataFrame | None) -> list[str]:
    """Name each subgroup that the design refused on one side or on both."""
    if by_group is None:
        return []
    told = set(by_group.get("group", ()))
    return [
        f"By {role.replace('_', ' ')}: those with it, or those without it, are too few or too much "
        "alike for this design"
        for role in parameters.subgroups
        if f"{role}:difference" not in told
    ]


def _others(parameters: DesignStudy) -> str:
    """Whose experience is absent: the patients', where the outcome is named as carers'."""
    return "Patients'" if "carer" in parameters.outcome_name.casefold() else "Unpaid carers'"
