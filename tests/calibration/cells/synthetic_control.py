"""What synthetic control is asked.

Its interval comes from placebos, not from sampling: it is exact where who had the offer was decided
by lot, which is what `by_lot` cells measure. Refused are trusts that no mixture came close to.
"""

from cells.cell import Cell

NAME = "synthetic_control"
PARALLEL = {"primary_analysis": "synthetic_difference_in_differences"}

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
    Cell(NAME, "parallel", "effect", changes=PARALLEL),
    Cell(NAME, "parallel_null_by_lot", "null", size={"by_lot": True}, changes=PARALLEL),
)
