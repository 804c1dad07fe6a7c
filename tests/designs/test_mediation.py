"""Mediation across levels: by hand, recovery, what stands beside the headline, refusal."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from evalkit.designs import mediation
from evalkit.designs.cross_lagged_waves import FEWEST_UNITS, choose_waves
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result, pick_row
from evalkit.study.schemas.mediation import Mediation

A, B, DIRECT = 0.5, 0.4, 0.2
"""True paths of the made panels, so that the indirect part is 0.2 and the total 0.4."""

SETTLED = 20
"""Periods made and left out, so that the first one kept is like the others."""

STUDY: dict[str, Any] = {
    "study": "wards",
    "notebook": "mediation",
    "title": "Staff, listening, experience",
    "question": "Does better staff wellbeing come with better experience by way of listening?",
    "population": "made-up wards",
    "estimand": "indirect association within wards",
    "co_production": [],
    "intervention_name": "staff wellbeing",
    "exposure_name": "wellbeing",
    "exposure_unit": "points",
    "mediator_name": "listening",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "felt",
    "minimum_important_difference": 0.2,
    "data_profile": "gss_default",
    "data_columns": {"unit": "ward"},
    "seed": 7,
    "draws": 399,
}


def study(**changes: Any) -> Mediation:
    """Make the parameters, with changes."""
    return Mediation(**(STUDY | changes))


def as_table(columns: dict[str, np.ndarray], unit: np.ndarray, time: np.ndarray) -> pd.DataFrame:
    """Make a design's table from columns, unit numbers and times."""
    names = np.array([f"U{i:03d}" for i in range(int(unit.max()) + 1)])
    frame = pd.DataFrame({"unit": names[unit], "time": time, **columns})
    made = {"unit_name": frame["unit"], "cluster": frame["unit"], "weight": 1.0}
    frame = frame.assign(period=(2001 + frame["time"]).astype(str), outcome_base=np.nan, **made)
    return frame.sort_values(["unit", "time"], kind="stable", ignore_index=True)


def made_panel(
    seed: int,
    units: int = 60,
    periods: int = 10,
    *,
    a: float = A,
    between: float = -2.0,
    reverse: float = 0.0,
    related: float = 0.0,
) -> pd.DataFrame:
    """Make a panel with lags of one; levels that mislead between units by `between`.

    Errors carry over by one half from period to period; `reverse` leads from the outcome to the
    exposure one period later; `related` is the correlation of mediator's and outcome's errors.
    """
    rng = np.random.default_rng(seed)
    level, all_periods = rng.normal(size=units), periods + SETTLED
    error = rng.normal(size=(3, all_periods, units))
    error[2] = related * np.roll(error[1], 1, axis=0) + np.sqrt(1 - related**2) * error[2]
    x, m, y = (np.zeros((all_periods, units)) for _ in range(3))
    carried = np.zeros((3, units))
    for t in range(2, all_periods):
        carried = error[:, t] if related else 0.5 * carried + np.sqrt(0.75) * error[:, t]
        x[t] = level + carried[0] + reverse * y[t - 1]
        m[t] = a * x[t - 1] + 2 * level + carried[1]
        y[t] = B * m[t - 1] + DIRECT * x[t - 2] + between * level + carried[2]
    x, m, y = x[SETTLED:], m[SETTLED:], y[SETTLED:]
    unit, time = np.tile(np.arange(units), periods), np.repeat(np.arange(periods), units)
    columns = {"exposure": x.ravel(), "mediator": m.ravel(), "outcome": y.ravel()}
    return as_table(columns, unit, time)


