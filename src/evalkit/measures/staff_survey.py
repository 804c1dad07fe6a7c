"""NHS Staff Survey scores: engagement, morale, burnout and the seven People Promise elements.

A person's items (0-10, higher better, also burnout) make sub-scores, the plain mean of those
answered; sub-scores make an element, their plain mean; organisations' scores are means over
people. Which items make which sub-score was checked on the workbook of 2024 (263 organisations,
`docs/methods/measures.md`); the official rule for missing answers is not known here, so it is a
parameter. Staff experience may come before patients' experience; it is no facet of theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.measures.item_means import mean_of_answered, need_columns
from evalkit.measures.placement import ANYWHERE, Measure
from evalkit.measures.staff_survey_elements import ELEMENTS, SUB_SCORES, items_of
from evalkit.measures.staff_survey_items import score_staff_items

FEWEST_PEOPLE = 11
"""A score of fewer people is not shown (recalled; the workbook of 2024 says fewer than 10)."""


@dataclass(frozen=True, slots=True)
class MissingRule:
    """How much of a score must be known (0-1): of a sub-score's items, of an element's sub-scores.

    The default is a rule of this project: half the items, and every sub-score.
    """

    least_items: float = 0.5
    least_sub_scores: float = 1.0


def score_staff_survey(
    answers: pd.DataFrame,
    scores: Sequence[str] = ("engagement", "burnout"),
    *,
    year: int | None,
    rule: MissingRule | None = None,
) -> pd.DataFrame:
    """Score each person (row of `answers`) on the named elements and sub-scores, 0-10.

    Columns of `answers` are the questions of `year`, or items' keys with `year` None; answers are
    positions of options. An element brings its sub-scores along. Raises AnalysisError for unknown
    scores, or items that were not asked.
    """
    items = score_staff_items(answers, year=year)
    rule = rule or MissingRule()
    found: dict[str, pd.Series] = {}
    for score in scores:
        need_columns(items, items_of(score), f"Staff Survey, {score}")
        parts = ELEMENTS.get(score, (score,))
        for part in parts:
            found[part] = mean_of_answered(items[list(SUB_SCORES[part])], rule.least_items)
        if score in ELEMENTS:
            part_scores = pd.DataFrame({part: found[part] for part in parts})
            found[score] = mean_of_answered(part_scores, rule.least_sub_scores)
    return pd.DataFrame(found, index=answers.index)


def tabulate_staff_scores(
    people: pd.DataFrame,
    scores: Sequence[str],
    *,
    by: Sequence[str],
    weight: str | None = None,
    level: float = 0.95,
    fewest: int = FEWEST_PEOPLE,
) -> pd.DataFrame:
    """One row a group and score: weighted mean over people, its error and interval, and base.

    Columns: `by, score, mean, std_error, conf_low, conf_high, n`. The error takes people as
    answering one by one; for wards within trusts use `fits.survey_means`. Where fewer than
    `fewest` have the score, its numbers are missing and `n` stays.
    """
    need_columns(people, [*by, *scores, *([weight] if weight else [])], "Staff Survey, table")
    rows = [
        {**dict(zip(by, key, strict=True)), "score": score, **_mean(part, score, weight, level)}
        for key, part in people.groupby(list(by), sort=True)
        for score in scores
    ]
    table = pd.DataFrame(rows)
    numbers = ["mean", "std_error", "conf_low", "conf_high"]
    table[numbers] = table[numbers].mask(table["n"] < fewest)
    return table


def _mean(part: pd.DataFrame, score: str, weight: str | None, level: float) -> dict[str, float]:
    known = part[part[score].notna()]
    values = known[score].to_numpy(float)
    weights = known[weight].to_numpy(float) if weight else np.ones(len(values))
    n = len(values)
    found = dict.fromkeys(("mean", "std_error", "conf_low", "conf_high"), float("nan"))
    if n > 1:
        mean = float(weights @ values / weights.sum())
        squares = float(weights**2 @ (values - mean) ** 2) / weights.sum() ** 2
        error = float(np.sqrt(n / (n - 1) * squares))
        half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * error
        found = {
            "mean": mean,
            "std_error": error,
            "conf_low": mean - half,
            "conf_high": mean + half,
        }
    return {**found, "n": n}


STAFF_SURVEY = Measure(
    "staff_survey",
    "NHS Staff Survey: engagement, morale, burnout, People Promise",
    "staff",
    ("overall",),
    ANYWHERE,
    "score, 0-10",
    "higher",
    "items to 0-10; sub-score mean of items; element mean of sub-scores; people first",
    "published",
    "rule for missing answers; numbers of questions 2021-2023; national weights; fewest people; "
    "items on whether violence and harassment were reported",
)
