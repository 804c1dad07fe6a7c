"""The outcome that regressions within units compare: counts as rates where that is known."""

import numpy as np
import pandas as pd

from evalkit.inference.arrays import Floats
from evalkit.study.schemas.design_study import DesignStudy

COUNTS_REMARK = (
    "Counts are divided by outcome_base where it is known, so estimates are events per one of it; "
    "otherwise they are as given."
)


def rate_of(table: pd.DataFrame, parameters: DesignStudy) -> Floats:
    """Outcome (n,), counts divided by what they are counted among; missing where that is zero."""
    outcome = table["outcome"].to_numpy(dtype=float)
    base = table["outcome_base"].to_numpy(dtype=float)
    if parameters.outcome_kind != "count" or not np.isfinite(base).any():
        return outcome
    return np.asarray(np.divide(outcome, base, out=np.full_like(outcome, np.nan), where=base > 0))
