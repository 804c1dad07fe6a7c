"""A design's estimates made again without some clusters: how several estimates move together."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from evalkit.designs.headline_only import headline_of
from evalkit.designs.imputed import on_complete_rows
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.results import Result
from evalkit.study.schemas.design_study import DesignStudy

Estimate = Callable[[pd.DataFrame, DesignStudy], Result]
Choose = Callable[[pd.DataFrame], pd.DataFrame]

MOST_GROUPS = 30
"""More clusters than this are left out several at a time."""
FEWEST_DRAWS = 99
"""An estimate is the same whatever the draws, which only its interval may rest on."""


def estimate_left_out(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, chosen: Sequence[Choose]
) -> Floats:
    """Estimate with each group of clusters left out: (groups, k), a column for each of `chosen`.

    Each of `chosen` takes the rows or the outcome of one estimate from a table. NaN stands where
    the design refuses what is left. Rows are complete ones, also where the study fills in: draws
    of what is missing would blur how estimates move.
    """
    lean = on_complete_rows(parameters).model_copy(update={"draws": FEWEST_DRAWS})
    group, alone = deal_clusters(table), headline_of(estimate)
    return np.array(
        [
            [_headline(choose(table[group != left]), lean, alone) for choose in chosen]
            for left in range(int(group.max()) + 1)
        ]
    )


def deal_clusters(table: pd.DataFrame, most: int = MOST_GROUPS) -> Ints:
    """Give each row the group (0, 1, ...) that its cluster is left out with, at most `most` groups.

    Clusters are dealt out in the order of whether and when they started, so that each group has
    about its share of those with the intervention.
    """
    cluster = table["cluster"].astype(str).to_numpy()
    start = table["first_treated"] if "first_treated" in table else pd.Series(0.0, table.index)
    first = start.astype(float).fillna(np.inf).groupby(cluster).min()
    dealt = first.reset_index(name="start").sort_values(["start", "index"], kind="stable")
    place = dict(zip(dealt["index"], np.arange(len(dealt)) % most, strict=True))
    return np.array([place[name] for name in cluster], dtype=np.int64)


def _headline(table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate) -> float:
    try:
        return float(estimate(table, parameters).headline["estimate"])
    except AnalysisError:
        return float("nan")
