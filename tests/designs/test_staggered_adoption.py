"""The staggered adoption design: its table, what it refuses, its trap, and known truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import staggered_adoption
from evalkit.designs.staggered_inference import judge
from evalkit.designs.staggered_panel import arrange
from evalkit.designs.staggered_sensitivity import EVERY, FIRST, MOVES, TURNS_BY
from evalkit.errors import AnalysisError
from evalkit.fits.callaway_santanna import CellRule, fit_group_time
from evalkit.fits.staggered_averages import list_averages
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.results.types import pick_row
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

Make = Callable[..., pd.DataFrame]
STARTS = (3.0, 5.0, 7.0)
TRIALS = 300
FEWEST, MOST = 0.92, 0.985
"""Two and a half errors around 95% in that many trials."""


def parameters(**change: Any) -> StaggeredAdoption:
    """Return parameters of a small study, changed as asked."""
    plain = {
        "study": "tried",
        "notebook": "staggered_adoption",
        "title": "A trial",
        "question": "Did it help?",
        "population": "people in touch",
        "estimand": "the mean effect on units that changed, since they did",
        "co_production": [],
        "intervention_name": "a change",
        "outcome_name": "experience",
        "outcome_unit": "points",
        "outcome_facet": "overall",
        "minimum_important_difference": 0.2,
        "data_profile": "tre10",
        "data_columns": {},
        "seed": 1,
        "draws": 199,
    }
    return StaggeredAdoption(**{**plain, **change})


def make_table(
    seed: int,
    *,
    units: int = 20,
    never: int = 8,
    periods: int = 10,
    effect: float = 1.0,
    growth: float = 0.0,
    noise: float = 1.0,
    size: int = 1,
    starts: tuple[float, ...] = STARTS,
) -> pd.DataFrame:
    """Make units with their own levels and slowly moving errors; `size` units share a cluster."""
    rng = np.random.default_rng(seed)
    first = np.full(units, np.nan)
    first[never:] = np.resize(starts, units - never)
    errors = np.zeros((units, periods))
    for time in range(periods):
        errors[:, time] = 0.5 * errors[:, time - 1] + rng.normal(size=units)
    since = np.nan_to_num(np.maximum(np.arange(periods) - first[:, None], 0.0))
    treated = np.arange(periods) >= first[:, None]
    outcome = rng.normal(size=(units, 1)) + 0.2 * np.arange(periods) + noise * errors
    outcome += treated * (effect + growth * since)
    names = np.array([f"U{i:03d}" for i in range(units)])
    frame = pd.DataFrame(
        {
            "unit": np.repeat(names, periods),
            "cluster": np.repeat([f"C{i // size:03d}" for i in range(units)], periods),
            "time": np.tile(np.arange(periods), units),
            "outcome": outcome.ravel(),
            "first_treated": np.repeat(first, periods),
            "treated": treated.ravel(),
        }
    )
    frame["period"] = (2010 + frame["time"]).astype(str)
    return frame.assign(unit_name=frame["unit"], outcome_base=np.nan, weight=1.0)


def test_table_is_tidy_and_inputs_are_left_alone() -> None:
    """The agreed columns; one headline; rows by cohort, period and periods since the change."""
    table = make_table(1)
    before = table.copy()
    result = staggered_adoption.estimate(table, parameters())
    pd.testing.assert_frame_equal(table, before)
    rows = result.estimates
    assert list(rows.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert rows[["estimate", "n", "clusters", "level"]].notna().all(axis=None)
    assert result.headline["term"] == "effect"
    assert rows.query("term == 'cohort'")["cohort"].tolist() == ["2013", "2015", "2017"]
    events = rows.query("term == 'event'")["period"].astype(int).tolist()
    assert events == [*range(-7, -1), *range(7)]
    assert result.permits_cause
    assert result.primary == {"term": "effect", "method": "callaway_santanna"}


def test_headline_counts_every_changed_unit_once_by_hand() -> None:
    """Without noise: effects 1 for four units and 2 for two give 8/6, by unit and period 11/8."""
    table = make_table(2, units=10, never=4, periods=4, effect=0.0, noise=0.0, starts=(2.0,))
    late = table["unit"].isin(["U008", "U009"])
    table.loc[late, "first_treated"] = 3.0
    table["treated"] = table["time"] >= table["first_treated"]
    table["outcome"] += table["treated"] * np.where(late, 2.0, 1.0)
    by_unit = staggered_adoption.estimate(table, parameters())
    by_period = staggered_adoption.estimate(table, parameters(average="simple"))
    assert by_unit.headline["estimate"] == pytest.approx((4 * 1 + 2 * 2) / 6)
    assert by_period.headline["estimate"] == pytest.approx((8 * 1 + 2 * 2) / 10)
    other = pick_row(by_period.estimates, method="callaway_santanna_group")
    assert other["estimate"] == pytest.approx(by_unit.headline["estimate"])


def test_two_way_fixed_effects_have_the_wrong_sign_and_are_no_answer() -> None:
    """Every effect is positive; the two-way estimate is negative, and shown with its weights."""
    table = make_table(
        3, units=24, never=2, periods=14, growth=1.0, noise=0.1, starts=(1.0, 1.0, 10.0)
    )
    changed = (table["treated"] * (1.0 + (table["time"] - table["first_treated"]))).dropna()
    assert changed.min() >= 0
    result = staggered_adoption.estimate(table, parameters())
    two_way = pick_row(result.estimates, method="two_way_fixed_effects")
    assert two_way["estimate"] < 0 < result.headline["conf_low"]
    true = table.query("treated").eval("1 + time - first_treated").groupby(table["unit"]).mean()
    assert result.headline["estimate"] == pytest.approx(true.mean(), abs=0.2)
    weights = result.tables["two_way_weights"]
    assert (weights["weight"] * weights["estimate"]).sum() == pytest.approx(two_way["estimate"])
    assert weights["weight"].sum() == pytest.approx(1.0)
    assert any("the other sign" in remark for remark in result.remarks)


def test_two_way_fixed_effects_never_stand_without_weights() -> None:
    """With gaps, or causes held fixed, weights are not defined and the estimate is not shown."""
    table = make_table(4)
    table.loc[5, "outcome"] = np.nan
    result = staggered_adoption.estimate(table, parameters())
    assert "two_way_fixed_effects" not in set(result.estimates["method"])
    assert "two_way_weights" not in result.tables


def test_second_opinion_agrees_without_noise() -> None:
    """Imputed effects are the same where trends are parallel throughout."""
    result = staggered_adoption.estimate(make_table(5, growth=0.3, noise=0.0), parameters())
    imputed = pick_row(result.estimates, method="imputation")
    assert imputed["estimate"] == pytest.approx(result.headline["estimate"])
    beside = result.tables["second_opinion"]
    assert beside["imputed"].tolist() == pytest.approx(beside["estimate"].tolist())


def test_event_study_has_a_band_and_a_covariance() -> None:
    """The band for all periods at once is wider than each interval; errors are the covariance's."""
    result = staggered_adoption.estimate(make_table(6, units=60, never=20), parameters())
    events = result.tables["event_study"]
    assert (events["band_high"] > events["conf_high"]).all()
    wide = result.tables["event_covariance"]
    assert wide["period"].tolist() == events["period"].tolist()
    diagonal = np.diag(wide.drop(columns="period").to_numpy())
    assert np.sqrt(diagonal) == pytest.approx(events["std_error"].to_numpy())


