"""A small plan for each design, as a parameter file would give it."""

from typing import Any

from evalkit.study.parameters import validate
from evalkit.study.schemas.plan_a_study import PlanAStudy

SHARED: dict[str, Any] = {
    "study": "plan",
    "notebook": "plan_a_study",
    "title": "A plan",
    "question": "Would it be large enough?",
    "population": "Wards",
    "estimand": "How often what matters would be found",
    "co_production": [],
    "intervention_name": "the pathway",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "minimum_important_difference": 0.2,
    "allocation": "not_random",
    "unit_name": "ward",
    "period_name": "quarter",
    "units": 20,
    "treated_units": 10,
    "periods": 8,
    "periods_before": 4,
    "people": 60,
    "person_sd": 2.0,
    "unit_sd": 0.3,
    "drift_sd": 0.12,
    "drift_correlation": 0.5,
    "effects": [0.1, 0.4],
    "numbers_of_units": [12],
    "simulations": 60,
    "seed": 1,
}
NO_START: dict[str, Any] = {"treated_units": None, "periods_before": None}
OF_DESIGN: dict[str, dict[str, Any]] = {
    "before_after": {"treated_units": None},
    "difference_in_differences": {},
    "staggered_adoption": {"steps": 2, "periods_before": 3, "periods_per_step": 2},
    "interrupted_time_series": {"periods": 20, "periods_before": 10},
    "stepped_wedge": {
        "allocation": "random",
        "treated_units": None,
        "steps": 4,
        "periods_before": 2,
    },
    "synthetic_control": {
        "treated_units": 1,
        "units": 13,
        "periods": 14,
        "periods_before": 10,
        "people": 5000,
        "drift_sd": 0.05,
        "numbers_of_units": [13],
    },
    "dose_response": {**NO_START, "dose_sd": 0.5, "dose_step": 1.0},
    "mediation": {**NO_START, "dose_sd": 0.5, "dose_step": 0.5, "mediator_correlation": 0.5},
    "regression_discontinuity": {
        "periods_before": None,
        "periods": 1,
        "units": 600,
        "treated_units": 250,
        "people": 1,
        "numbers_of_units": [600],
    },
    "weighted_comparison": {
        "periods_before": None,
        "periods": 4,
        "units": 60,
        "treated_units": 25,
        "group_difference": 0.5,
        "numbers_of_units": [60],
    },
}


def values_of(design: str = "difference_in_differences", **changes: Any) -> dict[str, Any]:
    """Return the values of a plan, with changes."""
    return {**SHARED, "design": design, **OF_DESIGN[design], **changes}


def make_plan(design: str = "difference_in_differences", **changes: Any) -> PlanAStudy:
    """Return a validated plan, with changes."""
    made = validate(values_of(design, **changes), "plan.yml")
    assert isinstance(made, PlanAStudy)
    return made
