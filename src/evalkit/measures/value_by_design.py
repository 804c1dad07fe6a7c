"""The gain by a design of its own, and the gain that there was before anything began.

Difference-in-differences over all periods, and staggered adoption where there are several starts,
have their own inference for few clusters, and so are a second opinion on the gain that costs are
set against. Taken to have begun half-way through the time before the start, the same comparison
should find nothing. Who answered is looked at too: a mean moves where some stop answering.
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs import difference_in_differences, staggered_adoption
from evalkit.fits.joint_differences import fit_joint_differences
from evalkit.inference.arrays import Floats
from evalkit.measures.value_cohorts import hold_cohorts, pick_cohort, stack_cohorts
from evalkit.measures.value_sample import ValueSample, codes_of, summarise
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption
from evalkit.study.schemas.value_for_money import ValueForMoney

TOO_SHORT = 4
"""Fewest periods before the start in which an earlier movement can be looked for."""


def estimate_by_design(sample: ValueSample, parameters: ValueForMoney) -> "pd.Series[Any]":
    """Estimate the gain by a design of its own, period by period; its headline row.

    One start: difference-in-differences. Several: staggered adoption, each unit counted once.
    """
    answers = sample.answers[sample.answers["outcome"].notna()]
    used = answers[answers["unit"].isin(sample.units["unit"])]
    cells = used.groupby(["unit", "period", "time"], sort=True)["outcome"].agg(["mean", "size"])
    panel = cells.reset_index().rename(columns={"mean": "outcome", "size": "outcome_base"})
    facts = sample.units.drop_duplicates("unit").set_index("unit")
    began = panel["unit"].map(sample.began)
    table = panel.assign(
        unit_name=panel["unit"],
        cluster=panel["unit"].map(facts["cluster"]),
        weight=1.0,
        outcome_base=panel["outcome_base"].astype(float),
        first_treated=began,
        treated=panel["time"] >= began,
    )
    if len(sample.starts) > 1:
        return staggered_adoption.estimate(table, _staggered(parameters)).headline
    first = table.loc[table["time"] >= sample.starts[0], "period"].min()
    design = _difference(str(first), parameters)
    return difference_in_differences.estimate(table, design).headline


def estimate_earlier(
    sample: ValueSample, units: pd.DataFrame, parameters: ValueForMoney
) -> tuple[float, float, float, float] | None:
    """Estimate the gain as if it began half-way to each start: estimate, low, high, error.

    None with fewer than `TOO_SHORT` periods before a start.
    """
    cohorts = []
    for start in sample.starts:
        times = sorted(t for t in sample.activity["time"].unique() if t < start)
        if len(times) < TOO_SHORT:
            return None
        of = pick_cohort(units, sample.began, start)
        cohorts.append(_before(sample, of, start, int(times[len(times) // 2]), parameters))
    held = cohorts[0] if len(cohorts) == 1 else stack_cohorts(cohorts[0], cohorts)
    change = (held.after["outcome"] - held.before["outcome"]).to_numpy(float)
    return _compare(held, "outcome", change, parameters)


def estimate_answering(
    sample: ValueSample, parameters: ValueForMoney
) -> tuple[float, float, float, float] | None:
    """Estimate what a change in who answered, by deprivation, alone does to the gain.

    The change in the share of answers from the most deprived fifth, times how far that fifth
    stands apart: estimate, low, high, error. None without deprivation, or without either group.
    """
    if "core20" not in sample.answers or parameters.imd_version is None:
        return None
    known = sample.answers.dropna(subset=["outcome", "core20"])
    means = known.groupby("core20")["outcome"].mean()
    if len(means) < 2:
        return None
    moved = []
    for cohort, start in enumerate(sample.starts):
        later = known["time"] >= start
        earlier, since = (known[of].groupby("unit")["core20"].mean() for of in (~later, later))
        units = sample.units.loc[sample.units["cohort"] == cohort, "unit"]
        moved.append((since - earlier).reindex(units).to_numpy(float))
    change = float(means[1.0] - means[0.0]) * np.concatenate(moved)
    return _compare(sample, "answering", change, parameters)


def _compare(
    sample: ValueSample, name: str, change: Floats, parameters: ValueForMoney
) -> tuple[float, float, float, float]:
    """Compare a change (rows of `sample.units`) between units that began and those that did not."""
    found = fit_joint_differences(
        {name: change},
        sample.units["treated"].to_numpy(float),
        codes_of(sample.units["cluster"]),
        np.random.default_rng(parameters.seed),
        draws=parameters.draws,
        covariates=hold_cohorts(sample),
        weight=sample.units["weight"].to_numpy(float),
    )
    middle, low, high = found.interval({name: 1.0}, parameters.confidence_level)
    return middle, low, high, float(found.redrawn({name: 1.0}).std(ddof=1))


def _before(
    sample: ValueSample, units: pd.DataFrame, start: int, middle: int, parameters: ValueForMoney
) -> ValueSample:
    """Average what lies before a start on both sides of an earlier time."""
    activity, answers = (
        of[(of["time"] < start) & of["unit"].isin(units["unit"])].assign(
            after=lambda d: d["time"] >= middle, discount=1.0
        )
        for of in (sample.activity, sample.answers)
    )
    return summarise(units, activity, sample.costs.iloc[:0], answers, sample.began, parameters)


def share_at_best(sample: ValueSample, parameters: ValueForMoney) -> float:
    """Per cent of answers before the start, where it began, that stand at the best value."""
    answers = sample.answers
    before = answers[answers["treated"] & ~answers["after"] & answers["outcome"].notna()]
    best = before["outcome"] >= parameters.outcome_most
    if parameters.outcome_better == "lower":
        best = before["outcome"] <= parameters.outcome_most
    return 100 * float(best.mean()) if len(before) else np.nan


def _difference(start: str, parameters: ValueForMoney) -> DifferenceInDifferences:
    """Make the parameters of difference-in-differences from those of the study."""
    roles = ("unit", "period", "outcome", "outcome_base", "treated", "cluster")
    given = _design("difference_in_differences", roles, parameters)
    return DifferenceInDifferences.model_validate(
        given | {"start_period": start, "weight_by": "people"}
    )


def _staggered(parameters: ValueForMoney) -> StaggeredAdoption:
    """Make the parameters of staggered adoption from those of the study."""
    roles = ("unit", "period", "outcome", "outcome_base", "first_treated", "cluster")
    return StaggeredAdoption.model_validate(_design("staggered_adoption", roles, parameters))


def _design(notebook: str, roles: tuple[str, ...], parameters: ValueForMoney) -> dict[str, Any]:
    """Give what any design's parameters take from those of the study."""
    shared = ("study", "title", "question", "population", "estimand", "outcome_name")
    also = ("outcome_unit", "outcome_facet", "outcome_better", "confidence_level", "draws", "seed")
    given: dict[str, Any] = {name: getattr(parameters, name) for name in (*shared, *also)}
    return given | {
        "notebook": notebook,
        "co_production": [],
        "intervention_name": parameters.intervention_name or "the intervention",
        "minimum_important_difference": parameters.minimum_important_difference or 1.0,
        "outcome_kind": "number",
        "data_profile": parameters.model_dump()["answers_profile"],
        "data_columns": {name: name for name in roles},
    }
