"""Are the same units compared before the start and after it, and are as many outcomes known?"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import group_names, has_start, is_after
from evalkit.checks.asked import DESCRIPTION, Asked, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate
from evalkit.checks.re_estimate import effect_on
from evalkit.results import Check, Result
from evalkit.results.words import counted, number

WHOLE = 0.8
"""Share of a group's units that should be there both before and after."""

GROUP_GAP = 0.1
"""The groups' shares should differ by no more than this."""

MISSING_LIMIT = 5.0
"""A change in the share of missing outcomes, in percentage points, that may bias the answer."""

CONSEQUENCE = "If it fails, the difference may come from who is in the data"
COMPOSITION = Asked(
    "composition",
    "The same units are compared before and after",
    "How many units of each group are there both before the start and after it?",
    CONSEQUENCE,
)
MISSING = Asked(
    "missing",
    "Outcomes are not missing because of the intervention",
    "Did the share of missing outcomes change with the start?",
    CONSEQUENCE,
)


def check_composition(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Ask how many units of each group have outcomes both before the start and after it."""
    if not has_start(table):
        return cannot_tell(COMPOSITION, "The data tell of no start")
    known = table.dropna(subset=["outcome"])
    seen = known.assign(after=is_after(known), group=group_names(known))
    both = seen.groupby(["group", "unit"])["after"].nunique() == 2
    counts = both.groupby("group").agg(["sum", "size"]).astype(int)
    shares = counts["sum"] / counts["size"]
    whole = float(shares.min()) >= WHOLE and float(np.ptp(shares)) <= GROUP_GAP
    parts = [
        f"{row['sum']} of {counted(row['size'], 'unit')} {name} the intervention"
        for name, row in counts.iterrows()
    ]
    numbers = {f"units_{name}": float(row["size"]) for name, row in counts.iterrows()}
    numbers |= {f"both_times_{name}": float(row["sum"]) for name, row in counts.iterrows()}
    finding = f"There both before and after: {' and '.join(parts)}"
    return answer(COMPOSITION, "passes" if whole else "concern", finding, DESCRIPTION, numbers, 0)


def check_missing(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Estimate what the intervention did to the share of outcomes that are missing."""
    whole = with_absent_rows(table) if parameters.table_rows == "panel" else table
    missing = 100.0 * whole["outcome"].isna().astype(float)
    share = float(missing.mean())
    if share == 0:
        return answer(MISSING, "passes", "No outcome is missing", DESCRIPTION, {})
    row = effect_on(missing, whole, parameters, estimate)
    if row is None:
        reason = f"{number(share, 1)}% of outcomes are missing; their change could not be estimated"
        return cannot_tell(MISSING, reason, {"share_missing": share})
    return answer_by(
        MISSING,
        seen_in(row),
        MISSING_LIMIT,
        "Change in the share of missing outcomes, beyond that without the intervention",
        unit="percentage points",
        measure="are taken to matter",
        decimals=1,
    )


def with_absent_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Add a row, its outcome missing, where a unit has none in a period that others have."""
    periods = table[["time", "period"]].drop_duplicates()
    measured = ["outcome", "outcome_base"]
    varying = ["time", "period", "treated", *measured]
    fixed = table.drop(columns=varying, errors="ignore").drop_duplicates("unit")
    whole = fixed.merge(periods, how="cross").merge(
        table[["unit", "time", *measured]], on=["unit", "time"], how="left"
    )
    if "first_treated" in whole:
        whole["treated"] = whole["time"] >= whole["first_treated"]
    return whole.sort_values(["unit", "time"], ignore_index=True)
