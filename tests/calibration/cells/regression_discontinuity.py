"""What regression discontinuity is asked."""

from cells.cell import Cell, answer_yes_or_no, lose

NAME = "regression_discontinuity"
COLUMNS = {
    "unit": "practice",
    "cluster": "practice",
    "period": "year",
    "outcome": "overall",
    "running": "frailty",
    "earlier": "earlier",
    "age": "age",
    "lives_alone": "lives_alone",
}
YES_NO = {"outcome_kind": "yes_no"}
FUZZY = {"data_columns": COLUMNS | {"offered": "called_back"}}

CELLS: tuple[Cell, ...] = (
    Cell(NAME, "effect", "effect"),
    Cell(NAME, "null", "null"),
    Cell(NAME, "20_clusters", "effect", size={"practices": 20}),
    Cell(NAME, "20_clusters_null", "null", size={"practices": 20}),
    Cell(NAME, "60_clusters", "effect", size={"practices": 60}),
    Cell(NAME, "take_up", "effect", changes=FUZZY, truth=("effect_of_call", "overall")),
    Cell(NAME, "1000_people", "effect", size={"people": 1000}),
    Cell(NAME, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(NAME, "yes_no", "effect", changes=YES_NO, alter=answer_yes_or_no, times=10),
    Cell(NAME, "yes_no_null", "null", changes=YES_NO, alter=answer_yes_or_no, times=10),
)
