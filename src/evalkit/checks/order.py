"""Which came first? An association at the same time, or the other way round, is not a precursor."""

import pandas as pd

from evalkit.designs.distributed_lags import detectable
from evalkit.results import Check, Result
from evalkit.results.words import counted, decimals_for, interval, number, values_table

ALPHA = 0.05
"""How often the test of order raises a false concern where nothing is wrong."""

ASSUMPTION = "Staff wellbeing moves before patient experience, not with it or after it"
CONSEQUENCE = (
    "If it fails, the association cannot be read as staff wellbeing coming first: patients' "
    "experience may move first, or a third thing may move both"
)


def check_order(lags: Result, primary: pd.Series) -> Check:
    """Test that nothing is left for the same period or after, earlier values held fixed."""
    row = lags.headline
    reach, size = detectable(lags), abs(float(primary["estimate"]))
    concern = bool(row["p_value"] < ALPHA)
    weak = not concern and reach > size and _excludes_zero(primary)
    decimals = decimals_for(row["estimate"], row["conf_low"], row["conf_high"], reach)
    fine = {
        "too_soon": row["estimate"],
        "low": row["conf_low"],
        "high": row["conf_high"],
        "detectable": reach,
        "estimate": size,
    }
    table = values_table(fine | {"level": 100 * row["level"]}, dict.fromkeys(fine, decimals))
    within = interval(row["conf_low"], row["conf_high"], row["level"], decimals)
    seen = (
        f"Left at the same time and after, added up: {number(row['estimate'], decimals)} ({within})"
    )
    verdict = "concern" if concern else "cannot tell" if weak else "passes"
    reason = {
        "concern": f"{seen}. Some of the association is there too soon for staff to come first",
        "cannot tell": f"{seen}. These data could not have shown a reverse association of the "
        "size of the answer",
        "passes": f"{seen}. No sign that patients' experience moves first",
    }
    return Check(
        ASSUMPTION,
        "With earlier staff wellbeing held fixed, is anything left at the same time or after?",
        verdict,  # type: ignore[arg-type]
        reason[verdict],
        f"Would find {number(reach, decimals)} or more four times in five",
        CONSEQUENCE,
        table,
        name="order",
    )


def order_not_seen(lags: Result | None) -> Check:
    """Say that staff and patients of the same period are compared, so no order can be seen."""
    row = None if lags is None else lags.headline
    seen = "Staff and patients are compared in the same period, so which moves first cannot be seen"
    if row is not None and row["p_value"] < ALPHA:
        size = number(row["estimate"], decimals_for(row["estimate"]))
        seen = f"{seen}; and staff of the period after are associated with patients too ({size})"
    return Check(
        ASSUMPTION,
        "Do staff answers come before patients' answers?",
        "cannot tell",
        seen,
        "Nothing: the data of one period cannot show an order",
        CONSEQUENCE,
        pd.DataFrame() if row is None else values_table({"after": row["estimate"]}, 3),
        name="order",
    )


def order_unknown(periods: int, needed: int) -> Check:
    """Say that the order could not be tested: too few periods in the longest series."""
    return Check(
        ASSUMPTION,
        "With earlier staff wellbeing held fixed, is anything left at the same time or after?",
        "cannot tell",
        f"Which moves first could not be tested: the longest series has "
        f"{counted(periods, 'period')}, and telling needs at least {needed}",
        "Nothing: the test could not be run",
        CONSEQUENCE,
        values_table({"periods": periods, "periods_needed": needed}, 0),
        name="order",
    )


def _excludes_zero(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
