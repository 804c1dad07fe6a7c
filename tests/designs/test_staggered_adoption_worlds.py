"""Staggered adoption on made-up wards: the right claim in each world, and clear refusals."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.staggered_adoption import estimate
from evalkit.designs.staggered_sensitivity import EVERY, MOVES
from evalkit.errors import EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding, Result
from evalkit.results.types import pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption
from evalkit.synthetic.design_worlds.staggered_adoption import FIELDS, WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2)
NONE = ("no difference that matters", "unclear")


def study_of_waves() -> StaggeredAdoption:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "staggered_adoption.yml")
    assert isinstance(loaded, StaggeredAdoption)
    return loaded


STUDY = study_of_waves()


def lay(table: pd.DataFrame, parameters: StaggeredAdoption = STUDY) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


@cache
def ask(world: str, seed: int) -> tuple[Result, list[Check], Finding]:
    """Ask one world the study's question, with all checks."""
    table = lay(make_world(world, seed).table)
    result = estimate(table, STUDY)
    checks = check_all(table, result, STUDY, estimate)
    return result, checks, conclude(table, result, checks, STUDY)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", list(WORLDS))
def test_what_is_claimed(world: str, seed: int) -> None:
    """An effect is found, none is claimed where there is none, and trends apart claim nothing."""
    found = ask(world, seed)[2]
    right = WORLDS[world].answer
    assert found.claim in (NONE if right == "no claim" else (right,))


@pytest.mark.parametrize("seed", SEEDS)
def test_effects_that_grow_are_answered_where_two_way_effects_are_far_off(seed: int) -> None:
    """The headline holds the truth; the two-way estimate is at most half of it, and says why."""
    result, _, finding = ask("heterogeneous", seed)
    truth = make_world("heterogeneous", seed).truth["effect"]
    assert isinstance(truth, dict)
    two_way = pick_row(result.estimates, term="effect", method="two_way_fixed_effects")
    assert result.headline["conf_low"] < truth["overall"] < result.headline["conf_high"]
    assert two_way["conf_high"] < truth["overall"]
    assert two_way["estimate"] < truth["overall"] / 2
    assert "with units that had changed already" in " ".join(finding.meaning)


@pytest.mark.parametrize("seed", SEEDS)
def test_trends_apart_are_why_nothing_can_be_told(seed: int) -> None:
    """Without its check of trends the same data would seem to show an effect."""
    result, checks, finding = ask("diverging", seed)
    stopped = {c.name for c in checks if c.blocks and c.verdict != "passes"}
    assert "pre_trends" in stopped <= {"pre_trends", "placebo_date"}
    assert result.headline["conf_low"] > 0
    assert "moving apart" in " ".join(finding.meaning)


def test_how_far_trends_may_part_is_said_beside_each_answer() -> None:
    """The check says the number that the table of bounds holds, and blocks nothing."""
    result, checks, _ = ask("effect", 1)
    check = next(c for c in checks if c.name == "honest_trends")
    bounds = result.tables["honest_did"]
    found = bounds.loc[(bounds["average"] == EVERY) & (bounds["restriction"] == MOVES), "breakdown"]
    assert check.table["value"].iloc[0] == pytest.approx(found.iloc[0], abs=0.005)
    assert not check.blocks


def test_columns_are_described_and_synthetic() -> None:
    """Every column of a world has its description, and every row says that it is made up."""
    table = make_world("diverging", 1, wards=8).table
    assert set(table) <= set(FIELDS)
    assert table["ward_name"].str.startswith("Synthetic").all()
    assert table["ward"].nunique() == 8


Turn = Callable[[pd.DataFrame], pd.DataFrame]
TWO_CAUSES = {
    "adjust_for": ["a", "b"],
    "data_columns": STUDY.data_columns | {"a": "a", "b": "b"},
}
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "one ward": (lambda t: t[t["ward"] == t["ward"].iloc[0]], {}, "nobody to compare with"),
    "never trained": (lambda t: t.assign(trained_from=None), {}, "no unit ever changed"),
    "all trained": (
        lambda t: t.assign(trained_from=t["trained_from"].fillna("2022Q2")),
        {},
        "Set comparison to not_yet_treated",
    ),
    "all at once": (
        lambda t: t.assign(trained_from="2022Q2"),
        {"comparison": "not_yet_treated"},
        "all 24 units change in the same period",
    ),
    "start outside": (
        lambda t: t.assign(
            trained_from=t["trained_from"].mask(t["trained_from"].notna(), "2031Q1")
        ),
        {},
        "starts lie after the last period",
    ),
    "start first": (
        lambda t: t.assign(
            trained_from=t["trained_from"].mask(t["trained_from"].notna(), "2021Q1")
        ),
        {},
        "no time before the change",
    ),
    "constant": (lambda t: t.assign(overall=8.0), {}, "is the same in every unit and period"),
    "no outcome": (
        lambda t: t.assign(overall=np.nan),
        {},
        "unit: 0 with an outcome",
    ),
    "one period": (lambda t: t, {"periods": ["2022Q2"]}, "the data hold one period only"),
    "collinear": (
        lambda t: t.assign(a=t["respondents"], b=2.0 * t["respondents"]),
        TWO_CAUSES,
        "a and b: among units to compare with",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_data_are_refused_in_words(case: str) -> None:
    """Each refusal says what is wrong and what to do next, and no value of the data."""
    turn, changes, words = BAD[case]
    parameters = STUDY.model_copy(update=changes)
    table = turn(make_world("null", 1, wards=24).table)
    with pytest.raises(EvalkitError, match=words) as refused:
        estimate(lay(table, parameters), parameters)
    said = str(refused.value)
    assert not any(f"{value:.3f}" in said for value in table["overall"].dropna())


def test_two_periods_are_enough() -> None:
    """One period before and one after give the effect on the wave between them."""
    parameters = STUDY.model_copy(update={"periods": ["2021Q4", "2022Q2"]})
    row = estimate(lay(make_world("effect", 1).table, parameters), parameters).headline
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
