"""Interrupted series: by hand, against R, recovery of known changes, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.interrupted_series import arrange
from evalkit.designs.interrupted_time_series import estimate
from evalkit.errors import AnalysisError
from evalkit.results import pick_row
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
START = 2021 * 12
FIELDS: dict[str, Any] = {
    "study": "discharge",
    "notebook": "interrupted_time_series",
    "title": "Discharge",
    "question": "Did it help?",
    "population": "patients",
    "estimand": "the change",
    "co_production": [],
    "intervention_name": "the pathway",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "outcome_kind": "number",
    "minimum_important_difference": 0.2,
    "data_profile": "gss_default",
    "data_columns": {"unit": "code", "period": "month", "outcome": "score"},
    "seed": 1,
    "start_period": "2021-01",
    "season": "none",
}
EXACT = 1e-9
"""The same numbers by other steps differ by rounding alone."""

OF_R = 1e-4
"""R's maximum of the restricted likelihood and ours are found by different searches."""

SEEDS = 150
"""Series drawn; coverage of 0.95 then has a standard error of 0.018."""

Make = Callable[..., pd.DataFrame]


def choose(**changes: Any) -> InterruptedTimeSeries:
    """Return parameters, changed."""
    return InterruptedTimeSeries(**(FIELDS | changes))


def lay_out(
    outcome: np.ndarray, unit: str = "A", *, before: int, treated: bool = True, **columns: Any
) -> pd.DataFrame:
    """Lay out one unit's series by month, so that the start is 2021-01."""
    time = START - before + np.arange(len(outcome))
    first = float(START) if treated else np.nan
    made = {
        "unit": unit,
        "unit_name": unit,
        "period": [f"{t // 12}-{t % 12 + 1:02d}" for t in time],
        "time": time,
        "outcome": np.asarray(outcome, dtype=float),
        "outcome_base": np.nan,
        "cluster": unit,
        "weight": 1.0,
        "first_treated": first,
        "control": not treated,
    }
    frame = pd.DataFrame(made | columns)
    return frame.assign(treated=(frame["time"] >= frame["first_treated"]).fillna(False))


def draw(
    seed: int, before: int, after: int, *, rho: float = 0.0, level: float = 0.0, slope: float = 0.0
) -> np.ndarray:
    """Draw a series at 50 with errors of variance one, `rho` of which carries over."""
    rng = np.random.default_rng(seed)
    n = before + after
    errors = np.empty(n)
    errors[0] = rng.normal()
    for i in range(1, n):
        errors[i] = rho * errors[i - 1] + rng.normal() * np.sqrt(1 - rho**2)
    since = np.arange(n) - before
    return 50 + errors + (since >= 0) * (level + slope * since)


def draw_table(seed: int, before: int = 24, after: int = 24, **how: float) -> pd.DataFrame:
    """Draw the table of a single series."""
    return lay_out(draw(seed, before, after, **how), before=before)


def term(table: pd.DataFrame, name: str, method: str, **changes: Any) -> pd.Series:
    """Estimate a term by a method: all are told of the one that answers."""
    found = estimate(table, choose(primary=name, **changes)).estimates
    return pick_row(found, term=name, method=method)


def test_steps_by_hand() -> None:
    """Two means: 10, 12 before and 15, 17 after, no trend left: level + average of slopes = 5."""
    outcome = np.array([10.0, 12, 12, 10, 10, 12, 12, 10, 15, 17, 17, 15, 15, 17, 17, 15])
    found = lay_out(outcome, before=8)
    assert term(found, "level", "least_squares")["estimate"] == pytest.approx(5.0)
    assert term(found, "slope", "least_squares")["estimate"] == pytest.approx(0.0, abs=EXACT)
    assert term(found, "average", "least_squares")["estimate"] == pytest.approx(5.0)
    assert term(found, "level_at", "least_squares")["estimate"] == pytest.approx(5.0)


