"""What a study of the journey estimates: each part's distance from the average of the parts."""

import numpy as np
import pandas as pd

from evalkit.measures.journey_grid import NOT_MEASURED
from evalkit.measures.journey_scores import ItemScores
from evalkit.results import Result
from evalkit.study.fields import TOUCHPOINTS
from evalkit.study.schemas.journey import Journey


def estimate_journey(
    grid: pd.DataFrame, scores: ItemScores, parameters: Journey, *, poorest_again: float
) -> Result:
    """Return each measured part's difference, the poorest first; `poorest_again` from draws.

    Its intervals hold for all parts at once. `tables` holds the grid, and how often the part that
    is poorest here is so again.
    """
    measured = grid[grid["place"] != NOT_MEASURED].sort_values("score", kind="stable")
    rows = pd.DataFrame(
        {
            "term": "part",
            "estimate": measured["difference"],
            "std_error": measured["difference_error"],
            "conf_low": measured["difference_low"],
            "conf_high": measured["difference_high"],
            "level": parameters.confidence_level,
            "n": measured["n"],
            "clusters": len(scores.influence),
            "outcome": "outcome",
            "facet": measured["facet"],
            "group": measured["touchpoint"].map(TOUCHPOINTS),
            "method": "difference_from_mean_of_parts",
            "df": scores.df,
            "label": name_parts(measured),
        }
    ).reset_index(drop=True)
    first = rows.iloc[0]
    primary = {"term": "part", "facet": str(first["facet"]), "group": str(first["group"])}
    stability = pd.DataFrame({"poorest_again": [100 * poorest_again]})
    tables = {"grid": grid, "stability": stability}
    return Result("journey", rows, primary, permits_cause=False, tables=tables)


def name_parts(rows: pd.DataFrame) -> pd.Series:
    """Name each part in words: `Discharge, how it felt`."""
    said = rows["facet"].map(FACET_WORDS)
    return pd.Series(np.asarray(rows["moment"] + ", " + said), index=rows.index)


FACET_WORDS = {
    "relational": "between people",
    "functional": "how it worked",
    "felt": "how it felt",
    "overall": "overall",
}
