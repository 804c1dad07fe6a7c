"""Feedback in made-up worlds: a real change is found, a change of asking is not called one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.friends_and_family import check_feedback
from evalkit.data.periods import calendar_index
from evalkit.errors import AnalysisError
from evalkit.findings.friends_and_family import conclude_feedback
from evalkit.measures.feedback_result import estimate_feedback
from evalkit.measures.feedback_series import (
    arrange_feedback,
    chart_feedback,
    tabulate_by_mode,
    tabulate_icons,
    tabulate_series,
)
from evalkit.results import Check, Finding, Result, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.friends_and_family import FriendsAndFamily
from evalkit.synthetic.linked.causes import WORLDS, Causes
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import Size, make_places

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (1, 2, 3)
SIZE = Size(2400, 12, 4)
LARGE = Causes(relational=1.2, functional=1.2, felt=1.2)
NONE = ("no clear change", "no change that matters")
ASKING = "a change in how it is collected"


def parameters_with(**changes: object) -> FriendsAndFamily:
    """Return the embedded study's parameters, with fewer draws and the changes."""
    loaded = load_parameters(ROOT / "parameters" / "friends_and_family.yml")
    assert isinstance(loaded, FriendsAndFamily)
    return loaded.model_copy(update={"draws": 199, **changes})


def make_table_of(causes: Causes, seed: int) -> pd.DataFrame:
    """Return the counts of a world with roles as columns, and which trusts have the programme."""
    places = make_places(causes, seed, SIZE)
    table = make_table(places, "fft").rename(
        columns={"trust": "unit", "month": "period", "eligible": "asked"}
    )
    starts = places.trusts.set_index("trust")["start"]
    treated = table["unit"].map(starts).notna() & (table["unit"].map(starts) != "")
    return table.assign(time=calendar_index(table["period"]))[treated].reset_index(drop=True)


def study(table: pd.DataFrame, parameters: FriendsAndFamily) -> tuple[Result, list[Check], Finding]:
    """Return what the notebook's calls find in a table."""
    feedback = arrange_feedback(table, parameters)
    series = tabulate_series(feedback, parameters.confidence_level)
    adjusted, says = chart_feedback(feedback, parameters, "adjusted")
    result = estimate_feedback(feedback, parameters)
    checks = check_feedback(result, series, adjusted)
    _, raw = chart_feedback(feedback, parameters, "collected")
    icons = tabulate_icons({"As collected": raw, "Collected as before": says})
    return result, checks, conclude_feedback(result, checks, icons, parameters)


@pytest.mark.parametrize("seed", SEEDS)
def test_change_of_asking_is_not_called_better(seed: int) -> None:
    """Where people are asked at the bedside and nothing else changes, feedback is not better."""
    result, checks, finding = study(
        make_table_of(WORLDS["mode_shift"], seed), parameters_with(units=None)
    )
    assert finding.claim == ASKING
    assert "no sign that feedback changed" in finding.answer
    assert next(c for c in checks if c.name == "breaks").verdict == "concern"
    across = [said for said in finding.meaning if said.endswith("how people were asked.")]
    assert len(across) == 1 and across[0].startswith("As collected:")
    total = pick_row(result.estimates, term="total")
    assert total["conf_low"] > 0, "as collected it would look better"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_change_is_not_called_one(seed: int) -> None:
    """In the null world nothing is claimed."""
    _, _, finding = study(make_table_of(WORLDS["null"], seed), parameters_with(units=None))
    assert finding.claim in NONE
    assert not any("across a break" in said for said in finding.meaning)


@pytest.mark.parametrize("seed", SEEDS)
def test_real_gain_is_found_beneath_a_change_of_asking(seed: int) -> None:
    """A gain of all facets is found whether or not the way of asking moves, of the same size."""
    gains = []
    for causes in (LARGE, Causes(relational=1.2, functional=1.2, felt=1.2, mode_shift=True)):
        result, _, finding = study(make_table_of(causes, seed), parameters_with(units=None))
        assert finding.claim == "more favourable"
        gains.append(float(result.headline["estimate"]))
    assert gains[0] == pytest.approx(gains[1], abs=1.5)


