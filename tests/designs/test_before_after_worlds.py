"""Before and after on made-up wards: the right claim in each world, and clear refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.before_after import estimate
from evalkit.errors import EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.results import Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.before_after import BeforeAfter
from evalkit.synthetic.design_worlds.before_after import FIELDS, WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2)
NONE = ("no difference that matters", "unclear")


def study_of(name: str) -> BeforeAfter:
    """Return the parameters of an embedded study."""
    loaded = load_parameters(ROOT / "parameters" / f"{name}.yml")
    assert isinstance(loaded, BeforeAfter)
    return loaded


EVERY, CHOSEN = study_of("before_after"), study_of("before_after_worst_chosen")


def lay(table: pd.DataFrame, parameters: BeforeAfter) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


def answer(world: str, seed: int, parameters: BeforeAfter) -> Finding:
    """Ask one world the study's question, with all checks."""
    table = lay(make_world(world, seed).table, parameters)
    result = estimate(table, parameters)
    return conclude(table, result, check_all(table, result, parameters, estimate), parameters)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["change", "null", "trend"])
def test_what_is_claimed(world: str, seed: int) -> None:
    """A change is described, and none is claimed where there is none; never that it was caused."""
    found = answer(world, seed, EVERY)
    right = WORLDS[world].answer
    assert found.claim in (NONE if right == "no claim" else (right,))
    assert "improved" not in found.answer


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("world", ["worst_chosen", "worst_chosen_change"])
def test_what_chance_brings_is_no_change(world: str, seed: int) -> None:
    """Wards chosen because they did worst: what chance brings is not claimed, more than it is."""
    found = answer(world, seed, CHOSEN)
    right = WORLDS[world].answer
    assert found.claim in (NONE if right == "no claim" else (right,))
    assert "than chance alone would have brought in units so chosen" in found.answer


def test_without_saying_how_they_were_chosen_chance_is_called_a_change() -> None:
    """The trap is one: the same wards, as if all had been looked at, seem to change."""
    assert answer("worst_chosen", 2, EVERY).claim == "changed for the better"


def test_a_movement_from_before_is_told() -> None:
    """Where wards had long been getting better, the meaning says so and by how much."""
    said = " ".join(answer("trend", 1, EVERY).meaning)
    assert "Before the start it was already moving" in said
    assert "Before the start" not in " ".join(answer("change", 1, EVERY).meaning)


def test_other_facets_are_expected_back_as_they_go_with_what_decided() -> None:
    """Wards chosen by overall experience: no facet is called changed beyond chance."""
    table = lay(make_world("worst_chosen", 3).table, CHOSEN)
    for facet in ("relational", "functional", "felt"):
        row = estimate(table.assign(outcome=table[facet]), CHOSEN).headline
        assert row["conf_low"] < 0 < row["conf_high"]


def test_columns_are_described_and_synthetic() -> None:
    """Every column of a world has its description, and every row says that it is made up."""
    table = make_world("worst_chosen", 1, wards=8).table
    assert set(table) <= set(FIELDS)
    assert table["ward_name"].str.startswith("Synthetic").all()
    assert table["ward"].nunique() == 8


Turn = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "one ward": (lambda t: t[t["ward"] == "WARD001"], {}, "cluster: 1 with outcomes"),
    "constant": (lambda t: t.assign(overall=8.0), {}, "outcome: does not change"),
    "no outcome": (lambda t: t.assign(overall=np.nan), {}, "outcome: no row has an outcome"),
    "start outside": (lambda t: t, {"start_period": "2030Q1"}, r"start_period \(2030Q1\): not am"),
    "start first": (lambda t: t, {"start_period": "2021Q1"}, "no outcome lies before the start"),
    "one period": (lambda t: t, {"periods": ["2023Q1"]}, "no outcome lies before the start"),
    "collinear": (
        lambda t: t.assign(a=t["respondents"], b=2.0 * t["respondents"]),
        {"adjust_for": ["a", "b"], "data_columns": EVERY.data_columns | {"a": "a", "b": "b"}},
        "a: within units, it does not change, or is a sum of the other",
    ),
    "fixed cause": (
        lambda t: t.assign(a=3.0),
        {"adjust_for": ["a"], "data_columns": EVERY.data_columns | {"a": "a"}},
        "a: within units, it does not change",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_data_are_refused_in_words(case: str) -> None:
    """Each refusal says what is wrong and what to do next, and no value of the data."""
    turn, changes, words = BAD[case]
    parameters = EVERY.model_copy(update=changes)
    table = turn(make_world("null", 1, wards=6).table)
    with pytest.raises(EvalkitError, match=words) as refused:
        estimate(lay(table, parameters), parameters)
    said = str(refused.value)
    assert not any(f"{value:.3f}" in said for value in table["overall"].dropna())


def test_two_periods_are_enough() -> None:
    """One period before and one after give a change, with its interval."""
    parameters = EVERY.model_copy(update={"periods": ["2022Q4", "2023Q1"]})
    row = estimate(lay(make_world("change", 1).table, parameters), parameters).headline
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
