"""The same comparison for each facet of experience: what happened, and how it felt, are apart."""

import pandas as pd

from evalkit.designs.leave_clusters_out import Choose, Estimate, estimate_left_out
from evalkit.designs.several_tests import add_adjusted
from evalkit.errors import AnalysisError
from evalkit.study.fields import FACETS
from evalkit.study.schemas.design_study import DesignStudy

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
    `p_holm` or `p_romano_wolf`, as `multiplicity` says, is adjusted over the facets that have a
    p-value; the primary outcome, which the protocol named, stands by itself and has none.
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
    if "p_value" not in frame:
        return frame
    tested = ((frame["outcome"] != "outcome") & frame["p_value"].notna()).to_numpy(bool)
    left_out = None
    if parameters.multiplicity != "holm" and tested.any():
        chosen = [_outcome(str(name)) for name in frame.loc[tested, "outcome"]]
        left_out = estimate_left_out(table, parameters, estimate, chosen)
    return add_adjusted(frame, tested, parameters, left_out)


def _outcome(column: str) -> Choose:
    return lambda table: table.assign(outcome=table[column])


def _headline(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, facet: str, column: str
) -> pd.Series:
    row = estimate(table.assign(outcome=table[column]), parameters).headline.copy()
    row["outcome"], row["facet"], row["label"] = column, facet, NAMES[facet]
    return row
