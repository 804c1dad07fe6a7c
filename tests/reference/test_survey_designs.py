"""Designs on people whom a survey drew by strata and sampling units, against R's survey package."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from evalkit.designs import before_after, weighted_comparison
from evalkit.study.schemas.before_after import BeforeAfter
from evalkit.study.schemas.weighted_comparison import WeightedComparison

JOBS = ("survey_designs",)
SHARED: dict[str, Any] = {
    "study": "drawn",
    "title": "Drawn",
    "question": "Did it change?",
    "population": "people drawn",
    "estimand": "mean difference",
    "co_production": [],
    "intervention_name": "an offer",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "minimum_important_difference": 0.2,
    "data_rows": "people",
    "data_profile": "tre10",
    "data_columns": {},
    "seed": 1,
}


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each stored value is found by the design's own `estimate`."""
    agree(value, reproduce(value["name"], table("survey")))


def reproduce(name: str, people: pd.DataFrame) -> Mapping[str, float]:
    """Return the row of estimates of that name."""
    design, _, part = name.partition("_")
    if design == "weighted":
        return compare(people, "unadjusted" if name.endswith("unadjusted") else "overlap_weights")
    part = name.removeprefix("before_after").removeprefix("_")
    study: dict[str, Any] = {"adjust_for": ["top_box"] if part == "adjusted" else []}
    if part == "some_missing":
        missing = pd.RangeIndex(1, len(people) + 1) % 7 == 0
        people = people.assign(score=people["score"].mask(missing))
    if part.startswith("single_unit"):
        first = people.loc[people["stratum"] == 1, "psu"].min()
        people = people[(people["stratum"] != 1) | (people["psu"] == first)]
        study["single_unit_strata"] = part.rpartition("_")[2]
    made = design_table(people)
    if part == "people_drawn_alone":
        made = made.drop(columns="sampling_unit")
    made["first_treated"] = 1.0
    parameters = BeforeAfter(notebook="before_after", start_period="1", **{**SHARED, **study})
    return before_after.estimate(made, parameters).headline.to_dict()


def compare(people: pd.DataFrame, method: str) -> Mapping[str, float]:
    """Compare women with men, made alike in age and in top box; one row by its method."""
    study = {**SHARED, "adjust_for": ["age_group", "top_box"]}
    parameters = WeightedComparison(notebook="weighted_comparison", **study)
    made = design_table(people).assign(treated=people["female"] == 1, period="1", time=1)
    rows = weighted_comparison.estimate(made, parameters).estimates
    return rows.set_index("method").loc[method].to_dict()


def design_table(people: pd.DataFrame) -> pd.DataFrame:
    """Lay out the survey as a design reads it: age groups are units, and women come after."""
    codes = people["age_group"].astype(str)
    return pd.DataFrame(
        {
            "unit": codes,
            "unit_name": codes,
            "period": people["female"].astype(str),
            "time": people["female"],
            "outcome": people["score"],
            "outcome_base": float("nan"),
            "cluster": codes,
            "weight": people["weight"],
            "stratum": people["stratum"].astype(str),
            "sampling_unit": people["psu"].astype(str),
            "age_group": people["age_group"].astype(float),
            "top_box": people["top_box"].astype(float),
        }
    )
