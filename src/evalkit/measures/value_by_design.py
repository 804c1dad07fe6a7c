"""The gain by a design of its own, and the gain that there was before anything began.

Difference-in-differences over all periods has its own inference for few clusters, and so is a
second opinion on the gain that costs are set against. Taken to have begun half-way through the
time before the start, the same comparison should find nothing.
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import difference_in_differences
from evalkit.fits.joint_differences import fit_joint_differences
from evalkit.measures.value_sample import ValueSample, codes_of, summarise
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.value_for_money import ValueForMoney

TOO_SHORT = 4
"""Fewest periods before the start in which an earlier movement can be looked for."""


def estimate_by_design(sample: ValueSample, parameters: ValueForMoney) -> "pd.Series[Any]":
    """Estimate the gain by difference-in-differences, period by period; its headline row."""
    answers = sample.answers[sample.answers["outcome"].notna()]
    used = answers[answers["unit"].isin(sample.units["unit"])]
    cells = used.groupby(["unit", "period", "time"], sort=True)["outcome"].agg(["mean", "size"])
    panel = cells.reset_index().rename(columns={"mean": "outcome", "size": "outcome_base"})
    facts = sample.units.set_index("unit")
    treated = panel["unit"].map(facts["treated"]) == 1
    table = panel.assign(
        unit_name=panel["unit"],
        cluster=panel["unit"].map(facts["cluster"]),
        weight=1.0,
        outcome_base=panel["outcome_base"].astype(float),
        first_treated=np.where(treated, float(sample.start), np.nan),
        treated=treated & (panel["time"] >= sample.start),
    )
    began = table.loc[table["time"] >= sample.start, "period"].min()
    return difference_in_differences.estimate(table, _design(str(began), parameters)).headline


def estimate_earlier(
    sample: ValueSample, units: pd.DataFrame, parameters: ValueForMoney
) -> tuple[float, float, float, float] | None:
    """Estimate the gain as if it began half-way to the start: estimate, low, high, error.

    None with fewer than `TOO_SHORT` periods before the start.
    """
    times = sorted(t for t in sample.activity["time"].unique() if t < sample.start)
    if len(times) < TOO_SHORT:
        return None
    middle = times[len(times) // 2]
    activity, answers = (
        of[of["time"] < sample.start].assign(after=lambda d: d["time"] >= middle)
        for of in (sample.activity, sample.answers)
    )
    costs = sample.costs.iloc[:0]
    held = summarise(units, activity, costs, answers, int(middle), parameters)
    change = (held.after["outcome"] - held.before["outcome"]).to_numpy(float)
    found = fit_joint_differences(
        {"outcome": change},
        held.units["treated"].to_numpy(float),
        codes_of(held.units["cluster"]),
        np.random.default_rng(parameters.seed),
        draws=parameters.draws,
        weight=held.units["people"].to_numpy(float),
    )
    middle_, low, high = found.interval({"outcome": 1.0}, parameters.confidence_level)
    return middle_, low, high, float(found.draws[:, 0].std(ddof=1))


def share_at_best(sample: ValueSample, parameters: ValueForMoney) -> float:
    """Per cent of answers before the start, where it began, that stand at the best value."""
    answers = sample.answers
    before = answers[answers["treated"] & ~answers["after"] & answers["outcome"].notna()]
    best = before["outcome"] >= parameters.outcome_most
    if parameters.outcome_better == "lower":
        best = before["outcome"] <= parameters.outcome_most
    return 100 * float(best.mean()) if len(before) else np.nan


def _design(start: str, parameters: ValueForMoney) -> DifferenceInDifferences:
    """Make the parameters of the design from those of the study."""
    shared = ("study", "title", "question", "population", "estimand", "outcome_name")
    also = ("outcome_unit", "outcome_facet", "outcome_better", "confidence_level", "draws", "seed")
    roles = ("unit", "period", "outcome", "outcome_base", "treated", "cluster")
    given: dict[str, Any] = {name: getattr(parameters, name) for name in (*shared, *also)}
    given |= {
        "notebook": "difference_in_differences",
        "co_production": [],
        "intervention_name": parameters.intervention_name or "the intervention",
        "minimum_important_difference": parameters.minimum_important_difference or 1.0,
        "outcome_kind": "number",
        "start_period": start,
        "weight_by": "people",
        "data_profile": parameters.model_dump()["answers_profile"],
        "data_columns": {name: name for name in roles},
    }
    return DifferenceInDifferences.model_validate(given)
