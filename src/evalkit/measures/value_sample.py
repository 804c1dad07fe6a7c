"""From costs, people cared for and answers to one row a unit: before, after, and the change.

Each unit's outcomes are averaged before and after its start, which keeps what neighbouring
periods share from counting twice (Bertrand, Duflo and Mullainathan 2004, Quarterly Journal of
Economics 119:249-275). Costs are per person cared for. What falls in the second year after the
start or later is discounted (Green Book, HM Treasury: 3.5% a year), people and costs alike.
Several starts: `value_cohorts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.carers import SACE_DOMAINS, score_sace
from evalkit.study.fields import FACETS
from evalkit.study.schemas.value_for_money import ValueForMoney

EXPERIENCE = ("outcome", "overall", *FACETS)
GAP, SICKNESS, CARERS, EVERYBODY = "gap", "sickness", "carers", "everybody"
COST = "cost: "
CORE20 = 2
"""Deciles of the most deprived fifth."""

_A_YEAR = {4: 1, 6: 4, 7: 12}
"""Periods a year, by the length of a period as written: 2024, 2024Q1, 2024-01."""


@dataclass(frozen=True, slots=True)
class ValueSample:
    """One row a unit: `unit, cluster, treated, people, weight, cohort`, and by outcome its change.

    With several starts (`began`: unit to time; NaN never) units that never began have a row for
    each, which is its `cohort`. `before` and `after` (unit, outcome) are the means whose difference
    the change is; costs are per person, of each payer as `cost: payer` and of all together as
    `cost: everybody`. `bases` counts the people behind each outcome. `carers` has one row a
    provider, empty without any.
    """

    units: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame
    bases: dict[str, float]
    carers: pd.DataFrame
    costs: pd.DataFrame
    activity: pd.DataFrame
    answers: pd.DataFrame
    began: "pd.Series[float]"

    @property
    def starts(self) -> list[int]:
        """List the times at which units began."""
        return sorted(int(time) for time in self.began.dropna().unique())


def join_tables(
    tables: Mapping[str, pd.DataFrame],
    units: pd.DataFrame,
    start: "pd.Series[int]",
    parameters: ValueForMoney,
) -> list[pd.DataFrame]:
    """Join activity, costs and answers with the time from which each unit counts as after."""
    named = ("activity", "costs", "answers")
    return [_join(tables[name], units, start, parameters) for name in named]


def summarise(
    units: pd.DataFrame,
    activity: pd.DataFrame,
    costs: pd.DataFrame,
    answers: pd.DataFrame,
    began: "pd.Series[float]",
    parameters: ValueForMoney,
    carers: pd.DataFrame | None = None,
) -> ValueSample:
    """Average joined tables before and after; `after` and `discount` are columns of each."""
    named = [name for name in EXPERIENCE if name in answers and answers[name].notna().any()]
    means = {name: _mean_by_side(answers, name) for name in named}
    if "deprivation_decile" in answers and parameters.imd_version is not None:
        means[GAP] = _gap_by_side(answers)
    if "sickness_days" in activity:
        means[SICKNESS] = 100 * _sum_by_side(activity, "sickness_days") / _people(activity)
    paid = _costs_by_side(costs, activity, parameters)
    held = {**means, **paid}
    index = pd.Index(sorted(activity["unit"].unique()), name="unit")
    before = pd.DataFrame({name: of[False].reindex(index) for name, of in held.items()})
    after = pd.DataFrame({name: of[True].reindex(index) for name, of in held.items()})
    facts = units.set_index("unit").reindex(index)
    cluster = facts["provider"] if "provider" in facts else pd.Series(index, index=index)
    served = activity[activity["after"]].groupby("unit")["people"].sum().reindex(index).fillna(0)
    rows = pd.DataFrame(
        {
            "cluster": cluster.fillna(pd.Series(index, index=index)).astype(str),
            "treated": facts["start"].notna().astype(float),
            "people": served,
            "weight": served,
            "cohort": 0,
        }
    )
    kept = (rows["people"] > 0) & after["outcome"].notna() & before["outcome"].notna()
    bases = {name: float(answers[name].notna().sum()) for name in named}
    if GAP in means:
        bases[GAP] = float((answers["outcome"].notna() & answers["core20"].notna()).sum())
    people = float(activity["people"].sum())
    bases |= {name: people for name in held if name not in bases}
    return ValueSample(
        rows[kept].reset_index(),
        before[kept],
        after[kept],
        bases,
        _carers_by_provider(carers, units),
        costs,
        activity,
        answers,
        began,
    )


def refuse_mixed_prices(costs: pd.DataFrame, parameters: ValueForMoney) -> None:
    """Refuse amounts in other prices than the year named, and a payer that is not there."""
    other = int((costs["price_year"] != parameters.price_year).sum())
    if other:
        raise AnalysisError(
            f"price_year: {other} of {len(costs)} amounts are not in prices of "
            f"{parameters.price_year}. Bring all of them to one year first; nothing is mixed here."
        )
    unknown = int(costs["amount"].isna().sum())
    if unknown:
        raise AnalysisError(
            f"amount: {unknown} of {len(costs)} are missing. Give them, or take the rows out and "
            "say which costs are left out."
        )
    if parameters.perspective not in set(costs["payer"]):
        raise AnalysisError(
            f"perspective ({parameters.perspective}): no cost is borne by this payer. Name one of "
            "those in the payer column."
        )


def refuse_mixed_editions(answers: pd.DataFrame, parameters: ValueForMoney) -> None:
    """Refuse answers placed by another edition of the deprivation index than the one named."""
    if "imd_version" not in answers or parameters.imd_version is None:
        return
    said = answers["imd_version"].dropna().astype(str).str.removesuffix(".0")
    other = int((said != parameters.imd_version).sum())
    if other:
        raise AnalysisError(
            f"imd_version: {other} of {len(said)} answers are of another edition than "
            f"{parameters.imd_version}. Look every place up in one edition."
        )


def _join(
    table: pd.DataFrame, units: pd.DataFrame, start: "pd.Series[int]", parameters: ValueForMoney
) -> pd.DataFrame:
    """Keep rows of known units; say which side of the start they are on, and what they count."""
    kept = table[table["unit"].isin(units["unit"])]
    treated = kept["unit"].map(units.set_index("unit")["start"]).notna()
    a_year = _A_YEAR.get(len(str(kept["period"].iloc[0])), 1) if len(kept) else 1
    since = kept["time"] - kept["unit"].map(start)
    years = (since // a_year).clip(lower=0)
    joined = kept.assign(
        after=since >= 0,
        treated=treated,
        discount=(1 + parameters.discount_percent / 100) ** -years.astype(float),
    )
    if "deprivation_decile" in joined:
        decile = joined["deprivation_decile"]
        joined["core20"] = (decile <= CORE20).astype(float).where(decile.notna())
    return joined


def _mean_by_side(answers: pd.DataFrame, name: str) -> pd.DataFrame:
    known = answers[answers[name].notna()]
    sums = known.assign(total=known[name] * known["discount"]).groupby(["unit", "after"])
    both = sums[["total", "discount"]].sum()
    return _sides(both["total"] / both["discount"])


def _gap_by_side(answers: pd.DataFrame) -> pd.DataFrame:
    """Mean of the most deprived fifth less that of the rest, by unit and side."""
    poor, rest = (
        _mean_by_side(answers[answers["core20"] == group], "outcome") for group in (1.0, 0.0)
    )
    return poor - rest


def _sum_by_side(table: pd.DataFrame, name: str) -> pd.DataFrame:
    known = table.assign(total=table[name] * table["discount"])
    return _sides(known.groupby(["unit", "after"])["total"].sum())


def _people(activity: pd.DataFrame) -> pd.DataFrame:
    return _sum_by_side(activity, "people")


def _sides(by: "pd.Series[float]") -> pd.DataFrame:
    frame = by.rename("value").reset_index()
    wide = frame.pivot(index="unit", columns="after", values="value")  # noqa: PD010
    return wide.reindex(columns=[False, True])


def _costs_by_side(
    costs: pd.DataFrame, activity: pd.DataFrame, parameters: ValueForMoney
) -> dict[str, pd.DataFrame]:
    """Cost per person by payer; extra costs are all set against the time from the start on."""
    people = _people(activity)
    if parameters.costs_are == "extra":
        costs = costs.assign(after=True)
    found = {}
    for payer in [*sorted(costs["payer"].dropna().unique()), EVERYBODY]:
        of = costs if payer == EVERYBODY else costs[costs["payer"] == payer]
        spent = _sum_by_side(of, "amount").reindex(people.index).fillna(0.0)
        found[f"{COST}{payer}"] = spent / people.where(people > 0)
    return found


def _carers_by_provider(carers: pd.DataFrame | None, units: pd.DataFrame) -> pd.DataFrame:
    """Mean change in carers' quality of life (SACE, 0-12) by provider, of those asked twice."""
    if carers is None or "provider" not in units:
        return pd.DataFrame()
    scored = carers.assign(score=score_sace(carers[list(SACE_DOMAINS)]))
    waves = scored.pivot_table(index=["provider", "carer"], columns="wave", values="score")
    if not {"before", "after"} <= set(waves):
        raise AnalysisError(
            "wave: carers' answers are not of the waves before and after. Name the waves so."
        )
    both = waves.dropna(subset=["before", "after"])
    by = both.groupby("provider").agg(before=("before", "mean"), after=("after", "mean"))
    by["people"] = both.groupby("provider").size().astype(float)
    began = set(units.loc[units["start"].notna(), "provider"])
    by["treated"] = by.index.isin(list(began)).astype(float)
    return by.reset_index()


def codes_of(names: pd.Series) -> np.ndarray:
    """Number the clusters."""
    return np.asarray(pd.factorize(names)[0], dtype=np.int64)
