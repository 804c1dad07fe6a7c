"""What synthetic control is asked.

Its interval comes from placebos, not from sampling: it is exact where who had the offer was decided
by lot, which is what `by_lot` cells measure. Refused are trusts that no mixture came close to.
A trust without the offer that lacks a value is left out, and one with it is refused; a fifth of
values missing here and there would leave nobody, so a fifth of trusts lack one.
"""

import numpy as np
import pandas as pd

from cells.cell import Cell

NAME = "synthetic_control"
PARALLEL = {"primary_analysis": "synthetic_difference_in_differences"}


def lose_somewhere(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Take one value from each of a fifth of the trusts without the offer."""
    without = table.loc[table["first_treated"].isna(), "unit"].unique()
    some = rng.choice(without, len(without) // 5, replace=False)
    gone = table[table["unit"].isin(some)].groupby("unit").sample(1, random_state=rng).index
    return table.assign(outcome=table["outcome"].mask(table.index.isin(gone)))


CELLS: tuple[Cell, ...] = (
    Cell(NAME, "effect", "effect", placebo=True),
    Cell(NAME, "null", "null", placebo=True),
    Cell(NAME, "null_by_lot", "null", size={"by_lot": True}, placebo=True),
    Cell(NAME, "12_trusts_by_time", "effect", size={"trusts": 12}, placebo=True),
    Cell(NAME, "3_treated", "effect", size={"treated": 3}, changes={"draws": 99}, placebo=True),
    Cell(
        NAME,
        "3_treated_null_by_lot",
        "null",
        size={"treated": 3, "by_lot": True},
        changes={"draws": 99},
        placebo=True,
    ),
    Cell(NAME, "20_percent_of_trusts_incomplete", "effect", alter=lose_somewhere, placebo=True),
    Cell(
        NAME,
        "20_percent_of_trusts_incomplete_null_by_lot",
        "null",
        size={"by_lot": True},
        alter=lose_somewhere,
        placebo=True,
    ),
    Cell(NAME, "parallel", "effect", changes=PARALLEL),
    Cell(NAME, "parallel_null_by_lot", "null", size={"by_lot": True}, changes=PARALLEL),
)