def test_effects_hang_together() -> None:
    """The effect 10 periods on is level plus ten slopes, and the average that of all periods."""
    table = draw_table(3, level=2, slope=0.1)
    for method in ("reml_averaged", "reml", "newey_west"):
        level, slope, at, average = (
            term(table, name, method, level_at_periods=10)["estimate"]
            for name in ("level", "slope", "level_at", "average")
        )
        assert at == pytest.approx(level + 10 * slope, rel=EXACT)
        assert average == pytest.approx(level + 11.5 * slope, rel=EXACT)


def test_all_effects_by_the_method_that_answers_and_the_one_that_answers_by_all() -> None:
    """Four effects, and the change in level again by each other method."""
    found = estimate(draw_table(3), choose(level_at_periods=10)).estimates
    assert found["label"].tolist() == [
        "Change in level at the start",
        "Change in slope, per month",
        "Effect 10 months after the start",
        "Average effect since the start",
        "Change in level at the start (one best correlation)",
        "Change in level at the start (Prais-Winsten)",
        "Change in level at the start (Newey-West errors)",
        "Change in level at the start (every period by itself)",
    ]


def test_stored_series_equals_r() -> None:
    """The stored series, with one wave a year: slope and errors are those of R's lm and gls."""
    scores = pd.read_csv(REFERENCE / "its.csv")["score"].to_numpy()
    table = lay_out(scores, before=36)
    plain = term(table, "slope", "least_squares", season="harmonics")
    assert plain["estimate"] == pytest.approx(0.2689531759842, rel=EXACT)
    assert plain["std_error"] == pytest.approx(0.04033261874412, rel=EXACT)
    reml = term(table, "slope", "reml", season="harmonics")
    assert reml["estimate"] == pytest.approx(0.269889454905, rel=OF_R)
    assert reml["std_error"] == pytest.approx(0.04955026914906, rel=OF_R)


def test_headline_is_the_primary_by_the_averaged_likelihood() -> None:
    """The protocol's effect, with the interval that allows for the doubt about correlation."""
    result = estimate(draw_table(1), choose(primary="average", confidence_level=0.9))
    assert result.primary == {"term": "average", "method": "reml_averaged"}
    assert result.headline["level"] == 0.9
    assert result.headline["n"] == 48
    assert np.isnan(result.headline["clusters"])
    assert not result.permits_cause


def test_under_twelve_points_least_squares_answers() -> None:
    """With 11 points every period is taken by itself, and the remarks say what that costs."""
    result = estimate(draw_table(1, 5, 6), choose(minimum_points=4))
    assert result.primary["method"] == "least_squares"
    assert any("holds the truth less often than it says" in remark for remark in result.remarks)
    longer = estimate(draw_table(1, 6, 6), choose(minimum_points=4))
    assert longer.primary["method"] == "reml_averaged"


def test_fewer_than_twelve_points_a_side_are_remarked() -> None:
    """Eight a side are let through with a warning, twelve without."""
    short = estimate(draw_table(1, 8, 12), choose()).remarks
    assert any("8 months before the start and 12 from it on; with fewer" in r for r in short)
    enough = estimate(draw_table(1, 12, 12), choose()).remarks
    assert not any("with fewer" in remark for remark in enough)


def test_control_takes_out_what_both_share() -> None:
    """A jump that hits treated and control alike is an effect in one series, and none in two."""
    shared = draw(5, 24, 24, rho=0.4, level=4)
    own = draw(6, 24, 24) - 50
    alone = lay_out(shared + 0.3 * own, before=24)
    other = lay_out(shared + 0.3 * (draw(7, 24, 24) - 50), "B", before=24, treated=False)
    single = estimate(alone, choose()).headline
    assert single["conf_low"] > 0
    both = estimate(pd.concat([alone, other], ignore_index=True), choose())
    assert both.headline["conf_low"] < 0 < both.headline["conf_high"]
    assert both.permits_cause
    width = both.headline["conf_high"] - both.headline["conf_low"]
    assert width < (single["conf_high"] - single["conf_low"]) / 2


