"""The weighted comparison design: its rows and tables, what it refuses, and known truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import weighted_comparison
from evalkit.designs.comparison_sensitivity import tabulate_e_value, tabulate_hidden_cause
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.results.types import pick_row
from evalkit.study.schemas.weighted_comparison import WeightedComparison

METHODS = ("overlap_weights", "inverse_probability", "entropy_balance", "matching")


def parameters(**change: Any) -> WeightedComparison:
    """Return parameters of a small study, changed as asked."""
    plain = {
        "study": "tried",
        "notebook": "weighted_comparison",
        "title": "A trial",
        "question": "Did it help?",
        "population": "people in touch",
        "estimand": "the mean difference of like with like",
        "co_production": [],
        "intervention_name": "an offer",
        "outcome_name": "experience",
        "outcome_unit": "points",
        "outcome_facet": "overall",
        "minimum_important_difference": 0.2,
        "data_rows": "people",
        "adjust_for": ["age", "need"],
        "data_profile": "tre10",
        "data_columns": {},
        "seed": 1,
    }
    return WeightedComparison(**{**plain, **change})


def make_people(seed: int, n: int = 800, units: int = 50, effect: float = 0.5) -> pd.DataFrame:
    """Make people of whom the older and the less in need had it more often."""
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, units, n)
    age, need = rng.normal(size=n), rng.integers(0, 2, n).astype(float)
    chance = 1 / (1 + np.exp(0.3 - 0.7 * age + 0.5 * need))
    treated = rng.uniform(size=n) < chance
    level = 0.3 * rng.normal(size=units)[unit]
    outcome = 6 + 0.8 * age - 0.5 * need + effect * treated + level + rng.normal(size=n)
    codes = unit.astype(str)
    return pd.DataFrame(
        {
            "unit": codes,
            "unit_name": codes,
            "period": "2024",
            "time": 0,
            "outcome": outcome,
            "cluster": codes,
            "treated": treated,
            "age": age,
            "need": need,
        }
    )


@pytest.mark.parametrize("method", METHODS)
def test_table_is_tidy_and_inputs_are_left_alone(method: str) -> None:
    """The agreed columns, three ways, no cause permitted, and the table not altered."""
    table = make_people(1)
    before = table.copy()
    result = weighted_comparison.estimate(table, parameters(method=method))
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert result.estimates["method"].tolist() == ["unadjusted", method, "doubly_robust"]
    assert result.headline["method"] == method
    assert not result.permits_cause
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("method", METHODS)
def test_recovers_and_covers(method: str) -> None:
    """Over 30 samples the adjusted difference is on the truth, and the plain one is not."""
    found, plain, covered = [], [], 0
    for seed in range(30):
        result = weighted_comparison.estimate(make_people(seed), parameters(method=method))
        row = result.headline
        found.append(row["estimate"])
        plain.append(pick_row(result.estimates, method="unadjusted")["estimate"])
        covered += row["conf_low"] <= 0.5 <= row["conf_high"]
    assert abs(np.mean(found) - 0.5) < 3.3 * np.std(found, ddof=1) / np.sqrt(30)
    assert np.mean(plain) > 0.9
    assert covered >= 25


def test_jackknife_is_refitting() -> None:
    """With few clusters the error is that of estimating anew without each."""
    table = make_people(2, units=8)
    result = weighted_comparison.estimate(table, parameters())
    left = [
        weighted_comparison.estimate(table[table["unit"] != unit], parameters()).headline[
            "estimate"
        ]
        for unit in table["unit"].unique()
    ]
    by_hand = np.sqrt(7 / 8 * np.sum((np.array(left) - np.mean(left)) ** 2))
    assert result.headline["std_error"] == pytest.approx(by_hand)
    assert result.headline["df"] == 7
    assert any("With 8 clusters" in r and "(jackknife)" in r for r in result.remarks)


def test_whole_clusters_have_fewer_degrees_of_freedom() -> None:
    """Where whole clusters are treated, few of them, the interval knows how few."""
    table = make_people(3, units=20)
    whole = table.assign(treated=table["unit"].astype(int) < 4)
    row = weighted_comparison.estimate(whole, parameters()).headline
    assert row["df"] < 12


def test_rows_of_their_own_need_no_jackknife() -> None:
    """With each row its own cluster the influence of rows gives the error; the remark says so."""
    table = make_people(4)
    table["cluster"] = np.arange(len(table)).astype(str)
    result = weighted_comparison.estimate(table, parameters())
    assert result.headline["clusters"] == len(table)
    assert any("each row by itself" in remark for remark in result.remarks)


def test_balance_before_and_after() -> None:
    """Age differs before and not after; the rows are worth fewer than they are."""
    result = weighted_comparison.estimate(make_people(5), parameters())
    balance = result.tables["balance"].set_index("cause")
    assert balance.loc["age", "difference_before"] > 0.4
    assert balance["difference_after"].abs().max() < 1e-6
    rows = result.tables["sample"]
    assert (rows["effective_n"] <= rows["n"]).all()
    groups = result.tables["groups_compared"]
    one, other = (groups[groups["group"] == name] for name in ("with it", "without it"))
    compared = [part["average_compared"].to_numpy() for part in (one, other)]
    assert compared[0] == pytest.approx(compared[1])
    ages = [pick_row(part, cause="age")["average"] for part in (one, other)]
    assert ages[0] > ages[1] + 0.4


def test_the_cause_that_differed_most_comes_first() -> None:
    """Balance is in the order of the differences before, which the chart keeps."""
    balance = weighted_comparison.estimate(make_people(5), parameters()).tables["balance"]
    assert balance["difference_before"].abs().is_monotonic_decreasing
    assert (balance["n"] == 800).all()


def test_overlap_is_told_by_quantiles_of_whole_groups() -> None:
    """Chances of having it run upwards in each group, and no cell is about a few people."""
    overlap = weighted_comparison.estimate(make_people(5), parameters()).tables["overlap"]
    chances = overlap[["lowest", "low", "middle", "high", "highest"]].to_numpy()
    assert (np.diff(chances, axis=1) > 0).all()
    assert (chances[0] > chances[1]).all()
    assert overlap["n"].sum() == 800


def test_a_hidden_cause_by_hand() -> None:
    """A difference of 0.5 (0.3 to 0.7): a cause a fifth commoner must move it by 2.5, or 1.5."""
    hidden = tabulate_hidden_cause(0.5, 0.3, 0.7).set_index("commoner_by")
    assert hidden.loc[20.0, "effect_that_leaves_nothing"] == pytest.approx(2.5)
    assert hidden.loc[20.0, "effect_that_leaves_unsure"] == pytest.approx(1.5)
    below = tabulate_hidden_cause(-0.5, -0.7, -0.3)
    pd.testing.assert_frame_equal(below, hidden.reset_index())
    assert (tabulate_hidden_cause(0.1, -0.1, 0.3)["effect_that_leaves_unsure"] == 0).all()


def test_an_e_value_by_hand() -> None:
    """One standard deviation is a risk ratio of 2.484, whose E-value is 4.405."""
    found = tabulate_e_value(2.0, -1.0, 5.0, spread=2.0).set_index("of")
    assert found.loc["estimate", "risk_ratio"] == pytest.approx(2.4843, abs=1e-4)
    assert found.loc["estimate", "strength"] == pytest.approx(4.4046, abs=1e-4)
    assert found.loc["interval", "strength"] == 1.0
    lower = tabulate_e_value(-2.0, -3.0, -1.0, spread=2.0).set_index("of")
    upper = tabulate_e_value(2.0, 1.0, 3.0, spread=2.0).set_index("of")
    assert lower["strength"].to_numpy() == pytest.approx(upper["strength"].to_numpy())


def test_a_hidden_cause_does_what_the_product_says() -> None:
    """What an unmeasured yes or no makes is how much commoner it is, times what it moves."""
    rng = np.random.default_rng(12)
    table = make_people(12, 60_000, effect=0.0)
    hidden = rng.uniform(size=len(table)) < 0.3 + 0.2 * table["treated"]
    moved = table.assign(outcome=table["outcome"] + 1.5 * hidden)
    made = weighted_comparison.estimate(moved, parameters()).headline["estimate"]
    plain = weighted_comparison.estimate(table, parameters()).headline["estimate"]
    assert made - plain == pytest.approx(0.2 * 1.5, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_each_cause_left_out_is_the_design_without_it(method: str) -> None:
    """The yardstick is what the same method finds without that cause."""
    table = make_people(5)
    without = weighted_comparison.estimate(table, parameters(method=method)).tables["without_each"]
    alone = weighted_comparison.estimate(table, parameters(method=method, adjust_for=["need"]))
    row = pick_row(without, left_out="age")
    assert row["estimate"] == pytest.approx(alone.headline["estimate"], rel=1e-6)
    assert without["change"].abs().is_monotonic_decreasing
    assert alone.tables["without_each"].empty


def test_a_clear_difference_says_how_strong_a_hidden_cause_must_be() -> None:
    """Tipping point, E-value and yardstick stand in the remarks; not where all is unsure."""
    words = " ".join(weighted_comparison.estimate(make_people(5), parameters()).remarks)
    assert "20 percentage points commoner" in words
    assert "(E-value)" in words
    assert "without age, the measured cause that counts most" in words
    unsure = weighted_comparison.estimate(make_people(5, effect=0.0), parameters())
    assert "E-value" not in " ".join(unsure.remarks)


def test_standardised_difference_by_hand() -> None:
    """Means 2 and 1, variances 1 and 1: one standard deviation apart."""
    table = make_people(6, 400)
    half = np.arange(400) % 2 == 0
    age = np.where(np.arange(400) % 4 < 2, 1.0, -1.0) + half
    table = table.assign(treated=half, age=age, need=np.arange(400) % 3)
    result = weighted_comparison.estimate(table, parameters())
    assert result.tables["balance"]["difference_before"][0] == pytest.approx(1.0)


def test_matching_keeps_within_cells_and_tells_who_is_lost() -> None:
    """Exact causes agree after matching; those without a near match are counted."""
    given = parameters(method="matching", exact_on=["need"], caliper=0.01)
    result = weighted_comparison.estimate(make_people(7), given)
    balance = result.tables["balance"].set_index("cause")
    assert balance.loc["need", "difference_after"] == pytest.approx(0, abs=1e-12)
    assert any("found no match" in remark for remark in result.remarks)


def test_periods_are_compared_with_themselves() -> None:
    """An outcome that rises while more have it is no effect: the period is held fixed."""
    rng = np.random.default_rng(8)
    table = make_people(8, 1500, effect=0.0)
    time = rng.integers(0, 3, 1500)
    more = rng.uniform(size=1500) < (0.2 + 0.25 * time)
    table = table.assign(
        time=time,
        period=(2020 + time).astype(str),
        treated=more,
        outcome=table["outcome"] + 2.0 * time,
    )
    result = weighted_comparison.estimate(table, parameters())
    assert "period 2021" in result.tables["balance"]["cause"].tolist()
    assert abs(result.headline["estimate"]) < 3.3 * result.headline["std_error"]
    assert pick_row(result.estimates, method="unadjusted")["estimate"] > 0.5


def test_weights_of_rows_are_used() -> None:
    """Rows of weight two count as two rows do."""
    table = make_people(9, 400)
    twice = pd.concat([table, table[:100]], ignore_index=True)
    heavy = table.assign(weight=np.where(np.arange(400) < 100, 2.0, 1.0))
    one, two = (weighted_comparison.estimate(t, parameters()).headline for t in (twice, heavy))
    assert two["estimate"] == pytest.approx(one["estimate"], rel=1e-6)
    assert two["std_error"] == pytest.approx(one["std_error"], rel=1e-4)


@pytest.mark.parametrize(
    ("change", "given", "words"),
    [
        (lambda t: t, {"adjust_for": []}, "names no measured cause"),
        (lambda t: t.assign(treated=False), {}, "no row has the intervention"),
        (lambda t: t.assign(treated=True), {}, "every row has the intervention"),
        (lambda t: t.assign(outcome=1.0), {}, "is the same in every row"),
        (lambda t: t.assign(cluster="A"), {}, "two of each are needed"),
        (lambda t: t.assign(treated=t["unit"] == "3"), {}, "1 with the intervention and 49"),
        (lambda t: t.assign(need=t["age"] * 2), {}, "sum of the others"),
        (lambda t: t.assign(need=1.0), {}, "does not vary"),
        (lambda t: t.assign(treated=t["age"] > 0), {}, "hardly overlap"),
        (lambda t: t[:70], {"least_effective": 60.0}, "least_effective asks for 60"),
        (
            lambda t: t.assign(period=np.where(t["treated"], "2024", "2023")),
            {},
            "2 of 2 hold one group only",
        ),
        (lambda t: t, {"exact_on": ["ward"]}, "ward is not in adjust_for"),
        (
            lambda t: t.assign(weight=np.linspace(1, 2, len(t))),
            {"method": "matching"},
            "matching cannot take weights",
        ),
        (lambda t: t.assign(weight=0.0), {}, "have none above zero"),
        (
            lambda t: t.assign(need=np.where(t["treated"], t["need"] + 10, t["need"])),
            {"method": "entropy_balance"},
            "hardly overlap",
        ),
    ],
)
def test_what_cannot_be_made_alike_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], given: dict[str, Any], words: str
) -> None:
    """Each fault is named with counts only, and with what to do."""
    with pytest.raises(AnalysisError, match=words):
        weighted_comparison.estimate(change(make_people(10)), parameters(**given))
