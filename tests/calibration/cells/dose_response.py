"""What dose-response is asked."""

from cells.cell import Cell, lose, make_percentages

NAME = "dose_response"
PERCENT = {"outcome_kind": "percentage"}

CELLS: tuple[Cell, ...] = (
    Cell(NAME, "effect", "effect"),
    Cell(NAME, "null", "null"),
    Cell(NAME, "8_units", "effect", size={"wards": 8}),
    Cell(NAME, "8_units_null", "null", size={"wards": 8}),
    Cell(NAME, "12_units", "effect", size={"wards": 12}),
    Cell(NAME, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(NAME, "confounded_between", "confounded_between"),
    Cell(NAME, "percentages", "effect", changes=PERCENT, alter=make_percentages, times=10),
)
