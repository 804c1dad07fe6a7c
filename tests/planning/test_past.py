"""Plans on past data: units are drawn as they were, and power agrees with formulae."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data import read_sources
from evalkit.errors import AnalysisError, DataError
from evalkit.planning.panel_precision import panel_precision
from evalkit.planning.past import Past, tabulate_past, take_panel, take_past
from evalkit.planning.past_layouts import draw_units
from evalkit.planning.planned_power import find_estimate, try_layout
from evalkit.planning.planned_precision import find_precision
from evalkit.planning.planned_tables import lay_out, make_up
from evalkit.study.parameters import load_parameters
from evalkit.study.schemas.plan_a_study import PlanAStudy

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_PLAN, _PAST = (runpy.run_path(str(HERE / f"{name}.py")) for name in ("made_plan", "made_past"))
make_plan, OF_DESIGN = _PLAN["make_plan"], _PLAN["OF_DESIGN"]
make_frame, as_sources, UNKNOWN = _PAST["make_frame"], _PAST["as_sources"], _PAST["UNKNOWN"]

ERRORS = 3
"""Monte Carlo standard errors by which a share may differ from its formula, seeds being fixed."""

SIZED = {**UNKNOWN["data_columns"], "outcome_base": "answers"}


def plan_on(frame: pd.DataFrame, design: str, **changes: Any) -> tuple[PlanAStudy, Past]:
    """Return a plan on a past, filled in, and the past."""
    plan = make_plan(design, **{**UNKNOWN, **changes})
    full, past = take_past(plan, as_sources(frame))
    assert past is not None
    return full, past


def decided(frame: pd.DataFrame, treated: int) -> pd.DataFrame:
    """Return a past in which the first wards are those that are to have it."""
    return frame.assign(treated=frame["ward"] < f"W{treated:03d}")


def covariance(past: Past) -> np.ndarray:
    """Return the covariance (periods, periods) of clusters' courses about what all share."""
    wide = take_panel(past).pivot_table(index="code", columns="time", values="outcome").to_numpy()
    return np.cov(wide, rowvar=False)


def test_differences_are_found_as_the_formula_for_any_covariance_says() -> None:
    """Equal wards: the past's own covariance in Burlig's formula gives power and false alarms."""
    plan, past = plan_on(make_frame(20, 8), "difference_in_differences", simulations=300)
    tried = try_layout(lay_out(plan, past=past), find_estimate(plan))
    formula = panel_precision(10, 10, covariance(past), 4)
    assert tried.moves
    for size in (0.2, 0.3):
        expected = formula.power(size)
        error = np.sqrt(expected * (1 - expected) / 300)
        assert tried.power(size).value == pytest.approx(expected, abs=ERRORS * error)
    assert tried.false_alarms().value == pytest.approx(0.05, abs=ERRORS * np.sqrt(0.0475 / 300))
    own = find_precision(plan, 20)
    assert own is not None
    assert own.std_error == pytest.approx(formula.std_error, rel=0.15)


def test_a_cluster_trial_in_two_groups_is_found_as_its_formula_says() -> None:
    """One start by lot for half of 30 wards: generalised least squares on the spreads read off."""
    plan, past = plan_on(
        make_frame(30, 6), "stepped_wedge", units=30, treated_units=15, steps=1, periods=6,
        periods_before=3, simulations=150,
    )  # fmt: skip
    tried = try_layout(lay_out(plan, past=past), find_estimate(plan))
    formula = find_precision(plan, 30)
    assert formula is not None
    for size in (0.1, 0.2):
        expected = formula.power(size)
        error = np.sqrt(expected * (1 - expected) / 150)
        assert tried.power(size).value == pytest.approx(expected, abs=ERRORS * error)


@pytest.mark.parametrize("design", OF_DESIGN)
def test_every_design_is_asked_of_unequal_units_with_gaps(design: str) -> None:
    """Each estimates from units drawn from a past; what is added is what is found."""
    alone = design == "synthetic_control"
    frame = make_frame(30, OF_DESIGN[design].get("periods", 8), gaps=0.0 if alone else 0.05)
    frame = frame.assign(answers=frame["answers"] * (100 if alone else 1))
    if alone:
        frame["score"] = 7 + 0.1 * (frame["score"] - 7)
    plan, past = plan_on(frame, design, data_columns=SIZED)
    layout, estimate = lay_out(plan, past=past), find_estimate(plan)
    for rng in np.random.default_rng(3).spawn(8):
        made = make_up(layout, rng)
        try:
            none = estimate(made.with_effect(0.0), layout.parameters).headline["estimate"]
            some = estimate(made.with_effect(0.5), layout.parameters).headline["estimate"]
        except AnalysisError:
            continue
        break
    else:
        pytest.fail("each of eight tables was refused")
    assert made.table["outcome_base"].nunique() > 3
    if design == "mediation":
        assert 0.2 < some - none < 0.8
    else:
        assert some - none == pytest.approx(0.5, abs=1e-6)


