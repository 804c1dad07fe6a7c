"""The specification curve: what is run, how it is sorted, and what all of it says together."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.checks.judging import Estimate
from evalkit.errors import AnalysisError
from evalkit.planning.specification_curve import (
    infer_jointly,
    permute_intervention,
    summarise_curve,
    tabulate_specifications,
)
from evalkit.planning.specifications import list_specifications
from evalkit.results import Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
LEVEL_DRAWS = 40
MOST_FALSE_ALARMS = 6
"""A test at 5% gives 7 or more in 40 once in 300 times (binomial)."""


@pytest.fixture
def table(make: Make) -> pd.DataFrame:
    """Return a world with a measured cause, another facet and a group."""
    made = make(units=16, treated=8, periods=12)
    rng = np.random.default_rng(2)
    made["agency"] = rng.normal(0, 1, len(made))
    made["relational"] = made["outcome"] + 0.2 * made["treated"]
    made["london"] = made["unit"].isin(["U000", "U008"])
    return made


def test_two_by_two_by_hand(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Two adjustments and two facets are four rows, sorted, each as by its own estimate."""
    allowed = {"adjust_for": [[], ["agency"]], "outcome": ["relational"]}
    frame, _ = tabulate_specifications(table, parameters, small, allowed)
    assert frame["estimate"].is_monotonic_increasing
    assert len(frame) == 4
    main = frame[frame["main"]].iloc[0]
    assert main["estimate"] == pytest.approx(small(table, parameters).headline["estimate"])
    assert (main["adjust_for"], main["outcome"]) == ("nothing", "outcome")
    other = frame[(frame["adjust_for"] == "agency") & (frame["outcome"] == "relational")].iloc[0]
    by_hand = small(
        table.assign(outcome=table["relational"]),
        parameters.model_copy(update={"adjust_for": ["agency"]}),
    )
    assert other["estimate"] == pytest.approx(by_hand.headline["estimate"])


