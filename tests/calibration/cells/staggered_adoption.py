"""What staggered adoption is asked."""

from cells.cell import Cell, lose, make_percentages

_DESIGN = "staggered_adoption"
PERCENT = {"outcome_kind": "percentage"}

CELLS: tuple[Cell, ...] = (
    Cell(_DESIGN, "effect", "effect"),
    Cell(_DESIGN, "null", "null"),
    Cell(_DESIGN, "heterogeneous", "heterogeneous"),
    Cell(_DESIGN, "15_wards", "effect", size={"wards": 15}),
    Cell(_DESIGN, "15_wards_null", "null", size={"wards": 15}),
    Cell(_DESIGN, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(_DESIGN, "percentages", "effect", changes=PERCENT, alter=make_percentages, times=10),
)