def test_wards_are_drawn_whole() -> None:
    """Each unit has the periods and answers of one ward, gaps included."""
    frame = make_frame(8, 8, gaps=0.2)
    plan, past = plan_on(frame, "difference_in_differences", units=20, data_columns=SIZED)
    drawn = draw_units(past, np.arange(20) < 10, np.random.default_rng(1))
    rows = past.table.groupby("code")
    known = {(tuple(ward["place"]), tuple(ward["outcome_base"])) for _, ward in rows}
    found = {
        (tuple(unit["place"]), tuple(unit["outcome_base"])) for _, unit in drawn.groupby("code")
    }
    assert found <= known
    assert len(found) > 3
    table = make_up(lay_out(plan, past=past), np.random.default_rng(1)).table
    assert len(table) == len(drawn) < 160


def test_how_groups_happened_to_move_apart_is_not_repeated() -> None:
    """The wards that are to have it fell apart by a point; on average none of it is drawn again."""
    frame = decided(make_frame(20, 8), 10)
    late = frame["treated"] & frame["period"].isin(["2021Q3", "2021Q4"])
    frame["score"] -= 1.0 * late
    columns = {**SIZED, "treated": "treated"}
    _, past = plan_on(frame, "difference_in_differences", data_columns=columns)
    having, apart = np.arange(20) < 10, []
    for rng in np.random.default_rng(1).spawn(200):
        drawn = draw_units(past, having, rng)
        late = drawn["place"] >= 6
        change = drawn[late].groupby("code")["outcome"].mean()
        change -= drawn[~late].groupby("code")["outcome"].mean()
        apart.append(float(change[having].mean() - change[~having].mean()))
    assert np.mean(apart) == pytest.approx(0.0, abs=ERRORS * np.std(apart) / np.sqrt(200))
    assert np.std(apart) > 0.02


def test_one_series_is_carried_on_in_many_ways() -> None:
    """Of one ward, each table is another series of the same level, each period there."""
    frame = make_frame(1, 24)
    plan, past = plan_on(
        frame, "interrupted_time_series", units=1, treated_units=None,
        numbers_of_units=[1], periods=20,
    )  # fmt: skip
    layout = lay_out(plan, past=past)
    one, other = (make_up(layout, rng).table for rng in np.random.default_rng(2).spawn(2))
    assert len(one) == len(other) == 20
    assert not np.allclose(one["outcome"], other["outcome"])
    assert one["outcome"].mean() == pytest.approx(frame["score"].tail(20).mean(), abs=0.3)


def test_without_past_outcomes_small_wards_are_noisier() -> None:
    """Spreads are assumed, and each ward's noise is that of its own number of answers."""
    frame = make_frame(40, 8)
    columns = {name: column for name, column in SIZED.items() if name != "outcome"}
    assumed = {"person_sd": 2.0, "unit_sd": 0.0, "drift_sd": 0.0}
    assumed |= {"drift_correlation": 0.0, "period_sd": 0.0}
    plan, past = plan_on(frame, "difference_in_differences", data_columns=columns, **assumed)
    layout = lay_out(plan, past=past)
    made = pd.concat([make_up(layout, r).table for r in np.random.default_rng(4).spawn(40)])
    scaled = made["outcome"] * np.sqrt(made["outcome_base"]) / 2.0
    for part in (made["outcome_base"] < 80, made["outcome_base"] > 150):
        assert scaled[part].std() == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize(("kind", "design"), [("count", "weighted_comparison"),
                                              ("count", "difference_in_differences"),
                                              ("yes_no", "difference_in_differences")])  # fmt: skip
