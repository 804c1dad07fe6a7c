"""Does the answer rest on one cluster, and how few could be left out to change it?

The check worries where the interval leaves zero out and without some one cluster no longer does,
or lies on the other side. Where it holds zero there is no claim to take back: an interval that
would leave zero out without one cluster cannot tell. Each cluster is left out in turn and the
design estimated again. How few would change the answer is found by leaving out those that carry
it most, added up (after Broderick, Giordano and Meager 2020, arXiv 2011.14999), and then by
estimating without all of them. Where the study fills in what is missing, each cluster is left out
of the estimate from complete rows, and only the fewest of the study's own.
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import group_names, has_start, is_after
from evalkit.checks.asked import DESCRIPTION, Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate, excludes_zero
from evalkit.checks.re_estimate import (
    QUICK_DRAWS,
    compare_by,
    estimate_again,
    fills_in,
    without_facets,
)
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

LEFT_OUT = Asked(
    "left_out",
    "The answer does not rest on a few clusters",
    "Does it change when any one is left out, and how few would have to be to change it?",
    "If it fails, the answer is about those clusters alone",
)
MOST = 200
"""Clusters left out in turn, at most."""


def check_left_out(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Leave out each cluster, then the fewest that change the answer."""
    clusters, row = table["cluster"].nunique(), result.headline
    left, whole, same = _own_table(result), row, parameters
    if left is None:
        same, whole = compare_by(table, row, parameters, estimate)
        left = leave_out_each(table, same, estimate)
    known = left.dropna(subset=["estimate"])
    if len(known) < 2:
        reason = f"With {counted(clusters, 'cluster')}, no estimate can be made without one"
        return cannot_tell(LEFT_OUT, reason, {"clusters": clusters})
    influence = float(whole["estimate"]) - known["estimate"].to_numpy(float)
    names = known["cluster"].to_numpy()
    few = _fewest(row, influence, names, table, parameters, estimate)
    words = "" if fills_in(same) == fills_in(parameters) else " from complete rows"
    return _word(row, influence, few, clusters, len(left) - len(known), words)


def leave_out_each(table: pd.DataFrame, parameters: Any, estimate: Estimate) -> pd.DataFrame:
    """Estimate without each cluster: `cluster, estimate`, missing where it cannot be made.

    Of more than `MOST` clusters, those whose outcomes moved least like the others' are left out.
    """
    names, plain = _likeliest(table), without_facets(table, parameters)
    codes, known = pd.factorize(plain["cluster"])
    place = known.get_indexer(pd.Index(names))
    found = [
        estimate_again(plain[codes != code], parameters, estimate, draws=QUICK_DRAWS)
        for code in place
    ]
    values = [np.nan if again is None else float(again.headline["estimate"]) for again in found]
    return pd.DataFrame({"cluster": names, "estimate": values})


def _likeliest(table: pd.DataFrame) -> np.ndarray:
    """Clusters that are likeliest to carry the answer: far from their group, with many rows."""
    names = table["cluster"].unique()
    if len(names) <= MOST:
        return np.asarray(names)
    outcome, cluster = table["outcome"], table["cluster"]
    change = outcome.groupby(cluster).mean()
    if has_start(table):
        after = is_after(table)
        group = group_names(table).groupby(cluster).first()
        change = outcome[after].groupby(cluster).mean() - outcome[~after].groupby(cluster).mean()
        change = change - change.groupby(group).transform("mean")
    away = (change - change.mean()).abs() * cluster.value_counts()
    return np.asarray(away.fillna(np.inf).sort_values(ascending=False).index[:MOST])


def _own_table(result: Result) -> pd.DataFrame | None:
    """Take what a design says of each unit left out, where it says so itself."""
    own = result.tables.get("leave_one_out")
    if own is None or not {"unit", "effect"} <= set(own):
        return None
    return own.rename(columns={"unit": "cluster", "effect": "estimate"})


def _fewest(
    row: pd.Series,
    influence: Floats,
    names: np.ndarray,
    table: pd.DataFrame,
    parameters: Any,
    estimate: Estimate,
) -> int | None:
    """How few left out would change the answer; None where it would take half of them or more."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    needed = [low] if low > 0 else [high] if high < 0 else [low, high]
    counts = []
    for distance in needed:
        order = np.argsort(-influence * np.sign(distance))
        carried = np.cumsum(influence[order] * np.sign(distance))
        enough = np.flatnonzero(carried >= abs(distance))
        first = int(enough[0]) + 1 if len(enough) else len(names)
        counts += [
            count
            for count in _tries(first, len(names))
            if _changes(row, names[order[:count]], table, parameters, estimate)
        ][:1]
    return min(counts, default=None)


def _tries(first: int, clusters: int) -> list[int]:
    """Numbers to leave out: one, and those near what adding up says, which is rough."""
    return sorted({n for n in (1, first - 1, first, first + 1) if 1 <= n < clusters / 2})


def _changes(
    row: pd.Series, out: np.ndarray, table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> bool:
    rest = table[~table["cluster"].isin(out)]
    again = estimate_again(rest, parameters, estimate)
    return again is not None and _answer(again.headline) != _answer(row)


def _answer(row: pd.Series) -> int:
    return int(row["conf_low"] > 0) - int(row["conf_high"] < 0)


def _word(
    row: pd.Series, influence: Floats, few: int | None, clusters: int, needed: int, rows: str
) -> Check:
    shift = float(np.max(np.abs(influence)))
    decimals = decimals_for(shift)
    verdict: Verdict = "passes"
    change = "Leaving out fewer than half of them does not change the answer"
    if few is not None:
        change = f"Leaving out {few} of {counted(clusters, 'cluster')} would change the answer"
    if few == 1:
        verdict = "concern" if excludes_zero(row) else "cannot tell"
    without = (
        f". Of them, {needed} cannot be left out for any estimate to be made" if needed else ""
    )
    numbers = {"largest_shift": shift, "clusters": clusters, "needed_for_any_estimate": needed}
    numbers |= {} if few is None else {"fewest_that_change_it": few}
    return answer(
        LEFT_OUT,
        verdict,
        f"Leaving out one cluster moves the estimate{rows} by {number(shift, decimals)} at the "
        f"most. {change}{without}",
        DESCRIPTION,
        numbers,
        {"largest_shift": decimals},
    )
