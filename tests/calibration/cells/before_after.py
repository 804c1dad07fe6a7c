"""What before and after is asked."""

from cells.cell import Cell, lose
from cells.drawn import draw

DESIGN, TRUTH = "before_after", ("change", "overall")
COLUMNS = {"unit": "ward", "period": "quarter", "outcome": "overall", "outcome_base": "respondents"}
CHOSEN = {
    "selected": "lowest",
    "selected_share": 0.2,
    "selection_periods": ["2022Q1", "2022Q2", "2022Q3", "2022Q4"],
    "data_columns": COLUMNS | {"chosen_by": "overall"},
    "subgroups": [],
}

CELLS: tuple[Cell, ...] = (
    Cell(DESIGN, "change", "change", truth=TRUTH),
    Cell(DESIGN, "null", "null", truth=TRUTH),
    Cell(DESIGN, "worst_fifth_chosen", "worst_chosen", changes=CHOSEN, truth=TRUTH),
    Cell(DESIGN, "worst_fifth_chosen_change", "worst_chosen_change", changes=CHOSEN, truth=TRUTH),
    Cell(
        DESIGN,
        "worst_fifth_chosen_16_wards",
        "worst_chosen",
        size={"wards": 16},
        changes=CHOSEN,
        truth=TRUTH,
    ),
    Cell(DESIGN, "8_wards", "change", size={"wards": 8}, truth=TRUTH),
    Cell(DESIGN, "20_percent_missing", "change", truth=TRUTH, alter=lose(0.2)),
    Cell(DESIGN, "weights_in_8_strata", "change", truth=TRUTH, alter=draw(8)),
    Cell(
        DESIGN,
        "worst_fifth_chosen_20_percent_missing",
        "worst_chosen",
        changes=CHOSEN,
        truth=TRUTH,
        alter=lose(0.2),
    ),
)