def test_events_and_answers_stay_what_they_are(kind: str, design: str) -> None:
    """What is planted is found on average, and outcomes are still whole, or 0 or 100."""
    rng, people = np.random.default_rng(6), kind == "yes_no"
    frame = make_frame(30, 4)
    frame = pd.concat([frame] * 20, ignore_index=True) if people else frame
    mean = 0.3 * frame["answers"]
    frame["score"] = rng.uniform(size=len(frame)) < 0.3 if people else rng.poisson(mean) * 1.0
    size, columns = 20.0 if people else 100.0, UNKNOWN["data_columns"] if people else SIZED
    plan, past = plan_on(
        frame, design, outcome_kind=kind, data_rows="people" if people else "panel", periods=4,
        periods_before=2 if design == "difference_in_differences" else None,
        minimum_important_difference=size, effects=[size], data_columns=columns,
    )  # fmt: skip
    layout, estimate, found = lay_out(plan, past=past), find_estimate(plan), []
    for draw in np.random.default_rng(7).spawn(12):
        made = make_up(layout, draw)
        none, some = made.with_effect(0.0), made.with_effect(size)
        pair = [estimate(table, layout.parameters).headline["estimate"] for table in (none, some)]
        found.append(pair[1] - pair[0])
    if people:
        assert set(some["outcome"]) == {0.0, 100.0}
    elif not made.as_rates:
        assert (some["outcome"] % 1 == 0).all()
    assert np.mean(found) == pytest.approx(size, abs=ERRORS * np.std(found) / np.sqrt(12))


def test_the_same_seed_draws_the_same() -> None:
    """Trials on a past repeat with their seed, and differ with another."""
    widths = []
    for seed in (1, 1, 2):
        plan, past = plan_on(make_frame(20, 8), "before_after", simulations=50, seed=seed)
        widths.append(try_layout(lay_out(plan, past=past), find_estimate(plan)).width())
    assert widths[0] == widths[1] != widths[2]


def test_what_the_past_says_is_tabulated() -> None:
    """Units, gaps, sizes and spreads near those that made it; nothing without a past."""
    plan, past = plan_on(
        make_frame(200, 12, gaps=0.1, seed=6), "difference_in_differences", data_columns=SIZED,
        person_sd=2.0, periods=12,
    )  # fmt: skip
    found = tabulate_past(past, plan).set_index("name")["value"]
    assert (found["units"], found["periods"]) == (200, 12)
    assert found["gaps"] == pytest.approx(10, abs=2)
    assert found["unit_sd"] == pytest.approx(0.3, abs=0.05)
    assert found["drift_sd"] == pytest.approx(0.12, abs=0.03)
    assert plan.people is not None
    assert tabulate_past(None, plan).empty


def test_the_embedded_plan_reads_its_past() -> None:
    """From the committed file: 90 wards in the eight quarters before, 40 of them to have it."""
    given = load_parameters(ROOT / "parameters" / "plan_a_study_past_data.yml")
    assert isinstance(given, PlanAStudy)
    plan, past = take_past(given, read_sources(given))
    assert past is not None
    assert (past.clusters, int(past.group.sum()), past.periods) == (90, 40, 8)
    assert plan.unit_sd is not None
    assert lay_out(plan, past=past).starts[:41].tolist()[39:] == pytest.approx(
        [4.0, np.nan], nan_ok=True
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"periods": 20, "periods_before": 4},
            r"periods: 20 are planned, and the past data hold 12",
        ),
        ({"period_name": "month"}, r"period_name: month, and the periods of the past .* quarters"),
        ({"data_until": "2019Q1"}, r"data_until \(2019Q1\): not among the 12 periods"),
        ({"units": 24}, r"have 20 units or clusters, 10 of them with it; the plan says 24, 10"),
        ({"treated_units": 8}, r"Give units 20 and treated_units 10"),
    ],
)
def test_a_past_that_does_not_fit_is_one_message(changes: dict[str, Any], said: str) -> None:
    """What is wrong, with the plan's number and the data's, and what to give."""
    columns = {**SIZED, "treated": "treated"}
    frame = decided(make_frame(20, 12), 10)
    with pytest.raises(DataError, match=said):
        plan_on(frame, "difference_in_differences", data_columns=columns, **changes)


def test_starts_of_the_past_are_kept_in_order() -> None:
    """Starts two and three quarters apart, after the past: the plan's are 3, 5 and 8."""
    frame = make_frame(6, 12)
    start = {"W000": "2023Q1", "W001": "2023Q3", "W002": "2024Q2"}
    frame["start"] = frame["ward"].map(start)
    plan, past = plan_on(
        frame, "staggered_adoption", units=6, treated_units=3, periods=12, periods_before=3,
        steps=3, periods_per_step=2, data_columns={**SIZED, "first_treated": "start"},
    )  # fmt: skip
    assert lay_out(plan, past=past).starts[:3].tolist() == [3.0, 5.0, 8.0]


def test_few_clusters_of_counts_are_refused() -> None:
    """Four clusters of counts cannot be carried on; the message says what would do."""
    frame = make_frame(4, 8).assign(score=lambda f: f["answers"])
    with pytest.raises(AnalysisError, match=r"past data: 4 clusters.* 5 are needed"):
        plan_on(frame, "before_after", units=4, numbers_of_units=[4], outcome_kind="count")
