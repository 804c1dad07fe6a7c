"""Stepped wedge and parallel cluster trials: by hand, against R, recovery, and refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from evalkit.designs.stepped_wedge import estimate
from evalkit.errors import AnalysisError
from evalkit.results.types import pick_row
from evalkit.study.schemas.stepped_wedge import SteppedWedge

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
TO_R = 5e-3
"""The tolerance stored beside R's values, which rest on a search for the variances."""
SEARCH = 1e-5

STUDY: dict[str, Any] = {
    "study": "discharge",
    "notebook": "stepped_wedge",
    "title": "Discharge",
    "question": "Did it help?",
    "population": "patients",
    "estimand": "the mean difference",
    "co_production": [],
    "intervention_name": "a discharge pathway",
    "outcome_name": "experience",
    "outcome_unit": "points",
    "outcome_facet": "overall",
    "minimum_important_difference": 0.3,
    "data_profile": "gss_default",
    "data_columns": {"unit": "ward"},
    "allocation": "random",
    "seed": 1,
    "draws": 199,
}


def choose(**choices: Any) -> SteppedWedge:
    """Return parameters with these choices."""
    return SteppedWedge(**(STUDY | choices))


def as_table(
    cluster: np.ndarray, time: np.ndarray, outcome: np.ndarray, start: np.ndarray, base: float
) -> pd.DataFrame:
    """Return a design table; `start` (clusters,) is infinite for clusters that never start."""
    first = np.where(np.isfinite(start), start, np.nan)[cluster]
    names = [f"C{c:02d}" for c in cluster]
    return pd.DataFrame(
        {
            "unit": names,
            "unit_name": names,
            "cluster": names,
            "period": [str(2020 + t) for t in time],
            "time": time,
            "outcome": outcome,
            "outcome_base": base,
            "first_treated": first,
            "treated": time >= start[cluster],
            "weight": 1.0,
        }
    )