def test_few_clusters_hand_starts_to_others() -> None:
    """With six of twelve changed the interval is by handing starts out, and a remark says so."""
    table = make_table(7, units=12, never=6)
    result = staggered_adoption.estimate(table, parameters())
    assert "ways to hand the same starts to other clusters" in result.remarks[0]
    again = staggered_adoption.estimate(table, parameters())
    pd.testing.assert_frame_equal(result.estimates, again.estimates)
    moved = staggered_adoption.estimate(
        table.assign(outcome=table["outcome"] + 5.0 * table["treated"]), parameters()
    )
    for end in ("estimate", "conf_low", "conf_high"):
        assert moved.headline[end] == pytest.approx(result.headline[end] + 5.0)


def test_one_changed_cluster_is_said_to_vary_as_others() -> None:
    """One of nine: no interval from the ways alone; Student's t, and the remark says what of."""
    table = make_table(8, units=9, never=8)
    result = staggered_adoption.estimate(table, parameters())
    assert "too few ways" in result.remarks[0]
    assert np.isfinite(result.headline[["conf_low", "conf_high"]].astype(float)).all()


def test_clusters_of_units_are_the_units_of_inference() -> None:
    """Units that share their errors and start are counted as one cluster."""
    table = make_table(9, units=20, never=8)
    twice = pd.concat([table, table.assign(unit=table["unit"] + "b")], ignore_index=True)
    one = staggered_adoption.estimate(table, parameters()).headline
    two = staggered_adoption.estimate(twice, parameters()).headline
    assert two["clusters"] == one["clusters"] == 20
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert two[name] == pytest.approx(one[name])


