"""Ask a design's own `estimate` again: with rows left out, or of something else.

A check compares like with like: what it asks of another outcome, or of part of the data, is
estimated by the design itself, with the design's own inference.
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.judging import Estimate
from evalkit.designs.headline_only import headline_of
from evalkit.designs.imputed import on_complete_rows
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.fields import FACETS

QUICK_DRAWS = 99
"""Resamples where only the estimate is wanted, not its interval."""


def estimate_again(
    table: pd.DataFrame, parameters: Any, estimate: Estimate, **changes: Any
) -> Result | None:
    """Estimate the headline alone, with changed parameters; None where it cannot be estimated."""
    return estimate_whole(table, parameters, headline_of(estimate), **changes)


def estimate_whole(
    table: pd.DataFrame, parameters: Any, estimate: Estimate, **changes: Any
) -> Result | None:
    """Estimate all that the design gives, with changed parameters; None where it cannot."""
    plain = without_facets(table, parameters)
    lean = parameters.model_copy(update={"subgroups": [], **changes})
    try:
        return estimate(plain, lean)
    except AnalysisError:
        return None


def fills_in(parameters: Any) -> bool:
    """Say whether the study fills in what is missing."""
    return bool(getattr(parameters, "missing_data", "complete_rows") != "complete_rows")


def compare_by(
    table: pd.DataFrame, row: pd.Series, parameters: Any, estimate: Estimate
) -> tuple[Any, pd.Series]:
    """Return the parameters to estimate by again and again, and the headline by the same.

    Where the study fills in, these are on complete rows: draws of what is missing would blur how
    estimates move, and cost many times more. As given (`row`) where these give no estimate.
    """
    if not fills_in(parameters):
        return parameters, row
    plain = on_complete_rows(parameters)
    again = estimate_again(table, plain, estimate)
    return (parameters, row) if again is None else (plain, again.headline)


def without_facets(table: pd.DataFrame, parameters: Any) -> pd.DataFrame:
    """Leave out the facets that nothing is filled in from; the table itself where it has none."""
    kept = getattr(parameters, "imputed_from", [])
    facets = [facet for facet in FACETS if facet in table and facet not in kept]
    return table.drop(columns=facets) if facets else table


def effect_on(
    values: "pd.Series[float]", table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> pd.Series | None:
    """Estimate what the intervention did to other `values`, one a row, nothing held fixed.

    Measured causes are held fixed where the design is nothing without them (`HOLDS_CAUSES`).
    Returns the headline's row, or None where it cannot be estimated or nothing varies.
    """
    known = values.dropna()
    if known.empty or float(np.ptp(known)) == 0:
        return None
    changed = table.assign(outcome=values, outcome_base=np.nan)
    holds = getattr(parameters, "HOLDS_CAUSES", False)
    held: dict[str, Any] = {} if holds else {"adjust_for": []}
    again = estimate_again(changed, parameters, estimate, outcome_kind="number", **held)
    return None if again is None else again.headline