def made_people(
    seed: int, units: int = 40, periods: int = 4, people: int = 12, *, moves: bool = True
) -> pd.DataFrame:
    """Make answers: own path b is 0.4, the unit's average adds 0.3 beyond it; a is 0.5."""
    rng = np.random.default_rng(seed)
    cells = units * periods
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    steady = rng.normal(size=units)[unit]
    x = steady + (rng.normal(size=cells) if moves else 0)
    shared = A * x + 0.5 * rng.normal(size=cells)
    cell = np.repeat(np.arange(cells), people)
    m = shared[cell] + rng.normal(size=len(cell))
    mean = (np.bincount(cell, m) / people)[cell]
    y = 0.4 * m + 0.3 * mean + DIRECT * x[cell] + 0.3 * rng.normal(size=cells)[cell]
    y += rng.normal(size=len(cell)) + (steady[unit[cell]] if moves else 0)
    columns = {"exposure": x[cell], "mediator": m, "outcome": y}
    return as_table(columns, unit[cell], time[cell])


WORDS = {
    "path_a": "(path a)",
    "path_b": "(path b)",
    "indirect": "By way of listening",
    "context": "beyond people's own",
    "direct": "Not by way",
    "total": "Together",
    "share": "Share",
}


def numbers(result: Result) -> dict[str, float]:
    """Return the headline's paths and parts by term."""
    paths = result.tables["paths"]
    own = paths[paths["comparison"] == "Each unit compared with itself"]
    found = {
        term: own[own["path"].str.contains(words, regex=False)] for term, words in WORDS.items()
    }
    return {term: float(rows["size"].iloc[0]) for term, rows in found.items() if len(rows)}


def test_lags_and_unit_effects_by_hand() -> None:
    """The paths equal regressions with a column for each unit and period, lagged by hand."""
    table = made_panel(1, units=8, periods=6)
    found = numbers(mediation.estimate(table, study()))
    cube = {
        name: table[name].to_numpy().reshape(8, 6) for name in ("exposure", "mediator", "outcome")
    }
    x, m, y = cube["exposure"][:, :-2], cube["mediator"][:, 1:-1], cube["outcome"][:, 2:]
    unit, period = np.meshgrid(np.arange(8), np.arange(4), indexing="ij")
    dummies = np.column_stack([np.eye(8)[unit.ravel()], np.eye(4)[period.ravel()][:, 1:]])
    a = np.linalg.lstsq(np.column_stack([x.ravel(), dummies]), m.ravel())[0][0]
    both = np.column_stack([x.ravel(), m.ravel(), dummies])
    direct, b = np.linalg.lstsq(both, y.ravel())[0][:2]
    assert found["path_a"] == pytest.approx(a)
    assert found["path_b"] == pytest.approx(b)
    assert found["indirect"] == pytest.approx(a * b)
    assert found["direct"] == pytest.approx(direct)
    assert found["total"] == pytest.approx(direct + a * b)


def test_people_by_hand() -> None:
    """Own and average mediator split by cell: the paths equal the regressions written out."""
    table = made_people(2, units=10, periods=3, people=5)
    result = mediation.estimate(table, study(data_rows="people", mediator_lag=0))
    found = numbers(result)
    mean = table.groupby(["unit", "time"])["mediator"].transform("mean").to_numpy()
    own = table["mediator"].to_numpy() - mean
    x = table["exposure"].to_numpy()
    dummies = pd.get_dummies(table["unit"]).to_numpy(float)
    periods = pd.get_dummies(table["time"]).to_numpy(float)[:, 1:]
    fixed = np.column_stack([x, dummies, periods])
    a = np.linalg.lstsq(fixed, mean)[0][0]
    y = table["outcome"].to_numpy()
    direct, *_, b_own, b_mean = np.linalg.lstsq(np.column_stack([fixed, own, mean]), y)[0]
    assert found["indirect"] == pytest.approx(a * b_own)
    assert found["context"] == pytest.approx(a * (b_mean - b_own))
    assert found["direct"] == pytest.approx(direct)
    assert found["total"] == pytest.approx(np.linalg.lstsq(fixed, y)[0][0])