def test_controlled_estimate_is_the_difference_of_two() -> None:
    """Least squares on the difference is the difference of least squares on each."""
    one, two = draw(1, 16, 16, level=1), draw(2, 16, 16)
    parts = [lay_out(one, before=16), lay_out(two, "B", before=16, treated=False)]
    both = pd.concat(parts, ignore_index=True)
    apart = [lay_out(y, before=16) for y in (one, two)]
    for name in ("level", "slope"):
        first, second = (term(found, name, "least_squares")["estimate"] for found in apart)
        found = term(both, name, "least_squares")["estimate"]
        assert found == pytest.approx(first - second, rel=1e-8)


def test_baseline_compares_before_the_start() -> None:
    """A treated series 3 higher, rising by 0.5 a month more: both differences are shown."""
    time = np.arange(32)
    parts = [
        lay_out(draw(1, 16, 16) * 0.2 + 3 + 0.5 * time, before=16),
        lay_out(draw(2, 16, 16) * 0.2, "B", before=16, treated=False),
    ]
    table = pd.concat(parts, ignore_index=True)
    baseline = estimate(table, choose()).tables["baseline"]
    assert baseline["estimate"].tolist() == pytest.approx([3 + 0.5 * 7.5, 0.5], abs=0.2)
    assert (baseline["conf_low"] > 0).all()


def test_units_become_one_series_by_their_answers() -> None:
    """100 answers at 7 and 300 at 9 make 8.5; the base is 400, and the remarks say so."""
    values = draw(1, 12, 12) - 50
    parts = [
        lay_out(values + 7, "A", before=12, outcome_base=100.0),
        lay_out(values + 9, "B", before=12, outcome_base=300.0),
    ]
    result = estimate(pd.concat(parts, ignore_index=True), choose(outcome_kind="score"))
    series = result.tables["series"]
    assert series["observed"].to_numpy() == pytest.approx(values + 8.5)
    assert (series["base"] == 400).all()
    assert result.remarks[0] == (
        "The 2 units with the intervention were made one series by averaging, each by its answers."
    )


def test_periods_count_by_their_answers() -> None:
    """Wild periods with few answers hardly move the estimate, unless told to count the same."""
    outcome, base = draw(4, 24, 24, level=2), np.full(48, 1000.0)
    outcome[30:34] += 30
    base[30:34] = 1.0
    table = lay_out(outcome, before=24, outcome_base=base)
    by_base = estimate(table, choose(outcome_kind="score")).headline["estimate"]
    equally = estimate(table, choose(outcome_kind="score", weight_by="nothing")).headline
    assert abs(by_base - 2) < 1
    assert abs(equally["estimate"] - 2) > 2


def test_a_difference_counts_by_the_answers_of_both() -> None:
    """Wild periods in which the control has few answers hardly move a controlled estimate."""
    control, base = draw(9, 24, 24), np.full(48, 1000.0)
    control[30:34] += 30
    base[30:34] = 1.0
    parts = [
        lay_out(draw(8, 24, 24, level=2), before=24, outcome_base=1000.0),
        lay_out(control, "B", before=24, treated=False, outcome_base=base),
    ]
    result = estimate(pd.concat(parts, ignore_index=True), choose(outcome_kind="score"))
    assert result.headline["estimate"] == pytest.approx(2, abs=1.5)
    assert result.headline["std_error"] < 1.5


def test_missing_periods_are_gaps() -> None:
    """Missing outcomes are left out and counted; the rest keep their place in time."""
    table = draw_table(2, level=3)
    table.loc[[4, 5, 30], "outcome"] = np.nan
    result = estimate(table, choose())
    assert result.headline["n"] == 45
    assert "3 periods within the series were missing." in result.remarks
    assert result.headline["estimate"] == pytest.approx(3, abs=2)


