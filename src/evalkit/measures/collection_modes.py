"""How feedback was collected, period by period, and where that changed enough to break a series.

People answer otherwise by text message than on paper at the bedside. A series is marked as broken
where the share of answers by any mode differs by more than 10 percentage points from the
period before; limits are never set anew by that (a person says so, with a reason).
The threshold is this project's own choice.
"""

import numpy as np
import pandas as pd

from evalkit.measures.feedback_counts import answers_of
from evalkit.results.words import listed, number

BREAK = 10.0
"""Percentage points by which a mode's share must move to break a series."""


def tabulate_modes(counts: pd.DataFrame) -> pd.DataFrame:
    """Share of each period's answers by mode: `period, mode, answers, share` (per cent).

    `counts` has `period, mode` and the six answers. A mode without answers in a period has 0.
    """
    summed = counts.assign(answers=answers_of(counts)).pivot_table(
        index="period", columns="mode", values="answers", aggfunc="sum"
    )
    long = summed.fillna(0.0).reset_index().melt("period", var_name="mode", value_name="answers")
    total = long.groupby("period")["answers"].transform("sum")
    long["share"] = 100 * long["answers"] / total.where(total > 0)
    return long.sort_values(["period", "mode"], ignore_index=True)


def mark_breaks(modes: pd.DataFrame, *, threshold: float = BREAK) -> pd.DataFrame:
    """Say of each period whether the modes moved since the one before, and which.

    `modes` as `tabulate_modes` returns it. Columns: `period, broken, largest` (points) and
    `moved`, the modes in words.
    """
    wide = modes.pivot_table(index="period", columns="mode", values="share").sort_index()
    change = wide.diff()
    rows = [_mark(str(period), row, threshold) for period, row in change.iterrows()]
    return pd.DataFrame(rows)


def _mark(period: str, change: "pd.Series[float]", threshold: float) -> dict[str, object]:
    moved = change[change.abs() > threshold].sort_values(key=np.abs, ascending=False)
    words = [
        f"{mode} {'up' if by > 0 else 'down'} {number(abs(by), 0)}" for mode, by in moved.items()
    ]
    return {
        "period": period,
        "broken": len(moved) > 0,
        "largest": float(change.abs().max()) if change.notna().any() else 0.0,
        "moved": listed(words) if words else "",
    }
