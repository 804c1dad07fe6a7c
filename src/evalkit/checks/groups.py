"""Are there clusters enough, and enough of them with the intervention, for an interval to hold?

Errors clustered in the plain way are too small with few clusters, and far too small with few
treated ones, however many there are in all (Cameron, Gelbach and Miller 2008, Review of Economics
and Statistics 90, 414-427; MacKinnon and Webb 2018, Econometrics Journal 21, 114-135).
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import has_comparison
from evalkit.checks.asked import DESCRIPTION, Asked, answer
from evalkit.checks.judging import Estimate, degrees_of_freedom
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number

GROUPS = Asked(
    "groups",
    "There are clusters enough for the interval to hold its level",
    "Are there clusters enough, and enough of them in each group, for this kind of interval?",
    "If it fails, the interval holds the truth less often than it says",
)

FEW = 10
"""Below this many clusters no interval from errors clustered without t is to be relied on."""

PLAIN = 40
"""Below this many clusters, errors need a correction for their small number."""

SMALLEST_DF = 3.5
"""Satterthwaite degrees of freedom from which CR2 covers as stated (`inference.few_clusters`)."""

BY_DF = ("cr2", "satterthwaite", "kenward")
BY_EXCHANGE = ("permut", "placebo", "conformal", "synthetic_control")
UNCORRECTED = ("clustered", "newey_west", "sandwich")


def check_groups(table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate) -> Check:
    """Count the clusters, those with the intervention and those without."""
    clusters = int(table["cluster"].nunique())
    numbers: dict[str, float] = {"clusters": clusters}
    counts, smaller = "", clusters
    if has_comparison(table):
        ever = table["first_treated"].notna()
        treated, without = (table.loc[rows, "cluster"].nunique() for rows in (ever, ~ever))
        smaller = min(treated, without)
        numbers |= {"with_it": treated}
        counts = f", {treated} of them with the intervention"
    if "enough" in result.tables.get("clusters", ()):
        return _by_lot(result.tables["clusters"], numbers, counts)
    row = result.headline
    method, df = str(row["method"]).lower(), degrees_of_freedom(row)
    verdict, said = _judge(clusters, smaller, method, df)
    if any(part in method for part in BY_DF) and np.isfinite(df):
        numbers |= {"degrees_of_freedom": df}
        said = f"The comparison has {number(df, 1)} degrees of freedom. {said}"
    finding = f"{counted(clusters, 'cluster')}{counts}. {said}"
    places = dict.fromkeys(numbers, 0) | {"degrees_of_freedom": 1}
    return answer(GROUPS, verdict, finding, DESCRIPTION, numbers, places)


def _by_lot(groups: pd.DataFrame, numbers: dict[str, float], counts: str) -> Check:
    """Read what a trial needs of each of its groups, which its design knows."""
    fewest, needed = int(groups["fewest"].iloc[0]), int(groups["needed"].iloc[0])
    enough = bool(groups["enough"].all())
    said = "That is enough" if enough else "That is too few to rely on the interval"
    finding = (
        f"{counted(int(numbers['clusters']), 'cluster')}{counts}. Fewest that count: {fewest}; "
        f"needed: {needed}. {said}"
    )
    told = numbers | {"fewest": fewest, "needed": needed}
    return answer(GROUPS, "passes" if enough else "concern", finding, DESCRIPTION, told, 0)


def _judge(clusters: int, smaller: int, method: str, df: float) -> tuple[Verdict, str]:
    enough = "That is enough for this kind of interval"
    if any(part in method for part in BY_EXCHANGE):
        return "passes", "The interval rests on exchanging units, which holds with few"
    if "pooled" in method:
        return (
            "cannot tell",
            "A cluster that is alone on its side cannot show how much it varies by itself: the "
            "interval takes it to vary as the others do",
        )
    if any(part in method for part in BY_DF):
        few = df < SMALLEST_DF or smaller < 2
        return ("concern", "That is too few to rely on the interval") if few else ("passes", enough)
    if clusters < FEW or smaller < 2:
        return "concern", "That is too few to rely on the interval"
    if clusters < PLAIN and method in UNCORRECTED:
        return "concern", "The interval makes no correction for so few"
    return "passes", enough