@pytest.mark.parametrize(
    ("units", "never", "gaps"), [(12, 6, 0.0), (20, 8, 0.0), (20, 8, 0.2)], ids=str
)
def test_headline_covers(units: int, never: int, gaps: float) -> None:
    """Twelve and twenty clusters, also with a fifth of rows missing: intervals hold the truth."""
    inside = 0
    for seed in range(TRIALS):
        table = make_table(5000 + seed, units=units, never=never)
        lost = np.random.default_rng(9000 + seed).random(len(table)) < gaps
        table["outcome"] = table["outcome"].mask(lost)
        sample = arrange(table, parameters())
        panel, rule = sample.panel, CellRule(base="universal")
        effects = fit_group_time(panel.outcome, panel.times, panel.first_treated, rule)
        averages = list_averages(effects, fixed_shares=True)
        at = averages.at("group")
        found = judge(sample, effects, averages, rule, at, parameters())
        inside += found.conf_low[at] <= 1.0 <= found.conf_high[at]
    assert FEWEST <= inside / TRIALS <= MOST


def test_trends_that_were_parallel_are_said_to_bear_the_answer() -> None:
    """Bounds stand in a table with the ratio at which zero comes within."""
    result = staggered_adoption.estimate(
        make_table(10, units=60, never=25, noise=0.4), parameters()
    )
    honest = result.tables["honest_did"]
    assert set(honest["restriction"]) == {MOVES, TURNS_BY}
    turns = honest[(honest["average"] == FIRST) & (honest["restriction"] == TURNS_BY)]
    assert (turns["conf_low"] > 0).tolist() == (turns["bound"] <= turns["breakdown"]).tolist()
    every = honest[(honest["average"] == EVERY) & (honest["restriction"] == MOVES)]
    assert every["conf_low"].is_monotonic_decreasing
    parallel = pick_row(honest[honest["bound"] == 0], average=FIRST, restriction=MOVES)
    event = pick_row(result.estimates, term="event", period="0")
    for end in ("conf_low", "conf_high"):
        assert parallel[end] == pytest.approx(event[end])
    breakdown = every["breakdown"].iloc[0]
    excluded = every.loc[every["conf_low"] > 0, "bound"].max()
    assert excluded <= breakdown <= every.loc[every["conf_low"] <= 0, "bound"].min()


def test_adjustment_takes_out_a_trend_by_a_measured_cause() -> None:
    """Older places improve faster and change more often: held fixed, the effect is found."""
    table = make_table(11, units=60, never=30, effect=1.0, noise=0.2)
    rng = np.random.default_rng(1)
    age = rng.normal(size=60) + np.repeat([0.0, 1.5], 30)
    table["age"] = np.repeat(age, 10)
    table["outcome"] += 0.5 * table["age"] * table["time"]
    plain = staggered_adoption.estimate(table, parameters()).headline
    adjusted = staggered_adoption.estimate(table, parameters(adjust_for=["age"])).headline
    assert plain["estimate"] > 2.0
    assert adjusted["conf_low"] < 1.0 < adjusted["conf_high"]
    assert adjusted["estimate"] == pytest.approx(1.0, abs=0.3)


def test_counts_are_compared_as_rates() -> None:
    """Events per 1,000 of the base: a unit of twice the size does not have twice the effect."""
    table = make_table(12, noise=0.0, effect=0.0)
    table["outcome_base"] = np.where(table["unit"] > "U015", 200.0, 100.0) * (1 + table["time"])
    table["outcome"] = table["outcome_base"] * np.where(table["treated"], 0.3, 0.2)
    result = staggered_adoption.estimate(table, parameters(outcome_kind="count"))
    assert result.headline["estimate"] == pytest.approx(0.1 * 1000)
    assert "Events are compared as a rate per 1,000 of outcome_base." in result.remarks


def test_those_set_aside_are_counted() -> None:
    """Units that had changed by the first period, or start after the last, are named by number."""
    table = make_table(13)
    start = {"U019": 0.0, "U018": 30.0}
    table["first_treated"] = table["unit"].map(start).fillna(table["first_treated"])
    table["treated"] = table["time"] >= table["first_treated"]
    result = staggered_adoption.estimate(table, parameters())
    assert result.headline["clusters"] == 19
    cohorts = result.tables["cohorts"].set_index("cohort")["units"]
    assert cohorts["never"] == 9
    assert cohorts.sum() == 19
    assert any("1 unit that had changed by the first period" in r for r in result.remarks)
    assert any("1 unit with a start after the last period" in r for r in result.remarks)
    rollout = result.tables["rollout"]
    assert len(rollout) == len(table)
    assert rollout.query("cluster == 'C019'")["treated"].all()


