"""Difference-in-differences on made-up wards: the right claim in each world, and clear refusals."""

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
from evalkit.designs.difference_in_differences import estimate
from evalkit.errors import EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.findings.multiverse import add_multiverse
from evalkit.planning.multiverse import run_multiverse, summarise_multiverse
from evalkit.results import Check, Finding, Result
from evalkit.study import load_parameters
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.synthetic.design_worlds.difference_in_differences import FIELDS, WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (3, 4)
NONE = ("no difference that matters", "unclear")
PEOPLE = {
    "data_rows": "people",
    "outcome_kind": "yes_no",
    "minimum_important_difference": 2.0,
    "subgroups": [],
    "alternatives": {},
    "data_columns": {
        "unit": "ward",
        "period": "quarter",
        "outcome": "satisfied",
        "treated": "pathway",
    },
}


def study_of_pathway() -> DifferenceInDifferences:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DifferenceInDifferences)
    return loaded


STUDY = study_of_pathway()


def lay(table: pd.DataFrame, parameters: DifferenceInDifferences = STUDY) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


@cache
def ask(
    world: str, seed: int, wards: int = 90, treated: int = 40
) -> tuple[Result, list[Check], Finding]:
    """Ask one world the study's question, with all checks."""
    table = lay(make_world(world, seed, wards=wards, treated=treated).table)
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
@pytest.mark.parametrize("world", ["effect", "null"])
def test_intervals_hold_the_truth(world: str, seed: int) -> None:
    """Where trends are alike, the headline's interval holds the effect that was put in."""
    row = ask(world, seed)[0].headline
    assert row["conf_low"] <= WORLDS[world].effect <= row["conf_high"]


BEFORE_THE_START = {"pre_trends", "placebo_date"}
"""The checks that look at what moved before the start."""


@pytest.mark.parametrize("seed", SEEDS)
def test_trends_apart_are_why_nothing_can_be_told(seed: int) -> None:
    """Without its looks before the start the same data would be told as an improvement."""
    result, checks, finding = ask("diverging", seed)
    stopped = {c.name for c in checks if c.blocks and c.verdict != "passes"}
    assert "pre_trends" in stopped <= BEFORE_THE_START
    assert result.headline["conf_low"] > 0
    assert result.permits_cause
    unguarded = [check for check in checks if check.name not in BEFORE_THE_START]
    table = lay(make_world("diverging", seed).table)
    assert conclude(table, result, unguarded, STUDY).claim == "improved"
    assert "it may not be read as an effect" in " ".join(finding.meaning)


@pytest.mark.parametrize("world", list(WORLDS))
def test_two_wards_of_ten_claim_nothing(world: str) -> None:
    """Two wards with the pathway cannot show that trends were alike, so nothing is claimed."""
    result, checks, finding = ask(world, 3, wards=10, treated=2)
    assert finding.claim == "cannot be told"
    assert result.headline["method"] == "permutation"
    trends = next(check for check in checks if check.name == "pre_trends")
    assert (trends.blocks, trends.verdict) == (True, "cannot tell")


def test_many_analyses_do_not_make_an_effect_of_trends_apart() -> None:
    """Where trends part, every analysis is fooled and chance is no excuse; the words say so."""
    table = lay(make_world("diverging", 3, wards=30, treated=14).table)
    small = {"alternatives": {"weight_by": ["people"], "outcome": ["felt"]}}
    study = STUDY.model_copy(update=small)
    found = run_multiverse(table, study, estimate, draws=39)
    assert found is not None
    assert summarise_multiverse(found)["above_zero"] == 4
    result = estimate(table, study)
    checks = check_all(table, result, study, estimate)
    finding = add_multiverse(conclude(table, result, checks, study), found, study)
    assert finding.claim == "cannot be told"
    assert finding.meaning[-1].endswith("other causes may.")


def test_without_an_effect_all_analyses_together_may_be_chance() -> None:
    """No effect: the joint p-value is not small, and no interval leaves out zero."""
    table = lay(make_world("null", 4, wards=30, treated=14).table)
    small = {"alternatives": {"weight_by": ["people"], "outcome": ["felt"]}}
    found = run_multiverse(table, STUDY.model_copy(update=small), estimate, draws=39)
    assert found is not None
    told = summarise_multiverse(found)
    assert told["p_median"] > 0.1
    assert (told["above_zero"], told["below_zero"]) == (0, 0)


def test_answers_of_people_are_percentage_points() -> None:
    """One row an answer, yes or no: the interval holds the points that were put in."""
    made = make_world("effect", 3, wards=20, treated=8, answers=31.0, people=True)
    parameters = STUDY.model_copy(update=PEOPLE)
    row = estimate(lay(made.table, parameters), parameters).headline
    assert row["conf_low"] <= float(str(made.truth["satisfied"])) <= row["conf_high"]
    assert row["n"] == len(made.table)


def test_columns_are_described_and_synthetic() -> None:
    """Every column of a world has its description, and every row says that it is made up."""
    table = make_world("diverging", 1, wards=8, treated=3).table
    assert set(table) <= set(FIELDS)
    assert table["ward_name"].str.startswith("Synthetic").all()
    assert table.loc[table["pathway"], "ward"].nunique() == 3


Turn = Callable[[pd.DataFrame], pd.DataFrame]
TWO_CAUSES = {
    "adjust_for": ["a", "b"],
    "data_columns": STUDY.data_columns | {"a": "a", "b": "b"},
}
PLAIN = {"alternatives": {}}
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "one ward": (lambda t: t[t["ward"] == t["ward"].iloc[0]], {}, "hold one unit only"),
    "two wards": (
        lambda t: t[t["ward"].isin(t.drop_duplicates("pathway")["ward"])],
        {},
        "cluster: 2 with outcomes",
    ),
    "nobody": (lambda t: t.assign(pathway=False), {}, "no unit has the intervention"),
    "everybody": (lambda t: t.assign(pathway=True), {}, "all 24 units have the intervention"),
    "start outside": (lambda t: t, {"start_period": "2031Q1"}, "not among the 12 periods"),
    "start first": (lambda t: t, {"start_period": "2021Q1"}, "start_period: lies outside the data"),
    "one quarter": (
        lambda t: t,
        {"periods": ["2023Q1"], **PLAIN},
        "start_period: lies outside the data",
    ),
    "constant": (lambda t: t.assign(overall=8.0), {}, "outcome: does not change"),
    "no outcome": (lambda t: t.assign(overall=np.nan), {}, "outcome: no row has an outcome"),
    "collinear": (
        lambda t: t.assign(a=np.arange(len(t)) % 7, b=2 * (np.arange(len(t)) % 7)),
        TWO_CAUSES,
        "adjust_for",
    ),
    "a period that is not there": (
        lambda t: t,
        {"periods": ["2022Q4", "2023Q1", "2030Q1"], **PLAIN},
        "1 are not in the data",
    ),
    "an alternative that is not there": (
        lambda t: t,
        {"alternatives": {"periods": [["2022Q4", "2023Q1", "2030Q1"]]}},
        "alternatives, periods: 1 are not in the data",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_has_one_clear_message(name: str) -> None:
    """Each says what is wrong and what to do next, and holds no ward and no score."""
    turn, changes, words = BAD[name]
    parameters = STUDY.model_copy(update=changes)
    table = make_world("effect", 1, wards=24, treated=10).table
    with pytest.raises(EvalkitError, match=words) as raised:
        estimate(lay(turn(table), parameters), parameters)
    told = str(raised.value)
    assert "WARD" not in told
    assert "Synthetic" not in told
    assert told.count(". ") >= 1
