"""Adjusted gains of providers held against those that the publisher gives."""

import numpy as np
import pandas as pd

PUBLISHED_FLAGS = {
    "Positive outlier (95%)": "better, alert",
    "Positive outlier (99.8%)": "better, alarm",
    "Negative outlier (95%)": "worse, alert",
    "Negative outlier (99.8%)": "worse, alarm",
    "Not an outlier": "as expected",
}
"""The publisher's words on outliers in ours."""


def compare_gains(found: pd.DataFrame, published: pd.DataFrame) -> dict[str, float]:
    """Compare `adjust_gains` with published `unit, n, gain, flag`, over units with both gains.

    Gives `units`, `same_n` (units with as many records), the `median` and `largest` absolute
    difference of gains, their `correlation`, and `same_flag` (units flagged alike).
    """
    both = found.merge(published, on="unit", suffixes=("", "_published"))
    both = both.dropna(subset=["adjusted_gain", "gain_published"])
    apart = (both["adjusted_gain"] - both["gain_published"]).abs()
    flags = both["flag_published"].map(PUBLISHED_FLAGS)
    return {
        "units": len(both),
        "same_n": int((both["n"] == both["n_published"]).sum()),
        "median": float(apart.median()),
        "largest": float(apart.max()),
        "correlation": float(np.corrcoef(both["adjusted_gain"], both["gain_published"])[0, 1]),
        "same_flag": int((flags == both["flag"]).sum()),
    }
