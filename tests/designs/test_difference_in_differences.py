"""Difference-in-differences: by hand, against pyfixest, recovery, words, and refusals."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.difference_in_differences import estimate
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

SAME = 1e-9
"""Two exact ways to one estimate differ by rounding alone."""

RUNS = 120


@pytest.fixture(scope="module")
def study() -> DifferenceInDifferences:
    """Return parameters of a study whose start is 2003."""
    return DifferenceInDifferences.model_validate(
        {
            "study": "made",
            "notebook": "difference_in_differences",
            "title": "Made",
            "question": "Did it help?",
            "population": "made-up wards",
            "estimand": "average difference",
            "co_production": [],
            "intervention_name": "the pathway",
            "outcome_name": "experience",
            "outcome_unit": "points",
            "outcome_facet": "overall",
            "minimum_important_difference": 0.2,
            "data_profile": "cqc_survey",
            "data_columns": {"unit": "u", "period": "p", "outcome": "y", "treated": "t"},
            "seed": 1,
            "start_period": "2003",
        }
    )


def with_parts(rows: pd.DataFrame, treated: list[str], start: int = 2003) -> pd.DataFrame:
    """Complete a table of `unit, time, outcome` as the data part would."""
    has = rows["unit"].isin(treated)
    made = {
        "unit_name": rows["unit"],
        "period": rows["time"].astype(str),
        "outcome_base": np.nan,
        "cluster": rows["unit"],
        "weight": 1.0,
        "first_treated": np.where(has, float(start), np.nan),
        "treated": has & (rows["time"] >= start),
    }
    return rows.assign(**{name: v for name, v in made.items() if name not in rows})


def by_hand() -> pd.DataFrame:
    """Two wards with it rise by 3 and 5, three without by 1, 0 and 2; two periods each side."""
    levels = {"A": (4, 7), "B": (5, 10), "C": (6, 7), "D": (5, 5), "E": (7, 9)}
    rows = [
        {"unit": unit, "time": 2001 + t, "outcome": float(before if t < 2 else after)}
        for unit, (before, after) in levels.items()
        for t in range(4)
    ]
    return with_parts(pd.DataFrame(rows), ["A", "B"])


def make_panel(
    seed: int, *, units: int = 40, treated: int = 20, effect: float = 0.3
) -> pd.DataFrame:
    """Wards whose errors last from one period to the next, six periods, three with it."""
    rng = np.random.default_rng(seed)
    error = np.empty((units, 6))
    error[:, 0] = rng.normal(size=units)
    for t in range(1, 6):
        error[:, t] = 0.6 * error[:, t - 1] + 0.8 * rng.normal(size=units)
    time = np.tile(np.arange(2000, 2006), units)
    unit = np.repeat([f"W{i:03d}" for i in range(units)], 6)
    has = np.repeat(np.arange(units) < treated, 6)
    outcome = 7 + 0.3 * error.ravel() + 0.1 * (time - 2000) + effect * (has & (time >= 2003))
    rows = pd.DataFrame({"unit": unit, "time": time, "outcome": outcome})
    return with_parts(rows, sorted(set(unit[has])))


def events(result: Result) -> pd.DataFrame:
    """Return the rows by period, indexed by the period."""
    rows = result.estimates[result.estimates["term"] == "event"]
    return rows.set_index(rows["period"].astype(int))


def test_two_by_two_by_hand(study: DifferenceInDifferences) -> None:
    """Mean rises of 4 and 1 differ by 3; Welch's error of the rises is (2/2 + 1/3)^0.5."""
    result = estimate(by_hand(), study.model_copy(update={"inference": "cr2"}))
    head = result.headline
    assert head["estimate"] == pytest.approx(3)
    assert head["std_error"] ** 2 == pytest.approx(2 / 2 + 1 / 3)
    assert (head["n"], head["clusters"]) == (20, 5)
    assert result.permits_cause


def test_periods_by_hand(study: DifferenceInDifferences) -> None:
    """Nothing moved between the two periods before; each period after differs by 3."""
    rows = events(estimate(by_hand(), study))
    assert rows.index.tolist() == [-2, 0, 1]
    assert rows["estimate"].tolist() == pytest.approx([0, 3, 3], abs=SAME)
    assert rows.loc[1, "label"] == "1 period after the first with it"


