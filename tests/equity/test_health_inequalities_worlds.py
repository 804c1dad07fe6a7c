"""Linked worlds of known truth: who gained is told as it was made, and traps fool nobody."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.health_inequalities import check_inequalities
from evalkit.data.periods import calendar_index
from evalkit.equity.study import open_answers, study_inequalities
from evalkit.findings.health_inequalities import conclude_inequalities
from evalkit.results import Check, Finding, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.health_inequalities import HealthInequalities
from evalkit.synthetic.linked.make import LinkedWorld, make_linked_world

FILE = Path(__file__).resolve().parents[2] / "parameters" / "health_inequalities.yml"
TABLES = {"answers": "patients", "units": "wards", "eligible": "eligible"}
PEOPLE = 16_000


@cache
def make(world: str) -> LinkedWorld:
    """Make a world, once."""
    return make_linked_world(world, 5, people=PEOPLE)


@cache
def answer(name: str) -> tuple[Finding, dict[str, Check], pd.DataFrame]:
    """Answer a world's question as the notebook does, by the embedded study's parameters."""
    world = make(name)
    parameters = load_parameters(FILE)
    assert isinstance(parameters, HealthInequalities)
    opened = open_answers(_tables(world, parameters), parameters)
    found = study_inequalities(opened, parameters)
    checks = check_inequalities(opened, parameters)
    finding = conclude_inequalities(found, checks, parameters)
    return finding, {check.name: check for check in checks}, found.change


def _tables(world: LinkedWorld, parameters: HealthInequalities) -> dict[str, pd.DataFrame]:
    tables = {}
    for source, name in TABLES.items():
        columns = parameters.model_dump()[f"{source}_columns"]
        table = pd.DataFrame({role: world.tables[name][column] for role, column in columns.items()})
        if "period" in table:
            table = table.assign(time=calendar_index(table["period"]))
        if "start" in table:
            table["start"] = table["start"].replace("", None)
        tables[source] = table
    return tables


def test_a_mean_that_rises_while_the_gap_grows_is_said_as_both() -> None:
    """In the world where all but the poorest gained, the answer says that, and the true change."""
    finding, _, change = answer("gap_wider")
    assert finding.claim == "mean up, gap wider"
    assert finding.answer.startswith("Experience improved on average, and the gap grew")
    row = pick_row(change, group="core20:difference")
    assert row["conf_low"] <= make("gap_wider").truth["gap"]["change_of_gap"] <= row["conf_high"]


def test_nothing_is_claimed_where_nothing_happened() -> None:
    """In the world without an effect no change in the gap is claimed."""
    finding, _, _ = answer("null")
    assert finding.claim in ("unclear", "gap not changed by what matters")


@pytest.mark.parametrize(
    ("world", "verdict"), [("nonresponse_by_deprivation", "concern"), ("null", "passes")]
)
def test_the_poor_who_stop_answering_are_noticed(world: str, verdict: str) -> None:
    """Where the poorest answer less often once the programme runs, the check says so."""
    _, checks, _ = answer(world)
    assert checks["response_change"].verdict == verdict
