"""A design's headline without what stands beside it, for whoever estimates again and again.

A check that leaves out each cluster, or a curve of many analyses, reads one row of each estimate.
A design that can give that row alone says so by a keyword, `headline_only`; the row is the same.
"""

from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from evalkit.results import Result

Estimate = Callable[[pd.DataFrame, Any], Result]
KEYWORD = "headline_only"


def headline_of(estimate: Estimate) -> Estimate:
    """Return what estimates the headline alone; `estimate` itself where it gives all or nothing."""
    if KEYWORD not in signature(estimate).parameters:
        return estimate
    return partial(estimate, **{KEYWORD: True})


def as_one_row(values: Mapping[str, object]) -> pd.DataFrame:
    """Make a table of one row; its columns hold values as they are, which is quick to make."""
    row = np.empty((1, len(values)), dtype=object)
    row[0] = list(values.values())
    return pd.DataFrame(row, columns=pd.Index(list(values), dtype=object), dtype=object)
