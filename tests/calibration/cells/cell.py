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
    happened is what is measured.
    """

    design: str
    name: str
    world: str
    size: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    truth: tuple[str, ...] = ("effect", "overall")
    alter: Alter | None = None
    placebo: bool = False

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