def test_phasing_in_is_left_out_or_a_ramp() -> None:
    """An effect of 4 that takes three months to arrive is found, but not by ignoring them."""
    outcome = draw(3, 24, 24) * 0.2
    outcome[24:] += np.minimum(4 * (np.arange(24) + 1) / 4, 4)
    table = lay_out(outcome, before=24)
    for how in ("left_out", "ramp"):
        result = estimate(table, choose(phase_in_periods=3, phase_in=how))
        assert result.headline["estimate"] == pytest.approx(4, abs=0.5)
        assert "phasing in" in " ".join(result.remarks) or "build up" in " ".join(result.remarks)
    left_out = estimate(table, choose(phase_in_periods=3))
    assert left_out.headline["n"] == 45
    assert left_out.tables["series"]["fitted"].isna().sum() == 3
    ignored = estimate(table, choose()).headline["estimate"]
    assert ignored < 3


def test_season_is_allowed_for() -> None:
    """A wave of the year is taken for a change by none, and not by harmonics or dummies."""
    outcome = draw(1, 30, 18) * 0.2 + 3 * np.sin(2 * np.pi * np.arange(48) / 12)
    table = lay_out(outcome, before=30)
    without = estimate(table, choose()).headline
    for season in ("automatic", "harmonics", "dummies"):
        within = estimate(table, choose(season=season)).headline
        assert abs(within["estimate"]) < 0.5
        assert within["std_error"] < 0.5 * without["std_error"]


def test_automatic_season_needs_two_years() -> None:
    """With less than two years of months no season is fitted, and yearly data have none."""
    short = estimate(draw_table(1, 11, 11), choose(season="automatic"))
    assert any("No season was allowed for: under two years" in r for r in short.remarks)
    years = draw_table(1, 12, 12)
    years["period"] = (2000 + np.arange(24)).astype(str)
    result = estimate(years, choose(season="automatic"))
    assert not any("eason" in remark for remark in result.remarks)
    assert "per year" in " ".join(result.estimates["label"])


def test_counts_are_told_as_rates() -> None:
    """A rate of 0.10 that becomes 0.15: per 1,000 that is 50 events more, per 200 it is 10."""
    rng = np.random.default_rng(1)
    rate = np.where(np.arange(60) < 30, 0.10, 0.15)
    table = lay_out(rng.poisson(200 * rate), before=30, outcome_base=200.0)
    asked = {"outcome_kind": "count", "primary": "average"}
    thousand = estimate(table, choose(**asked)).headline["estimate"]
    result = estimate(table, choose(**asked, rate_per=200.0))
    assert result.headline["estimate"] == pytest.approx(10, abs=3)
    assert thousand == pytest.approx(5 * result.headline["estimate"], rel=EXACT)
    assert "Events are compared as a rate per 200 of outcome_base." in result.remarks
    ratio = result.tables["ratios"].set_index("label").loc["Average effect since the start"]
    assert ratio["lower_end_of_interval"] < 1.5 < ratio["upper_end_of_interval"]
    series = result.tables["series"]
    assert series["counterfactual"].dropna().mean() == pytest.approx(20, abs=4)
    assert series["observed"].iloc[0] == table["outcome"].iloc[0]


def test_controlled_counts_compare_ratios() -> None:
    """Rates double in both, and by half more in the treated: the ratio of ratios is 1.5."""
    rng = np.random.default_rng(2)
    late = np.arange(60) >= 30
    parts = [
        lay_out(rng.poisson(900 * 0.1 * np.where(late, 3, 1)), before=30, outcome_base=900.0),
        lay_out(
            rng.poisson(900 * 0.2 * np.where(late, 2, 1)),
            "B",
            before=30,
            treated=False,
            outcome_base=900.0,
        ),
    ]
    table = pd.concat(parts, ignore_index=True)
    result = estimate(table, choose(outcome_kind="count", primary="average"))
    ratio = result.tables["ratios"].set_index("label").loc["Average effect since the start"]
    assert ratio["lower_end_of_interval"] < 1.5 < ratio["upper_end_of_interval"]
    assert ratio["lower_end_of_interval"] > 1
    assert result.headline["estimate"] == pytest.approx(1000 * 0.1 * (3 - 2), rel=0.3)
    assert set(result.tables["series"]["group"]) == {"with the intervention", "without"}


