"""What the intervention did to the gap: its effect on the most deprived fifth less that on others.

The effect on each of the two groups is estimated by the same design, units that began against
units that did not; their difference is the change in the gap (a triple difference). One start:
difference-in-differences; several: staggered adoption.
Must hold: without it, each group would have changed alike in both kinds of unit. Errors: the
design's own for few clusters; that of the difference takes in how the two move together, since both
live in the same units (`designs.by_group`).
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import difference_in_differences, staggered_adoption
from evalkit.designs.by_group import estimate_groups
from evalkit.designs.leave_clusters_out import Estimate
from evalkit.errors import AnalysisError
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.health_inequalities import HealthInequalities

CORE20 = "core20"
ALL, POOREST, REST, CHANGE = "all", "core20:yes", "core20:no", "core20:difference"
PARTS = {
    ALL: "Everybody",
    POOREST: "Most deprived fifth",
    REST: "Everybody else",
    CHANGE: "Change in the gap: difference between the two",
}


def estimate_gap_change(
    answers: pd.DataFrame, units: pd.DataFrame, parameters: HealthInequalities
) -> pd.DataFrame:
    """Estimate the effect on everybody, on each group, and on the gap between them.

    `answers` as from `add_groups`, with `unit, period, time`; `units` says when each unit began
    (`unit, start`). Returns the design's estimates, a row for each of `PARTS`. Raises
    AnalysisError where no unit began, or all did.
    """
    table = _panel(answers, units)
    starts = table["first_treated"].dropna().unique()
    design, changed = _design(starts, table, parameters)
    everybody = _pool(table)
    whole = design(everybody, changed).headline
    by_group = estimate_groups(table, changed, design)
    if by_group.empty:
        raise AnalysisError(
            "deprivation: too few answers to estimate an effect on the most deprived fifth and on "
            "the rest. Take longer periods, or more units."
        )
    rows = pd.concat([whole.to_frame().T.assign(group="all"), by_group])
    rows = rows.set_index("group").loc[list(PARTS)].reset_index().infer_objects()
    return rows.assign(label=list(PARTS.values()))


def _panel(answers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Average the answers by unit, period and group; `first_treated` is on the calendar."""
    used = answers[answers["outcome"].notna() & answers[CORE20].notna()]
    keys = ["unit", "period", "time", CORE20]
    made = used.groupby(keys, observed=True, sort=True)["outcome"].agg(["mean", "size"])
    panel = made.reset_index().rename(columns={"mean": "outcome", "size": "outcome_base"})
    panel[CORE20] = panel[CORE20].astype(bool)
    times = dict(zip(answers["period"], answers["time"], strict=True))
    absent = units["start"].dropna()[~units["start"].dropna().isin(times)]
    if len(absent):
        raise AnalysisError(
            f"start: {len(absent)} units began in a period that the answers do not have. Give the "
            "first period with the intervention, written as in the answers."
        )
    first = units.set_index("unit")["start"].map(times).astype(float)
    panel["first_treated"] = panel["unit"].map(first)
    return _complete(panel)


def _complete(panel: pd.DataFrame) -> pd.DataFrame:
    shared = panel["outcome_base"].astype(float)
    return panel.assign(
        unit_name=panel["unit"],
        cluster=panel["unit"],
        weight=1.0,
        outcome_base=shared,
        treated=(panel["time"] >= panel["first_treated"]).fillna(False),
    )


def _pool(table: pd.DataFrame) -> pd.DataFrame:
    """Put the two groups together: one row a unit and period."""
    sums = table.assign(outcome=table["outcome"] * table["outcome_base"])
    keys = ["unit", "period", "time"]
    pooled = sums.groupby(keys, sort=True)[["outcome", "outcome_base"]].sum().reset_index()
    pooled["outcome"] /= pooled["outcome_base"]
    first = table.drop_duplicates("unit").set_index("unit")["first_treated"]
    return _complete(pooled.assign(first_treated=pooled["unit"].map(first)))


def _design(
    starts: np.ndarray[Any, Any], table: pd.DataFrame, parameters: HealthInequalities
) -> tuple[Estimate, DesignStudy]:
    if not len(starts):
        raise AnalysisError(
            "start: no unit began. Map when each unit began, or leave the units out to describe."
        )
    if len(starts) == 1:
        start = table.loc[table["time"] == starts[0], "period"].iloc[0]
        own = {"start_period": str(start), "weight_by": "people"}
        made = _make("difference_in_differences", "treated", parameters, own)
        return difference_in_differences.estimate, made  # type: ignore[return-value]
    made = _make("staggered_adoption", "first_treated", parameters, {})
    return staggered_adoption.estimate, made  # type: ignore[return-value]


def _make(
    notebook: str, role: str, parameters: HealthInequalities, own: dict[str, Any]
) -> DesignStudy:
    """Make the parameters of the design that the effect is estimated by."""
    shared = ("study", "title", "question", "population", "estimand", "outcome_name")
    also = ("outcome_unit", "outcome_facet", "outcome_better", "confidence_level", "draws", "seed")
    values = {name: getattr(parameters, name) for name in (*shared, *also)}
    roles = ("unit", "period", "outcome", "outcome_base", CORE20, role)
    schema = SCHEMAS[notebook]
    made = schema.model_validate(
        values
        | {
            "notebook": notebook,
            "co_production": [],
            "intervention_name": parameters.intervention_name or "the intervention",
            "minimum_important_difference": parameters.minimum_important_difference or 1.0,
            "outcome_kind": "number",
            "subgroups": [CORE20],
            "data_profile": parameters.model_dump()["answers_profile"],
            "data_columns": {name: name for name in roles},
        }
        | own
    )
    if not isinstance(made, DesignStudy):
        raise TypeError(f"{notebook} is not the notebook of a design")
    return made
