"""The synthetic control design: its table, its interval, what it refuses, and known truth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import synthetic_control
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.results.types import pick_row
from evalkit.study.schemas.synthetic_control import SyntheticControl

Make = Callable[..., pd.DataFrame]


def parameters(**change: Any) -> SyntheticControl:
    """Return parameters of a small study, changed as asked."""
    plain = {
        "study": "tried",
        "notebook": "synthetic_control",
        "title": "A trial",
        "question": "Did it help?",
        "population": "people in touch",
        "estimand": "the mean difference since the start",
        "co_production": [],
        "intervention_name": "a change",
        "outcome_name": "experience",
        "outcome_unit": "points",
        "outcome_facet": "overall",
        "minimum_important_difference": 0.2,
        "start_period": "2013",
        "data_profile": "tre10",
        "data_columns": {},
        "seed": 1,
        "largest_misfit": 1.0,
    }
    return SyntheticControl(**{**plain, **change})


def make_panel(
    seed: int,
    *,
    units: int = 24,
    periods: int = 20,
    start: int = 13,
    effect: float = 1.0,
    n: int = 1,
) -> pd.DataFrame:
    """Make units that follow two shared movements, the first `n` of them treated."""
    rng = np.random.default_rng(seed)
    factors, loadings = rng.normal(size=(2, periods)).cumsum(axis=1), rng.dirichlet([1, 1], units)
    outcomes = loadings @ factors + 0.3 * rng.normal(size=(units, periods))
    outcomes[:n, start:] += effect
    frame = pd.DataFrame(
        {
            "unit": np.repeat([f"U{i:02d}" for i in range(units)], periods),
            "time": np.tile(np.arange(periods), units),
            "outcome": outcomes.ravel(),
        }
    )
    frame["period"] = (2000 + frame["time"]).astype(str)
    frame["unit_name"] = frame["cluster"] = frame["unit"]
    frame["outcome_base"] = 50.0
    treated = np.repeat(np.arange(units) < n, periods)
    return frame.assign(first_treated=np.where(treated, float(start), np.nan))


def test_table_is_tidy_and_inputs_are_left_alone() -> None:
    """The agreed columns, three estimators and one row for each period, counted from the start."""
    panel = make_panel(1)
    before = panel.copy()
    result = synthetic_control.estimate(panel, parameters())
    assert list(result.estimates.columns[: len(ESTIMATE_COLUMNS)]) == list(ESTIMATE_COLUMNS)
    assert (result.estimates["term"] == "effect").sum() == 3
    events = result.estimates.query("term == 'event'")
    assert events["period"].tolist() == [str(since) for since in range(-13, 7)]
    assert events["label"].iloc[13] == "Difference in 2013"
    assert result.permits_cause
    pd.testing.assert_frame_equal(panel, before)


def test_headline_is_the_mean_of_the_gaps() -> None:
    """The effect is the mean of the rows by period, and of the gaps that the series shows."""
    result = synthetic_control.estimate(make_panel(2), parameters())
    events = result.estimates.query("term == 'event'")
    series = result.tables["series"]
    gap = series["observed"] - series["counterfactual"]
    assert result.headline["estimate"] == pytest.approx(events["estimate"].tail(7).mean())
    assert gap.to_numpy() == pytest.approx(events["estimate"].to_numpy())
    low = (series["observed"] - series["counterfactual_high"]).tail(7)
    assert low.to_numpy() == pytest.approx(events["conf_low"].tail(7).to_numpy())
    assert series["counterfactual_low"].isna().sum() == 13
    assert (series["base"] == 50).all()


def test_weights_and_placebos_name_codes_only() -> None:
    """Weights sum to nearly one; the placebos hold the treated once and every donor once."""
    result = synthetic_control.estimate(make_panel(3), parameters(largest_misfit=9.0))
    assert result.tables["weights"]["weight"].sum() == pytest.approx(1, abs=0.01)
    placebos = result.tables["placebos"]
    assert placebos["treated"].sum() == 1
    assert sorted(placebos["unit"]) == [f"U{i:02d}" for i in range(24)]


def test_the_other_estimate_can_be_primary() -> None:
    """`primary_analysis` moves the headline, the series and the rows by period."""
    name = "synthetic_difference_in_differences"
    result = synthetic_control.estimate(make_panel(4), parameters(primary_analysis=name))
    assert result.headline["method"] == name
    assert result.headline["df"] == 22
    by_period = result.estimates.query("term == 'calendar'")
    assert set(by_period["method"]) == {name}
    assert by_period["period"].tolist() == [str(year) for year in range(2013, 2020)]
    assert by_period["estimate"].mean() == pytest.approx(result.headline["estimate"])


def test_few_donors_take_the_interval_over_time() -> None:
    """Twelve units cannot rule out anything at 95%, but twenty periods can; the remarks say so."""
    result = synthetic_control.estimate(make_panel(5, units=12), parameters())
    row = result.headline
    assert row["conf_low"] <= row["estimate"] <= row["conf_high"]
    assert row["conf_low"] < 1.0 < row["conf_high"] < 3.0
    assert any("stretches of time" in remark for remark in result.remarks)


def test_no_interval_is_said_in_words() -> None:
    """With few units and few periods there is no interval, and a remark says why."""
    panel = make_panel(6, units=12, periods=15, start=10)
    result = synthetic_control.estimate(panel, parameters())
    assert np.isnan(result.headline["conf_low"])
    assert "event" not in set(result.estimates["term"])
    assert "counterfactual_low" not in result.tables["series"]
    assert any("No interval can be given" in remark for remark in result.remarks)


def test_many_treated_use_the_jackknife() -> None:
    """With ten treated units the errors of the differences are the jackknife's."""
    panel = make_panel(7, units=40, n=10)
    result = synthetic_control.estimate(panel, parameters(draws=99))
    row = pick_row(result.estimates, method="difference_in_differences")
    assert row["df"] == 9
    assert any("leaving out each unit" in remark for remark in result.remarks)


