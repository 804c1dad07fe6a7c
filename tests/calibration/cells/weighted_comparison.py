"""What a weighted comparison is asked."""

from typing import Any

from cells.cell import Cell, answer_yes_or_no, lose
from cells.drawn import draw, fall_silent

NAME = "weighted_comparison"
YES_NO = {"outcome_kind": "yes_no"}
TREATED, EVERYONE = ("effect_for", "treated"), ("effect_for", "everyone")


def by(method: str, effect_for: str = "treated") -> dict[str, Any]:
    """Return the change of parameters that chooses how groups are made alike, and for whom."""
    return {"method": method, "effect_for": effect_for}


CELLS: tuple[Cell, ...] = (
    Cell(NAME, "effect", "effect"),
    Cell(NAME, "null", "null"),
    Cell(NAME, "uneven", "uneven"),
    Cell(
        NAME,
        "uneven_inverse_probability",
        "uneven",
        changes=by("inverse_probability"),
        truth=TREATED,
    ),
    Cell(
        NAME,
        "uneven_inverse_probability_everyone",
        "uneven",
        changes=by("inverse_probability", "everyone"),
        truth=EVERYONE,
    ),
    Cell(NAME, "uneven_entropy_balance", "uneven", changes=by("entropy_balance"), truth=TREATED),
    Cell(NAME, "uneven_matching", "uneven", changes=by("matching"), truth=TREATED),
    Cell(NAME, "20_clusters", "effect", size={"practices": 20}),
    Cell(NAME, "20_clusters_null", "null", size={"practices": 20}),
    Cell(NAME, "20_clusters_matching", "effect", size={"practices": 20}, changes=by("matching")),
    Cell(NAME, "600_people", "effect", size={"carers": 600}),
    Cell(NAME, "20_percent_missing", "effect", alter=lose(0.2)),
    Cell(NAME, "weights_in_8_strata", "effect", size={"carers": 1200}, alter=draw(8)),
    Cell(
        NAME,
        "30_percent_missing_filled_in",
        "effect",
        size={"carers": 600},
        changes={
            "missing_data": "multiple_imputation",
            "imputed_from": ["felt"],
            "imputations": 5,
        },
        alter=fall_silent("felt"),
    ),
    Cell(NAME, "yes_no", "effect", changes=YES_NO, alter=answer_yes_or_no, times=10),
    Cell(NAME, "yes_no_null", "null", changes=YES_NO, alter=answer_yes_or_no, times=10),
)
