"""Where staff follow patients, no study says that patients gained by staff's engagement."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data import make_table
from evalkit.data.sources import Source
from evalkit.designs.dose_response import estimate
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.dose_response import DoseResponse
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.places import MONTHS, Size, make_places

FILE = Path(__file__).resolve().parents[2] / "parameters" / "dose_response.yml"
SIZE = Size(people=1, trusts=60, wards=4)
ASKED = {
    "dose_name": "staff engagement",
    "dose_unit": "points",
    "dose_step": 1.0,
    "minimum_important_difference": 0.05,
    "adjust_for": [],
    "placebo_outcomes": [],
    "subgroups": [],
}
ROLES = {
    "unit": "trust",
    "unit_name": "trust",
    "period": "month",
    "outcome": "overall",
    "outcome_base": "people",
    "dose": "engagement",
}


def make_levels(world: str, seed: int) -> pd.DataFrame:
    """Return each trust's own engagement and experience by month, which nobody's chance blurs."""
    places = make_places(WORLDS[world], seed, SIZE)
    overall = places.experience.mean(axis=0).reshape(len(MONTHS), SIZE.trusts, -1).mean(axis=2)
    levels = {"overall": overall.ravel(), "engagement": places.engagement.ravel()}
    keys = pd.MultiIndex.from_product([MONTHS, places.trusts["trust"]], names=["month", "trust"])
    return pd.DataFrame(levels, index=keys).assign(people=500.0).reset_index()


def ask(world: str, seed: int) -> tuple[list[Check], Finding, Finding]:
    """Return the checks, the finding, and the finding without a look at what comes first."""
    loaded = load_parameters(FILE)
    assert isinstance(loaded, DoseResponse)
    study = loaded.model_copy(update={**ASKED, "data_columns": ROLES})
    frame = make_levels(world, seed)
    source = Source("data", "cqc_survey", "table", frame, "0" * 64, len(frame), synthetic=True)
    table = make_table({"data": source}, study)
    result = estimate(table, study)
    checks = check_all(table, result, study, estimate)
    others = [check for check in checks if check.name != "lead"]
    return (
        checks,
        conclude(table, result, checks, study),
        conclude(table, result, others, study),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_engagement_that_follows_patients_is_not_said_to_help_them(seed: int) -> None:
    """Engagement seen to come after experience is given no credit; unlooked at, it would be."""
    checks, finding, unguarded = ask("reverse", seed)
    assert next(check for check in checks if check.name == "lead").verdict == "concern"
    assert finding.claim == "cannot be told"
    assert unguarded.claim == "associated with better"


def test_nothing_is_said_where_neither_follows_the_other() -> None:
    """In the world without any effect, no claim is made, and nothing is called a lead."""
    checks, finding, _ = ask("null", 1)
    assert next(check for check in checks if check.name == "lead").verdict != "concern"
    assert finding.claim not in {"associated with better", "associated with worse"}