def test_fewer_negative_answers_are_the_better_direction() -> None:
    """Counting negative answers, a gain is a fall and still more favourable."""
    table = make_table_of(LARGE, 1)
    result, _, finding = study(table, parameters_with(units=None, answers_counted="negative"))
    assert result.headline["estimate"] < 0
    assert finding.claim == "more favourable"


def test_wholesale_change_of_asking_cannot_be_told() -> None:
    """If every answer comes another way from the start on, nothing is concluded."""
    parameters = parameters_with(units=None)
    table = make_table_of(LARGE, 1)
    late = table["period"] >= parameters.start_period
    table["mode"] = np.where(late, "new " + table["mode"], table["mode"])
    adjusted, _ = chart_feedback(arrange_feedback(table, parameters), parameters, "adjusted")
    assert adjusted["value"].isna().tolist() == late.groupby(table["period"]).any().tolist()
    _, checks, finding = study(table, parameters)
    assert finding.claim == "cannot be told"
    assert next(c for c in checks if c.name == "comparable").blocks


def test_every_number_of_the_answer_is_on_record() -> None:
    """Percentages, sizes and bounds that are said stand among the finding's values."""
    _, _, finding = study(make_table_of(LARGE, 1), parameters_with(units=None))
    values = dict(zip(finding.values["name"], finding.values["value"], strict=True))
    for name in ("before", "after", "remaining", "remaining_low", "remaining_high"):
        assert f"{abs(values[name]):.1f}" in finding.answer
    assert f"{abs(values['all_asked_low']):.1f}" in " ".join(finding.meaning)


def test_what_would_undo_a_change_is_said_for_its_estimate_and_its_interval() -> None:
    """Both differences of those who did not answer are the sizes over both shares not answering."""
    result, checks, _ = study(make_table_of(LARGE, 1), parameters_with(units=None))
    check = next(c for c in checks if c.name == "nonresponse")
    values = dict(zip(check.table["name"], check.table["value"], strict=True))
    silent = sum(1 - rate / 100 for rate in result.tables["levels"]["response_rate"])
    assert values["nearest"] == pytest.approx(result.headline["conf_low"] / silent, abs=0.006)
    assert values["nearest"] < values["tipping"]
    assert f"{values['tipping']:.1f} percentage points" in check.finding
    assert f"{values['nearest']:.2f} points would already" in check.finding


def test_asked_written_on_every_row_is_shared_out() -> None:
    """100 asked of a unit and month, on both its rows, are 100 and not 200."""
    counts = {"very_good": 30, "good": 0, "neither": 0, "poor": 0, "very_poor": 0, "dont_know": 0}
    rows = [
        {"unit": "a", "period": f"2024-{month:02d}", "mode": mode, "asked": 100.0, **counts}
        for month in range(1, 13)
        for mode in ("paper", "SMS")
    ]
    table = pd.DataFrame(rows)
    table["time"] = calendar_index(table["period"])
    shared = parameters_with(units=None, start_period="2024-07", asked_counts="unit_and_period")
    series = tabulate_series(arrange_feedback(table, shared), 0.95)
    assert series["response_rate"].tolist() == pytest.approx([60.0] * 12)


def test_by_mode_adds_counts_up() -> None:
    """Shares of modes add up to 100 in both times, and answers to all answers."""
    parameters = parameters_with(units=None)
    table = make_table_of(WORLDS["mode_shift"], 1)
    found = tabulate_by_mode(arrange_feedback(table, parameters), parameters)
    assert found["share_before"].sum() == pytest.approx(100)
    assert found["share_after"].sum() == pytest.approx(100)


def test_gaps_unknown_units_and_starts_outside_are_refused() -> None:
    """Each has its message, with counts and names of parameters."""
    table = make_table_of(WORLDS["null"], 1)
    with pytest.raises(AnalysisError, match="1 of 1 are not in the data"):
        arrange_feedback(table, parameters_with(units=["NOBODY"]))
    with pytest.raises(AnalysisError, match=r"start_period \(2030-01\)"):
        arrange_feedback(table, parameters_with(units=None, start_period="2030-01"))
    with pytest.raises(AnalysisError, match="1 periods between the first and the last"):
        arrange_feedback(table[table["period"] != "2023-05"], parameters_with(units=None))