def test_percentages_by_log_odds_are_told_in_points() -> None:
    """80% that becomes 90% is 10 points, and odds 2.25 times as large."""
    rng = np.random.default_rng(3)
    share = np.where(np.arange(60) < 30, 0.8, 0.9)
    base = np.full(60, 400.0)
    table = lay_out(100 * rng.binomial(400, share) / 400, before=30, outcome_base=base)
    chosen = {"outcome_kind": "percentage", "primary": "average"}
    result = estimate(table, choose(percentage_model="log_odds", **chosen))
    assert result.headline["estimate"] == pytest.approx(10, abs=2)
    ratio = result.tables["ratios"].set_index("label").loc["Average effect since the start"]
    assert ratio["lower_end_of_interval"] < 2.25 < ratio["upper_end_of_interval"]
    linear = estimate(table, choose(**chosen))
    assert linear.headline["estimate"] == pytest.approx(10, abs=2)
    assert "Each month counts by how many people answered." in linear.remarks


def test_measured_causes_are_held_fixed() -> None:
    """A measured cause that jumps in some months is taken out of the estimate."""
    rng = np.random.default_rng(5)
    pressure = rng.normal(size=48) + np.where(np.arange(48) % 5 == 0, 3.0, 0.0)
    outcome = 0.3 * (draw(1, 24, 24) - 50) + 2 * pressure
    table = lay_out(outcome, before=24, pressure=pressure)
    plain = estimate(table, choose()).headline
    adjusted = estimate(table, choose(adjust_for=["pressure"])).headline
    assert adjusted["std_error"] < 0.4 * plain["std_error"]


def test_series_tells_what_would_have_been_expected() -> None:
    """Before the start there is no counterfactual; after it, its interval holds it."""
    series = estimate(draw_table(1, level=2), choose()).tables["series"]
    later = series["counterfactual"].notna().to_numpy()
    assert later.tolist() == [False] * 24 + [True] * 24
    after = series[later]
    assert (after["counterfactual_low"] < after["counterfactual"]).all()
    assert (after["counterfactual"] < after["counterfactual_high"]).all()
    names = {"period", "group", "observed", "fitted", "counterfactual", "residual"}
    assert names <= set(series.columns)


def test_counterfactual_of_a_controlled_series_follows_the_control() -> None:
    """Fitted less expected is the effect, in every period since the start."""
    parts = [
        lay_out(draw(1, 16, 16, level=3), before=16),
        lay_out(draw(2, 16, 16), "B", before=16, treated=False),
    ]
    result = estimate(pd.concat(parts, ignore_index=True), choose(primary="average"))
    series = result.tables["series"]
    treated = series[series["group"] == "with the intervention"].dropna(subset=["counterfactual"])
    gap = (treated["fitted"] - treated["counterfactual"]).mean()
    assert gap == pytest.approx(result.headline["estimate"], rel=1e-6)


def test_residuals_are_what_the_period_before_did_not_foretell() -> None:
    """With errors that carry over by 0.6, least squares leaves it and the headline does not."""
    before, after = [], []
    for seed in range(20):
        table = estimate(draw_table(seed, 48, 48, rho=0.6), choose()).tables["autocorrelation"]
        first = table[(table["measure"] == "Autocorrelation") & (table["periods_apart"] == "1")]
        before.append(first["every_period_by_itself"].iloc[0])
        after.append(first["carrying_over"].iloc[0])
    assert np.mean(before) > 0.35
    assert abs(np.mean(after)) < 0.12


@pytest.mark.parametrize(("side", "rho"), [(24, 0.4), (12, 0.4), (8, 0.0)])
def test_headline_recovers_and_covers(side: int, rho: float) -> None:
    """A change of 1 is found without bias, and 95% intervals hold it as often as they say."""
    rows = [
        estimate(draw_table(seed, side, side, rho=rho, level=1), choose()).headline
        for seed in range(SEEDS)
    ]
    estimates = np.array([row["estimate"] for row in rows])
    error = estimates.std(ddof=1) / np.sqrt(SEEDS)
    assert abs(estimates.mean() - 1) < 3.3 * error
    held = np.mean([row["conf_low"] < 1 < row["conf_high"] for row in rows])
    assert 0.90 <= held <= 0.995