@pytest.fixture
def make_trial() -> Callable[..., pd.DataFrame]:
    """Return a maker of trials in steps or at once, of means or people, with a known effect."""

    def make(
        seed: int = 0,
        *,
        clusters: int = 6,
        periods: int = 5,
        people: int = 20,
        steps: bool = True,
        rows: str = "panel",
        effect: float = 0.5,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        start = 1 + np.arange(clusters) * (periods - 1) // clusters
        if not steps:
            start = np.where(np.arange(clusters) < clusters // 2, min(1, periods - 1), np.inf)
        start = rng.permutation(start.astype(float))
        cluster, time = (g.ravel() for g in np.indices((clusters, periods)))
        mean = rng.normal(scale=0.2, size=clusters)[cluster] + 0.1 * time
        mean = mean + rng.normal(scale=0.1, size=len(mean)) + effect * (time >= start[cluster])
        if rows == "panel":
            noise = rng.normal(scale=people**-0.5, size=len(mean))
            return as_table(cluster, time, mean + noise, start, float(people))
        cluster, time = np.repeat(cluster, people), np.repeat(time, people)
        outcome = np.repeat(mean, people) + rng.normal(size=len(cluster))
        if rows == "yes_no":
            outcome = 100.0 * (outcome > 0.3)
        return as_table(cluster, time, outcome, start, np.nan)

    return make


def test_parallel_trial_by_hand() -> None:
    """Means 1, 2, 3, 4 against 3, 4, 5, 6 in one period: difference 2, t with 6 df.

    Each side's variance is 5/3, so the error is sqrt(5/3 / 4 + 5/3 / 4) = 0.9129.
    """
    start = np.repeat([np.inf, 0.0], 4)
    table = as_table(
        np.arange(8), np.zeros(8, dtype=int), np.array([1.0, 2, 3, 4, 3, 4, 5, 6]), start, np.nan
    )
    result = estimate(table, choose())
    assert result.headline["estimate"] == pytest.approx(2.0)
    assert result.headline["std_error"] == pytest.approx(0.9129, abs=1e-4)
    assert result.headline["df"] == pytest.approx(6.0)
    assert result.headline["conf_high"] == pytest.approx(2 + 2.4469 * 0.91287, abs=1e-3)
    assert result.permits_cause


def test_lots_by_hand() -> None:
    """The farthest apart of 70 ways to choose 4 of 8 has p of 2/70, itself and its mirror."""
    start = np.repeat([np.inf, 0.0], 4)
    outcome = np.array([1.0, 2, 3, 4, 13, 14, 15, 16])
    table = as_table(np.arange(8), np.zeros(8, dtype=int), outcome, start, np.nan)
    row = pick_row(estimate(table, choose()).estimates, method="permutation")
    assert row["estimate"] == pytest.approx(12.0)
    assert row["p_value"] == pytest.approx(2 / 70)


def test_whole_path_agrees_with_r() -> None:
    """People's rows of a stepped wedge give lmerTest's effect by both ways, and its variances."""
    data = pd.read_csv(REFERENCE / "stepped_wedge.csv")
    first = data[data["treat"] == 1].groupby("cluster")["period"].min()
    start = first.reindex(range(1, data["cluster"].max() + 1)).to_numpy(float)
    table = as_table(
        data["cluster"].to_numpy() - 1,
        data["period"].to_numpy(),
        data["y"].to_numpy(),
        np.where(np.isnan(start), np.inf, start),
        np.nan,
    )
    result = estimate(table, choose(data_rows="people", outcome_kind="number"))
    for method, error, df in (
        ("kenward_roger", 0.1257416084244, 44.282015032099),
        ("satterthwaite", 0.1252114074983, 45.052127185425),
    ):
        row = pick_row(result.estimates, term="effect", method=method)
        assert row["estimate"] == pytest.approx(0.2292122096056, rel=TO_R)
        assert row["std_error"] == pytest.approx(error, rel=TO_R)
        assert row["df"] == pytest.approx(df, rel=TO_R)
    average = pick_row(result.estimates, method="exposure_time_average")
    assert average["estimate"] == pytest.approx(0.40303561488015, rel=TO_R)
    assert average["std_error"] == pytest.approx(0.19582925823285, rel=TO_R)
    cluster = pick_row(result.tables["variance"], term="cluster")
    assert cluster["value"] == pytest.approx(0.56599989491, rel=2 * TO_R)


def test_truth_is_recovered(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Over 40 trials of 6 clusters the mean effect is 0.5 and most intervals hold it."""
    rows = [
        estimate(make_trial(seed), choose(allocation="not_random")).headline for seed in range(40)
    ]
    found = np.array([row["estimate"] for row in rows])
    inside = [row["conf_low"] <= 0.5 <= row["conf_high"] for row in rows]
    assert abs(found.mean() - 0.5) < 3.3 * found.std(ddof=1) / np.sqrt(40)
    assert sum(inside) >= 33


def test_growing_effect_is_seen_by_exposure_time() -> None:
    """An effect of 1 a period since the start: 1, 2, 3 and an average of 2, without noise."""
    cluster, time = (g.ravel() for g in np.indices((6, 4)))
    start = np.array([1.0, 1, 2, 2, 3, 3])
    since = np.maximum(time - start[cluster] + 1, 0)
    wobble = 0.01 * np.sin(7.0 * np.arange(24))
    result = estimate(as_table(cluster, time, since + time + wobble, start, np.nan), choose())
    rows = result.estimates[result.estimates["term"] == "exposure_time"]
    assert rows["period"].tolist() == ["0", "1", "2"]
    assert rows["estimate"].to_numpy() == pytest.approx([1, 2, 3], abs=0.05)
    average = pick_row(result.estimates, method="exposure_time_average")
    assert average["estimate"] == pytest.approx(2.0, abs=0.05)


def test_a_fifth_of_the_cells_may_be_missing(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Missing cells are left out, counted, and do not stop any row but shrink its count."""
    table = make_trial(3, clusters=8)
    table.loc[np.random.default_rng(0).choice(40, 8, replace=False), "outcome"] = np.nan
    before = table.copy()
    result = estimate(table, choose())
    assert np.isfinite(result.estimates[["estimate", "conf_low", "conf_high"]].to_numpy()).all()
    assert result.headline["n"] == 32
    assert any("8 of 40 cluster-periods have no answers" in said for said in result.remarks)
    assert (result.tables["rollout"]["n"] == 0).sum() == 8
    pd.testing.assert_frame_equal(table, before)


def test_percentages_stand_for_their_answers(make_trial: Callable[..., pd.DataFrame]) -> None:
    """A panel of percentages with their bases gives what the answers one by one give."""
    people = make_trial(5, rows="yes_no")
    keys = ["unit", "unit_name", "cluster", "period", "time", "first_treated", "treated"]
    panel = people.groupby(keys, as_index=False).agg(
        outcome=("outcome", "mean"), outcome_base=("outcome", "size"), weight=("weight", "first")
    )
    one = estimate(people, choose(data_rows="people", outcome_kind="yes_no"))
    other = estimate(panel, choose(outcome_kind="percentage"))
    numbers = ["estimate", "std_error", "df", "p_value", "n"]
    assert one.estimates["method"].tolist() == other.estimates["method"].tolist()
    assert one.estimates[numbers].to_numpy() == pytest.approx(
        other.estimates[numbers].to_numpy(), rel=1e-3, nan_ok=True
    )


def oversample(seed: int) -> pd.DataFrame:
    """Make people of whom one in ten gains 2 and nine nothing, asked as often as each other.

    With their weights of 0.2 and 1.8 they stand for all, whose mean gain is 0.2; the asked gain 1.
    """
    rng = np.random.default_rng(seed)
    cluster, time, person = (g.ravel() for g in np.indices((8, 5, 60)))
    start = 1.0 + np.arange(8) % 4
    rare = person % 2 == 0
    outcome = rng.normal(scale=0.1, size=8)[cluster] + 0.1 * time + rng.normal(size=len(time))
    outcome = outcome + 2.0 * rare * (time >= start[cluster])
    table = as_table(cluster, time, outcome, start, np.nan)
    return table.assign(weight=np.where(rare, 0.2, 1.8))


PEOPLE: dict[str, Any] = {"data_rows": "people", "outcome_kind": "number"}


def test_weights_answer_for_those_they_stand_for() -> None:
    """The weighted answer is the gain of all, not of those asked; counts stay those of people."""
    table = oversample(1)
    weighted, plain = (
        estimate(each, choose(**PEOPLE)) for each in (table, table.assign(weight=1.0))
    )
    assert weighted.headline["estimate"] == pytest.approx(0.2, abs=0.25)
    assert plain.headline["estimate"] == pytest.approx(1.0, abs=0.25)
    assert weighted.headline["n"] == plain.headline["n"] == 2400
    assert weighted.tables["means"]["base"].equals(plain.tables["means"]["base"])
    first = table[(table["time"] == 0) & ~table["treated"]]
    by_hand = np.average(first["outcome"], weights=first["weight"])
    assert weighted.tables["means"]["mean"].iloc[0] == pytest.approx(by_hand)
    assert any("as sure as 1,463 equal answers would, of 2,400" in r for r in weighted.remarks)


def test_weights_of_a_whole_cell_or_of_another_size_change_nothing() -> None:
    """Weights alike within each cluster and period say nothing of whom an answer stands for."""
    table = oversample(2).assign(weight=1.0)
    plain, cells = (
        estimate(each, choose(**PEOPLE)).estimates
        for each in (table, table.assign(weight=1.0 + table["time"]))
    )
    numbers = ["estimate", "std_error", "df"]
    assert cells[numbers].to_numpy() == pytest.approx(plain[numbers].to_numpy(), nan_ok=True)
    one, other = (
        estimate(each, choose(**PEOPLE)).headline[numbers].to_numpy(float)
        for each in (oversample(2), oversample(2).assign(weight=lambda t: 50 * t["weight"]))
    )
    assert other == pytest.approx(one)


def test_weighted_effect_agrees_with_dense_algebra() -> None:
    """Weighted means and Kish's number of answers, by the whole likelihood written out."""
    table = oversample(3)
    uneven = 0.5 * (table["time"] + table["cluster"].str[1:].astype(int) % 3)
    table["weight"] = np.exp(uneven * np.random.default_rng(3).normal(size=len(table)))
    cells = table.groupby(["cluster", "time"]).agg(treated=("treated", "first")).reset_index()
    groups = [part for _, part in table.groupby(["cluster", "time"])]
    mean = np.array([np.average(g["outcome"], weights=g["weight"]) for g in groups])
    size = np.array([g["weight"].sum() ** 2 / (g["weight"] ** 2).sum() for g in groups])
    spread = [
        np.average((g["outcome"] - m) ** 2, weights=g["weight"])
        for g, m in zip(groups, mean, strict=True)
    ]
    x = np.column_stack([cells["treated"], pd.get_dummies(cells["time"])]).astype(float)
    same = (cells["cluster"].to_numpy()[:, None] == cells["cluster"].to_numpy()).astype(float)

    def deviance(logs: np.ndarray) -> tuple[float, np.ndarray]:
        residual, cluster, period = np.exp(logs)
        v = np.diag(residual / size + period) + cluster * same
        inverse = np.linalg.inv(v)
        bread = np.linalg.inv(x.T @ inverse @ x)
        coef = bread @ x.T @ inverse @ mean
        rest = mean - x @ coef
        fit = np.linalg.slogdet(v)[1] - np.linalg.slogdet(bread)[1] + rest @ inverse @ rest
        inside = (size.sum() - len(size)) * np.log(residual) + size @ spread / residual
        return float(fit + inside), coef

    found = minimize(
        lambda logs: deviance(logs)[0], np.log([1.0, 0.01, 0.01]), method="Nelder-Mead"
    )
    headline = estimate(table, choose(**PEOPLE)).headline
    assert headline["estimate"] == pytest.approx(deviance(found.x)[1][0], rel=TO_R)


def test_weights_that_cannot_be_used_are_refused_or_left_out() -> None:
    """With causes of people's own the weight is refused; a row without a weight is counted."""
    table = oversample(4).assign(age=lambda t: np.random.default_rng(4).normal(size=len(t)))
    refuse(table, "where age cannot be held fixed as well", adjust_for=["age"], **PEOPLE)
    table.loc[table.index[:3], "weight"] = [np.nan, 0.0, np.nan]
    result = estimate(table, choose(**PEOPLE))
    assert result.headline["n"] == 2397
    assert any("3 rows of 2,400 lack a value" in said for said in result.remarks)


def test_expected_shares_beyond_all_are_told(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Levels near 100% with a large effect lead a straight line past it; it is said, once."""
    table = make_trial(3, clusters=8, rows="yes_no")
    rng = np.random.default_rng(3)
    chance = 0.55 + 0.42 * table["treated"] + 0.01 * table["time"]
    near = table.assign(outcome=100.0 * (rng.random(len(table)) < chance))
    study = choose(data_rows="people", outcome_kind="yes_no")
    said = "What is expected with or without the intervention lies outside"
    assert sum(said in each for each in estimate(near, study).remarks) == 1
    assert not any(said in each for each in estimate(table, study).remarks)


def test_yes_and_no_in_shares_and_odds(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Shares differ by about as much by all methods, and the odds ratio lies on the same side."""
    table = make_trial(7, clusters=10, rows="yes_no", people=60)
    result = estimate(table, choose(data_rows="people", outcome_kind="yes_no"))
    effects = result.estimates[result.estimates["term"] == "effect"].set_index("method")["estimate"]
    marginal = effects["logit_estimating_equations"]
    assert marginal == pytest.approx(effects["estimating_equations"], abs=3.0)
    odds = result.tables["odds"].iloc[0]
    assert 1 < odds["ratio_low"] < odds["ratio"] < odds["ratio_high"]


def test_answers_all_alike_leave_no_odds(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Where all treated say yes, the difference of shares stands and odds are said to fail."""
    table = make_trial(7, rows="yes_no")
    table.loc[table["treated"], "outcome"] = 100.0
    result = estimate(table, choose(data_rows="people", outcome_kind="yes_no"))
    assert "odds" not in result.tables
    assert any("odds have no bound" in said for said in result.remarks)


def test_a_baseline_makes_the_answer_surer(make_trial: Callable[..., pd.DataFrame]) -> None:
    """A parallel trial with a baseline has the smaller error when clusters differ much."""
    table = make_trial(2, clusters=12, periods=2, steps=False)
    lift = {name: 3.0 * at for at, name in enumerate(sorted(set(table["cluster"])))}
    table["outcome"] += table["cluster"].map(lift)
    both, after = estimate(table, choose()), estimate(table[table["time"] == 1], choose())
    assert both.headline["std_error"] < after.headline["std_error"] / 5
    assert "with 1 period before it" in both.remarks[0]
    assert set(both.tables["clusters"]["kind"]) == {"at once"}


def test_uneven_bases_weigh(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Averages of a few people count less, which is said; even bases change nothing."""
    table = make_trial(4, clusters=8)
    plain = estimate(table.assign(outcome_base=np.nan), choose())
    even, uneven = (
        estimate(table.assign(outcome_base=base), choose())
        for base in (20.0, np.where(np.arange(40) % 2, 400.0, 4.0))
    )
    assert even.headline["estimate"] == plain.headline["estimate"]
    assert uneven.headline["estimate"] != plain.headline["estimate"]
    assert "Averages count by how many people answered." in uneven.remarks
    assert any("not known" in said for said in plain.remarks)


def test_causes_are_held_fixed(make_trial: Callable[..., pd.DataFrame]) -> None:
    """A measured cause that follows the start is taken out; a copy of the periods is refused."""
    table = make_trial(6, clusters=8)
    rng = np.random.default_rng(9)
    table["staffing"] = 2.0 * table["treated"] + rng.normal(size=len(table))
    table["outcome"] += 4 * table["staffing"]
    result = estimate(table, choose(adjust_for=["staffing"]))
    assert result.headline["estimate"] == pytest.approx(0.5, abs=0.4)
    with pytest.raises(AnalysisError, match="staffing: one is a sum of the others"):
        estimate(table.assign(staffing=1.0 * table["time"]), choose(adjust_for=["staffing"]))


def test_claims_need_a_lot_and_clusters(make_trial: Callable[..., pd.DataFrame]) -> None:
    """No cause without a lot, below 6 in steps, or below 4 on a side; each is said."""
    assert estimate(make_trial(), choose()).permits_cause
    by_choice = estimate(make_trial(), choose(allocation="not_random"))
    assert not by_choice.permits_cause
    assert "permutation" not in set(by_choice.estimates["method"])
    assert any("not given their starts by lot" in said for said in by_choice.remarks)
    few = estimate(make_trial(clusters=5), choose(few_clusters="describe"))
    assert not few.permits_cause
    assert any("at least 6 are needed" in said for said in few.remarks)
    side = estimate(make_trial(clusters=6, periods=2, steps=False), choose())
    assert not side.permits_cause
    assert any("on the smaller side no claim of cause" in said for said in side.remarks)
    assert not side.tables["clusters"]["enough"].any()
    assert any("too few for a 95% interval" in said for said in side.remarks)


def test_shared_variance_is_shown(make_trial: Callable[..., pd.DataFrame]) -> None:
    """People's answers give an ICC and autocorrelation with intervals; averages another."""
    people = estimate(make_trial(rows="people"), choose(data_rows="people", outcome_kind="number"))
    for term in ("icc", "cluster_autocorrelation"):
        row = pick_row(people.tables["variance"], term=term)
        assert 0 <= row["interval_low"] <= row["value"] <= row["interval_high"] <= 1
    panel = estimate(make_trial(), choose())
    assert "correlation_of_periods" in set(panel.tables["variance"]["term"])


def refuse(table: pd.DataFrame, message: str, **choices: Any) -> None:
    """Check that the table is refused with this message."""
    with pytest.raises(AnalysisError, match=message):
        estimate(table, choose(**choices))


def test_what_cannot_be_compared_is_refused(make_trial: Callable[..., pd.DataFrame]) -> None:
    """Each lack has one message: clusters, starts, outcome, periods."""
    table = make_trial()
    refuse(table[table["cluster"] == "C00"], "the data hold one cluster only")
    refuse(table.assign(first_treated=np.nan), "no cluster starts inside the data")
    refuse(table.assign(first_treated=99.0), "no cluster starts inside the data")
    refuse(table.assign(first_treated=0.0), "all 6 clusters have the intervention in all periods")
    refuse(table.assign(first_treated=2.0), "all 6 clusters start in the same period")
    refuse(table.assign(outcome=4.0), "outcome: is the same in every row")
    refuse(table.assign(outcome=np.nan), "no row has them all")
    few = make_trial(clusters=5)
    refuse(few, "5 clusters in steps, and an answer that can be trusted needs at least 6")
    two = table[table["cluster"].isin(["C00", "C01"])].assign()
    two["first_treated"] = np.where(two["cluster"] == "C00", 1.0, 2.0)
    refuse(two, "2 clusters in steps cannot give an interval", few_clusters="describe")
    lone = table.assign(first_treated=np.where(table["cluster"] == "C00", 2.0, np.nan))
    refuse(lone, "one cluster alone is on one side")
    merged = two.assign(cluster="C00")
    refuse(merged, "first_treated: 1 cluster with units that start at different times")
    exact = table.assign(outcome=table["treated"] + 2.0 * table["time"])
    refuse(exact, "explain it whole")