def test_series_by_hand(study: DifferenceInDifferences) -> None:
    """Without it the two wards would have risen by 1 from 4.5, as the others did."""
    series = estimate(by_hand(), study).tables["series"]
    with_it = series[series["group"] == "with the intervention"]
    assert with_it["observed"].tolist() == [4.5, 4.5, 8.5, 8.5]
    assert with_it["counterfactual"].tolist()[2:] == pytest.approx([5.5, 5.5])
    assert series["rows"].tolist() == [2] * 4 + [3] * 4


def test_table_is_tidy(study: DifferenceInDifferences) -> None:
    """Rows have the columns that every result has; the headline is one of them."""
    table = by_hand()
    before = table.copy()
    result = estimate(table, study)
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert result.estimates["label"].is_unique
    assert result.headline["term"] == "effect"
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # raised inside pyfixest
def test_agrees_with_pyfixest(study: DifferenceInDifferences) -> None:
    """Rows missing, a cause held fixed and weights: estimate and error are pyfixest's."""
    import pyfixest

    rng = np.random.default_rng(3)
    table = make_panel(3)
    table["staffing"] = rng.normal(size=len(table))
    table["weight"] = rng.uniform(0.5, 2, size=len(table))
    table["outcome"] += 0.2 * table["staffing"]
    table = table[rng.uniform(size=len(table)) > 0.1]
    changes = {"adjust_for": ["staffing"], "inference": "clustered"}
    result = estimate(table, study.model_copy(update=changes))
    frame = table.assign(d=table["treated"].astype(float))
    theirs = pyfixest.feols(
        "outcome ~ d + staffing | unit + time",
        frame,
        vcov={"CRV1": "cluster"},
        weights="weight",
    )
    assert result.headline["estimate"] == pytest.approx(theirs.coef()["d"], rel=1e-6)
    assert result.headline["std_error"] == pytest.approx(theirs.se()["d"], rel=1e-6)


def test_people_are_summed_up_exactly(study: DifferenceInDifferences) -> None:
    """A row an answer gives what the same averages give, weighted by the people behind them."""
    rng = np.random.default_rng(4)
    panel = make_panel(4, units=12, treated=6)
    people = panel.loc[panel.index.repeat(rng.integers(3, 9, len(panel)))].reset_index(drop=True)
    people["outcome"] = 100.0 * (rng.uniform(size=len(people)) < people["outcome"] / 12)
    keys = [c for c in people if c not in ("outcome", "outcome_base")]
    averages = people.groupby(keys, dropna=False, as_index=False).agg(
        outcome=("outcome", "mean"), outcome_base=("outcome", "size")
    )
    by_row = study.model_copy(update={"data_rows": "people", "outcome_kind": "percentage"})
    one = estimate(people, by_row).headline
    two = estimate(averages, by_row.model_copy(update={"weight_by": "people"})).headline
    assert one["estimate"] == pytest.approx(two["estimate"], rel=SAME)
    assert one["std_error"] == pytest.approx(two["std_error"], rel=1e-7)
    assert (one["n"], one["method"]) == (len(people), "cr2")
    equal = estimate(people, by_row.model_copy(update={"weight_by": "units"})).headline
    plain = estimate(averages, by_row).headline
    assert equal["estimate"] == pytest.approx(plain["estimate"], rel=SAME)


def test_events_become_rates(study: DifferenceInDifferences) -> None:
    """Complaints per 1,000 stays are compared, not complaints."""
    table = by_hand()
    rates = table["outcome"].copy()
    table["outcome_base"] = np.arange(1000.0, 1000.0 + len(table))
    table["outcome"] = rates * table["outcome_base"] / 1000
    result = estimate(table, study.model_copy(update={"outcome_kind": "count"}))
    assert result.headline["estimate"] == pytest.approx(3)
    assert any("rate per 1,000" in remark for remark in result.remarks)


def test_few_with_it_are_permuted(study: DifferenceInDifferences) -> None:
    """With 2 of 10 the headline is by permutation; CR2 stands beside it, wider."""
    result = estimate(make_panel(5, units=10, treated=2), study, side_by_side=True)
    rows = result.estimates[result.estimates["term"] == "effect"].set_index("method")
    assert result.primary["method"] == "permutation"
    width = rows["conf_high"] - rows["conf_low"]
    assert width["cr2"] > width["permutation"]
    assert any("all 45 ways" in remark for remark in result.remarks)
    assert set(events(result)["method"]) == {"pooled_changes"}