def test_weighted_people_by_hand() -> None:
    """Weighted cell means, then statsmodels' WLS: the paths are those, whatever weights' scale."""
    table = made_people(2, units=10, periods=3, people=5)
    weight = np.random.default_rng(2).exponential(size=len(table)) + 0.1
    people = study(data_rows="people", mediator_lag=0)
    found, scaled = (
        numbers(mediation.estimate(table.assign(weight=w), people)) for w in (weight, 30 * weight)
    )
    sums = table.assign(w=weight, wm=weight * table["mediator"]).groupby(["unit", "time"])
    mean = (sums["wm"].transform("sum") / sums["w"].transform("sum")).to_numpy()
    dummies = pd.get_dummies(table["unit"]).to_numpy(float)
    periods = pd.get_dummies(table["time"]).to_numpy(float)[:, 1:]
    fixed = np.column_stack([table["exposure"], dummies, periods])
    both = np.column_stack([table["mediator"] - mean, mean, fixed])
    a = sm.WLS(mean, fixed, weights=weight).fit().params[0]
    own, average, direct = (
        sm.WLS(table["outcome"].to_numpy(), both, weights=weight).fit().params[:3]
    )
    assert found["path_a"] == pytest.approx(a)
    assert found["indirect"] == pytest.approx(a * own)
    assert found["context"] == pytest.approx(a * (average - own))
    assert found["direct"] == pytest.approx(direct)
    assert scaled == pytest.approx(found)


def test_a_weight_of_two_is_two_like_it() -> None:
    """Errors rest on clusters' sums: weights of 1, 2 and 3 give those of rows put so often."""
    table = made_people(3, units=12, periods=3, people=5)
    times = np.random.default_rng(3).integers(1, 4, len(table))
    people = study(data_rows="people", mediator_lag=0, draws=99)
    once, often = (
        mediation.estimate(each, people).estimates
        for each in (table.assign(weight=times), table.loc[table.index.repeat(times)])
    )
    names = ["estimate", "std_error", "conf_low", "conf_high", "df"]
    kept = ~once["method"].isin(["reverse", "between_units"]) & (once["term"] != "lead")
    assert once.loc[kept, names].to_numpy() == pytest.approx(
        often.loc[kept, names].to_numpy(), nan_ok=True
    )
    assert once["n"].iloc[0] == len(table)


def test_weights_answer_for_those_they_stand_for() -> None:
    """Path b of all is 0.4 where half have 0.8 and half none, and the former are asked thrice."""
    table = made_people(4, units=30, people=40)
    rare = np.arange(len(table)) % 4 == 0
    own = table["mediator"] - table.groupby(["unit", "time"])["mediator"].transform("mean")
    table["outcome"] += np.where(rare, -0.4, 0.4) * own
    people = study(data_rows="people", mediator_lag=0, draws=99)
    weighted = mediation.estimate(table.assign(weight=np.where(rare, 1.5, 0.5)), people)
    plain = mediation.estimate(table, people)
    assert numbers(weighted)["path_b"] == pytest.approx(0.4, abs=0.1)
    assert numbers(plain)["path_b"] == pytest.approx(0.6, abs=0.1)
    assert any("count by their weights" in said for said in weighted.remarks)
    assert not any("count by their weights" in said for said in plain.remarks)


@pytest.mark.parametrize("rows", ["panel", "people"])
def test_rows_that_lack_a_value_are_told(rows: str) -> None:
    """How many of how many, and given what the answer holds for all."""
    table = made_panel(5, units=20) if rows == "panel" else made_people(5, units=20)
    lost = {"panel": ["outcome", "mediator"], "people": ["outcome", "weight"]}[rows]
    for at, name in enumerate(lost):
        table.loc[[at, at + 10], name] = np.nan
    lag = 0 if rows == "people" else 1
    result = mediation.estimate(table, study(data_rows=rows, mediator_lag=lag, draws=99))
    assert any(
        f"4 rows of {len(table):,} lack a value and are left out. The answer is about the rest, "
        "and holds for all if, given the unit, the period and wellbeing," in said
        for said in result.remarks
    )