def test_table_is_left_alone() -> None:
    """Estimating does not alter the table."""
    table = draw_table(1)
    copy = table.copy(deep=True)
    estimate(table, choose())
    pd.testing.assert_frame_equal(table, copy)


def with_control(table: pd.DataFrame) -> pd.DataFrame:
    """Put a control of pure noise beside a table."""
    n = len(table)
    before = int((table["time"] < START).sum())
    other = lay_out(draw(99, before, n - before), "B", before=before, treated=False)
    return pd.concat([table, other], ignore_index=True)


def all_control() -> pd.DataFrame:
    """Return a table in which nobody had the intervention."""
    return draw_table(1).assign(first_treated=np.nan, treated=False, control=True)


def two_starts() -> pd.DataFrame:
    """Return two units that start at different times."""
    other = draw_table(2).assign(unit="B", first_treated=START + 2.0)
    return pd.concat([draw_table(1), other], ignore_index=True)


def some_silent(kind_of_base: float) -> pd.DataFrame:
    """Return two units, one of which is silent in some periods."""
    other = draw_table(2).assign(unit="B")
    table = pd.concat([draw_table(1), other.iloc[5:]], ignore_index=True)
    return table.assign(outcome_base=kind_of_base, outcome=table["outcome"].round())


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (draw_table(1, 7, 20), {}, "7 counted before the start and 20 from it on"),
        (draw_table(1, 20, 7), {}, "minimum_points asks for 8"),
        (draw_table(1, 24, 10), {"phase_in_periods": 3}, "24 counted before the start and 7"),
        (with_control(draw_table(1, 24, 5)), {}, "24 counted before the start and 5"),
        (all_control(), {}, "control: every unit is in the control"),
        (
            draw_table(1),
            {"data_columns": FIELDS["data_columns"] | {"control": "control"}},
            "control: no unit is in the control",
        ),
        (draw_table(1).assign(first_treated=START + 500.0), {}, "start_period: lies outside"),
        (draw_table(1).assign(first_treated=START - 24.0), {}, "start_period: lies outside"),
        (two_starts(), {}, "units start at 2 different periods. Use staggered_adoption"),
        (draw_table(1).assign(outcome=5.0), {}, "outcome: is the same in every period"),
        (
            with_control(draw_table(1)).assign(
                outcome=lambda t: t["outcome"].where(t["unit"] == "A", 5.0)
            ),
            {},
            "outcome of the control: is the same",
        ),
        (
            draw_table(1).assign(cause=lambda t: t["time"] * 2.0),
            {"adjust_for": ["cause"]},
            "cause: one does not change, or goes along with level",
        ),
        (draw_table(1).assign(cause=1.0), {"adjust_for": ["cause"]}, "cause: one does not change"),
        (
            draw_table(1),
            {"primary": "level_at", "level_at_periods": 24},
            r"from 0 periods to 23 periods after the start",
        ),
        (
            draw_table(1),
            {"primary": "level_at", "phase_in_periods": 2, "level_at_periods": 1},
            r"from 2 periods to 23 periods after",
        ),
        (draw_table(1), {"outcome_kind": "percentage", "percentage_model": "log_odds"}, "log odds"),
        (some_silent(np.nan), {"outcome_kind": "count"}, "between 1 and 2 units report"),
        (
            draw_table(1).assign(outcome=lambda t: t["outcome"] - 100),
            {"outcome_kind": "count"},
            "counts cannot be negative",
        ),
        (
            draw_table(1, 8, 8),
            {"season": "dummies"},
            "16 are too few for a regression with 15|one column is a sum of others",
        ),
    ],
)
def test_refusals(table: pd.DataFrame, changes: dict[str, Any], message: str) -> None:
    """What cannot be estimated is refused with counts, names, and what to do."""
    with pytest.raises(AnalysisError, match=message) as found:
        estimate(table, choose(**changes))
    assert str(found.value).rstrip().endswith(".")