def test_side_by_side_moves_no_other_number(study: DifferenceInDifferences) -> None:
    """Asked for other ways, the headline stays first and all rows of the plain answer stay."""
    table = make_panel(5)
    plain, beside = (estimate(table, study, side_by_side=asked) for asked in (False, True))
    effects = beside.estimates[beside.estimates["term"] == "effect"]
    assert effects["method"].tolist() == ["cr2", "wild_bootstrap", "permutation"]
    assert np.ptp(effects["estimate"]) < SAME
    kept = beside.estimates.drop(index=effects.index[1:]).reset_index(drop=True)
    pd.testing.assert_frame_equal(plain.estimates, kept, check_dtype=False)


def test_what_has_no_ends_is_not_shown_or_refused(study: DifferenceInDifferences) -> None:
    """Of 6 clusters 3: by exchange no p-value is below 0.1, so there is no interval at 95%."""
    table = make_panel(5, units=6, treated=3)
    result = estimate(table, study, side_by_side=True)
    assert "permutation" not in set(result.estimates["method"])
    asked = study.model_copy(update={"inference": "permutation"})
    with pytest.raises(AnalysisError, match=r"inference \(permutation\): so few clusters"):
        estimate(table, asked)


def test_sparse_panels_raise_no_warning(study: DifferenceInDifferences) -> None:
    """With most outcomes missing, what nothing tells of has no interval, and nothing warns."""
    table = make_panel(9, units=10, treated=3)
    table["outcome"] = table["outcome"].mask(np.random.default_rng(2).random(len(table)) < 0.6)
    rows = events(estimate(table, study))
    assert (rows["conf_low"].isna() == (rows["std_error"] == 0)).all()


def test_lone_unit_with_it(study: DifferenceInDifferences) -> None:
    """With one of ten nothing is shown that would need a second; the words say so."""
    result = estimate(make_panel(6, units=10, treated=1), study, side_by_side=True)
    effects = result.estimates[result.estimates["term"] == "effect"]
    assert effects["method"].tolist() == ["pooled_changes"]
    assert any("Nothing in the data shows" in remark for remark in result.remarks)


def test_clusters_may_hold_both_groups(study: DifferenceInDifferences) -> None:
    """Trusts whose wards are on both sides are clusters of one piece, with CR2."""
    table = make_panel(7, units=24, treated=12)
    number = table["unit"].str[1:].astype(int)
    table["cluster"] = "T" + (number % 6).astype(str)
    head = estimate(table, study).headline
    assert (head["clusters"], head["method"]) == (6, "cr2")


def test_bands_hold_more_than_intervals(study: DifferenceInDifferences) -> None:
    """The band of a period holds its interval, and the covariance is that of the rows."""
    result = estimate(make_panel(8), study)
    rows = events(result)
    assert (rows["band_low"] < rows["conf_low"]).all()
    assert (rows["band_high"] > rows["conf_high"]).all()
    wide = result.tables["event_covariance"].set_index("period")
    assert np.sqrt(np.diag(wide)) == pytest.approx(rows["std_error"].to_numpy())


def test_recovers_the_effect(study: DifferenceInDifferences) -> None:
    """Over made-up panels with lasting errors: no bias, and intervals and bands that hold."""
    found, held, band = [], 0, 0
    for seed in range(RUNS):
        result = estimate(make_panel(seed, units=16, treated=6), study)
        head, rows = result.headline, events(result)
        truth = np.where(rows.index >= 0, 0.3, 0.0)
        found.append(head["estimate"])
        held += head["conf_low"] <= 0.3 <= head["conf_high"]
        band += bool(((rows["band_low"] <= truth) & (truth <= rows["band_high"])).all())
    error = np.std(found, ddof=1) / np.sqrt(RUNS)
    assert abs(np.mean(found) - 0.3) < 3.3 * error
    assert held / RUNS > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / RUNS)
    assert band / RUNS > 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / RUNS)


def test_remarks_count_what_is_left_out(study: DifferenceInDifferences) -> None:
    """Units on one side alone and rows without a cause are left out, and counted."""
    table = make_panel(9)
    table["staffing"] = np.random.default_rng(9).normal(size=len(table))
    table.loc[:1, "staffing"] = np.nan
    lone = (table["unit"] == "W030") & (table["time"] >= 2003)
    result = estimate(table[~lone], study.model_copy(update={"adjust_for": ["staffing"]}))
    assert result.remarks[0].startswith("2 rows of 237 lack a measured cause and are left out.")
    assert "given the unit, the period and the measured causes, values" in result.remarks[0]
    assert "1 unit seen on one side of the start only left out." in result.remarks
    assert result.headline["clusters"] == 39


