"""Regression discontinuity on made-up people: the right claim in each world, clear refusals."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.regression_discontinuity import estimate
from evalkit.errors import EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding, Result
from evalkit.study import load_parameters
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity
from evalkit.synthetic.design_worlds.regression_discontinuity import WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
NONE = ("no difference that matters", "unclear")


def study() -> RegressionDiscontinuity:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "regression_discontinuity.yml")
    assert isinstance(loaded, RegressionDiscontinuity)
    return loaded


STUDY = study()
TAKEN_UP = {"data_columns": STUDY.data_columns | {"offered": "called_back"}}


def lay(table: pd.DataFrame, parameters: RegressionDiscontinuity) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


def ask(world: str, seed: int) -> tuple[pd.DataFrame, Result, list[Check]]:
    """Lay, estimate and check one world."""
    table = lay(make_world(world, seed).table, STUDY)
    result = estimate(table, STUDY)
    return table, result, check_all(table, result, STUDY, estimate)


def answer(world: str, seed: int) -> Finding:
    """Ask one world the study's question, with all checks."""
    return conclude(*ask(world, seed), STUDY)


@pytest.mark.parametrize("seed", [20260301, 100, 101])
def test_the_effect_is_claimed(seed: int) -> None:
    """Where the offer worked, that is said, of people at the threshold."""
    found = answer("effect", seed)
    assert found.claim == WORLDS["effect"].answer
    assert "among those only just offered it" in found.answer


def test_an_effect_rests_on_what_was_seen_at_the_threshold() -> None:
    """Too few to see placing: what causes foretell does not jump, and an effect may be told."""
    table, result, checks = ask("effect", 7)
    verdicts = {check.name: check.verdict for check in checks}
    assert verdicts["placing"] == "cannot tell"
    assert verdicts["jumps_of_causes"] == "passes"
    assert conclude(table, result, checks, STUDY).claim == "improved"


def test_a_threshold_of_which_nothing_is_known_gives_an_association() -> None:
    """Too few to see placing, and no cause measured beforehand: the jump alone is told."""
    bare = STUDY.model_copy(update={"adjust_for": [], "placebo_outcomes": []})
    table = lay(make_world("effect", 7).table, bare)
    result = estimate(table, bare)
    found = conclude(table, result, check_all(table, result, bare, estimate), bare)
    assert found.claim == "associated with better"
    assert "placing and jumps of causes" in " ".join(found.meaning)


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_nothing_is_claimed_of_nothing(seed: int) -> None:
    """Where the offer did nothing, no claim is made."""
    assert answer("null", seed).claim in NONE


@pytest.mark.parametrize("seed", [20260301, 100, 102])
def test_people_lifted_over_the_threshold_stop_the_claim(seed: int) -> None:
    """Crowding at the threshold is found, and nothing is claimed of the gap that it makes."""
    table, result, checks = ask("manipulated", seed)
    found = conclude(table, result, checks, STUDY)
    assert found.claim == WORLDS["manipulated"].answer
    placing = next(check for check in checks if check.name == "placing")
    assert placing.verdict == "concern"
    assert placing.blocks


def test_without_its_checks_the_trap_would_be_called_an_effect() -> None:
    """The gap that lifting makes is as clear as an effect: only checks can tell."""
    table, result, checks = ask("manipulated", 102)
    blind = [replace(check, verdict="passes") for check in checks]
    assert conclude(table, result, blind, STUDY).claim == "improved"


def test_no_table_holds_a_person() -> None:
    """Bands, windows and counts only: no column of a table has as many values as people."""
    _, result, _ = ask("effect", 1)
    for name, table in result.tables.items():
        assert len(table) <= 20, name
    assert result.tables["binned"]["base"].min() >= 10


Turn = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "constant": (lambda t: t.assign(overall=8.0), {}, "outcome: is the same in every row"),
    "no outcome": (lambda t: t.assign(overall=np.nan), {}, "no row has"),
    "nobody short of it": (lambda t: t[t["frailty"] >= 50], {}, "no row lies short of it"),
    "nobody beyond": (lambda t: t, {"threshold": 100.5}, "no row lies beyond it"),
    "few values": (
        lambda t: t.assign(frailty=t["frailty"].div(20).round().mul(20)),
        {},
        "fewer than 5 distinct values",
    ),
    "few people": (lambda t: t[::80], {"bandwidth": 5.0}, "least_near asks for 30 on each side"),
    "nobody takes it up": (lambda t: t.assign(called_back=False), TAKEN_UP, "take-up hardly jumps"),
    "everybody takes it up": (
        lambda t: t.assign(called_back=True),
        TAKEN_UP,
        "take-up hardly jumps at the threshold",
    ),
    "collinear": (
        lambda t: t.assign(b=2.0 * t["age"]),
        {"adjust_for": ["age", "b"], "data_columns": STUDY.data_columns | {"b": "b"}},
        "age, b: near the threshold one does not vary, or is a sum of the others",
    ),
    "one unit of a panel": (
        lambda t: t[t["practice"] == "SYN001"],
        {"data_rows": "panel"},
        "unit: the data hold one unit only",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_data_are_refused_in_words(case: str) -> None:
    """Each fault is one error that says what is wrong and what to do, and holds no data value."""
    turn, changes, words = BAD[case]
    parameters = STUDY.model_copy(update=changes)
    table = turn(make_world("effect", 1).table)
    with pytest.raises(EvalkitError, match=words) as raised:
        estimate(lay(table, parameters), parameters)
    assert "Synthetic Practice" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_people_of_one_practice_are_answered_for_themselves() -> None:
    """One practice is enough to compare its own people, and the meaning says how far that goes."""
    table = make_world("effect", 1, practices=1).table
    result = estimate(lay(table, STUDY), STUDY)
    assert any("say nothing of others" in remark for remark in result.remarks)
