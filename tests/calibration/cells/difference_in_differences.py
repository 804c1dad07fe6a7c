"""What difference in differences is asked."""

import numpy as np
import pandas as pd

from cells.cell import Alter, Cell, lose
from cells.drawn import draw, fall_silent

DESIGN = "difference_in_differences"
PEOPLE = {
    "data_rows": "people",
    "outcome_kind": "yes_no",
    "subgroups": [],
    "data_columns": {
        "unit": "ward",
        "period": "quarter",
        "outcome": "satisfied",
        "treated": "pathway",
    },
}


def vary_more(factor: float) -> Alter:
    """Return what makes changes vary `factor` times as much where there is the intervention."""

    def widen(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        after = table["time"] >= table["first_treated"].min()
        means = [table[side].groupby("unit")["outcome"].mean() for side in (after, ~after)]
        ever = table.groupby("unit")["first_treated"].first().notna()
        spread = float((means[0] - means[1])[~ever].std())
        shock = rng.normal(0, spread * np.sqrt(factor**2 - 1), len(ever)) * ever.to_numpy()
        added = pd.Series(shock, index=ever.index)
        return table.assign(outcome=table["outcome"] + after * table["unit"].map(added))

    return widen


def few(wards: int, treated: int, name: str = "", world: str = "effect") -> Cell:
    """Return a cell of a few wards, some of them with the pathway."""
    key = f"{treated}_of_{wards}_treated{name}"
    return Cell(DESIGN, key, world, size={"wards": wards, "treated": treated})


CELLS: tuple[Cell, ...] = (
    Cell(DESIGN, "effect", "effect"),
    Cell(DESIGN, "null", "null"),
    few(10, 2),
    few(10, 2, "_null", "null"),
    few(12, 1),
    few(10, 3),
    few(10, 5),
    Cell(
        DESIGN,
        "2_of_10_treated_which_vary_more",
        "effect",
        size={"wards": 10, "treated": 2},
        alter=vary_more(1.5),
    ),
    Cell(
        DESIGN,
        "5_of_10_treated_which_vary_more",
        "effect",
        size={"wards": 10, "treated": 5},
        alter=vary_more(1.5),
    ),
    Cell(DESIGN, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(DESIGN, "weights_in_strata", "effect", size={"wards": 30, "treated": 12}, alter=draw(6)),
    Cell(
        DESIGN,
        "30_percent_missing_filled_in",
        "effect",
        size={"wards": 20, "treated": 8, "answers": 8.0, "people": True},
        changes=PEOPLE
        | {"missing_data": "multiple_imputation", "imputed_from": ["mood"], "imputations": 5},
        truth=("satisfied",),
        alter=fall_silent("mood"),
    ),
    Cell(
        DESIGN,
        "answers_yes_or_no",
        "effect",
        size={"wards": 20, "treated": 8, "answers": 31.0, "people": True},
        changes=PEOPLE,
        truth=("satisfied",),
    ),
)