def test_remarks_on_one_period_before(study: DifferenceInDifferences) -> None:
    """With one period before the start, whether groups moved alike cannot be seen."""
    table = make_panel(10)
    result = estimate(table[table["time"] >= 2002], study)
    assert any("whether the groups moved alike" in remark for remark in result.remarks)
    assert events(result).index.tolist() == [0, 1, 2]


def test_remarks_on_an_impossible_expectation(study: DifferenceInDifferences) -> None:
    """Where the expected average could not be, on a scale that ends, the words say so."""
    table = by_hand()
    table.loc[table["unit"].isin(["A", "B"]), "outcome"] = 9.5
    result = estimate(table, study)
    assert any("outside what the outcome can be" in remark for remark in result.remarks)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # raised inside pyfixest
def test_a_million_answers_are_quick(study: DifferenceInDifferences) -> None:
    """The whole design on a million answers takes no longer than 1.2 of pyfixest's fit alone."""
    import pyfixest

    rng = np.random.default_rng(11)
    rows, units, periods = 1_000_000, 200, 60
    unit, time = np.sort(rng.integers(0, units, rows)), rng.integers(0, periods, rows)
    has = (unit < 100) & (time >= 30)
    answers = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(unit, [f"W{i:03d}" for i in range(units)]),
            "time": time + 2000,
            "outcome": rng.normal(size=rows) + 0.3 * has,
            "d": has.astype(float),
        }
    ).astype({"unit": "str"})
    table = with_parts(answers, [f"W{i:03d}" for i in range(100)], 2030)
    begun = perf_counter()
    result = estimate(table, study.model_copy(update={"start_period": "2030"}))
    ours = perf_counter() - begun
    for _ in range(2):
        begun = perf_counter()
        fit = pyfixest.feols("outcome ~ d | unit + time", table, vcov={"CRV1": "cluster"})
        theirs = perf_counter() - begun
    assert result.headline["estimate"] == pytest.approx(fit.coef()["d"], rel=1e-6)
    assert ours < 1.2 * theirs


def change(column: str, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a change of one column."""
    return lambda table: table.assign(**{column: value})


REFUSALS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], dict[str, Any], str]] = {
    "one unit": (lambda t: t[t["unit"] == "A"], {}, r"unit: the data hold one unit only"),
    "two clusters": (
        lambda t: t.assign(cluster=t["unit"].isin(["A", "B"]).map({True: "x", False: "y"})),
        {},
        r"cluster: 2 with outcomes.*at least 3",
    ),
    "nobody": (change("first_treated", np.nan), {}, r"treated: no unit has the intervention"),
    "everybody": (change("first_treated", 2003.0), {}, r"all 5 units have the intervention"),
    "start too late": (
        lambda t: t.assign(first_treated=t["first_treated"] + 9),
        {},
        r"start_period: lies outside the data",
    ),
    "start at the first period": (
        lambda t: t[t["time"] >= 2003],
        {},
        r"start_period: lies outside the data",
    ),
    "several starts": (
        lambda t: t.assign(first_treated=t["first_treated"] + (t["unit"] == "A")),
        {},
        r"2 different periods. Use staggered_adoption",
    ),
    "constant outcome": (change("outcome", 7.0), {}, r"outcome: does not change"),
    "no outcome": (change("outcome", np.nan), {}, r"outcome: no row has an outcome"),
    "constant cause": (
        lambda t: t.assign(size=t["unit"].map(dict(zip("ABCDE", range(5), strict=True)))),
        {"adjust_for": ["size"]},
        r"size: does not change within any unit",
    ),
    "collinear cause": (
        lambda t: t.assign(copy=t["treated"].astype(float) + t["time"]),
        {"adjust_for": ["copy"]},
        r"treated: within units and periods, it is a sum.*adjust_for",
    ),
    "people once": (
        lambda t: t.assign(unit=[f"P{i}" for i in range(len(t))]),
        {},
        r"period: no unit with and without the intervention is seen both before and from",
    ),
    "moving cluster": (
        lambda t: t.assign(cluster=["x", *t["cluster"][1:]]),
        {},
        r"cluster: 1 unit in more than one",
    ),
}


@pytest.mark.parametrize("case", list(REFUSALS))
def test_refusals(study: DifferenceInDifferences, case: str) -> None:
    """What cannot be compared is refused, with what is wrong and what to do next."""
    turn, changes, words = REFUSALS[case]
    with pytest.raises(AnalysisError, match=words):
        estimate(turn(by_hand()), study.model_copy(update=changes))
