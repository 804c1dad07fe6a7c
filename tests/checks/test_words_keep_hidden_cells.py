"""What checks say in words gives back no cell that a release hides or rounds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.checks.health_inequalities import check_response
from evalkit.checks.unpaid_carers import check_lost, check_whole
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.measures.carers import SACE_DOMAINS
from evalkit.measures.carers_study import Described, describe_carers
from evalkit.results import Check
from evalkit.study import load_parameters
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

ROOT = Path(__file__).resolve().parents[2]
WORLD = ROOT / "data" / "synthetic" / "linked" / "effect_relational"


def response(mixed: float) -> pd.DataFrame:
    """Response rates by ethnic group, of which one group's cell would be hidden, and by sex."""
    return pd.DataFrame(
        {
            "dimension": ["Ethnic group"] * 3 + ["Sex"] * 2,
            "group": ["Asian", "Mixed", "White", "female", "male"],
            "rate": [46.5, mixed, 44.0, 43.7, 44.8],
        }
    )


@pytest.mark.parametrize(
    ("rates", "verdict", "words"),
    [
        ((35.9, 30.1), "concern", "More than 10 percentage points apart: ethnic group"),
        ((37.1, 44.9), "passes", "No more than 10 percentage points apart: ethnic group"),
    ],
)
def test_how_far_apart_rates_are_gives_no_hidden_rate_back(
    rates: tuple[float, float], verdict: str, words: str
) -> None:
    """Whatever the hidden rate is, on one side of the mark the same is said, and no distance."""
    for rate in rates:
        check = check_response(response(rate))
        assert (check.verdict, check.finding) == (verdict, words)
        assert check.table["name"].tolist() == ["limit"]


@pytest.fixture(scope="module")
def parameters() -> UnpaidCarers:
    """Return the embedded study of carers."""
    found = load_parameters(ROOT / "parameters" / "unpaid_carers.yml")
    assert isinstance(found, UnpaidCarers)
    return found


def described(whole: int, parameters: UnpaidCarers) -> Described:
    """Describe 960 carers who answered, `whole` of them all six domains."""
    carers = pd.read_csv(WORLD / "carers.csv").rename(columns={"trust": "unit", "month": "period"})
    carers = carers.assign(offered=carers["offered"] == "yes")
    found = describe_carers({"carers": carers}, parameters)
    rows = pd.DataFrame(1.0, index=range(960), columns=list(SACE_DOMAINS))
    rows.iloc[whole:, 0] = None
    return replace(found, carers=replace(found.carers, rows=rows))


def said(check: Check) -> tuple[Any, ...]:
    """Return all that a check says in words and numbers."""
    return check.verdict, check.finding, check.power, check.table.to_csv()


def test_share_of_whole_answers_does_not_tell_the_number(parameters: UnpaidCarers) -> None:
    """Of 960 answers 872 and 874 whole ones, which a release rounds alike, are told alike."""
    found = [check_whole(described(whole, parameters)) for whole in (872, 874)]
    assert said(found[0]) == said(found[1])
    assert found[0].finding == "91% of answers are whole"


def test_share_lost_does_not_tell_the_number(parameters: UnpaidCarers) -> None:
    """Eight and ten more lost of 480, which a release rounds alike, are told alike."""

    def gap(lost: int) -> Estimate:
        return make_estimate(100 * lost / 480, 2.2, df=10)

    found = [check_lost(gap(lost), parameters) for lost in (8, 10)]
    assert said(found[0]) == said(found[1])
    assert ": 2 percentage points" in found[0].finding
