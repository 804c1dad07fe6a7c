"""How co-production is rated by people with lived experience and by professionals, and the gap.

Each value and step is rated from 0 (absent) to 5 (led by lived experience) by both sides. The two
are shown beside each other and never averaged into one: the gap is the finding. Intervals are
Welch's (1947, Biometrika 34:28-35), with raters as the units. Must hold: raters rate one by one.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.estimates import Estimate, make_estimate

LIVED, PROFESSIONAL = "lived_experience", "professional"
SIDES = {LIVED: "People with lived experience", PROFESSIONAL: "Professionals"}
PARTS = {"value": 5, "step": 7}
"""How many values and steps the NHS co-production model has."""

ALL = "all"
FEWEST = 2


def tabulate_ratings(ratings: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Tabulate each value and step: mean of both sides, and the gap (lived experience less other).

    `ratings`: one row a rater, part and name, with `side` and `rating`. The rows called "all" are
    of raters' own means over the values, over the steps, and over both. Raises AnalysisError
    unless both sides rate.
    """
    _refuse(ratings)
    rows = []
    for part in PARTS:
        own = ratings[ratings["part"] == part]
        for name in own["name"].unique():
            rows.append(_compare(own[own["name"] == name], part, str(name), level))
        if len(own):
            rows.append(_compare(_raters_means(own), part, ALL, level))
    rows.append(_compare(_raters_means(ratings), ALL, ALL, level))
    return pd.DataFrame(rows)


def list_not_rated(ratings: pd.DataFrame) -> list[str]:
    """Say of which part of the model fewer were rated than it has; nothing where all were."""
    rated = ratings.groupby("part")["name"].nunique()
    return [
        f"{int(rated.get(part, 0))} of {whole} {part}s"
        for part, whole in PARTS.items()
        if rated.get(part, 0) < whole
    ]


def compare_means(first: np.ndarray, second: np.ndarray, level: float) -> Estimate:
    """Estimate the mean of `first` less that of `second`, with Welch's interval.

    Where nobody on either side differs from another the interval is not known, and is NaN.
    """
    apart = float(np.mean(first) - np.mean(second))
    if min(len(first), len(second)) < FEWEST:
        return make_estimate(apart, float("nan"), level=level)
    errors = [float(np.var(side, ddof=1)) / len(side) for side in (first, second)]
    squares = sum(e**2 / (len(s) - 1) for e, s in zip(errors, (first, second), strict=True))
    df = sum(errors) ** 2 / squares if squares > 0 else float("nan")
    return make_estimate(apart, float(np.sqrt(sum(errors))), df=df, level=level)


def _compare(rows: pd.DataFrame, part: str, name: str, level: float) -> dict[str, object]:
    lived, other = (_values(rows, side) for side in SIDES)
    row: dict[str, object] = {"part": part, "name": name}
    for side, values in ((LIVED, lived), (PROFESSIONAL, other)):
        low, high = _interval(values, level)
        mean = float(np.mean(values)) if len(values) else float("nan")
        row |= {side: mean, f"{side}_low": low, f"{side}_high": high}
        row |= {f"{side}_raters": len(values)}
    if not len(lived) or not len(other):
        return row | dict.fromkeys(("gap", "gap_low", "gap_high", "p_value"), float("nan"))
    gap = compare_means(lived, other, level)
    row |= {"gap": gap.estimate, "gap_low": gap.conf_low, "gap_high": gap.conf_high}
    return row | {"p_value": gap.p_value}


def _values(rows: pd.DataFrame, side: str) -> np.ndarray:
    found = rows.loc[rows["side"] == side, "rating"].dropna()
    return found.to_numpy(float)


def _interval(values: np.ndarray, level: float) -> tuple[float, float]:
    if len(values) < FEWEST or not np.std(values) > 0:
        return float("nan"), float("nan")
    half = stats.t.ppf(0.5 + level / 2, len(values) - 1) * stats.sem(values)
    return float(np.mean(values) - half), float(np.mean(values) + half)


def _raters_means(rows: pd.DataFrame) -> pd.DataFrame:
    means = rows.dropna(subset=["rating"]).groupby(["rater", "side"], sort=False)["rating"].mean()
    return means.reset_index()


def _refuse(ratings: pd.DataFrame) -> None:
    unknown = int((~ratings["side"].isin(SIDES)).sum()), int((~ratings["part"].isin(PARTS)).sum())
    if any(unknown):
        raise AnalysisError(
            f"ratings: {unknown[0]} rows are of no known side and {unknown[1]} of no known part. "
            f"Sides are {' and '.join(SIDES)}; parts are {' and '.join(PARTS)}."
        )
    wrong = ratings["rating"].notna() & ~ratings["rating"].between(0, 5)
    if wrong.any():
        raise AnalysisError(
            f"ratings: {int(wrong.sum())} rows lie outside 0 to 5. Rate from 0, absent, to 5, led "
            "by lived experience."
        )
    absent = [side for side in SIDES if not len(_values(ratings, side))]
    if absent:
        raise AnalysisError(
            f"ratings: nobody of side {' or '.join(absent)} rated. Ask both sides: one side's "
            "ratings are not shown without the other's."
        )
