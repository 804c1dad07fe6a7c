"""Weighted comparison on made-up carers: an association at most, and clear refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.by_facet import estimate_facets
from evalkit.designs.weighted_comparison import estimate
from evalkit.errors import AnalysisError, EvalkitError
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Finding, Result
from evalkit.study import load_parameters
from evalkit.study.schemas.weighted_comparison import WeightedComparison
from evalkit.synthetic.design_worlds.weighted_comparison import WORLDS, make_world

ROOT = Path(__file__).resolve().parents[2]
NONE = ("no difference that matters", "unclear")
CAUSAL = ("improved", "made worse", "led to", "because of", "thanks to", "effect of")
SIZE = {"carers": 1200, "practices": 45}
"""Half of the embedded world: enough for every claim, and clusters enough to need no jackknife."""

METHODS = ("overlap_weights", "inverse_probability", "entropy_balance", "matching")


def study() -> WeightedComparison:
    """Return the parameters of the embedded study."""
    loaded = load_parameters(ROOT / "parameters" / "weighted_comparison.yml")
    assert isinstance(loaded, WeightedComparison)
    return loaded


STUDY = study()


def lay(table: pd.DataFrame, parameters: WeightedComparison) -> pd.DataFrame:
    """Make the design's table of a world's, as a study would."""
    source = Source("data", "cqc_survey", "table", table, "0" * 64, len(table), True)
    return make_table({"data": source}, parameters)


def ask(
    world: str, seed: int, parameters: WeightedComparison = STUDY
) -> tuple[Finding, Result, dict[str, Check]]:
    """Ask one world the study's question, with all checks."""
    table = lay(make_world(world, seed, **SIZE).table, parameters)
    result = estimate(table, parameters)
    checks = check_all(table, result, parameters, estimate)
    return conclude(table, result, checks, parameters), result, {c.name: c for c in checks}


@pytest.mark.parametrize("seed", [20260301, 100])
def test_the_difference_is_claimed_as_an_association(seed: int) -> None:
    """Where the navigator worked, an association is said, which the groups as they are hide."""
    found, result, checks = ask("effect", seed)
    assert found.claim == WORLDS["effect"].answer
    assert "for those with the care navigator than for others like them" in found.answer
    assert abs(result.estimates["estimate"].iloc[0]) < 0.25 < result.headline["estimate"]
    assert checks["placebo_outcomes"].verdict == "passes"


@pytest.mark.parametrize("seed", [100, 101])
def test_nothing_is_claimed_of_nothing(seed: int) -> None:
    """Where it did nothing no claim is made, though the groups as they are lie far apart."""
    found, result, _ = ask("null", seed)
    assert found.claim in NONE
    assert result.estimates["conf_high"].iloc[0] < 0


@pytest.mark.parametrize("seed", [20260301, 100])
def test_an_unmeasured_cause_is_never_called_an_effect(seed: int) -> None:
    """No check can see it: the words stay with association, and say what would explain it away."""
    found, _, checks = ask("unmeasured_cause", seed)
    assert found.claim == WORLDS["unmeasured_cause"].answer
    said = " ".join([found.answer, *found.meaning, *found.limits])
    assert "It does not show that the care navigator caused it" in found.answer
    assert not [verb for verb in CAUSAL if verb in said]
    assert "If a cause that nobody measured were 20 percentage points commoner" in said
    assert "(E-value)" in said
    assert "Could not be tested: that nothing unmeasured both led people to have it" in said
    assert checks["hidden_cause"].verdict == "cannot tell"


def test_were_cause_permitted_the_trap_would_be_called_an_effect() -> None:
    """The difference of the hidden cause is as clear as an effect: only the design's rule stops."""
    table = lay(make_world("unmeasured_cause", 100).table, STUDY)
    result = estimate(table, STUDY)
    permitted = Result(
        result.design,
        result.estimates,
        result.primary,
        permits_cause=True,
        tables=result.tables,
        remarks=result.remarks,
    )
    assert conclude(table, permitted, [], STUDY).claim == "improved"


