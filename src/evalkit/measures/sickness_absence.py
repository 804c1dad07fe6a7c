"""Sickness absence rate of staff: days lost to sickness over days available, in per cent.

Days are full-time-equivalent calendar days. Rates of several months or organisations are worked
out from added days, never averaged. The rule reproduces NHS England's published rates to their
two decimals (`docs/methods/measures.md`). No interval is given: days lost come in spells of one
person, so that they are not independent, and who is absent is counted, not sampled.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure


def tabulate_sickness_absence(
    days: pd.DataFrame,
    *,
    by: Sequence[str],
    lost: str = "days_lost",
    available: str = "days_available",
) -> pd.DataFrame:
    """One row a group: `days_lost, days_available, rate` (per cent; missing without days).

    Raises AnalysisError where days are missing or negative, or more are lost than available.
    """
    need_columns(days, [*by, lost, available], "sickness absence")
    above, below = days[lost].to_numpy(float), days[available].to_numpy(float)
    wrong = ~((above >= 0) & (below >= above))
    if wrong.any():
        raise AnalysisError(
            f"sickness absence: {int(wrong.sum())} of {len(days)} rows have missing or negative "
            "days, or more lost than available. Correct them, or leave the rows out."
        )
    named = days.rename(columns={lost: "days_lost", available: "days_available"})
    summed = named.groupby(list(by), sort=True)[["days_lost", "days_available"]].sum()
    base = summed["days_available"].to_numpy(float)
    rate = 100 * summed["days_lost"].to_numpy(float) / np.where(base > 0, base, np.nan)
    return summed.assign(rate=rate).reset_index()


SICKNESS_ABSENCE = Measure(
    "sickness_absence",
    "Sickness absence rate",
    "staff",
    ("overall",),
    ANYWHERE,
    "days lost per 100 days available",
    "lower",
    "100 x days lost / days available, from added days",
    "published",
)
