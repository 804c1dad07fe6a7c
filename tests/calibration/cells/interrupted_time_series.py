"""What an interrupted time series is asked.

In the cells of one trust alone so many answer that what carries over by 0.4 is nearly all that
varies; with the usual number of answers, chance is mixed in.
"""

from typing import Any

from cells.cell import Cell, lose

DESIGN = "interrupted_time_series"
ALONE = {"answers": 200_000.0}
"""So many answers that chance adds little to what carries over from month to month."""

COLUMNS: dict[str, Any] = {
    "data_columns": {
        "unit": "trust",
        "period": "month",
        "outcome": "positive",
        "outcome_base": "respondents",
    }
}
COUNTS: dict[str, Any] = {
    "outcome_kind": "count",
    "outcome_better": "lower",
    "data_columns": {
        "unit": "trust",
        "period": "month",
        "outcome": "complaints",
        "outcome_base": "contacts",
    },
}

CELLS: tuple[Cell, ...] = (
    Cell(DESIGN, "level_48_points", "single", size=ALONE, changes=COLUMNS),
    Cell(
        DESIGN,
        "slope_48_points",
        "single",
        size=ALONE,
        changes=COLUMNS | {"primary": "slope"},
        truth=("slope", "overall"),
    ),
    Cell(
        DESIGN,
        "average_48_points",
        "single",
        size=ALONE,
        changes=COLUMNS | {"primary": "average"},
        truth=("average", "overall"),
    ),
    Cell(DESIGN, "null_48_points", "single_null", size=ALONE, changes=COLUMNS),
    Cell(DESIGN, "controlled", "effect"),
    Cell(DESIGN, "controlled_null", "null"),
    Cell(
        DESIGN,
        "24_points",
        "single",
        size=ALONE | {"periods": 24, "start": 12},
        changes=COLUMNS | {"start_period": "2022-01"},
    ),
    Cell(
        DESIGN,
        "16_points",
        "single",
        size=ALONE | {"periods": 16, "start": 8, "wave": 0.0},
        changes=COLUMNS | {"start_period": "2021-09"},
    ),
    Cell(DESIGN, "season", "season", size=ALONE, changes=COLUMNS),
    Cell(DESIGN, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(DESIGN, "counts", "single", changes=COUNTS, truth=("effect", "complaints")),
)
