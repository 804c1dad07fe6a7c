"""What mediation is asked: of trusts over time, and of people in wards (2-1-1)."""

from cells.cell import Cell, answer_yes_or_no, lose

NAME = "mediation"
PEOPLE = {
    "data_rows": "people",
    "mediator_lag": 0,
    "adjust_for": [],
    "data_columns": {
        "unit": "ward",
        "unit_name": "ward_name",
        "period": "quarter",
        "outcome": "overall",
        "exposure": "wellbeing",
        "mediator": "listened",
    },
}
YES_NO = PEOPLE | {"outcome_kind": "yes_no"}

CELLS: tuple[Cell, ...] = (
    Cell(NAME, "effect", "effect"),
    Cell(NAME, "null", "null"),
    Cell(NAME, "8_units", "effect", size={"units": 8}),
    Cell(NAME, "8_units_null", "null", size={"units": 8}),
    Cell(NAME, "12_units", "effect", size={"units": 12}),
    Cell(NAME, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(NAME, "people_40_clusters", "people", changes=PEOPLE),
    Cell(NAME, "people_40_clusters_null", "people_null", changes=PEOPLE),
    Cell(NAME, "people_12_clusters", "people", size={"units": 12}, changes=PEOPLE),
    Cell(NAME, "people_yes_no", "people", changes=YES_NO, alter=answer_yes_or_no, times=10),
)
