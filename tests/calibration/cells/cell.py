"""The cells of the calibration: which design is asked of which world, and what the truth is.

A cell is one design on one kind of data: a world of `evalkit.synthetic.design_worlds`, its size,
changes to the study's parameters, and what is taken away from the table. Its truth is the
headline's true value in that world; `null` cells tell the rate of false alarms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Alter = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Cell:
    """One design in one world; `truth` names the entry of the world's truth, by steps.

    `placebo` cells have no sampling interval: the rate at which they reject where nothing
    happened is what is measured. Where `alter` puts the outcome on another scale, the truth is
    `times` what the world says.
    """

    design: str
    name: str
    world: str
    size: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    truth: tuple[str, ...] = ("effect", "overall")
    alter: Alter | None = None
    placebo: bool = False
    times: float = 1.0

    @property
    def key(self) -> str:
        """Name of the cell, unique over all designs."""
        return f"{self.design}/{self.name}"


def lose(share: float) -> Alter:
    """Return what takes a share of outcomes away at random, unit by period."""

    def take(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        gone = rng.random(len(table)) < share
        return table.assign(outcome=table["outcome"].mask(gone))

    return take


def answer_yes_or_no(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make each score of 0 to 10 a yes as likely as its tenth, of a study of yes_no answers.

    A point is then 10 percentage points. Scores have come as yes or no do, times 100.
    """
    yes = rng.random(len(table)) < table["outcome"] / 1000
    return table.assign(outcome=100.0 * yes)


def make_percentages(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make each mean score the share of yes among 60 people, each a yes as likely as its tenth."""
    known = table["outcome"].notna()
    share = rng.binomial(60, np.clip(table["outcome"].fillna(0) / 10, 0, 1)) / 60
    return table.assign(outcome=np.where(known, 100.0 * share, np.nan), outcome_base=60.0)


def count_events(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make each mean score a count of events, its tenth for each of those who answered."""
    people = rng.poisson(100, len(table)) + 1.0
    return table.assign(
        outcome=1.0 * rng.poisson(people * table["outcome"] / 10), outcome_base=people
    )


def ask_half_of_no(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lose half of those who say no, whose weight is then 2."""
    no = table["outcome"] == 0
    kept = ~no | (rng.random(len(table)) < 0.5)
    return table.assign(weight=np.where(no, 2.0, 1.0))[kept].reset_index(drop=True)
