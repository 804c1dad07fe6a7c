"""Synthetic control on made-up trusts: the right claim in each world, and clear refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.synthetic_control import estimate
from evalkit.errors import AnalysisError, EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.results import Finding
from evalkit.study import load_parameters
from evalkit.study.schemas.synthetic_control import SyntheticControl
from evalkit.synthetic.design_worlds.synthetic_control import WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
NONE = ("no difference that matters", "unclear")


def study() -> SyntheticControl:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "synthetic_control.yml")
    assert isinstance(loaded, SyntheticControl)
    return loaded


STUDY = study()


def lay(table: pd.DataFrame, parameters: SyntheticControl) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


def answer(world: str, seed: int, *, changes: dict[str, Any] | None = None, **size: Any) -> Finding:
    """Ask one world the study's question, with all checks."""
    parameters = STUDY.model_copy(update={"draws": 99, **(changes or {})})
    table = lay(make_world(world, seed, **size).table, parameters)
    result = estimate(table, parameters)
    return conclude(table, result, check_all(table, result, parameters, estimate), parameters)


@pytest.mark.parametrize("seed", [20260301, 104, 107])
def test_the_effect_is_claimed(seed: int) -> None:
    """Where the offer worked, that is said, with its size."""
    found = answer("effect", seed)
    assert found.claim == WORLDS["effect"].answer
    assert "in a like mixture of other units" in found.answer


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_nothing_is_claimed_of_nothing(seed: int) -> None:
    """Where the offer did nothing, no claim is made."""
    assert answer("null", seed).claim in NONE


@pytest.mark.parametrize("seed", [20260301, 1, 2])
def test_a_trust_outside_the_others_is_refused(seed: int) -> None:
    """No mixture of others comes close to it: that is said, and what to do, before any number."""
    with pytest.raises(AnalysisError, match="ran close to the treated before the start"):
        answer("poor_fit", seed)


def test_without_the_refusal_the_match_stops_the_claim() -> None:
    """Whoever allows any misfit still gets no claim: the check of the match stands in its way."""
    found = answer("poor_fit", 1, changes={"largest_misfit": 10.0})
    assert found.claim == "cannot be told"
    assert any("standard deviations away" in said for said in found.meaning)


def test_no_interval_is_no_claim() -> None:
    """With few trusts and few quarters there is no interval, so nothing is claimed, in words."""
    changes = {"start_period": "2021Q4", "largest_misfit": 2.0}
    found = answer("effect", 5, changes=changes, trusts=14, periods=16, start=11, answers=4000.0)
    assert found.claim == "cannot be told"
    assert "No interval can be given" in found.answer
    assert "nan" not in " ".join([found.answer, *found.meaning, *found.limits])


Turn = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "one trust": (lambda t: t[t["carers_offer"]], {}, "one unit only"),
    "nobody": (lambda t: t.assign(carers_offer=False), {}, "no unit has the intervention"),
    "everybody": (lambda t: t.assign(carers_offer=True), {}, "all 40 units have the intervention"),
    "constant": (lambda t: t.assign(overall=8.0), {}, "outcome: is the same in every unit"),
    "no outcome": (lambda t: t.assign(overall=np.nan), {}, "1 of 1 treated units lack a value"),
    "start outside": (lambda t: t, {"start_period": "2030Q1"}, r"start_period \(2030Q1\): not am"),
    "start first": (lambda t: t, {"start_period": "2019Q1"}, "start_period: lies outside the data"),
    "two periods": (
        lambda t: t,
        {"periods": ["2022Q4", "2023Q1"]},
        "1 periods before start_period, and least_pre_periods asks for 5",
    ),
    "collinear": (
        lambda t: t.assign(a=t["carers_answered"], b=2.0 * t["carers_answered"]),
        {"adjust_for": ["a", "b"], "data_columns": STUDY.data_columns | {"a": "a", "b": "b"}},
        "a and b: among the untreated, one does not change over time within units, or is a sum",
    ),
    "few others": (lambda t: t[t["carers_offer"] | (t["trust"] < "SYN008")], {}, "least_donors"),
    "gaps in the treated": (
        lambda t: t.assign(overall=t["overall"].mask(t["carers_offer"] & t["overall"].gt(7.9))),
        {},
        "1 of 1 treated units lack a value in some period",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_data_are_refused_in_words(case: str) -> None:
    """Each fault is one error that says what is wrong and what to do, and holds no data value."""
    turn, changes, words = BAD[case]
    parameters = STUDY.model_copy(update=changes)
    table = turn(make_world("effect", 20260301).table)
    with pytest.raises(EvalkitError, match=words) as raised:
        estimate(lay(table, parameters), parameters)
    assert "Synthetic Trust" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_start_in_the_last_quarter_is_answered() -> None:
    """One quarter with the offer is enough to ask, if not to be sure."""
    parameters = STUDY.model_copy(update={"start_period": "2024Q4"})
    row = estimate(lay(make_world("null", 100).table, parameters), parameters).headline
    assert row["conf_low"] < 0 < row["conf_high"]
