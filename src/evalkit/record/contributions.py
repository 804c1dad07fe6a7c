"""How far few contributors make up a cost: two columns beside it, which never leave the record."""

import numpy as np
import pandas as pd

from evalkit.record.staging import Staging
from evalkit.record.tables import Column

SHARES = ("first_share", "second_share")
CONTRIBUTIONS = (
    Column(SHARES[0], "Share of the largest contributor", "contribution", unit="%"),
    Column(SHARES[1], "Share of the next", "contribution", unit="%"),
)


def with_shares(
    frame: pd.DataFrame, shares: pd.DataFrame, of_cost: "pd.Series[bool]"
) -> pd.DataFrame:
    """Give rows of cost the shares of the line that fewest dominate; other rows have none.

    Numbers made of several lines are as unsafe as the worst of them, which stand beside.
    """
    known = shares[list(SHARES)].dropna()
    if known.empty:
        return frame.assign(**dict.fromkeys(SHARES, np.nan))
    rest = (100 - known.sum(axis=1)) / known[SHARES[0]]
    worst = known.iloc[int(rest.to_numpy().argmin())]
    return frame.assign(**{name: np.where(of_cost, worst[name], np.nan) for name in SHARES})


def staged_shares(staging: Staging) -> pd.DataFrame | None:
    """Return the shares staged with the lines of cost, if this study has any."""
    costs = staging.frames.get("costs")
    return None if costs is None or SHARES[0] not in costs else costs[list(SHARES)]
