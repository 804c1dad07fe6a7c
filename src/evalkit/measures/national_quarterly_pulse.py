"""National Quarterly Pulse Survey: the nine engagement items of the Staff Survey, by quarter.

It runs in the first, second and fourth quarter of a financial year, the annual survey in the
third (recalled; not verified against the official technical document). Its answers come from
whoever takes part that quarter: a series of it and of the annual survey are not one series.
"""

import re
from collections.abc import Sequence

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure
from evalkit.measures.staff_survey import (
    FEWEST_PEOPLE,
    MissingRule,
    score_staff_survey,
    tabulate_staff_scores,
)
from evalkit.measures.staff_survey_elements import ELEMENTS

PULSE_SCORES = (*ELEMENTS["engagement"], "engagement")
_QUARTER = re.compile(r"(?:20\d\d|20\d{4})Q[124]")


def score_pulse(
    answers: pd.DataFrame, *, year: int | None = None, rule: MissingRule | None = None
) -> pd.DataFrame:
    """Score each answer: `motivation, involvement, advocacy, engagement`, 0-10.

    Columns of `answers` are items' keys, or the questions of the annual survey of `year`.
    """
    return score_staff_survey(answers, ("engagement",), year=year, rule=rule)


def tabulate_pulse(
    people: pd.DataFrame,
    *,
    by: Sequence[str],
    quarter: str = "quarter",
    weight: str | None = None,
    level: float = 0.95,
    fewest: int = FEWEST_PEOPLE,
) -> pd.DataFrame:
    """One row a group, quarter and score, as `tabulate_staff_scores`.

    `quarter` holds "2024Q1" or "202425Q1". Raises AnalysisError for other texts, among them
    third quarters, in which the annual survey is run instead.
    """
    need_columns(people, [quarter], "Pulse Survey")
    wrong = ~people[quarter].astype(str).str.fullmatch(_QUARTER)
    if wrong.any():
        raise AnalysisError(
            f"Pulse Survey: {int(wrong.sum())} of {len(people)} rows have no quarter of it. Give "
            "quarters 1, 2 and 4 as 2024Q1 or 202425Q1; the third is the annual survey's."
        )
    groups = [*by, quarter]
    return tabulate_staff_scores(
        people, PULSE_SCORES, by=groups, weight=weight, level=level, fewest=fewest
    )


PULSE = Measure(
    "national_quarterly_pulse",
    "National Quarterly Pulse Survey: staff engagement",
    "staff",
    ("overall",),
    ANYWHERE,
    "score, 0-10",
    "higher",
    "nine engagement items, as in the annual survey; quarters 1, 2 and 4",
    "published",
    "quarters in which it runs; rule for missing answers",
)
