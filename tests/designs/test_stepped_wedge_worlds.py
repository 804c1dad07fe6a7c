"""The stepped wedge in worlds of known truth, as a study reads them: the claims that follow."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import check_all
from evalkit.checks.constant_effect import check_constant_effect
from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs.stepped_wedge import estimate
from evalkit.errors import AnalysisError, DataError
from evalkit.findings.design_effect import conclude
from evalkit.results import Result
from evalkit.study import load_parameters
from evalkit.study.schemas.stepped_wedge import SteppedWedge
from evalkit.synthetic.design_worlds.stepped_wedge import make_world

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (3, 4, 5)
CAUSAL = {"improved", "worsened"}
PEOPLE = {
    "data_rows": "people",
    "outcome_kind": "yes_no",
    "minimum_important_difference": 4.0,
    "placebo_outcomes": [],
    "subgroups": [],
    "data_columns": {
        "unit": "ward",
        "unit_name": "ward_name",
        "period": "quarter",
        "outcome": "recommends",
        "first_treated": "pathway_from",
    },
}


@cache
def study() -> SteppedWedge:
    """Return the committed study's parameters."""
    loaded = load_parameters(ROOT / "parameters" / "stepped_wedge.yml")
    assert isinstance(loaded, SteppedWedge)
    return loaded


def read(frame: pd.DataFrame, parameters: SteppedWedge) -> pd.DataFrame:
    """Return the design's table of a file's rows."""
    source = Source("data", "cqc_survey", "table", frame, "0" * 64, len(frame), True)
    return make_table({"data": source}, parameters)


def headline_alone(table: pd.DataFrame, parameters: Any) -> Result:
    """Estimate nothing beside the headline, which is all that checks ask for."""
    return estimate(table, parameters.model_copy(update={"other_estimates": False}))


