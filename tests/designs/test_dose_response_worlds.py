"""The right claim in every made-up world of partners' hours, by the study's own rules."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data import make_table
from evalkit.data.sources import Source
from evalkit.designs.dose_response import estimate
from evalkit.errors import AnalysisError
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.dose_response import DoseResponse
from evalkit.synthetic.design_worlds.dose_response import make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2)
SIZE = {"wards": 30, "answers": 120.0}
"""Fewer wards than the embedded study has, for the sake of time."""

NO_CLAIM = {"no difference that matters", "unclear", "cannot be told"}


@pytest.fixture(scope="module")
def study() -> DoseResponse:
    """Return the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "dose_response.yml")
    assert isinstance(loaded, DoseResponse)
    return loaded


def read(world: str, seed: int, study: DoseResponse, **size: Any) -> pd.DataFrame:
    """Read a made-up table as a study would."""
    table = make_world(world, seed, **(SIZE | size)).table
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, study)


def ask(world: str, seed: int, study: DoseResponse) -> tuple[Result, list[Check], Finding]:
    """Estimate, check and conclude as the notebook does."""
    table = read(world, seed, study)
    result = estimate(table, study)
    checks = check_all(table, result, study, estimate)
    return result, checks, conclude(table, result, checks, study)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_effect_is_told_as_an_association(study: DoseResponse, seed: int) -> None:
    """More hours go with better care, and the sentence does not say that they made it."""
    result, _, finding = ask("effect", seed, study)
    assert finding.claim == "associated with better"
    assert "does not show that co-production with partners caused it" in finding.answer
    assert "for each 20 hours more of co-production with partners" in finding.answer
    assert not result.permits_cause


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["null", "confounded_between"])
def test_nothing_is_claimed_where_hours_do_nothing(
    study: DoseResponse, world: str, seed: int
) -> None:
    """No claim, also where wards with more hours are better anyway."""
    assert ask(world, seed, study)[2].claim in NO_CLAIM


def test_wards_compared_would_have_been_fooled(study: DoseResponse) -> None:
    """Between wards the difference is clear in the confounded world; it is never the headline."""
    result = estimate(read("confounded_between", 1, study), study)
    assert pick_row(result.estimates, term="between")["conf_low"] > 0
    assert result.headline["term"] == "effect"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["reverse", "moving_cause"])
def test_the_lead_stops_a_claim(study: DoseResponse, world: str, seed: int) -> None:
    """Hours that follow experience are seen a quarter ahead, and nothing is claimed."""
    result, checks, finding = ask(world, seed, study)
    assert next(c for c in checks if c.name == "lead").verdict == "concern"
    assert finding.claim == "cannot be told"
    assert any("may answer to the outcome" in remark for remark in result.remarks)


def test_a_line_that_levels_off_is_told(study: DoseResponse) -> None:
    """More is still better, and the check of the straight line says that it bends."""
    _, checks, finding = ask("levels_off", 1, study)
    assert finding.claim == "associated with better"
    assert next(c for c in checks if c.name == "straight").verdict == "concern"


def test_a_hidden_cause_at_once_is_named_as_the_limit(study: DoseResponse) -> None:
    """What moves both at once is not found out; the finding says that it would look the same."""
    finding = ask("hidden_at_once", 2, study)[2]
    assert finding.claim in {"associated with better", "cannot be told"}
    assert any("nobody measured" in limit for limit in finding.limits)


def test_two_quarters_are_enough_but_say_no_order(study: DoseResponse) -> None:
    """With two periods the difference is estimated, and that no order is seen is told."""
    two = study.model_copy(update={"periods": ["2021Q1", "2021Q2"]})
    result = estimate(read("effect", 1, two), two)
    assert result.headline["n"] == 2 * SIZE["wards"]
    assert any("cannot be seen in so few periods" in remark for remark in result.remarks)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cluster": "one"}, "clusters: 1"),
        ({"dose": 5.0}, "dose: does not change"),
        ({"dose": float("nan")}, "all known"),
        ({"vacancies": 8.0}, "take it out of adjust_for"),
        ({"outcome": float("nan")}, "all known"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    study: DoseResponse, change: dict[str, Any], message: str
) -> None:
    """One cluster, a dose that stays, one that is not known, an adjuster that stays: refused."""
    table = read("effect", 1, study, wards=8).assign(**change)
    with pytest.raises(AnalysisError, match=message):
        estimate(table, study)
