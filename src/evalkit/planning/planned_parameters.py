"""The parameters with which a planned study would be analysed, from those of its plan."""

from typing import Any

from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.plan_a_study import PlanAStudy

DRAWS = 499
"""Resamples inside each made-up study; a real one may take more, which changes little."""

CAUSE = "measured_cause"
FIRST_YEAR = 2001
ENDLESS = 1_000_000
"""Answers in each unit and period that stand for as many as one likes."""

PERIODS_A_YEAR = {"year": 1, "quarter": 4, "month": 12}


def make_design_parameters(plan: PlanAStudy) -> DesignStudy:
    """Make the design's own parameters, with its defaults where the plan says nothing."""
    schema = SCHEMAS[plan.design]
    if not issubclass(schema, DesignStudy):
        raise TypeError(f"{plan.design} is not the notebook of a design")
    roles = ("unit", "period", "outcome", "outcome_base", *schema.NEEDED)
    shared = (
        "study",
        "title",
        "question",
        "population",
        "estimand",
        "intervention_name",
        "outcome_name",
        "outcome_unit",
        "outcome_facet",
        "data_rows",
        "minimum_important_difference",
        "confidence_level",
        "seed",
    )
    values = {name: getattr(plan, name) for name in shared}
    values |= {
        "notebook": plan.design,
        "outcome_kind": "number" if is_rate(plan) else plan.outcome_kind,
        "co_production": [],
        "data_profile": "gss_default",
        "data_columns": {role: role for role in roles},
        "draws": DRAWS,
    }
    own = _own_values(plan)
    return schema.model_validate(
        values | {k: v for k, v in own.items() if k in schema.model_fields}
    )


def is_rate(plan: PlanAStudy) -> bool:
    """Say whether the design is given rates of counts, having no rate of its own."""
    return plan.outcome_kind == "count" and "rate_per" not in SCHEMAS[plan.design].model_fields


def answers_of(plan: PlanAStudy) -> int:
    """Return the answers in each unit and period; endless where their noise is in what drifts."""
    return ENDLESS if plan.people is None else plan.people


def spread_of(plan: PlanAStudy) -> float:
    """Return the spread of all answers; one where a plan on past outcomes has none yet."""
    return 1.0 if plan.person_sd is None else plan.person_sd


def label_periods(plan: PlanAStudy) -> list[str]:
    """Name the periods as data would: `2001`, `2001Q1` or `2001-01`, and so on."""
    length = PERIODS_A_YEAR[plan.period_name]
    written = {"year": "{0}", "quarter": "{0}Q{1}", "month": "{0}-{1:02d}"}[plan.period_name]
    return [
        written.format(FIRST_YEAR + at // length, at % length + 1) for at in range(plan.periods)
    ]


def _own_values(plan: PlanAStudy) -> dict[str, Any]:
    """Values of the fields that only some designs have."""
    never = plan.treated_units is not None and plan.treated_units < plan.units
    values: dict[str, Any] = {
        "allocation": plan.allocation,
        "other_estimates": False,
        "comparison": "never_treated" if never else "not_yet_treated",
        "threshold": 0.0,
        "offered_side": "above",
        "running_name": "what decides the offer",
        "dose_name": plan.intervention_name,
        "dose_unit": "steps",
        "dose_step": plan.dose_step,
        "exposure_name": plan.intervention_name,
        "exposure_unit": "steps",
        "exposure_step": plan.dose_step,
        "mediator_name": "what may carry it",
    }
    if plan.periods_before is not None:
        values["start_period"] = label_periods(plan)[plan.periods_before]
    if plan.design == "weighted_comparison":
        values["adjust_for"] = [CAUSE]
    return values