def test_placebos_that_would_have_been_refused_are_not_counted() -> None:
    """A donor that no mixture comes close to takes no part in the ranking, and is counted."""
    panel = make_panel(15, units=40)
    far = panel.assign(outcome=panel["outcome"] + 50.0 * (panel["unit"] == "U07"))
    strict = synthetic_control.estimate(far, parameters(largest_misfit=0.5))
    lax = synthetic_control.estimate(far, parameters(largest_misfit=9.0))
    assert "U07" not in set(strict.tables["placebos"]["unit"])
    assert "U07" in set(lax.tables["placebos"]["unit"])
    assert any("1 other choice of who had it are not" in remark for remark in strict.remarks)


def test_draws_repeat_with_the_seed() -> None:
    """The same seed gives the same table, another seed other placebos."""
    panel = make_panel(8, units=40, n=3)
    one, two = (synthetic_control.estimate(panel, parameters(draws=99)) for _ in range(2))
    other = synthetic_control.estimate(panel, parameters(draws=99, seed=2))
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    assert other.headline["conf_low"] != one.headline["conf_low"]


def test_incomplete_donors_are_left_out_and_counted() -> None:
    """A donor that lacks one value is as if it had never been there, and is counted."""
    panel = make_panel(9)
    holed = panel.copy()
    holed.loc[(holed["unit"] == "U05") & (holed["time"] == 3), "outcome"] = np.nan
    rest = panel[panel["unit"] != "U05"]
    found = synthetic_control.estimate(holed, parameters())
    expected = synthetic_control.estimate(rest, parameters())
    assert found.headline["estimate"] == expected.headline["estimate"]
    assert any("1 untreated unit " in remark for remark in found.remarks)


def test_a_start_known_in_some_rows_is_the_units() -> None:
    """Data that mark the treated only from the start on give the same answer."""
    panel = make_panel(14)
    later = panel["first_treated"].where(panel["time"] >= 13)
    marked = panel.assign(first_treated=later).sample(frac=1, random_state=3)
    found = synthetic_control.estimate(marked, parameters()).headline
    expected = synthetic_control.estimate(panel, parameters()).headline
    assert found["estimate"] == pytest.approx(expected["estimate"])


