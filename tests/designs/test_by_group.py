"""Groups that share clusters: how their estimates move together is in the difference's error."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import difference_in_differences
from evalkit.designs.by_group import APART, TOGETHER, WIDEST, estimate_groups
from evalkit.designs.leave_clusters_out import deal_clusters, estimate_left_out
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study import load_parameters
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

ROOT = Path(__file__).resolve().parents[2]
WARDS, SIMULATIONS = 24, 25
MADE = DifferenceInDifferences.model_construct(subgroups=["older"], seed=1)


def compare_means(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Compare wards with and without it by a t-test of their means: quick, exact, and known."""
    treated = table["first_treated"].notna().to_numpy()
    means = table["outcome"].to_numpy(float)
    one, other = means[treated], means[~treated]
    if min(len(one), len(other)) < 2:
        raise AnalysisError("cluster: too few.")
    df = len(means) - 2.0
    pooled = (np.sum((one - one.mean()) ** 2) + np.sum((other - other.mean()) ** 2)) / df
    row = {
        "term": "effect",
        "estimate": one.mean() - other.mean(),
        "std_error": np.sqrt(pooled * (1 / len(one) + 1 / len(other))),
        "df": df,
        "n": len(means),
        "clusters": len(means),
    }
    return Result("made", pd.DataFrame([row]), {"term": "effect"})


def wards(rng: np.random.Generator, correlation: float) -> pd.DataFrame:
    """Return a row a ward and group, the two groups of a ward alike as asked; no effect in any."""
    shared = np.array([[1.0, correlation], [correlation, 1.0]])
    means = rng.multivariate_normal(np.zeros(2), shared, WARDS)
    ward = np.repeat(np.arange(WARDS), 2)
    return pd.DataFrame(
        {
            "cluster": [f"W{code:02d}" for code in ward],
            "older": np.tile([True, False], WARDS),
            "outcome": means.ravel(),
            "first_treated": np.where(ward < WARDS // 2, 3.0, np.nan),
        }
    )


@pytest.mark.parametrize("correlation", [0.9, -0.8])
def test_the_error_of_groups_in_the_same_clusters_is_the_true_one(correlation: float) -> None:
    """Over simulations it is the known one to within a tenth; by independence it is far off."""
    rng = np.random.default_rng(11)
    errors, naive = np.zeros(SIMULATIONS), np.zeros(SIMULATIONS)
    for at in range(SIMULATIONS):
        found = estimate_groups(wards(rng, correlation), MADE, compare_means)
        assert found["compared"].iloc[0] == TOGETHER
        errors[at], naive[at] = found["std_error"].iloc[0], np.hypot(*found["std_error"].iloc[1:])
    true = np.sqrt((2 - 2 * correlation) * 4 / WARDS)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(true, rel=0.1)
    assert not 0.8 < np.sqrt(np.mean(naive**2)) / true < 1.25


def test_groups_in_different_clusters_are_independent_as_before() -> None:
    """Nothing is left out, and the error is that of two independent estimates."""
    table = wards(np.random.default_rng(1), 0.0)
    table["cluster"] += table["older"].astype(str)
    found = estimate_groups(table, MADE, compare_means)
    assert found["compared"].iloc[0] == APART
    assert found["label"].iloc[1:].tolist() == ["Older: yes", "Older: no"]
    assert found["std_error"].iloc[0] == pytest.approx(np.hypot(*found["std_error"].iloc[1:]))


def test_where_it_cannot_be_seen_the_widest_error_stands() -> None:
    """One ward alone with it, or errors that rest on no clusters: the sum of the two errors."""
    table = wards(np.random.default_rng(1), 0.5)
    few = table[table["cluster"].isin(["W00", "W01"]) | table["first_treated"].isna()]
    serial = InterruptedTimeSeries.model_construct(subgroups=["older"], seed=1)
    for rows, study in ((few, MADE), (table, serial)):
        found = estimate_groups(rows, study, compare_means)
        assert found["compared"].iloc[0] == WIDEST
        assert found["std_error"].iloc[0] == pytest.approx(found["std_error"].iloc[1:].sum())


def test_clusters_are_dealt_out_evenly_with_and_without_it() -> None:
    """Each of eight groups gets three of twenty-four wards, one or two of those with it."""
    table = wards(np.random.default_rng(1), 0.0)
    table["group"] = deal_clusters(table, 8)
    by_ward = table.drop_duplicates("cluster").groupby("group")["first_treated"]
    assert (by_ward.size() == 3).all()
    assert by_ward.count().between(1, 2).all()
    assert table.groupby("cluster")["group"].nunique().max() == 1


def test_what_the_design_refuses_is_missing() -> None:
    """Without the one ward of a pair the design says nothing, and nothing stands in its place."""
    table = wards(np.random.default_rng(1), 0.0)
    few = table[table["cluster"].isin(["W00", "W01", "W20", "W21", "W22"]) & table["older"]]
    left_out = estimate_left_out(few, MADE, compare_means, [lambda frame: frame])
    assert np.isnan(left_out).ravel().sum() == 2


def panel(rng: np.random.Generator) -> pd.DataFrame:
    """Return averages of 30 wards, 6 quarters and 2 groups that share their ward's luck."""
    keys = pd.MultiIndex.from_product([range(30), range(6), [True, False]])
    table = keys.to_frame(index=False, name=["ward", "time", "older"])
    luck = rng.normal(0, 0.5, (30, 6))[table["ward"], table["time"]]
    treated = (table["ward"] < 12) & (table["time"] >= 3)
    effect = treated * np.where(table["older"], 0.6, 0.2)
    table["outcome"] = luck + effect + rng.normal(0, 0.2, len(table))
    table["unit"] = table["ward"].map("W{:02d}".format)
    table["first_treated"] = np.where(table["ward"] < 12, 3.0, np.nan)
    period = table["time"].map("2023Q{}".format)
    return table.assign(
        period=period, cluster=table["unit"], outcome_base=np.nan, weight=1.0, treated=treated
    )


def test_the_difference_is_as_from_one_fit_to_the_wards_own_differences() -> None:
    """The design on older less younger in each ward and quarter gives the same, near enough."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DifferenceInDifferences)
    study = loaded.model_copy(update={"subgroups": ["older"], "outcome_kind": "number"})
    table = panel(np.random.default_rng(4))
    found = estimate_groups(table, study, difference_in_differences.estimate).iloc[0]
    keys = ["unit", "time"]
    sides = [table[table["older"] == side].sort_values(keys) for side in (True, False)]
    apart = sides[0].assign(outcome=sides[0]["outcome"].to_numpy() - sides[1]["outcome"].to_numpy())
    one = difference_in_differences.estimate(apart, study).headline
    assert found["estimate"] == pytest.approx(one["estimate"])
    assert found["std_error"] == pytest.approx(one["std_error"], rel=0.1)
    assert found["compared"] == TOGETHER
