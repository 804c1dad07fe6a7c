"""Scores of questions that stand somewhere on the journey, with how they move together.

Either people answer (options scored 0 to 10, `survey_scores`; a question's score is the mean over
all who answered), or units' scores are given (the plain mean over units). Errors come from units:
each is drawn as one, its answers to all questions together (Binder 1983). A question
answered by too few is not scored, and said to be so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.measures.always_events import score_always, tabulate_always
from evalkit.measures.survey_scores import BEST, OPTIONS, score_items
from evalkit.study.fields import TOUCHPOINTS
from evalkit.study.schemas.journey import Journey

FACETS = ("relational", "functional", "felt")
OVERALL = "overall"
FEWEST_UNITS = 5


@dataclass(frozen=True, slots=True)
class ItemScores:
    """One row a question, its score (m,), and the share of it that each unit moves (units, m).

    `items` has `item, wording, facet, touchpoint, n, score, top` (per cent with the best score;
    NaN where not known). `influence` adds up to nothing over units.
    """

    items: pd.DataFrame
    influence: Floats

    @property
    def covariance(self) -> Floats:
        """Covariance (m, m) of the scores, units drawn as ones."""
        units = len(self.influence)
        return np.asarray(self.influence.T @ self.influence * units / (units - 1))

    @property
    def df(self) -> float:
        """Units less one."""
        return float(len(self.influence) - 1)


def score_journey(tables: dict[str, pd.DataFrame], parameters: Journey) -> ItemScores:
    """Score every question that enough people answered, from answers or from units' scores.

    Raises AnalysisError where neither or both are given, and for places that are not known.
    """
    items = _place(tables["items"])
    given = [name for name in ("answers", "scores") if name in tables]
    if len(given) != 1:
        raise AnalysisError(
            f"journey: {len(given)} of answers and scores are given. Give people's answers, or "
            "units' scores of questions."
        )
    if given == ["answers"]:
        return _score_answers(tables["answers"], items, parameters)
    return _score_units(tables["scores"], items, parameters)


def tabulate_respondents(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """How many answered for themselves and for others, and their mean score, side by side.

    Columns `respondent, n, score`; empty where it is not known.
    """
    answers = tables.get("answers", pd.DataFrame())
    if "respondent" not in answers:
        return pd.DataFrame()
    formats = _formats(_place(tables["items"]))
    scores = score_items(answers, {i: f for i, f in formats.items() if i in answers})
    people = answers.assign(score=scores.mean(axis=1)).dropna(subset=["score"])
    grouped = people.groupby("respondent")["score"]
    return grouped.agg(n="size", score="mean").reset_index()


def tabulate_always_events(tables: dict[str, pd.DataFrame], parameters: Journey) -> pd.DataFrame:
    """Share to whom each Always Event always happened, top answer alone, with its interval.

    Columns `item, wording, facet, touchpoint, events, n, always, conf_low, conf_high` and, with a
    target, `target, reached`; empty where no question is one or no answers are given.
    """
    items, answers = tables["items"], _whose(tables.get("answers"), parameters)
    if answers.empty or "always_event" not in items:
        return pd.DataFrame()
    formats = _formats(_place(items))
    chosen = [
        row
        for row in items[items["always_event"].astype(bool)].to_dict("records")
        if row["item"] in answers and OPTIONS[formats[row["item"]]] is not None
    ]
    rows = []
    for row in chosen:
        options = OPTIONS[formats[row["item"]]] or 0
        always = score_always(answers[row["item"]], options)
        people = pd.DataFrame({"always": always, "item": row["item"]})
        target, level = parameters.always_target, parameters.confidence_level
        found = tabulate_always(people, by=["item"], target=target, level=level)
        rows.append(found.assign(**{k: row[k] for k in ("wording", "facet", "touchpoint")}))
    if not rows:
        return pd.DataFrame()
    table = pd.concat(rows, ignore_index=True)
    first = ["item", "wording", "facet", "touchpoint"]
    return table[[*first, *(name for name in table if name not in first)]]


def _place(items: pd.DataFrame) -> pd.DataFrame:
    """Return items in the order of the journey, refusing places that are not known."""
    facets = int((~items["facet"].isin([*FACETS, OVERALL])).sum())
    moments = int((~items["touchpoint"].isin(list(TOUCHPOINTS))).sum())
    if facets or moments:
        raise AnalysisError(
            f"items: {facets} have an unknown facet and {moments} an unknown touchpoint. Facets "
            f"are {', '.join([*FACETS, OVERALL])}; touchpoints T01 to T12."
        )
    return items.sort_values(["touchpoint", "item"], kind="stable", ignore_index=True)


def _formats(items: pd.DataFrame) -> dict[str, str]:
    if "options" not in items:
        raise AnalysisError("items: options are not mapped. Name how each question is answered.")
    return dict(zip(items["item"], items["options"], strict=True))


def _whose(answers: pd.DataFrame | None, parameters: Journey) -> pd.DataFrame:
    """Keep the answers of those who are asked about."""
    if answers is None:
        return pd.DataFrame()
    if "respondent" not in answers:
        return answers
    kinds = int(answers["respondent"].nunique())
    if parameters.respondent is None and kinds > 1:
        raise AnalysisError(
            f"respondent: {kinds} kinds of people answered, who may not be put together. Name one."
        )
    if parameters.respondent is None:
        return answers
    kept = answers[answers["respondent"] == parameters.respondent]
    if kept.empty:
        raise AnalysisError(
            f"respondent ({parameters.respondent}): nobody so named answered. Give the word as it "
            "stands in the data."
        )
    return kept.reset_index(drop=True)


def _score_answers(answers: pd.DataFrame, items: pd.DataFrame, parameters: Journey) -> ItemScores:
    mine = _whose(answers, parameters)
    formats = {item: name for item, name in _formats(items).items() if item in mine}
    scores = score_items(mine, formats)
    counts = scores.notna().sum()
    kept = [item for item in formats if counts[item] >= parameters.fewest]
    values = scores[kept].to_numpy(float)
    means = np.nanmean(values, axis=0) if kept else np.empty(0)
    codes, units = pd.factorize(mine["unit"])
    away = np.nan_to_num(values - means) / counts[kept].to_numpy(float)
    influence = np.zeros((len(units), len(kept)))
    np.add.at(influence, codes, away)
    top = 100 * np.mean(values == BEST, axis=0) * len(values) / counts[kept].to_numpy(float)
    described = {"n": counts[kept].to_numpy(float), "score": means, "top": top}
    return _made(items, kept, described, influence)


def _score_units(scores: pd.DataFrame, items: pd.DataFrame, parameters: Journey) -> ItemScores:
    keys = ["unit", "item"]
    if scores.duplicated(keys).any():
        raise AnalysisError(
            f"scores: {int(scores.duplicated(keys).sum())} rows repeat a unit and question. Name "
            "one period in `periods`."
        )
    known = scores[(scores["base"] >= parameters.fewest) & scores["score"].notna()]
    wide = known.pivot_table(index="unit", columns="item", values="score")
    base = known.groupby("item")["base"].sum()
    kept = [i for i in items["item"] if i in wide and wide[i].notna().sum() >= FEWEST_UNITS]
    values = wide[kept].to_numpy(float)
    means = np.nanmean(values, axis=0) if kept else np.empty(0)
    influence = np.nan_to_num(values - means) / np.sum(~np.isnan(values), axis=0)
    described = {"n": base[kept].to_numpy(float), "score": means, "top": np.full(len(kept), np.nan)}
    return _made(items, kept, described, influence)


def _made(
    items: pd.DataFrame, kept: list[str], described: dict[str, Floats], influence: Floats
) -> ItemScores:
    if len(kept) < 2 or len(influence) < FEWEST_UNITS:
        raise AnalysisError(
            f"journey: {len(kept)} questions that enough people answered, in {len(influence)} "
            f"units. Give two questions or more, and {FEWEST_UNITS} units."
        )
    frame = items.set_index("item").loc[kept].reset_index().assign(**described)
    columns = ["item", "wording", "facet", "touchpoint", *described]
    order = np.argsort(frame["touchpoint"].to_numpy(str), kind="stable")
    return ItemScores(
        frame[columns].iloc[order].reset_index(drop=True), np.asarray(influence[:, order])
    )