@pytest.mark.parametrize("seed", [20260301, 0, 100])
def test_groups_that_hardly_overlap_are_not_compared(seed: int) -> None:
    """Where causes all but decide who has it, nothing is claimed, or the study is refused."""
    try:
        found, _, checks = ask("no_overlap", seed)
    except AnalysisError as refused:
        assert "hardly overlap" in str(refused)
        return
    assert found.claim == WORLDS["no_overlap"].answer
    assert checks["overlap"].verdict == "concern"
    assert checks["overlap"].blocks


@pytest.mark.parametrize("method", METHODS)
def test_every_method_comes_near_the_truth(method: str) -> None:
    """Each way of making groups alike lies within two of its errors of the true mean effect."""
    world = make_world("effect", 3)
    parameters = STUDY.model_copy(update={"method": method})
    row = estimate(lay(world.table, parameters), parameters).headline
    true = world.truth["effect"]["overall"]  # type: ignore[index]
    assert abs(row["estimate"] - true) < 2 * row["std_error"]


def test_facets_come_near_their_truth() -> None:
    """How support felt moved most and how it worked least, as was made."""
    world = make_world("effect", 20260301)
    facets = estimate_facets(lay(world.table, STUDY), STUDY, estimate).set_index("facet")
    true: Any = world.truth["effect"]
    for facet, size in true.items():
        assert facets.loc[facet, "conf_low"] < size < facets.loc[facet, "conf_high"]


def test_no_table_is_about_a_few_people() -> None:
    """Tables hold groups and causes, and each says on how many people it rests."""
    table = lay(make_world("effect", 1).table, STUDY)
    tables = estimate(table, STUDY).tables
    for name, shown in tables.items():
        assert len(shown) <= 10, name
        assert shown.get("n", pd.Series([100])).min() >= 100, name


Turn = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Turn, dict[str, Any], str]] = {
    "one practice": (
        lambda t: t[t["practice"] == "SYN001"],
        {},
        "cluster: 1 with the intervention and 1 without, and two of each are needed",
    ),
    "one unit of a panel": (
        lambda t: t[t["practice"] == "SYN001"],
        {"data_rows": "panel"},
        "the data hold one unit only|two of each are needed",
    ),
    "nobody has it": (lambda t: t.assign(navigator=False), {}, "no row has the intervention"),
    "everybody has it": (lambda t: t.assign(navigator=True), {}, "every row has the intervention"),
    "constant outcome": (lambda t: t.assign(overall=8.0), {}, "outcome: is the same in every row"),
    "no outcome": (lambda t: t.assign(overall=np.nan), {}, "no row has|is missing"),
    "no cause": (lambda t: t, {"adjust_for": []}, "adjust_for: names no measured cause"),
    "no value of a cause": (lambda t: t.assign(age=np.nan), {}, "no row has|is missing"),
    "collinear": (
        lambda t: t.assign(hours=2.0 * t["age"]),
        {},
        "one does not vary, or is a sum of the others",
    ),
    "told apart": (
        lambda t: t.assign(hours=np.where(t["navigator"], 90, 5)),
        {},
        "the groups hardly overlap in the measured causes",
    ),
    "too few": (lambda t: t[::60], {}, "least_effective asks for 20|hardly overlap"),
    "periods of one group": (
        lambda t: t.assign(year=np.where(t["navigator"], "2025", "2024")),
        {},
        "period: 2 of 2 hold one group only",
    ),
    "absent period": (lambda t: t, {"periods": ["1999"]}, "periods: 1 are not in the data"),
    "no match near": (
        lambda t: t.assign(hours=t["hours"] + 60.0 * t["navigator"]),
        {"method": "matching", "caliper": 1e-6},
        "hardly overlap|no row with the intervention has a match",
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
