"""The outcome as two times or two groups compare it, and how much each row counts.

Scores, percentages and numbers are compared as they are: a difference in a percentage is in
percentage points, whatever its level. Events become a rate, as many as there are per so many of
`outcome_base`, where that is known, so that a unit that grows does not seem to get worse.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.designs.outcome_rates import as_rates, say_compared
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.results.words import counted

RANGES = {
    "score": (0.0, 10.0),
    "percentage": (0.0, 100.0),
    "yes_no": (0.0, 100.0),
    "count": (0.0, np.inf),
}
"""What an outcome of each kind can be."""

EXPECTED = "What would have been expected without the intervention"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Values (n,), NaN where a row cannot be used, weights (n,), and remarks in words."""

    values: Floats
    weight: Floats
    remarks: tuple[str, ...]


def read_outcome(
    table: pd.DataFrame,
    *,
    kind: str,
    rate_per: float,
    weight_by: Literal["rows", "people", "units"],
) -> Outcome:
    """Take the outcome and its weights out of a design table.

    `weight` of the table multiplies what `weight_by` says counts the same. Of "units" the rest
    is left to `equal_cells`, once it is known which rows are used. Raises AnalysisError where a
    weight is below zero.
    """
    given = table["outcome"].to_numpy(float)
    weight = read_weight(table)
    base = table["outcome_base"].to_numpy(float) if "outcome_base" in table else given * np.nan
    known = np.isfinite(base) & (base > 0)
    values, remarks = given, []
    if kind == "count":
        values = as_rates(given, base, kind, rate_per)
        people = bool(table.duplicated(["unit", "time"]).any())
        remarks.append(say_compared(rate_per, known=bool(known.any()), people=people))
    if weight_by == "people" and known.any():
        weight = np.where(known, weight * np.where(known, base, 1.0), np.nan)
    elif weight_by == "people":
        remarks.append("Rows count the same: no outcome_base says how many people are behind them.")
    usable = np.isfinite(values) & (weight > 0)
    unknown = int((~usable & np.isfinite(given)).sum())
    if unknown:
        remarks.append(
            f"{counted(unknown, 'row')} left out: weight or outcome_base is missing or nought."
        )
    return Outcome(np.where(usable, values, np.nan), np.where(usable, weight, 0.0), tuple(remarks))


def read_weight(table: pd.DataFrame) -> Floats:
    """Take the rows' own weights (n,), ones where there are none; one may be missing or nought.

    Raises AnalysisError where one is below zero.
    """
    if "weight" not in table:
        return np.ones(len(table))
    weight = table["weight"].to_numpy(float)
    negative = int((weight < 0).sum())
    if negative:
        raise AnalysisError(
            f"weight: {counted(negative, 'row')} below zero, where a weight says how many people a "
            "row speaks for. Correct them, or leave them empty to leave those rows out."
        )
    return weight


def equal_cells(weight: Floats, cell: Ints) -> Floats:
    """Scale weights (n,) so that they add up to one in each cell."""
    return np.asarray(weight / np.bincount(cell, weight)[cell])


def outside_range(values: Floats, kind: str) -> bool:
    """Say whether any of the values is one that an outcome of that kind cannot have."""
    low, high = RANGES.get(kind, (-np.inf, np.inf))
    return bool(np.any(values < low) or np.any(values > high))


def say_outside_range(
    values: Floats, kind: str, where: str, why: str, *, what: str = EXPECTED
) -> list[str]:
    """Say so if what would have been expected without the intervention cannot be.

    `where` says of what that is ("in at least one of 4 periods"), `why` how it comes; `what` names
    what is expected, where it is something else.
    """
    if kind == "number" or not outside_range(values[np.isfinite(values)], kind):
        return []
    return [f"{what} lies outside what the outcome can be {where}: {why}."]
