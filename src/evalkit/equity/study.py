"""A study of inequalities from its tables: groups, gaps, combinations, and what changed the gap."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.equity.editions import require_edition
from evalkit.equity.gap_change import ALL, CHANGE, estimate_gap_change
from evalkit.equity.gaps import split_gap, tabulate_gaps
from evalkit.equity.groups import add_groups, tabulate_groups, tabulate_known
from evalkit.equity.response import tabulate_response, tabulate_response_change
from evalkit.equity.strata import Strata, fit_strata
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.fields import FACETS
from evalkit.study.schemas.health_inequalities import HealthInequalities


@dataclass(frozen=True, slots=True)
class Opened:
    """The answers with their groups, who could have answered, and when units began (or None)."""

    answers: pd.DataFrame
    units: pd.DataFrame | None
    known: pd.DataFrame
    response: pd.DataFrame
    response_change: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Inequalities:
    """What was found; `change` is empty where nothing was changed.

    `facets` has what answers the question for each part of experience that is mapped.
    `result` holds the estimates tidy, with the one that answers the question as its headline.
    """

    groups: pd.DataFrame
    gaps: pd.DataFrame
    parts: pd.DataFrame
    change: pd.DataFrame
    facets: pd.DataFrame
    strata: Strata
    result: Result


def open_answers(tables: Mapping[str, pd.DataFrame], parameters: HealthInequalities) -> Opened:
    """Give the answers their groups; refuses places from another edition of the index."""
    require_edition(tables["answers"], parameters.imd_version)
    answers = add_groups(tables["answers"])
    level = parameters.confidence_level
    units, response, moved = tables.get("units"), pd.DataFrame(), pd.DataFrame()
    if "eligible" in tables:
        eligible = add_groups(tables["eligible"])
        response = tabulate_response(answers, eligible, level)
        if units is not None:
            moved = tabulate_response_change(answers, eligible, units, level)
    return Opened(answers, units, tabulate_known(answers), response, moved)


def study_inequalities(opened: Opened, parameters: HealthInequalities) -> Inequalities:
    """Describe every group and gap, and estimate what became of the gap where units began."""
    answers, level = opened.answers, parameters.confidence_level
    bounds = (parameters.outcome_least, parameters.outcome_most)
    gaps = tabulate_gaps(answers, bounds, level)
    parts = split_gap(answers, level) if "provider" in answers else pd.DataFrame()
    names = [str(name) for name in parameters.strata if name in answers]
    change = pd.DataFrame(columns=[*ESTIMATE_COLUMNS, "label"])
    if opened.units is not None:
        change = estimate_gap_change(answers, opened.units, parameters)
    return Inequalities(
        tabulate_groups(answers, level, parameters.fewest),
        gaps,
        parts,
        change,
        _by_facet(opened, change, gaps, parameters),
        fit_strata(answers, names, level, parameters.fewest),
        _make_result(gaps, change, answers, parameters),
    )


def _by_facet(
    opened: Opened, change: pd.DataFrame, gaps: pd.DataFrame, parameters: HealthInequalities
) -> pd.DataFrame:
    """Answer the question for the outcome and each mapped facet: the gap's change, or the gap."""
    rows = [_headline(change, gaps).assign(facet=parameters.outcome_facet)]
    for facet in [f for f in FACETS if f in opened.answers and f != parameters.outcome_facet]:
        answers = opened.answers.assign(outcome=opened.answers[facet])
        bounds = (parameters.outcome_least, parameters.outcome_most)
        moved = change
        if opened.units is not None:
            moved = estimate_gap_change(answers, opened.units, parameters)
        also = tabulate_gaps(answers, bounds, parameters.confidence_level)
        rows.append(_headline(moved, also).assign(facet=facet))
    return pd.concat(rows, ignore_index=True) if len(rows) > 1 else pd.DataFrame()


def _headline(change: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """The row that answers the question: the gap's change where there is one, or the gap."""
    return gaps[gaps["measure"] == "gap"] if change.empty else change[change["group"] == CHANGE]


def _make_result(
    gaps: pd.DataFrame,
    change: pd.DataFrame,
    answers: pd.DataFrame,
    parameters: HealthInequalities,
) -> Result:
    """Put the gaps and their change into the columns that every study has."""
    described = gaps.assign(
        term=gaps["measure"],
        group=ALL,
        method="clustered",
        clusters=answers["unit"].nunique(),
    )
    rows = described if change.empty else pd.concat([change, described], ignore_index=True)
    shared = {
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "level": parameters.confidence_level,
    }
    estimates = rows.assign(**shared).reindex(columns=[*ESTIMATE_COLUMNS, "label"])
    estimates = estimates.astype({"n": float, "df": float}).replace({np.inf: np.nan})
    key = {"term": "gap"} if change.empty else {"group": CHANGE}
    permits = not change.empty
    return Result("health_inequalities", estimates, key, permits_cause=permits)
