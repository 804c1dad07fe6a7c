"""What stepped wedge and parallel cluster trials are asked."""

from typing import Any

from cells.cell import Cell, ask_half_of_no, count_events, lose

DESIGN = "stepped_wedge"
ALONE = {"other_estimates": False}
PEOPLE = ALONE | {
    "data_rows": "people",
    "outcome_kind": "yes_no",
    "minimum_important_difference": 4.0,
    "placebo_outcomes": [],
    "data_columns": {
        "unit": "ward",
        "unit_name": "ward_name",
        "period": "quarter",
        "outcome": "recommends",
        "first_treated": "pathway_from",
        "more_deprived": "more_deprived",
    },
}


def _few(steps: int, autocorrelation: float) -> Cell:
    """Six wards in steps; of what a ward's answers share, `autocorrelation` lasts."""
    size: dict[str, Any] = {"wards": 6, "steps": steps, "autocorrelation": autocorrelation}
    lasts = f"{100 * autocorrelation:.0f}"
    return Cell(DESIGN, f"6_clusters_{steps}_steps_{lasts}_lasts_null", "null", size, ALONE)


CELLS: tuple[Cell, ...] = (
    Cell(DESIGN, "effect", "effect", changes=ALONE),
    Cell(DESIGN, "null", "null", changes=ALONE),
    *(_few(steps, lasts) for steps in (3, 6) for lasts in (0.8, 1.0)),
    Cell(DESIGN, "20_percent_missing", "effect", changes=ALONE, alter=lose(0.2)),
    Cell(
        DESIGN,
        "effect_grows_averaged",
        "exposure_grows",
        changes=ALONE | {"effect_over_time": "averaged"},
    ),
    Cell(DESIGN, "parallel_4_and_4", "parallel", changes=ALONE),
    Cell(DESIGN, "parallel_4_and_4_null", "parallel_null", changes=ALONE),
    Cell(DESIGN, "people_yes_no", "people", changes=PEOPLE, truth=("percentage_points",)),
    Cell(DESIGN, "people_yes_no_null", "people_null", changes=PEOPLE, truth=("percentage_points",)),
    Cell(
        DESIGN,
        "people_weighted",
        "people",
        changes=PEOPLE,
        truth=("percentage_points",),
        alter=ask_half_of_no,
    ),
    Cell(
        DESIGN,
        "people_weighted_null",
        "people_null",
        changes=PEOPLE,
        truth=("percentage_points",),
        alter=ask_half_of_no,
    ),
    Cell(
        DESIGN,
        "counts",
        "effect",
        changes=ALONE | {"outcome_kind": "count", "rate_per": 10.0},
        alter=count_events,
    ),
)
