"""What difference in differences is asked."""

from cells.cell import Cell, lose

CELLS: tuple[Cell, ...] = (
    Cell("difference_in_differences", "effect", "effect"),
    Cell("difference_in_differences", "null", "null"),
    Cell(
        "difference_in_differences",
        "2_of_10_treated",
        "effect",
        size={"wards": 10, "treated": 2},
    ),
    Cell(
        "difference_in_differences",
        "2_of_10_treated_null",
        "null",
        size={"wards": 10, "treated": 2},
    ),
    Cell("difference_in_differences", "20_percent_missing", "effect", alter=lose(0.2)),
)