def test_the_order_in_which_choices_are_named_tells_nothing(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A record keeps them by the alphabet: made again from it, the table is the same."""
    allowed = {"outcome": ["relational"], "adjust_for": [[], ["agency"]]}
    again = dict(sorted(allowed.items()))
    assert list(allowed) != list(again)
    first, _ = tabulate_specifications(table, parameters, small, allowed)
    second, _ = tabulate_specifications(table, parameters, small, again)
    pd.testing.assert_frame_equal(first, second)


def test_periods_and_groups_change_the_rows(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A list of periods keeps those rows, and a group left out has none."""
    periods = sorted(table["period"].unique())[4:]
    chosen = list_specifications(table, parameters, {"periods": [periods], "leave_out": ["london"]})
    rows, _ = chosen[-1].apply(table, parameters)
    assert sorted(rows["period"].unique()) == periods
    assert not rows["london"].any()
    assert chosen[-1].words()["leave_out"] == "london"
    assert [one.main for one in chosen] == [True, False, False, False]


def test_what_cannot_be_estimated_is_counted(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Periods after the start alone give no estimate: the row is missing and counted."""
    late = sorted(table["period"].unique())[9:]
    frame, missing = tabulate_specifications(table, parameters, small, {"periods": [late]})
    assert (len(frame), missing) == (1, 1)


def test_refusals(table: pd.DataFrame, parameters: DifferenceInDifferences) -> None:
    """Unknown names, columns and values are refused together, and so are too many."""
    with pytest.raises(AnalysisError) as fault:
        list_specifications(
            table,
            parameters,
            {
                "ajust_for": [[]],
                "outcome": ["felt"],
                "weight_by": ["poeple"],
                "periods": [["1999Q1"]],
            },
        )
    assert "ajust_for has no alternatives. Did you mean adjust_for?" in str(fault.value)
    assert "outcome: felt is not in the table" in str(fault.value)
    assert "weight_by: 1 of its values" in str(fault.value)
    assert "periods: 1999Q1 is not in the data" in str(fault.value)
    periods = table["period"].unique()
    windows = [[first, last] for first in periods for last in periods if first < last][:40]
    many = {"adjust_for": [[f"x{i}"] for i in range(40)], "periods": windows}
    with pytest.raises(AnalysisError, match="1,681 combinations, and at most 1,000"):
        list_specifications(table, parameters, many)
    for name in ("minimum_important_difference", "confidence_level"):
        with pytest.raises(AnalysisError, match=f"{name} has no alternatives"):
            list_specifications(table, parameters, {name: [0.9]})


def test_a_stretch_of_time_is_told_with_what_it_leaves_out(
    table: pd.DataFrame, parameters: DifferenceInDifferences
) -> None:
    """Ends, and the periods of the table between them that are not in it."""
    periods = sorted(table["period"].unique())
    windows = [periods[2:], [*periods[:8], *periods[9:]], periods[:1]]
    found = list_specifications(table, parameters, {"periods": windows})
    assert [one.words(periods)["periods"] for one in found] == [
        "all",
        "2018Q3 to 2020Q4",
        "2018Q1 to 2020Q4 without 2020Q1",
        "2018Q1",
    ]


def test_summary_by_hand() -> None:
    """Estimates 1, 2, 3 with errors 1: median 2, two of three beyond zero, mean z of 2."""
    frame = pd.DataFrame({"estimate": [1.0, 2.0, 3.0], "std_error": 1.0, "level": 0.95})
    half = stats.norm.ppf(0.975)
    frame = frame.assign(
        conf_low=frame["estimate"] - half, conf_high=frame["estimate"] + half, df=np.inf
    )
    summary = summarise_curve(frame)
    assert summary.median == 2.0
    assert summary.mean_z == pytest.approx(2.0)
    assert summary.share_beyond_zero == pytest.approx(2 / 3)


def test_permutation_moves_starts_and_nothing_else(
    table: pd.DataFrame, parameters: DifferenceInDifferences
) -> None:
    """Clusters change places: as many start, at the same time, with outcomes left alone."""
    moved, _ = permute_intervention(table, parameters, np.random.default_rng(1))
    assert moved["outcome"].equals(table["outcome"])
    starts = moved.groupby("cluster")["first_treated"].first()
    assert sorted(starts.dropna()) == [8.0] * 8
    assert (moved["treated"] == (moved["time"] >= moved["first_treated"])).all()
    assert not starts.equals(table.groupby("cluster")["first_treated"].first())


def test_permutation_of_doses(table: pd.DataFrame, parameters: DifferenceInDifferences) -> None:
    """Without a start, a cluster gets the whole course of doses of another one."""
    rng = np.random.default_rng(3)
    dosed = table.drop(columns=["first_treated", "treated"])
    dosed["dose"] = rng.integers(0, 100, len(dosed)).astype(float)
    moved, _ = permute_intervention(dosed, parameters, rng)
    courses = {tuple(part) for _, part in dosed.groupby("cluster")["dose"]}
    assert {tuple(part) for _, part in moved.groupby("cluster")["dose"]} == courses
    with pytest.raises(AnalysisError, match="cannot be exchanged"):
        permute_intervention(dosed.drop(index=[0]), parameters, rng)


def test_too_few_to_permute(table: pd.DataFrame, parameters: DifferenceInDifferences) -> None:
    """Three clusters cannot be exchanged, and the message says how many are needed."""
    few = table[table["cluster"].isin(["U000", "U001", "U009"])]
    with pytest.raises(AnalysisError, match="3 clusters, and exchanging them needs at least 4"):
        permute_intervention(few, parameters, np.random.default_rng(1))


@pytest.mark.parametrize("change", ["everybody starts", "a control series"])
def test_what_has_nothing_to_exchange_is_not_permuted(
    table: pd.DataFrame, parameters: DifferenceInDifferences, change: str
) -> None:
    """One start for all, or one series beside its control: moving it would change nothing."""
    changed = (
        table.assign(first_treated=8.0)
        if change == "everybody starts"
        else table.assign(control=table["first_treated"].isna())
    )
    with pytest.raises(AnalysisError, match="starts cannot be exchanged"):
        permute_intervention(changed, parameters, np.random.default_rng(1))


def test_joint_inference_finds_an_effect(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A large effect is found by all three statistics, and the same seed gives the same."""
    allowed = {"adjust_for": [["agency"]]}
    found = infer_jointly(table, parameters, small, allowed, draws=19)
    assert (found["p_value"] == 1 / 20).all()
    again = infer_jointly(table, parameters, small, allowed, draws=19)
    pd.testing.assert_frame_equal(found, again)


def difference(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Compare mean outcomes after the start between units with it and without, in arrays."""
    late = (table["time"] >= 8).to_numpy()
    ever = table["first_treated"].notna().to_numpy()[late]
    values = table["outcome"].to_numpy()[late].reshape(10, -1).mean(axis=1)
    groups = [values[ever.reshape(10, -1)[:, 0]], values[~ever.reshape(10, -1)[:, 0]]]
    size = groups[0].mean() - groups[1].mean()
    error = np.sqrt(groups[0].var(ddof=1) / 5 + groups[1].var(ddof=1) / 5)
    row = {"estimate": size, "std_error": error, "conf_low": size - 2.3 * error}
    row |= {"conf_high": size + 2.3 * error, "level": 0.95, "n": 10, "clusters": 10}
    return Result("small", pd.DataFrame([row | {"method": "means", "df": 8.0}]), {})


def test_joint_inference_holds_its_level(make: Make, parameters: DifferenceInDifferences) -> None:
    """Without an effect, p below 1 in 20 is rare (many worlds, a difference of means)."""
    alarms = 0
    for seed in range(LEVEL_DRAWS):
        table = make(100 + seed, units=10, treated=5, periods=10, effect=0.0)
        table["relational"] = table["outcome"] + np.random.default_rng(seed).normal(0, 0.2, 100)
        found = infer_jointly(table, parameters, difference, {"outcome": ["relational"]}, draws=19)
        alarms += int(found["p_value"].iloc[0] <= 0.05)
    assert alarms <= MOST_FALSE_ALARMS