def test_step_scales_all_but_path_b() -> None:
    """Half a point of the exposure halves every part; path b and the share stay."""
    table = made_panel(3)
    one, half = (numbers(mediation.estimate(table, study(exposure_step=s))) for s in (1.0, 0.5))
    for term in ("path_a", "indirect", "direct", "total"):
        assert half[term] == pytest.approx(one[term] / 2)
    assert half["path_b"] == pytest.approx(one["path_b"])
    assert half["share"] == pytest.approx(one["share"])


@pytest.mark.parametrize("units", [50, 12])
def test_indirect_is_recovered_and_covered(units: int) -> None:
    """Over seeds the indirect part lies on the truth and its interval holds it as often as said."""
    seeds, found, held = 120, [], 0
    for seed in range(seeds):
        row = mediation.compare_within(
            mediation.read_series(made_panel(seed, units), study()), study(draws=299)
        )
        found.append(float(row.parts.indirect))
        low, high = np.quantile(row.draws.indirect, [0.025, 0.975])
        held += low < A * B < high
    error = np.std(found, ddof=1) / np.sqrt(seeds)
    assert abs(np.mean(found) - A * B) < 3.3 * error
    assert held / seeds > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / seeds)


@pytest.mark.parametrize("moves", [True, False])
def test_own_and_average_mediator_are_told_apart(moves: bool) -> None:
    """In answers of people own and contextual parts are each on the truth, units moving or not."""
    found, parameters = [], study(data_rows="people", mediator_lag=0, draws=99)
    for seed in range(60):
        table = made_people(seed, moves=moves, periods=4 if moves else 1)
        parts = mediation.compare_within(mediation.read_series(table, parameters), parameters).parts
        found.append([float(parts.indirect), float(parts.context), float(parts.direct)])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(60)
    truth = np.array([A * 0.4, A * 0.3, DIRECT])
    assert np.all(np.abs(np.mean(found, axis=0) - truth) < 3.3 * error)


def test_units_compared_mislead_and_are_never_the_headline() -> None:
    """Levels that go together make units look five times as strong; the headline stays within."""
    result = mediation.estimate(made_panel(4, 80, between=3.0), study())
    assert result.primary == {"term": "indirect", "method": "within_cr2"}
    within = pick_row(result.estimates, term="total", method="within_cr2")
    between = pick_row(result.estimates, term="total", method="between_units")
    assert within["conf_low"] < A * B + DIRECT < within["conf_high"]
    assert between["conf_low"] > 5 * (A * B + DIRECT)
    assert not result.permits_cause
    assert any("no effect" in remark for remark in result.remarks)


@pytest.mark.parametrize(("reverse", "seen"), [(0.0, False), (0.6, True)])
def test_reverse_path(reverse: float, seen: bool) -> None:
    """Where the outcome leads to the exposure a period later, the lead shows it and it is told."""
    result = mediation.estimate(made_panel(5, 80, reverse=reverse), study())
    paths = result.tables["paths"]
    backwards = paths[paths["comparison"] == "In reverse, later in time"]
    assert backwards["path"].str.contains("experience").sum() == 4
    lead = pick_row(result.estimates, term="lead")
    assert (lead["conf_low"] > 0) == seen
    assert any("run backwards" in remark for remark in result.remarks) == seen


def test_sensitivity_at_zero_is_the_headline() -> None:
    """At rho zero the table repeats the headline, interval and all; at the vanishing rho, zero."""
    for units in (12, 60):
        result = mediation.estimate(made_panel(6, units), study())
        row = pick_row(result.tables["sensitivity"].query("correlation == 0"))
        for name in ("conf_low", "conf_high"):
            assert row[name] == pytest.approx(result.headline[name])
        assert row["estimate"] == pytest.approx(result.headline["estimate"])
        vanishing = result.tables["vanishing"]["rho"].iloc[0]
        signs = np.sign(result.tables["sensitivity"]["estimate"])
        crossing = result.tables["sensitivity"]["correlation"][signs.diff() != 0].iloc[1]
        assert crossing - 0.1 <= vanishing <= crossing