def test_many_clusters_are_rolled_out_by_their_start() -> None:
    """Forty clusters are one row for each start, with how many there are, and each its periods."""
    table = make_table(16, units=40, never=10)
    moved = {"U000": -3.0, "U001": -5.0, "U002": 30.0}
    table["first_treated"] = table["unit"].map(moved).fillna(table["first_treated"])
    table["treated"] = table["time"] >= table["first_treated"]
    rollout = staggered_adoption.estimate(table, parameters()).tables["rollout"]
    assert list(dict.fromkeys(rollout["cluster"])) == [
        "Started earlier (2 clusters)",
        "Started 2013 (10 clusters)",
        "Started 2015 (10 clusters)",
        "Started 2017 (10 clusters)",
        "Start later (1 cluster)",
        "Never started (7 clusters)",
    ]
    assert rollout.groupby("period")["n"].sum().eq(40).all()
    assert rollout.groupby("cluster", sort=False)["treated"].sum().tolist() == [10, 7, 5, 3, 0, 0]


def test_the_last_cohort_cannot_be_judged_without_units_that_never_change() -> None:
    """Among units that all change, the last cohort has nobody to compare with: a remark says so."""
    table = make_table(14, units=24, never=0)
    result = staggered_adoption.estimate(table, parameters(comparison="not_yet_treated"))
    assert result.estimates.query("term == 'cohort'")["cohort"].tolist() == ["2013", "2015"]
    assert any("changed in 2017 are not in the answer" in remark for remark in result.remarks)


@pytest.mark.parametrize(
    ("spoil", "change", "message"),
    [
        (lambda t: t[t["unit"] == "U000"], {}, "nobody to compare with"),
        (lambda t: t.assign(first_treated=np.nan, treated=False), {}, "no unit ever changed"),
        (lambda t: t.assign(first_treated=0.0, treated=True), {}, "changed by the first period"),
        (lambda t: t.assign(first_treated=40.0, treated=False), {}, "after the last period"),
        (lambda t: t[t["first_treated"].notna()], {}, "Set comparison to not_yet_treated"),
        (
            lambda t: t.assign(first_treated=4.0, treated=t["time"] >= 4),
            {"comparison": "not_yet_treated"},
            "no clean comparisons",
        ),
        (lambda t: t.assign(outcome=3.0), {}, "is the same in every unit and period"),
        (lambda t: t[t["time"] == 4], {}, "one period only"),
        (lambda t: t.assign(cluster=t["time"] % 3), {}, "cluster: "),
        (
            lambda t: t.assign(one=t["time"] * 1.0, two=t["time"] * 1.0),
            {"adjust_for": ["one", "two"]},
            "one and two: among units to compare with",
        ),
        (
            lambda t: t.assign(outcome=t["outcome"].where(~t["treated"])),
            {},
            "no unit is seen after its change",
        ),
    ],
    ids=[
        "one unit",
        "nobody treated",
        "everybody from the first",
        "start outside",
        "none never",
        "one start",
        "constant",
        "one period",
        "few clusters",
        "collinear",
        "unseen after",
    ],
)
def test_refusals(spoil: Make, change: dict[str, Any], message: str) -> None:
    """What cannot be compared is refused, saying what to do and no value of the data."""
    with pytest.raises(AnalysisError, match=message) as refused:
        staggered_adoption.estimate(spoil(make_table(15)), parameters(**change))
    assert "U0" not in str(refused.value)


def test_expected_levels_outside_the_scale_are_told() -> None:
    """A cohort at 9.6 beside units that rise by 0.1 a period would have come to more than 10."""
    table = make_table(13, noise=0.0, effect=0.0)
    level = np.where(table["first_treated"].notna(), 9.6, 5.0)
    rising = np.where(table["treated"], 0.0, 0.1 * table["time"])
    near = table.assign(outcome=np.minimum(level + rising, 10.0))
    said = "lies outside what the outcome can be for some cohort in some period"
    assert any(said in remark for remark in staggered_adoption.estimate(near, parameters()).remarks)
    free = staggered_adoption.estimate(near, parameters(outcome_kind="number"))
    assert not any(said in remark for remark in free.remarks)
    inside = staggered_adoption.estimate(table.assign(outcome=5 + rising), parameters())
    assert not any(said in remark for remark in inside.remarks)
