"""Result, Check and Finding: plain frozen values that every layer above can read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

Verdict = Literal["passes", "concern", "cannot tell"]

ESTIMATE_COLUMNS = (
    "term",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "level",
    "n",
    "clusters",
    "outcome",
    "facet",
    "group",
    "method",
    "df",
)


def pick_row(table: pd.DataFrame, **key: str) -> pd.Series:
    """Return the one row of a tidy table that has the given values."""
    found = np.ones(len(table), dtype=bool)
    for column, value in key.items():
        found &= (table[column] == value).to_numpy(bool)
    return table.iloc[int(np.flatnonzero(found)[0])]


@dataclass(frozen=True, slots=True)
class Result:
    """A design's estimates, tidy, with the one that the protocol calls primary.

    `estimates` has one row per effect and at least the columns `ESTIMATE_COLUMNS`, keyed
    by `term, facet, group, method` and, where they apply, `cohort, period, unit`; `primary` is
    that row's key for the headline. `tables` holds what a design shows beside its estimates (a
    counterfactual, weights, a roll-out), each tidy. `remarks` are warnings in plain words about
    these data. `permits_cause` says whether the design, its checks passing, may be read as cause.
    """

    design: str
    estimates: pd.DataFrame
    primary: dict[str, str]
    permits_cause: bool = False
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def headline(self) -> pd.Series:
        """The row of `estimates` that answers the question."""
        return pick_row(self.estimates, **self.primary)


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption, how it was tested, what was seen, and what follows if it fails.

    Every number in `finding` and `power` stands in `table`. `cannot tell` says why in
    `finding`. Unless a check with `blocks` passes, its study claims nothing.
    """

    assumption: str
    question: str
    verdict: Verdict
    finding: str
    power: str
    consequence: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    name: str = ""
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer in words: one sentence, what it means, and its limits.

    `claim` is the machine-readable verdict. `values` holds each number of the sentences,
    as rows of `name, value, unit`.
    """

    claim: str
    answer: str
    meaning: tuple[str, ...]
    limits: tuple[str, ...]
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
