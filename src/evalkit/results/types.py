"""Result, Check and Finding: plain frozen values that every layer above can read."""

from dataclasses import dataclass, field
from typing import Literal

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
    for column, value in key.items():
        table = table[table[column] == value]
    return table.iloc[0]


@dataclass(frozen=True, slots=True)
class Result:
    """A design's estimates, tidy, with the one that the protocol calls primary.

    `estimates` has one row per effect and at least the columns `ESTIMATE_COLUMNS`, keyed
    by `term, facet, group, method`; `primary` is that row's key for the headline.
    """

    design: str
    estimates: pd.DataFrame
    primary: dict[str, str]
    permits_cause: bool = False

    @property
    def headline(self) -> pd.Series:
        """The row of `estimates` that answers the question."""
        return pick_row(self.estimates, **self.primary)


@dataclass(frozen=True, slots=True)
class Check:
    """One assumption, how it was tested, what was seen, and what follows if it fails.

    Every number in `finding` and `power` stands in `table`. `cannot tell` says why in
    `finding`.
    """

    assumption: str
    question: str
    verdict: Verdict
    finding: str
    power: str
    consequence: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    name: str = ""


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
