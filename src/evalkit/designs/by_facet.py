"""The same comparison for each facet of experience: what happened, and how it felt, are apart."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.multiplicity import adjust_holm
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
    `p_holm` is adjusted over the facets that have a p-value (Holm 1979); the primary outcome, which
    the protocol named, stands by itself and has none.
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
    frame = pd.DataFrame(rows).reset_index(drop=True)
    return _with_adjusted(frame) if "p_value" in frame else frame


def _with_adjusted(frame: pd.DataFrame) -> pd.DataFrame:
    tested = (frame["outcome"] != "outcome") & frame["p_value"].notna()
    adjusted = np.full(len(frame), np.nan)
    adjusted[tested] = adjust_holm(frame.loc[tested, "p_value"].to_numpy(float))
    return frame.assign(p_holm=adjusted)


def _headline(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, facet: str, column: str
) -> pd.Series:
    row = estimate(table.assign(outcome=table[column]), parameters).headline.copy()
    row["outcome"], row["facet"], row["label"] = column, facet, NAMES[facet]
    return row
