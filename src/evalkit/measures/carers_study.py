"""A study of unpaid carers from its tables: who they are, what a programme did, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.estimates import Estimate
from evalkit.measures.carers_described import (
    tabulate_carers,
    tabulate_domains,
    tabulate_expected,
    tabulate_identified,
)
from evalkit.measures.carers_effect import (
    EFFECTS,
    correlate_dyads,
    estimate_for_carers,
    estimate_moderation,
    tabulate_effects,
    while_caring,
)
from evalkit.measures.carers_lost import (
    compare_first,
    compare_lost,
    estimate_estimands,
    tabulate_lost,
)
from evalkit.measures.carers_scale import tabulate_sace_answers, tabulate_same_measure
from evalkit.measures.carers_waves import Carers, read_carers
from evalkit.results import ESTIMATE_COLUMNS, Result, pick_row
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

_ENDS = ("label", "estimate", "conf_low", "conf_high")
_ESTIMANDS = ("estimand", "shift", "carers", *_ENDS)
_GROUPS = ("group", "term", *_ENDS)
_LOST = ("arm", "status", "label", "carers", "share", "sace_before")
"""Columns of tables that have no rows where nothing is compared, and still can be shown."""


@dataclass(frozen=True, slots=True)
class Described:
    """Carers as they are: answers, groups, domains, and whether they are known.

    `answered` says how each domain was answered, `same` whether the score measures the same in
    both kinds of unit; it is empty where that cannot be asked.
    """

    carers: Carers
    groups: pd.DataFrame
    domains: pd.DataFrame
    identified: pd.DataFrame
    expected: pd.DataFrame
    answered: pd.DataFrame
    same: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Compared:
    """What the programme did; every frame is empty where nothing is compared.

    `estimands` has the effect on quality of life under both, with shifts of those lost; `effects`
    the other outcomes and the trade-off; `moderation` carers' groups; `for_carers` patients who
    are carers and the others; `lost_gap` and `first_gap` how the arms differ in those lost and at
    the first wave; `alike` the correlation within dyads.
    """

    estimands: pd.DataFrame
    effects: pd.DataFrame
    moderation: pd.DataFrame
    for_carers: pd.DataFrame
    lost: pd.DataFrame
    lost_gap: Estimate | None
    first_gap: Estimate | None
    alike: float
    result: Result

    @property
    def is_empty(self) -> bool:
        """Whether nothing was compared."""
        return self.estimands.empty


def describe_carers(tables: Mapping[str, pd.DataFrame], parameters: UnpaidCarers) -> Described:
    """Score the answers and describe carers as they were first asked."""
    carers, level = read_carers(tables, parameters), parameters.confidence_level
    if not carers.rows["sace"].notna().any():
        raise AnalysisError(
            f"sace: none of {len(carers.rows)} rows answers all six domains. Map the six columns, "
            "with options 1 to 3."
        )
    return Described(
        carers,
        tabulate_carers(carers.rows, level, parameters.fewest),
        tabulate_domains(carers.rows),
        tabulate_identified(carers.rows, level),
        tabulate_expected(tables, level),
        tabulate_sace_answers(carers.rows),
        tabulate_same_measure(carers.rows),
    )


def compare_carers(
    described: Described, tables: Mapping[str, pd.DataFrame], parameters: UnpaidCarers
) -> Compared:
    """Estimate what the programme did to carers, and to patients, where there are two waves."""
    carers = described.carers
    if not carers.compared:
        return _compare_nothing(described, parameters)
    pairs, level = carers.pairs, parameters.confidence_level
    lost_gap, first_gap = compare_lost(pairs, level), compare_first(pairs, level)
    estimands = estimate_estimands(pairs, parameters)
    effects = tabulate_effects(carers, parameters)
    for_carers = _none(_GROUPS)
    if {"answers", "units"} <= set(tables):
        for_carers = estimate_for_carers(tables["answers"], tables["units"], parameters)
    dyads = "patient_overall_before" in pairs
    return Compared(
        estimands,
        effects,
        estimate_moderation(carers, parameters),
        for_carers,
        tabulate_lost(pairs),
        lost_gap,
        first_gap,
        correlate_dyads(while_caring(pairs)) if dyads else np.nan,
        _make_result(estimands, effects, described, parameters),
    )


def _compare_nothing(described: Described, parameters: UnpaidCarers) -> Compared:
    """Return empty tables, and a result that describes."""
    estimands, effects = _none(_ESTIMANDS), _none(EFFECTS)
    result = _make_result(estimands, effects, described, parameters)
    groups, lost = _none(_GROUPS), _none(_LOST)
    return Compared(estimands, effects, groups, groups, lost, None, None, np.nan, result)


def _none(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


def pick_estimand(estimands: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Return the answer under one estimand, with nobody shifted."""
    return pick_row(estimands[estimands["shift"] == 0], estimand=name)


def _make_result(
    estimands: pd.DataFrame,
    effects: pd.DataFrame,
    described: Described,
    parameters: UnpaidCarers,
) -> Result:
    """Put the estimates into the columns that every study has; one wave before permits no cause."""
    if estimands.empty:
        whole = described.groups.iloc[:1]
        rows = whole.assign(term="mean", estimate=whole["mean"], n=whole["carers"])
        rows = rows.assign(conf_low=whole["mean_low"], conf_high=whole["mean_high"])
        rows = rows.assign(outcome="sace", group="all", method="clustered", label="All carers")
    else:
        plain = estimands[estimands["shift"] == 0]
        first = plain.assign(term="effect", outcome="sace", group=plain["estimand"])
        rest = effects.assign(term="effect", group="while_caring")
        rows = pd.concat([first, rest], ignore_index=True)
        rows = rows.assign(n=rows["carers"], clusters=rows["units"])
    columns = [*ESTIMATE_COLUMNS, "label"]
    facets = {"patient_overall": "overall", "identified": "functional"}
    made = rows.assign(
        level=parameters.confidence_level, facet=rows["outcome"].map(facets).fillna("felt")
    ).reindex(columns=columns)
    numbers = ["std_error", "n", "clusters", "df"]
    made[numbers] = made[numbers].astype(float)
    key = {"outcome": "sace", "group": "all" if estimands.empty else parameters.estimand_for}
    return Result("unpaid_carers", made, key, permits_cause=False)