def test_sensitivity_recovers_what_a_hidden_cause_hides() -> None:
    """Errors that correlate by 0.5 inflate the indirect part; at rho 0.5 it is on the truth."""
    found = []
    for seed in range(40):
        table = made_panel(seed, 60, related=0.5)
        result = mediation.estimate(table, study(draws=99))
        sensitivity = result.tables["sensitivity"].set_index("correlation")["estimate"]
        found.append([sensitivity[0.0], sensitivity[0.5]])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(40)
    plain, right = np.mean(found, axis=0)
    assert abs(right - A * B) < 3.3 * error[1]
    assert plain > A * B + 10 * error[0]


def test_error_in_the_mediator_by_hand() -> None:
    """Noise in the mediator hides part of the indirect; at its true reliability it is back."""
    found, whole = [], A * B
    for seed in range(30):
        table = made_panel(seed, 60)
        rng, spread = np.random.default_rng(seed), float(table["mediator"].var())
        noise = rng.normal(0, np.sqrt(0.05 / 0.95 * spread), len(table))
        noisy = table.assign(mediator=table["mediator"] + noise)
        rows = mediation.estimate(noisy, study(draws=99)).tables["mediator_error"]
        rows = rows.set_index("assumed_true_share")
        assert rows.loc[1.0, "true_share_left"] == 1
        both = rows["by_way_of_the_mediator"] + rows["not_by_way_of_it"]
        assert both.dropna().to_numpy() == pytest.approx(both[1.0])
        found.append(
            [rows.loc[1.0, "by_way_of_the_mediator"], rows.loc[0.95, "by_way_of_the_mediator"]]
        )
    plain, corrected = np.mean(found, axis=0)
    error = np.std(found, axis=0, ddof=1)[1] / np.sqrt(30)
    assert plain < 0.8 * whole
    assert abs(corrected - whole) < 3.3 * error


def test_cross_lagged_finds_which_comes_first() -> None:
    """Wellbeing leads listening and listening leads experience, not the other way round."""
    waves = mediation.tabulate_waves(made_panel(7, 250, 6), study())
    assert len(waves) == 6
    for ahead, behind in (("wellbeing", "listening"), ("listening", "experience")):
        forward = waves[(waves["from"] == ahead) & (waves["to"] == behind)].iloc[0]
        backward = waves[(waves["from"] == behind) & (waves["to"] == ahead)].iloc[0]
        assert forward["path_low"] > 0
        assert abs(backward["path"]) < forward["path"] / 2


def test_few_units_have_no_cross_lagged_panel() -> None:
    """Below the fewest units the table is empty."""
    assert mediation.tabulate_waves(made_panel(8, FEWEST_UNITS - 1), study()).empty
    assert not mediation.tabulate_waves(made_panel(8, FEWEST_UNITS), study()).empty


def test_the_latest_whole_waves_are_chosen() -> None:
    """A gap in the middle leaves the longest run after it."""
    unit, time = np.repeat(np.arange(100), 8), np.tile(np.arange(8), 100)
    values = np.random.default_rng(1).normal(size=(2, 800))
    values[0, time == 2] = np.nan
    assert choose_waves(values, unit, time).cube.shape == (2, 100, 5)
    values[0, time == 5] = np.nan
    assert choose_waves(values, unit, time) is None


def test_rows_and_remarks() -> None:
    """Each row has the tidy columns and the study's level; remarks tell of the interval."""
    few = mediation.estimate(made_panel(9, 6), study(confidence_level=0.9))
    many = mediation.estimate(made_panel(9, 60), study())
    assert {*ESTIMATE_COLUMNS, "label"} == set(few.estimates.columns)
    assert set(few.estimates["level"]) == {0.9}
    resampled = few.estimates["method"] == "within_cluster_bootstrap"
    assert (few.estimates["df"].isna() == resampled).all()
    assert not few.estimates.drop(columns="df").isna().any().any()
    assert any("clustered over 6 clusters" in remark for remark in few.remarks)
    assert any("With so few" in remark for remark in few.remarks)
    assert not any("With so few" in remark for remark in many.remarks)
    assert {"paths", "sensitivity", "vanishing", "mediator_error"} == set(many.tables)