def test_adjustment_takes_a_moving_cause_out() -> None:
    """A cause that moves the outcome and grew where treated is taken out; without it, it counts."""
    panel = make_panel(10)
    rng = np.random.default_rng(10)
    cause = rng.normal(size=len(panel)) + 3.0 * (panel["time"] >= panel["first_treated"])
    panel = panel.assign(cause=cause, outcome=panel["outcome"] + cause)
    adjusted = synthetic_control.estimate(panel, parameters(adjust_for=["cause"])).headline
    plain = synthetic_control.estimate(panel, parameters(largest_misfit=9.0)).headline
    assert adjusted["estimate"] == pytest.approx(1.0, abs=0.4)
    assert plain["estimate"] > 3.0


def test_recovers_and_covers() -> None:
    """Over 40 worlds the estimate is on the truth, and nine in ten 90% intervals hold it."""
    found, covered = [], 0
    for seed in range(40):
        row = synthetic_control.estimate(
            make_panel(seed), parameters(confidence_level=0.9)
        ).headline
        found.append(row["estimate"])
        covered += row["conf_low"] <= 1.0 <= row["conf_high"]
    assert abs(np.mean(found) - 1.0) < 3.3 * np.std(found, ddof=1) / np.sqrt(40)
    assert covered >= 31


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[t["unit"] == "U00"], "one unit only"),
        (lambda t: t.assign(first_treated=np.nan), "no unit has the intervention"),
        (lambda t: t.assign(first_treated=13.0), "all 24 units have the intervention"),
        (lambda t: t.assign(first_treated=t["first_treated"] + 30), "lies outside the data"),
        (lambda t: t.assign(first_treated=t["first_treated"] - 13), "lies outside the data"),
        (lambda t: t.assign(outcome=3.0), "is the same in every unit and period"),
        (lambda t: t[t["unit"] < "U06"], "least_donors asks for 10"),
        (lambda t: t[t["time"] > 9], "3 periods before start_period"),
        (
            lambda t: t.assign(
                first_treated=np.where(t["unit"] == "U01", 15.0, t["first_treated"])
            ),
            "start at 2 different periods",
        ),
        (
            lambda t: t.assign(outcome=t["outcome"].where((t["unit"] != "U00") | (t["time"] != 2))),
            "1 of 1 treated units lack a value",
        ),
        (
            lambda t: t.assign(outcome=t["outcome"].where((t["unit"] == "U00") | (t["time"] != 2))),
            "no unit without the intervention has a value in every period",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], words: str
) -> None:
    """Each fault in the data is named with counts only, and with what to do."""
    with pytest.raises(AnalysisError, match=words):
        synthetic_control.estimate(change(make_panel(11)), parameters())


def test_a_poor_match_is_refused() -> None:
    """A treated unit far from every mixture is refused by default, in words without values."""
    panel = make_panel(12)
    far = panel.assign(outcome=panel["outcome"] + 50 * (panel["unit"] == "U00"))
    with pytest.raises(AnalysisError, match="ran close to the treated"):
        synthetic_control.estimate(far, parameters(largest_misfit=0.25))


@pytest.mark.parametrize(
    "cause", [lambda t: 2.0, lambda t: t["time"], lambda t: t["unit"] == "U03"]
)
def test_collinear_adjustment_is_refused(cause: Callable[[pd.DataFrame], Any]) -> None:
    """A cause that is constant, the same everywhere, or fixed within units cannot be taken out."""
    panel = make_panel(13)
    with pytest.raises(AnalysisError, match="Take it out of adjust_for"):
        synthetic_control.estimate(
            panel.assign(cause=cause(panel)), parameters(adjust_for=["cause"])
        )


def nest(panel: pd.DataFrame, wards: int) -> pd.DataFrame:
    """Put units in trusts of so many, and give each trust a movement of its own."""
    number = panel["unit"].str[1:].astype(int)
    trust = number // wards
    shocks = np.random.default_rng(99).normal(0, 1.0, (trust.max() + 1, panel["time"].max() + 1))
    moved = panel["outcome"] + shocks[trust, panel["time"]]
    return panel.assign(outcome=moved, cluster="T" + trust.astype(str))


