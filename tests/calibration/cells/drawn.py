"""Tables as a survey would have drawn them, and answers that are missing for a reason."""

import numpy as np
import pandas as pd

from cells.cell import Alter


def draw(strata: int, spread: float = 0.5) -> Alter:
    """Return what puts clusters into strata as sampling units, with uneven weights of rows.

    `spread` is the standard deviation of the weights' logarithm, half of it between clusters.
    """

    def take(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        code = pd.factorize(table["cluster"])[0]
        own = rng.normal(size=code.max() + 1)[code] + rng.normal(size=len(table))
        return table.assign(
            weight=np.exp(spread * np.sqrt(0.5) * own),
            stratum=(code * strata // (code.max() + 1)).astype(str),
            sampling_unit=table["cluster"],
        )

    return take


def fall_silent(given: str, share: float = 0.3, strength: float = 1.0) -> Alter:
    """Return what takes outcomes away, more often where the column `given` is high.

    Where there is no such column one is made that goes with the outcome.
    """

    def take(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        outcome = table["outcome"]
        if given not in table:
            scaled = (outcome - outcome.mean()) / outcome.std()
            table = table.assign(**{given: 0.7 * scaled + rng.normal(size=len(table))})
        reason = table[given]
        high = strength * (reason - reason.mean()) / reason.std()
        chance = 1 / (1 + np.exp(-np.log(share / (1 - share)) - high))
        return table.assign(outcome=outcome.mask(rng.random(len(table)) < chance))

    return take