def test_a_share_needs_a_total() -> None:
    """Where the total may be zero no share is given, and a remark says so."""
    rng = np.random.default_rng(1)
    table = made_panel(10, 12)
    table["outcome"] = rng.normal(size=len(table))
    result = mediation.estimate(table, study())
    assert not result.tables["paths"]["path"].str.startswith("Share").any()
    assert any("No share that goes" in remark for remark in result.remarks)


def test_same_seed_same_numbers_and_inputs_left_alone() -> None:
    """The draws hang on the study's seed alone, and the table is not altered."""
    table = made_panel(11)
    before = table.copy()
    first, again = (mediation.estimate(table, study()).estimates for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(table, before)


def test_counts_are_divided_by_their_base() -> None:
    """Twice the events among twice the people is no difference, and a remark tells it."""
    table = made_panel(16, 12)
    base = np.random.default_rng(1).integers(50, 150, len(table)).astype(float)
    counted = table.assign(outcome=table["outcome"] * base, outcome_base=base)
    plain = mediation.estimate(table, study()).headline["estimate"]
    rates = mediation.estimate(counted, study(outcome_kind="count", rate_per=10.0))
    assert rates.headline["estimate"] == pytest.approx(10 * plain)
    assert "Events are compared as a rate per 10 of outcome_base." in rates.remarks


def test_same_period_is_told() -> None:
    """Without lags the order in time is not seen, and remarks say so."""
    remarks = mediation.estimate(made_panel(12), study(mediator_lag=0, outcome_lag=0)).remarks
    assert sum("which comes first is not seen" in remark for remark in remarks) == 2


def test_what_cannot_be_compared_is_refused() -> None:
    """Each refusal names the columns or counts at fault and what to do."""
    table = made_panel(13, 12)
    still = table.assign(exposure=table.groupby("unit")["exposure"].transform("mean"))
    one = table["exposure"].where(table["unit"] == "U000", still["exposure"])
    cases = [
        (table[table["unit"] == "U000"], {}, "no two units have the same two periods"),
        (table[table["unit"] < "U003"], {}, "clusters: 3"),
        (table.assign(cluster="one"), {}, "clusters: 1"),
        (table[table["time"] < 3], {}, "Give more periods, or shorten"),
        (table.assign(outcome=5.0), {}, "outcome: does not change within any unit"),
        (still, {}, "exposure: does not change within any unit"),
        (table.assign(age=table["exposure"]), {"adjust_for": ["age"]}, "one is a sum"),
        (table.assign(age=1.0), {"adjust_for": ["age"]}, "take it out of adjust_for"),
        (table.assign(exposure=table["time"] ** 2.0), {}, "what all units share in a period"),
        (pd.concat([table, table.head(1)]), {}, "more than one row"),
        (table.assign(mediator=np.nan), {}, "all known"),
        (still.assign(exposure=one), {}, "units of one cluster only"),
    ]
    for wrong, change, message in cases:
        with pytest.raises(AnalysisError, match=message):
            mediation.estimate(wrong, study(**change))


def test_what_cannot_be_compared_among_people_is_refused() -> None:
    """An exposure of persons and an exposure never known earlier are refused by name."""
    table, people = made_people(14, periods=1), study(data_rows="people")
    with pytest.raises(AnalysisError, match="set mediator_lag: 0"):
        mediation.estimate(table, people)
    own = table.assign(exposure=table["outcome"])
    with pytest.raises(AnalysisError, match="same unit and period in 40 of"):
        mediation.estimate(own, study(data_rows="people", mediator_lag=0))


def test_people_of_one_period_are_told() -> None:
    """An exposure that never moves within units makes path a a comparison of units, and says so."""
    table = made_people(15, periods=1, moves=False)
    result = mediation.estimate(table, study(data_rows="people", mediator_lag=0))
    assert result.primary["method"] == "between_clusters_cr2"
    assert any("so units are compared with each other" in remark for remark in result.remarks)
    assert any("experience comes before wellbeing" in remark for remark in result.remarks)
