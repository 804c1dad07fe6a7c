"""The same comparison for each facet of experience: what happened, and how it felt, are apart."""

from collections.abc import Callable

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.fields import FACETS
from evalkit.study.schemas.design_study import DesignStudy

Estimate = Callable[[pd.DataFrame, DesignStudy], Result]
NAMES = {
    "overall": "Overall experience",
    "relational": "Relational: how people were treated",
    "functional": "Functional: how well care worked",
    "felt": "Felt: how care made people feel",
}


def estimate_facets(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate
) -> pd.DataFrame:
    """Estimate the headline for the outcome and each mapped facet; empty where none is mapped.

    A facet that the design cannot estimate is left out; the primary outcome is always there.
    """
    mapped = [facet for facet in FACETS if facet in table and table[facet].notna().any()]
    if not mapped:
        return pd.DataFrame()
    rows = [_headline(table, parameters, estimate, parameters.outcome_facet, "outcome")]
    for facet in mapped:
        try:
            rows.append(_headline(table, parameters, estimate, facet, facet))
        except AnalysisError:
            continue
    return pd.DataFrame(rows).reset_index(drop=True)


def _headline(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, facet: str, column: str
) -> pd.Series:
    row = estimate(table.assign(outcome=table[column]), parameters).headline.copy()
    row["outcome"], row["facet"], row["label"] = column, facet, NAMES[facet]
    return row
