"""Picker Patient Experience Questionnaire (PPE-15): problems that patients met in hospital.

Jenkinson, Coulter and Bruster 2002, International Journal for Quality in Health Care 14:353-358:
fifteen items, summed to an index. An answer other than the best is a problem; one that says that
nothing was needed is none, and an item that a filter leads past is none either. The index is the
number of problems, 0 to 15, lower better, for those who answered every item that was theirs.
Items' meanings, filters and options are recalled, and not verified against the licensed text.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import Facet, Measure


@dataclass(frozen=True, slots=True)
class Item:
    """An item: what it asks about, its best option, those that say "not needed", and its place.

    Options are numbers as on the form. `filtered` items are asked of some only.
    """

    key: str
    about: str
    best: int
    not_needed: tuple[int, ...]
    filtered: bool
    facet: Facet
    touchpoint: str


ITEMS = (
    Item("ppe01", "doctors' answers could be understood", 1, (4,), False, "relational", "T07"),
    Item("ppe02", "nurses' answers could be understood", 1, (4,), False, "relational", "T07"),
    Item("ppe03", "staff said different things", 3, (), False, "functional", "T07"),
    Item("ppe04", "doctors talked over worries and fears", 1, (4,), False, "relational", "T07"),
    Item("ppe05", "doctors talked as if one were not there", 3, (), False, "felt", "T07"),
    Item("ppe06", "would have liked more say in decisions", 3, (), False, "relational", "T06"),
    Item("ppe07", "was treated with respect and dignity", 1, (), False, "felt", "T07"),
    Item("ppe08", "nurses talked over worries and fears", 1, (4,), False, "relational", "T07"),
    Item("ppe09", "found someone to talk to about concerns", 1, (4,), False, "felt", "T07"),
    Item("ppe10", "staff did all they could against pain", 1, (), True, "functional", "T08"),
    Item("ppe11", "family could talk to a doctor", 1, (4, 5), True, "relational", "T10"),
    Item("ppe12", "family was told how to help recovery", 1, (4, 5), True, "functional", "T10"),
    Item("ppe13", "the purpose of medicines was explained", 1, (4,), True, "functional", "T08"),
    Item("ppe14", "side effects were explained", 1, (4,), True, "functional", "T08"),
    Item("ppe15", "was told about danger signals at home", 1, (4,), True, "functional", "T10"),
)
"""The fifteen items. Options 1 to 3 judge; above 3 nothing was needed or nobody was concerned."""


def score_ppe_items(answers: pd.DataFrame, *, asked: pd.DataFrame | None = None) -> pd.DataFrame:
    """Score each item of each person (row): 1 a problem, 0 none, missing where not answered.

    `answers` has the items' keys as columns. `asked` (same rows, columns of filtered items, true
    or false) says whom a filter led to an item: those past it have no problem. Without it a
    filtered item left empty counts as one that was not theirs, so no problem.
    """
    keys = [item.key for item in ITEMS]
    need_columns(answers, keys, "PPE-15")
    return pd.DataFrame(
        {item.key: _problem(answers[item.key], item, asked) for item in ITEMS}, index=answers.index
    )


def score_ppe(answers: pd.DataFrame, *, asked: pd.DataFrame | None = None) -> pd.DataFrame:
    """Index of each person: `problems` (0-15) and `index` (0-100), lower better.

    Missing unless all fifteen items are answered or were not theirs. Arguments as in
    `score_ppe_items`.
    """
    problems = score_ppe_items(answers, asked=asked).sum(axis=1, min_count=len(ITEMS))
    return pd.DataFrame({"problems": problems, "index": 100 * problems / len(ITEMS)})


def tabulate_ppe_items(problems: pd.DataFrame) -> pd.DataFrame:
    """One row an item: facet, touchpoint, share with a problem (per cent), and answers."""
    need_columns(problems, [item.key for item in ITEMS], "PPE-15")
    rows = [
        {
            "item": item.key,
            "about": item.about,
            "facet": item.facet,
            "touchpoint": item.touchpoint,
            "problem": 100 * float(problems[item.key].mean()),
            "n": int(problems[item.key].notna().sum()),
        }
        for item in ITEMS
    ]
    return pd.DataFrame(rows)


def _problem(column: pd.Series, item: Item, asked: pd.DataFrame | None) -> np.ndarray:
    codes = column.to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(codes)
    options = (1, 2, 3, *item.not_needed)
    wrong = known & ~np.isin(codes, options)
    if wrong.any():
        raise AnalysisError(
            f"PPE-15: {int(wrong.sum())} answers in {item.key} are no option of it. "
            f"Options are 1 to {max(options)}; leave other answers empty."
        )
    problem = (codes != item.best) & ~np.isin(codes, item.not_needed)
    found = np.where(known, problem, np.nan).astype(float)
    if not item.filtered:
        return found
    if asked is None or item.key not in asked:
        return np.where(known, found, 0.0)
    return np.where(asked[item.key].to_numpy(bool), found, 0.0)


PPE15 = Measure(
    "ppe15",
    "Picker Patient Experience Questionnaire (PPE-15)",
    "patients",
    ("relational", "functional", "felt"),
    ("T06", "T07", "T08", "T10"),
    "problems, 0-15",
    "lower",
    "any answer but the best is a problem; not needed and filtered out are none; summed",
    "recalled",
    "options, filters and words of the items against the licensed text",
)