def test_a_later_effect_that_does_not_answer_is_told_for_the_nearest_time() -> None:
    """Only where it answers the question is a time that the data do not reach refused."""
    result = estimate(draw_table(1), choose(level_at_periods=30))
    later = result.estimates.query("term == 'level_at'").iloc[0]
    assert later["label"] == "Effect 23 months after the start"
    assert any("no effect 30 months after the start" in remark for remark in result.remarks)


def test_silent_units_with_a_base_are_remarked() -> None:
    """Where bases are known, counts of other units can be compared, and the remarks say so."""
    result = estimate(some_silent(100.0), choose(outcome_kind="count"))
    assert any("only 1 of 2 units with the intervention report" in r for r in result.remarks)


@pytest.mark.parametrize(("base", "said"), [(100, True), (100_000, False)])
def test_much_chance_in_who_answered_is_remarked(base: int, said: bool) -> None:
    """With 100 answers a month, chance is 16 square points; with 100,000 it is next to none."""
    rng = np.random.default_rng(6)
    share = 80 + 0.3 * (draw(7, 24, 24) - 50)
    table = lay_out(100 * rng.binomial(base, share / 100) / base, before=24, outcome_base=base)
    result = estimate(table, choose(outcome_kind="percentage"))
    assert any("chance in who answered" in remark for remark in result.remarks) == said


def test_drifting_series_are_remarked() -> None:
    """A random walk is said to drift."""
    walk = np.cumsum(np.random.default_rng(4).normal(size=96))
    result = estimate(lay_out(walk, before=48), choose())
    assert any("the series drifts" in remark for remark in result.remarks)


def test_units_of_a_panel_count_by_their_weights() -> None:
    """Twice the weight is twice the unit; a period is as sure as Kish's number of answers."""
    parts = [
        lay_out(draw(seed, 12, 12), unit=unit, before=12, outcome_base=base, weight=weight)
        for seed, unit, base, weight in ((1, "A", 30.0, 2.0), (2, "B", 90.0, 1.0))
    ]
    found = arrange(pd.concat(parts, ignore_index=True), choose(outcome_kind="score")).treated
    by_hand = (60 * draw(1, 12, 12) + 90 * draw(2, 12, 12)) / 150
    assert found.outcome == pytest.approx(by_hand)
    assert found.sure == pytest.approx(150**2 / (4 * 30 + 90))
    assert found.base == pytest.approx(120)


def test_clusters_are_told_and_those_on_both_sides_counted() -> None:
    """Wards of one trust in both series are counted; nothing is said where no cluster is mapped."""
    parts = [
        lay_out(draw(seed, 12, 12), unit=unit, before=12, treated=treated, cluster=trust)
        for seed, unit, treated, trust in (
            (1, "A", True, "T1"),
            (2, "B", True, "T2"),
            (3, "C", False, "T2"),
            (4, "D", False, "T3"),
        )
    ]
    table = pd.concat(parts, ignore_index=True)
    mapped = {**FIELDS["data_columns"], "cluster": "trust"}
    said = " ".join(estimate(table, choose(data_columns=mapped)).remarks)
    assert "units of a cluster that are alike do not make the interval too narrow" in said
    assert "1 cluster has units both with and without the intervention" in said
    assert "cluster" not in " ".join(estimate(table, choose()).remarks)


def test_a_line_that_leaves_the_scale_is_told() -> None:
    """Rising from 7.5 by 0.15 a month, 9.9 at the start: the line would pass 10."""
    rise = 7.5 + 0.15 * np.arange(30) - np.where(np.arange(30) >= 16, 1.0, 0.0)
    table = lay_out(np.minimum(rise, 10) + 0.02 * draw(3, 16, 14) - 1, before=16)
    said = "lies outside what the outcome can be in at least one of 14 months"
    assert any(said in remark for remark in estimate(table, choose(outcome_kind="score")).remarks)
    assert not any(said in remark for remark in estimate(table, choose()).remarks)
