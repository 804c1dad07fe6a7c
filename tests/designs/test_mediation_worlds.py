"""The right claim in every made-up world of mediation, by the study's own rules."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data import make_table
from evalkit.data.sources import Source
from evalkit.designs.mediation import estimate
from evalkit.errors import AnalysisError
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.mediation import Mediation
from evalkit.synthetic.design_worlds.mediation import make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (5, 6)
NO_CLAIM = {"no difference that matters", "unclear", "cannot be told"}
PEOPLE: dict[str, Any] = {
    "data_rows": "people",
    "mediator_name": "feeling listened to",
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


@pytest.fixture(scope="module")
def study() -> Mediation:
    """Return the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "mediation.yml")
    assert isinstance(loaded, Mediation)
    return loaded


def read(world: str, seed: int, study: Mediation, units: int = 30) -> pd.DataFrame:
    """Read a made-up table as a study would."""
    table = make_world(world, seed, units=units).table
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, study)


def ask(
    world: str, seed: int, study: Mediation, units: int = 30
) -> tuple[Result, list[Check], Finding]:
    """Estimate, check and conclude as the notebook does."""
    asked = study.model_copy(update=PEOPLE) if world.startswith("people") else study
    table = read(world, seed, asked, units)
    result = estimate(table, asked)
    checks = check_all(table, result, asked, estimate)
    return result, checks, conclude(table, result, checks, asked)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["effect", "people"])
def test_what_is_carried_is_told_as_an_association(study: Mediation, world: str, seed: int) -> None:
    """It goes by way of the mediator; the sentence gives the step and says that it is no cause."""
    result, _, finding = ask(world, seed, study)
    assert finding.claim == "associated with better"
    assert "for each 0.5 points more of staff wellbeing" in finding.answer
    assert "does not show" in finding.answer
    assert not result.permits_cause


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["null", "nothing", "between_only", "people_null"])
def test_nothing_is_claimed_where_nothing_is_carried(
    study: Mediation, world: str, seed: int
) -> None:
    """No claim, also where trusts differ in all three alike."""
    assert ask(world, seed, study)[2].claim in NO_CLAIM


def test_trusts_compared_would_have_been_fooled(study: Mediation) -> None:
    """Between trusts a part goes by way of climate in the world of levels; it is no headline."""
    result = estimate(read("between_only", 1, study, 60), study)
    between = pick_row(result.estimates, term="indirect", method="between_units")
    assert between["conf_low"] > 0
    assert result.primary["method"] == "within_cr2"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lead_stops_a_claim(study: Mediation, seed: int) -> None:
    """Wellbeing that follows experience is seen a quarter ahead, and nothing is claimed."""
    _, checks, finding = ask("reverse", seed, study)
    assert next(c for c in checks if c.name == "lead").verdict == "concern"
    assert finding.claim == "cannot be told"


def test_how_little_overturns_a_hidden_cause_is_told(study: Mediation) -> None:
    """Where a hidden cause made it all, a correlation of a fifth or so is said to explain it."""
    found = []
    for seed in SEEDS:
        result, _, finding = ask("confounder", seed, study, 60)
        found.append(abs(result.tables["vanishing"]["rho"].iloc[0]))
        assert finding.claim not in {"improved", "worsened"}
        assert any("Something unmeasured" in words for words in finding.meaning)
    assert max(found) < 0.35
    honest = estimate(read("effect", 1, study, 60), study).tables["vanishing"]["rho"].iloc[0]
    assert honest > 0.35


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": "one"}, "clusters: 1"),
        ({"exposure": 5.0}, "exposure: does not change"),
        ({"mediator": 5.0}, "mediator: does not change"),
        ({"mediator": float("nan")}, "all known"),
        ({"outcome": float("nan")}, "all known"),
        ({"bed_occupancy": 88.0}, "take it out of adjust_for"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    study: Mediation, change: dict[str, Any], message: str
) -> None:
    """One cluster, and what never changes or is not known: refused."""
    table = read("effect", 1, study, 8).assign(**change)
    with pytest.raises(AnalysisError, match=message):
        estimate(table, study)


@pytest.mark.parametrize("periods", [["2021Q1", "2021Q2"], ["2021Q1", "2021Q2", "2021Q3"]])
def test_too_few_periods_for_the_lags_are_refused(study: Mediation, periods: list[str]) -> None:
    """Three steps a quarter apart, seen twice in a trust, need four quarters."""
    few = study.model_copy(update={"periods": periods})
    with pytest.raises(AnalysisError, match="Give more periods, or shorten"):
        estimate(read("effect", 1, few, 8), few)