NESTED: dict[str, Any] = {"data_columns": {"cluster": "trust"}, "largest_misfit": 10.0}


def test_nobody_is_compared_with_its_own_trust() -> None:
    """Two treated wards of a trust of three: the third has no weight, and placebos are trusts."""
    panel = nest(make_panel(5, units=24, n=2), 3)
    result = synthetic_control.estimate(panel, parameters(**NESTED))
    assert "U02" not in set(result.tables["weights"]["unit"])
    assert result.headline["clusters"] == 8
    fit = result.tables["fit"].set_index("name")["value"]
    assert fit["assignments"] == 8
    placebos = result.tables["placebos"].query("not treated")["unit"].str.split(" \\+ ")
    assert placebos.str.len().eq(2).all()
    assert all(int(one[1:]) // 3 == int(other[1:]) // 3 for one, other in placebos)
    assert len({int(one[1:]) // 3 for one, _ in placebos}) == 7
    said = " ".join(result.remarks)
    assert "1 untreated unit in a cluster with the intervention left out" in said
    assert "is a cluster of 7 others" in said
    plain = synthetic_control.estimate(panel.assign(cluster=panel["unit"]), parameters())
    assert plain.headline["clusters"] == 24
    assert not any("cluster" in remark for remark in plain.remarks)


def test_placebos_of_wards_alike_claim_too_much() -> None:
    """Without effect, errors by trusts are as large as the spread; those by wards are too small."""
    found = []
    for seed in range(12):
        panel = nest(make_panel(seed, units=40, periods=12, start=8, effect=0.0, n=4), 4)
        movement = np.random.default_rng(seed).normal(0, 1.0, (10, 12))
        trust = panel["cluster"].str[1:].astype(int)
        panel["outcome"] += movement[trust, panel["time"]]
        names = {"term": "effect", "method": "synthetic_difference_in_differences"}
        asked = parameters(**NESTED, draws=99)
        nested = pick_row(synthetic_control.estimate(panel, asked).estimates, **names)
        as_units = panel.assign(cluster=panel["unit"])
        alone = pick_row(synthetic_control.estimate(as_units, asked).estimates, **names)
        found.append([nested["std_error"], alone["std_error"], nested["estimate"]])
    nested_error, unit_error, spread = np.array(found).T
    assert unit_error.mean() < 0.75 * spread.std(ddof=1)
    assert nested_error.mean() == pytest.approx(spread.std(ddof=1), rel=0.5)
    assert nested_error.mean() > 1.3 * unit_error.mean()


def test_a_unit_in_two_clusters_and_none_left_are_refused() -> None:
    """Each unit lies in one cluster, and somebody must lie in another than the treated."""
    panel = nest(make_panel(6, n=2), 3)
    moved = panel.assign(cluster=np.where(panel["time"] < 3, "T99", panel["cluster"]))
    with pytest.raises(AnalysisError, match="cluster: 24 units in more than one"):
        synthetic_control.estimate(moved, parameters(**NESTED))
    with pytest.raises(AnalysisError, match="every unit without the intervention lies in a clust"):
        synthetic_control.estimate(panel.assign(cluster="T0"), parameters(**NESTED))


def test_a_mixture_outside_the_scale_is_told() -> None:
    """Treated at 9.5, others rising from 5 by 2: run parallel, they would have come to 11."""
    panel = make_panel(7, effect=0.0)
    treated = panel["first_treated"].notna()
    level = np.where(treated, 9.5, 5.0) + np.where((panel["time"] >= 13) & ~treated, 1.5, 0.0)
    near = panel.assign(outcome=level + 0.05 * panel["outcome"])
    way = {"primary_analysis": "synthetic_difference_in_differences", "largest_misfit": 10.0}
    said = "lies outside what the outcome can be in at least one of 7 periods"
    assert any(
        said in remark for remark in synthetic_control.estimate(near, parameters(**way)).remarks
    )
    free = synthetic_control.estimate(near, parameters(**way, outcome_kind="number"))
    assert not any(said in remark for remark in free.remarks)