def answer(world: str, seed: int, size: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return the finding, the result and the truth of one world, by the study's own path."""
    made = make_world(world, seed, **(size or {}))
    parameters = study().model_copy(update=changes)
    table = read(made.table, parameters)
    result = estimate(table, parameters)
    checks = check_all(table, result, parameters, headline_alone)
    return conclude(table, result, checks, parameters), result, made.truth


@pytest.mark.parametrize("seed", SEEDS)
def test_an_effect_by_lot_is_claimed(seed: int) -> None:
    """Wards in steps by lot, effect 0.4: improved, and the interval holds the truth."""
    finding, result, truth = answer("effect", seed)
    assert finding.claim == truth["right_answer"] == "improved"
    row = result.headline
    assert row["conf_low"] <= truth["effect"]["overall"] <= row["conf_high"]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_an_effect_nothing_is_claimed(seed: int) -> None:
    """No effect: unclear, no difference that matters, or not to be told."""
    finding = answer("null", seed)[0]
    assert finding.claim in {"unclear", "no difference that matters", "cannot be told"}


@pytest.mark.parametrize("seed", SEEDS)
def test_wards_chosen_by_need_never_give_cause(seed: int) -> None:
    """The poorest first, helped by more staff: without a lot no cause; with one it would be."""
    finding, result, _ = answer("worst_first", seed, allocation="not_random")
    assert finding.claim not in CAUSAL
    assert not result.permits_cause
    assert any("not given their starts by lot" in said for said in finding.meaning)
    pretended = estimate(read(make_world("worst_first", seed).table, study()), study())
    assert pretended.permits_cause
    assert pretended.headline["conf_low"] > 0


def test_a_growing_effect_is_claimed_where_its_average_was_planned() -> None:
    """Effects from 0.1 to 0.85, their average planned: improved."""
    finding, result, _ = answer("exposure_grows", 3, effect_over_time="averaged")
    assert finding.claim == "improved"
    assert result.headline["method"] == "exposure_time_average"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_growing_effect_is_averaged(seed: int) -> None:
    """The average of the growing effects is found; one effect for all is far too small."""
    made = make_world("exposure_grows", seed)
    table, average = read(made.table, study()), made.truth["effect"]["overall"]
    planned = study().model_copy(update={"effect_over_time": "averaged"})
    row = headline_alone(table, planned).headline
    assert row["conf_low"] <= average <= row["conf_high"]
    assert headline_alone(table, study()).headline["conf_high"] < average


@pytest.mark.parametrize("seed", SEEDS)
def test_growth_is_seen_and_said(seed: int) -> None:
    """Where the effect grows, the check and the remark both say that one number misleads."""
    made = make_world("exposure_grows", seed)
    table = read(made.table, study())
    result = estimate(table, study())
    check = check_constant_effect(table, result, study(), estimate)
    assert check.verdict == "concern"
    assert any("not the same throughout" in said for said in result.remarks)
    averaged = study().model_copy(update={"effect_over_time": "averaged"})
    assert check_constant_effect(table, result, averaged, estimate).verdict == "passes"


@pytest.mark.parametrize("seed", SEEDS)
def test_growth_stops_the_claim(seed: int) -> None:
    """One effect for all comes near zero where the true average is 0.475: nothing is claimed."""
    finding, result, truth = answer("exposure_grows", seed)
    assert truth["effect"]["overall"] > 2 * study().minimum_important_difference
    assert result.headline["conf_high"] < truth["effect"]["overall"]
    assert finding.claim == "cannot be told"
    assert any("Change of the effect from the first period" in said for said in finding.meaning)


def test_growth_without_the_other_estimates_cannot_be_told() -> None:
    """The headline alone holds no growth, so the check says that it cannot tell."""
    table = read(make_world("effect", 0).table, study())
    check = check_constant_effect(table, headline_alone(table, study()), study(), estimate)
    assert check.verdict == "cannot tell"


def test_the_headline_alone_is_the_same() -> None:
    """Leaving the other estimates out changes no number of the headline."""
    table = read(make_world("effect", 0).table, study())
    for over_time in ("constant", "averaged"):
        parameters = study().model_copy(update={"effect_over_time": over_time})
        whole, alone = estimate(table, parameters), headline_alone(table, parameters)
        assert set(alone.tables) == {"clusters"}
        shared = ["estimate", "std_error", "conf_low", "conf_high", "df", "method"]
        assert whole.headline[shared].equals(alone.headline[shared])


def test_wards_at_once_beside_others() -> None:
    """Four wards at once beside four that never start: improved, and never claimed of three."""
    assert answer("parallel", 1, subgroups=[])[0].claim == "improved"
    few, result, _ = answer("parallel", 1, {"wards": 6}, subgroups=[])
    assert few.claim == "cannot be told"
    assert not result.permits_cause


def test_people_who_would_recommend() -> None:
    """One row an answer, yes or no: the difference is in percentage points, about 12."""
    finding, result, truth = answer("people", 0, **PEOPLE)
    assert finding.claim == "improved"
    row = result.headline
    assert row["conf_low"] <= truth["percentage_points"] <= row["conf_high"]
    assert result.tables["odds"]["ratio"].iloc[0] > 1


def by_ward(frame: pd.DataFrame, starts: dict[int, str | None]) -> pd.DataFrame:
    """Give the nth ward another start; the others keep theirs."""
    names = frame["ward"].map(dict(zip(frame["ward"].unique(), range(99), strict=False)))
    return frame.assign(
        pathway_from=[
            starts.get(n, old) for n, old in zip(names, frame["pathway_from"], strict=True)
        ]
    )


ALL = range(12)
Bend = Callable[[pd.DataFrame], pd.DataFrame]
BAD: dict[str, tuple[Bend, dict[str, Any], type[Exception], str]] = {
    "one ward": (lambda f: f[f["ward"] == "WARD001"], {}, AnalysisError, "one cluster only"),
    "nobody": (
        lambda f: f.assign(pathway_from=None),
        {},
        AnalysisError,
        "no cluster starts inside the data",
    ),
    "everybody always": (
        lambda f: f.assign(pathway_from="2022Q1"),
        {},
        AnalysisError,
        "all 12 clusters have the intervention in all periods",
    ),
    "all at once": (
        lambda f: f.assign(pathway_from="2023Q4"),
        {},
        AnalysisError,
        "all 12 clusters start in the same period",
    ),
    "before the data": (
        lambda f: f.assign(pathway_from="2019Q1"),
        {},
        AnalysisError,
        "all 12 clusters have the intervention in all periods",
    ),
    "after the data": (
        lambda f: f.assign(pathway_from="2031Q1"),
        {},
        AnalysisError,
        "no cluster starts inside the data",
    ),
    "two quarters before any start": (
        lambda f: f,
        {"periods": ["2022Q1", "2022Q2"]},
        AnalysisError,
        "no cluster starts inside the data",
    ),
    "one quarter, all with it": (
        lambda f: f,
        {"periods": ["2023Q4"]},
        AnalysisError,
        "all 12 clusters have the intervention in all periods",
    ),
    "a lone ward": (
        lambda f: by_ward(f, dict.fromkeys(ALL) | {0: "2022Q3"}),
        {},
        AnalysisError,
        "one cluster alone is on one side",
    ),
    "five wards": (
        lambda f: f[f["ward"] <= "WARD005"],
        {},
        AnalysisError,
        "5 clusters in steps, and an answer that can be trusted needs at least 6",
    ),
    "constant outcome": (
        lambda f: f.assign(overall=8.0),
        {},
        AnalysisError,
        "outcome: is the same in every row",
    ),
    "no outcome": (lambda f: f.assign(overall=np.nan), {}, AnalysisError, "no row has them all"),
    "a cause that is the time": (
        lambda f: f.assign(staffing=f["quarter"].rank(method="dense")),
        {"adjust_for": ["staffing"]},
        AnalysisError,
        "staffing: one is a sum of the others",
    ),
    "starts by year": (
        lambda f: f.assign(pathway_from="2022"),
        {},
        DataError,
        "starts and periods are of 2 kinds",
    ),
    "a start that moves": (
        lambda f: f.assign(pathway_from=f["quarter"]),
        {},
        DataError,
        "12 units have more than one start",
    ),
    "a period that is not there": (
        lambda f: f,
        {"periods": ["2022Q1", "2030Q1"]},
        DataError,
        "1 are not in the data",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_has_one_clear_message(name: str) -> None:
    """Each says what is wrong and what to do next, and holds no ward and no score."""
    bend, changes, kind, message = BAD[name]
    columns = dict(study().data_columns)
    columns |= {role: role for role in changes.get("adjust_for", ())}
    parameters = study().model_copy(update={"data_columns": columns, "subgroups": [], **changes})
    with pytest.raises(kind, match=message) as raised:
        estimate(read(bend(make_world("effect", 0).table), parameters), parameters)
    told = str(raised.value)
    assert "WARD" not in told
    assert "Synthetic" not in told
    assert told.count(". ") >= 1
