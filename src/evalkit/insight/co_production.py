"""A study of co-production from its tables: decisions, ratings by both sides, priorities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.insight.best_worst import is_balanced, tabulate_best_worst
from evalkit.insight.both_sides import LIVED, tabulate_ratings
from evalkit.insight.consensus import (
    Rule,
    tabulate_attrition,
    tabulate_consensus,
    tabulate_stability,
)
from evalkit.insight.decisions import (
    ALL,
    Earliest,
    find_earliest,
    refuse_unknown_words,
    tabulate_adoption,
    tabulate_not_taken,
    tabulate_pay,
    tabulate_stages,
    tabulate_voices,
)
from evalkit.insight.dose_of_co_production import associate_dose, tabulate_doses
from evalkit.insight.priorities import (
    open_ballots,
    tabulate_concordance,
    tabulate_merged,
    tabulate_places,
    tabulate_rank_agreement,
)
from evalkit.insight.reporting_of_involvement import ITEMS, tabulate_reporting
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.co_production import CoProduction


@dataclass(frozen=True, slots=True)
class Decided:
    """What the log says: by stage, by proposer, by voice, over time, and payment."""

    stages: pd.DataFrame
    adoption: pd.DataFrame
    not_taken: pd.DataFrame
    voices: pd.DataFrame
    pay: pd.DataFrame
    doses: pd.DataFrame
    association: pd.DataFrame
    earliest: Earliest


@dataclass(frozen=True, slots=True)
class Prioritised:
    """What each group puts first, each table empty where it was not asked.

    `left_out` counts participants who did not rank every topic in the last round.
    """

    attrition: pd.DataFrame
    consensus: pd.DataFrame
    stability: pd.DataFrame
    places: pd.DataFrame
    concordance: pd.DataFrame
    agreement: pd.DataFrame
    merged: pd.DataFrame
    best_worst: pd.DataFrame
    left_out: int = 0
    balanced: bool = True


_ASKED = (
    "attrition",
    "consensus",
    "stability",
    "places",
    "concordance",
    "agreement",
    "merged",
)
"""What needs priorities of groups."""


@dataclass(frozen=True, slots=True)
class CoProduced:
    """What was found; `ratings` is empty where nobody rated."""

    decided: Decided
    ratings: pd.DataFrame
    priorities: Prioritised
    reporting: pd.DataFrame
    result: Result


def study_co_production(tables: Mapping[str, pd.DataFrame], parameters: CoProduction) -> CoProduced:
    """Describe who decided, how both sides rate it, and what each group puts first."""
    level = parameters.confidence_level
    decided = _study_decisions(tables, parameters)
    ratings = pd.DataFrame()
    if "ratings" in tables:
        ratings = tabulate_ratings(tables["ratings"], level)
    said = {item: getattr(parameters, f"gripp2_{item}") for item in ITEMS}
    return CoProduced(
        decided,
        ratings,
        _study_priorities(tables, parameters),
        tabulate_reporting(said),
        _make_result(decided, ratings, tables, level),
    )


def _study_decisions(tables: Mapping[str, pd.DataFrame], parameters: CoProduction) -> Decided:
    log, level = tables["decisions"], parameters.confidence_level
    refuse_unknown_words(log)
    stages = tabulate_stages(log, level)
    association = pd.DataFrame()
    if "outcomes" in tables:
        rng = np.random.default_rng(parameters.seed)
        association = associate_dose(log, tables["outcomes"], rng, draws=parameters.draws)
    return Decided(
        stages,
        tabulate_adoption(log, level),
        tabulate_not_taken(log),
        tabulate_voices(log, level),
        tabulate_pay(log),
        tabulate_doses(log),
        association,
        find_earliest(stages, parameters.share_wanted),
    )


def _study_priorities(tables: Mapping[str, pd.DataFrame], parameters: CoProduction) -> Prioritised:
    nothing = pd.DataFrame()
    level, draws = parameters.confidence_level, parameters.draws
    rng = np.random.default_rng(parameters.seed)
    best_worst, balanced = nothing, True
    if "best_worst" in tables:
        own = np.random.default_rng(parameters.seed)
        best_worst = tabulate_best_worst(tables["best_worst"], own, draws=draws, level=level)
        balanced = is_balanced(tables["best_worst"])
    if "priorities" not in tables:
        absent: dict[str, Any] = dict.fromkeys(_ASKED, nothing)
        return Prioritised(**absent, best_worst=best_worst, balanced=balanced)
    scores = tables["priorities"]
    rule = Rule(parameters.delphi_agree, parameters.delphi_against, parameters.delphi_stable)
    ballots = open_ballots(scores)
    weight = parameters.weight_lived_experience
    return Prioritised(
        tabulate_attrition(scores),
        tabulate_consensus(scores, rule),
        tabulate_stability(scores, rule),
        tabulate_places(ballots, rng, draws=draws, level=level),
        tabulate_concordance(ballots, rng, draws),
        tabulate_rank_agreement(ballots, rng, draws=draws, level=level),
        nothing
        if weight is None
        else tabulate_merged(ballots, _weigh(list(ballots.ranks), weight)),
        best_worst,
        ballots.left_out,
        balanced,
    )


def _weigh(sides: list[str], weight: float) -> dict[str, float]:
    """Give lived experience its weight and the other groups an equal part of the rest."""
    if LIVED not in sides or len(sides) < 2:
        raise AnalysisError(
            f"weight_lived_experience: a weight is set, and {len(sides)} groups ranked. Give ranks "
            f"of {LIVED} and of another group, or set the weight to null."
        )
    others = [side for side in sides if side != LIVED]
    return {LIVED: weight} | dict.fromkeys(others, (1 - weight) / len(others))


def _make_result(
    decided: Decided, ratings: pd.DataFrame, tables: Mapping[str, pd.DataFrame], level: float
) -> Result:
    """Put shares of decisions and the gap of ratings into the columns that every study has."""
    stages = decided.stages.assign(
        term="decided",
        group=np.where(decided.stages["stage"] == ALL, ALL, "stage:" + decided.stages["stage"]),
        label=np.where(
            decided.stages["stage"] == ALL,
            "Partners among the deciders",
            "Partners among the deciders, on " + decided.stages["stage"],
        ),
        n=decided.stages["decisions"],
        method="wilson",
    )
    taken = decided.adoption.assign(
        term="taken_up",
        group="proposer:" + decided.adoption["key"],
        label="Proposals taken up, of " + decided.adoption["label"].str.lower(),
        n=decided.adoption["proposals"],
        method="wilson",
    )
    parts = [stages.iloc[::-1], taken]
    if not ratings.empty:
        parts.append(_gap_rows(ratings, tables["ratings"]["rater"].nunique()))
    rows = pd.concat(parts, ignore_index=True).assign(
        outcome="outcome", facet="overall", level=level, clusters=np.nan
    )
    estimates = rows.reindex(columns=[*ESTIMATE_COLUMNS, "label"])
    return Result("co_production", estimates, {"term": "decided", "group": ALL})


def _gap_rows(ratings: pd.DataFrame, raters: int) -> pd.DataFrame:
    whole = ratings[(ratings["part"] == ALL) & (ratings["name"] == ALL)]
    named = whole.rename(
        columns={"gap": "estimate", "gap_low": "conf_low", "gap_high": "conf_high"}
    )
    label = "Rating by people with lived experience less that by professionals"
    return named.assign(term="rating_gap", group=ALL, label=label, n=raters, method="welch")
