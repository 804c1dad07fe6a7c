"""The NHS Staff Survey's items: which question asked each, year by year, and how it is scored.

Questions move every year, so an item goes by a key, and `staff_survey_items.csv` says its question
in each year. 2024 was read from the published workbook; 2021 to 2023 are recalled and not verified
against the official technical document (`source` says which). An answer is the position of the
option as published, the first being 1: strongly disagree or never 1, strongly agree or always 5.
"""

from importlib.resources import files

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError

ITEMS_FILE = "staff_survey_items.csv"
_NONE = float("nan")

POINTS: dict[str, tuple[float, ...]] = {
    "five": (0.0, 2.5, 5.0, 7.5, 10.0),
    "five_reversed": (10.0, 7.5, 5.0, 2.5, 0.0),
    "five_or_not_applicable": (0.0, 2.5, 5.0, 7.5, 10.0, _NONE),
    "yes_bad": (0.0, 10.0),
    "yes_no_unknown": (10.0, 0.0, 5.0),
    "never_good": (10.0, 0.0, 0.0, 0.0, 0.0),
    "reported": (10.0, 10.0, 0.0, _NONE, 10.0, _NONE),
    "definitely": (10.0, 5.0, 0.0),
    "appraisal_held": (10.0, 0.0, _NONE),
}
"""Points (0-10, higher better) of each option, in the order published; NaN judges nothing."""


APPRAISAL = ("appraisal_job", "appraisal_objectives", "appraisal_valued")
"""Items asked of those who had an appraisal; the others score 0 on them."""


def read_staff_items() -> pd.DataFrame:
    """Read the crosswalk: one row an item and year: `item, scoring, year, question, source`."""
    with files("evalkit.measures").joinpath(ITEMS_FILE).open("r") as file:
        return pd.read_csv(file)


def questions_of(year: int) -> pd.DataFrame:
    """The items that were asked in `year`, indexed by item: `scoring, question, source`."""
    items = read_staff_items()
    years = sorted(items["year"].unique())
    if year not in years:
        raise AnalysisError(
            f"Staff Survey: the crosswalk has no year {year}. It goes from {years[0]} to "
            f"{years[-1]}; name the columns by item instead (year=None)."
        )
    return items[items["year"] == year].set_index("item")[["scoring", "question", "source"]]


def score_staff_items(answers: pd.DataFrame, *, year: int | None) -> pd.DataFrame:
    """Score every item that `answers` (a row a person, a column a question) has: 0-10, by item.

    Columns are questions of `year` ("q2a"), or items' keys where `year` is None. Those who had no
    appraisal score 0 on its three items, which reproduces the published sub-score. Raises
    AnalysisError where no column is an item, or an answer is no option.
    """
    asked = questions_of(2024 if year is None else year)
    names = asked.index if year is None else asked["question"]
    scored: dict[str, np.ndarray] = {}
    for item, name in zip(asked.index, names, strict=True):
        if name in answers:
            codes = answers[name].to_numpy(dtype=float, na_value=np.nan)
            scored[str(item)] = _points(codes, str(asked.loc[item, "scoring"]), str(name))
    if not scored:
        raise AnalysisError(
            "Staff Survey: no column is an item of it. Name columns as the questions of the year "
            "(q2a, q2b, ...), or by item with year=None."
        )
    scores = pd.DataFrame(scored, index=answers.index)
    return _without_appraisal(scores)


def score_option_shares(shares: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Score items from published shares of options: one row a unit, a column an item, 0-10.

    `shares` has one row a `unit`, `question` ("q2a"), `option` (position, 1 first) and `share`.
    Items with options that judge nothing are over the rest. Appraisal items are as those answered
    who had one: `appraisal_held` is 10 times the share that had.
    """
    asked = questions_of(year).reset_index().set_index("question")
    known = shares[shares["question"].isin(asked.index)]
    points = [
        _point_of(str(asked.loc[question, "scoring"]), int(option))
        for question, option in zip(known["question"], known["option"], strict=True)
    ]
    rows = known.assign(points=points, item=known["question"].map(asked["item"]))
    rows = rows[rows["points"].notna()]
    rows = rows.assign(product=rows["points"] * rows["share"])
    sums = rows.groupby(["unit", "item"], sort=True)[["product", "share"]].sum(min_count=1)
    means = (sums["product"] / sums["share"]).rename("score").reset_index()
    return means.pivot_table(index="unit", columns="item", values="score")


def _points(codes: np.ndarray, scoring: str, column: str) -> np.ndarray:
    points = np.array(POINTS[scoring])
    known = ~np.isnan(codes)
    wrong = known & ~np.isin(codes, np.arange(1, len(points) + 1))
    if wrong.any():
        raise AnalysisError(
            f"Staff Survey: {int(wrong.sum())} answers in {column} are no option. "
            f"Options are 1 to {len(points)}; leave other answers empty."
        )
    found = np.full(len(codes), np.nan)
    found[known] = points[codes[known].astype(int) - 1]
    return found


def _point_of(scoring: str, option: int) -> float:
    points = POINTS[scoring]
    return points[option - 1] if option <= len(points) else _NONE


def _without_appraisal(scores: pd.DataFrame) -> pd.DataFrame:
    if "appraisal_held" not in scores:
        return scores
    none = scores["appraisal_held"] == 0
    return scores.assign(**{c: scores[c].mask(none, 0.0) for c in APPRAISAL if c in scores})
