"""Are there clusters enough, and enough of them with the intervention, for an interval to hold?

Errors clustered in the plain way are too small with few clusters, and far too small with few
treated ones, however many there are in all (Cameron, Gelbach and Miller 2008, Review of Economics
and Statistics 90, 414-427; MacKinnon and Webb 2018, Econometrics Journal 21, 114-135).
"""

from typing import Any

import pandas as pd

from evalkit.checks.arms import has_comparison
from evalkit.checks.asked import DESCRIPTION, Asked, answer
from evalkit.checks.judging import Estimate
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted

GROUPS = Asked(
    "groups",
    "There are clusters enough for the interval to hold its level",
    "Are there clusters enough, and enough of them in each group, for this kind of interval?",
    "If it fails, the interval holds the truth less often than it says",
)

FEW = 10
"""Below this many clusters no interval from clustered errors is to be relied on."""

FEW_ARM = 4
"""Below this many clusters in one group no interval is to be relied on."""

PLAIN = 40
"""Below this many clusters, errors need a correction for their small number."""

CORRECTED = (
    "cr2",
    "satterthwaite",
    "kenward",
    "wild",
    "jackknife",
    "permut",
    "random",
    "placebo",
    "conformal",
    "exact",
)
"""Parts of the names of methods that allow for few clusters."""


def check_groups(table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate) -> Check:
    """Count the clusters, those with the intervention and those without."""
    clusters = int(table["cluster"].nunique())
    numbers = {"clusters": clusters, "fewest_needed": FEW}
    counts = ""
    smaller = clusters
    if has_comparison(table):
        ever = table["first_treated"].notna()
        treated, without = (table.loc[rows, "cluster"].nunique() for rows in (ever, ~ever))
        smaller = min(treated, without)
        numbers |= {"with_it": treated, "fewest_in_a_group": FEW_ARM}
        counts = f", {treated} of them with the intervention"
    verdict, said = _judge(clusters, smaller, str(result.headline["method"]).lower())
    finding = f"{counted(clusters, 'cluster')}{counts}. {said}"
    return answer(GROUPS, verdict, finding, DESCRIPTION, numbers, 0)


def _judge(clusters: int, smaller: int, method: str) -> tuple[Verdict, str]:
    corrected = any(part in method for part in CORRECTED)
    if corrected and ("permut" in method or "placebo" in method or "conformal" in method):
        return "passes", "The interval rests on permutation, which holds with few"
    if clusters < FEW or smaller < FEW_ARM:
        return "concern", "That is too few for the interval to be relied on"
    if clusters < PLAIN and not corrected:
        return "concern", "The interval makes no correction for so few"
    return "passes", "That is enough for this kind of interval"
