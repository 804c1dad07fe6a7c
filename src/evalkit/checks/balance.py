"""Did the groups start alike: in level, in slope, and in what else is measured of them?

Differences are between averages of units, in standard deviations between units of both groups
(Cohen's d with Hedges and Olkin's standard error, 1985, Statistical Methods for
Meta-Analysis). A quarter of one is the usual limit (Rubin 2001, Health Services and Outcomes
Research Methodology 2, 169-188).
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.arms import baseline, group_names, has_comparison
from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import POWER, Estimate, judge, worst
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, number

BALANCE = Asked(
    "balance",
    "The groups were alike before the start",
    "Do their levels, slopes and measured causes differ before it?",
    "If it fails, what differs between the groups may change the outcome as time passes, and "
    "that would be taken for the intervention",
)
LIMIT = 0.25
"""A difference in standard deviations from which groups are not alike."""


def check_balance(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge the groups' standardised differences before the start, all of them together."""
    if not has_comparison(table) or baseline(table).empty:
        return cannot_tell(
            BALANCE, "There is no group without the intervention, or no time before it"
        )
    balance = tabulate_balance(table, parameters)
    if balance.empty:
        return cannot_tell(BALANCE, "Each group needs two units or more whose values differ")
    strict = 1 - (1 - parameters.confidence_level) / len(balance)
    width = balance["std_error"] * stats.norm.ppf(0.5 + strict / 2)
    reach = balance["std_error"] * (stats.norm.ppf(0.5 + strict / 2) + stats.norm.ppf(POWER))
    size = balance["difference"]
    verdicts = [
        judge(low, high, found, LIMIT, LIMIT)
        for low, high, found in zip(size - width, size + width, reach, strict=True)
    ]
    return _word(balance, worst(verdicts), verdicts, float(reach.max()))


def tabulate_balance(table: pd.DataFrame, parameters: Any) -> pd.DataFrame:
    """List `measure, with_it, without, difference, std_error`, before anybody started.

    Means are over units; `difference` and `std_error` are in standard deviations between units.
    """
    before = baseline(table)
    measures = {"outcome": before.groupby("unit")["outcome"].mean()}
    measures["slope"] = _slopes(before)
    for role in dict.fromkeys([*parameters.adjust_for, *parameters.subgroups]):
        measures[role] = before[role].astype(float).groupby(before["unit"]).mean()
    group = group_names(before).groupby(before["unit"]).first()
    rows = [_compare(name, values.dropna(), group) for name, values in measures.items()]
    columns = ["measure", "with_it", "without", "difference", "std_error"]
    return pd.DataFrame([row for row in rows if row is not None], columns=columns)


def _slopes(before: pd.DataFrame) -> "pd.Series[float]":
    """Least-squares slope of each unit's outcome, for units with three periods or more."""
    known = before.dropna(subset=["outcome"])
    unit = known["unit"]
    time = known["time"] - known["time"].groupby(unit).transform("mean")
    enough = known["time"].groupby(unit).nunique() >= 3
    slope: pd.Series[float] = (time * known["outcome"]).groupby(unit).sum() / (time**2).groupby(
        unit
    ).sum()
    return slope[enough]


def _compare(name: str, values: pd.Series, group: pd.Series) -> dict[str, object] | None:
    one = values[group.reindex(values.index) == "with"].to_numpy(float)
    other = values[group.reindex(values.index) == "without"].to_numpy(float)
    if min(len(one), len(other)) < 2:
        return None
    pooled = np.sqrt(
        ((len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1))
        / (len(one) + len(other) - 2)
    )
    if not pooled > 0:
        return None
    size = (one.mean() - other.mean()) / pooled
    units = len(one) + len(other)
    error = np.sqrt(1 / len(one) + 1 / len(other) + size**2 / (2 * units))
    return {
        "measure": name,
        "with_it": one.mean(),
        "without": other.mean(),
        "difference": size,
        "std_error": error,
    }


def _word(balance: pd.DataFrame, verdict: Verdict, verdicts: list[Verdict], reach: float) -> Check:
    largest = balance.iloc[int(balance["difference"].abs().argmax())]
    shown = verdicts.count("concern")
    said = {
        "passes": "They started alike",
        "concern": f"{shown} of them differ by more than chance and may matter",
        "cannot tell": "Chance alone may make such differences with so few units",
    }[verdict]
    return answer(
        BALANCE,
        verdict,
        f"Of {counted(len(balance), 'measure')} before the start, the largest difference, in "
        f"{str(largest['measure']).replace('_', ' ')}, is {number(largest['difference'])} standard "
        f"deviations. {said}",
        f"Would find {number(reach)} standard deviations or more four times in five; "
        f"{number(LIMIT)} is taken to matter",
        {
            "measures": len(balance),
            "largest_difference": largest["difference"],
            "differ": shown,
            "detectable": reach,
            "limit": LIMIT,
        },
    )
