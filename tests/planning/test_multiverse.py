"""The multiverse of a study: what is run, how it is summed up, and when nothing is tested."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.judging import Estimate
from evalkit.errors import AnalysisError
from evalkit.planning.multiverse import Multiverse, run_multiverse, summarise_multiverse
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def study(parameters: DifferenceInDifferences) -> DifferenceInDifferences:
    """Return a study whose plan allows another outcome, a group left out, and a shorter time."""
    periods = [f"{year}Q{quarter}" for year in (2019, 2020) for quarter in range(1, 5)]
    allowed = {"outcome": ["felt"], "leave_out": ["pilot"], "periods": [periods]}
    return parameters.model_copy(update={"alternatives": allowed})


@pytest.fixture
def table(make: Make) -> pd.DataFrame:
    """Return a world with another facet and a pilot unit on each side."""
    made = make(units=16, treated=8, periods=12)
    return made.assign(felt=made["outcome"] + 0.1, pilot=made["unit"].isin(["U000", "U008"]))


def curve(**columns: object) -> Multiverse:
    """Return analyses with these numbers and no joint test."""
    return Multiverse(pd.DataFrame(columns), 0, pd.DataFrame())


def test_a_plan_without_alternatives_has_no_multiverse(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Nothing is run."""
    assert run_multiverse(table, parameters, small) is None


def test_all_combinations_are_run_and_named(
    table: pd.DataFrame, small: Estimate, study: DifferenceInDifferences
) -> None:
    """By hand: two outcomes, two groups, two stretches are eight, one of them the plan's own."""
    found = run_multiverse(table, study, small, draws=19)
    assert found is not None
    assert (len(found.curve), found.failed) == (8, 0)
    own = found.curve[found.curve["analysis"] == "The plan's own"].iloc[0]
    assert own["estimate"] == pytest.approx(small(table, study).headline["estimate"])
    assert (own["outcome"], own["leave_out"], own["periods"]) == ("overall", "nobody", "all")
    assert set(found.curve["periods"]) == {"all", "2019Q1 to 2020Q4"}
    assert found.curve["rank"].tolist() == list(range(1, 9))


def test_an_effect_is_found_by_all_together(
    table: pd.DataFrame, small: Estimate, study: DifferenceInDifferences
) -> None:
    """With 19 draws the smallest p-value is one in twenty, and the seed decides the draws."""
    found = run_multiverse(table, study, small, draws=19)
    assert found is not None
    told = summarise_multiverse(found)
    assert (told["p_median"], told["p_beyond_zero"], told["draws"]) == (0.05, 0.05, 19)
    again = run_multiverse(table, study, small, draws=19)
    assert again is not None
    pd.testing.assert_frame_equal(found.joint, again.joint)


def test_summary_by_hand() -> None:
    """Of -0.1, 0.2, 0.3 and 0.8 the middle is 0.25; three on its side; one interval each side."""
    found = curve(
        estimate=[-0.1, 0.2, 0.3, 0.8],
        conf_low=[-0.2, -0.1, -0.1, 0.1],
        conf_high=[-0.05, 0.5, 0.7, 1.1],
    )
    assert summarise_multiverse(found) == {
        "analyses": 4,
        "estimated": 4,
        "lowest": -0.1,
        "median": 0.25,
        "highest": 0.8,
        "same_side": 3,
        "above_zero": 1,
        "below_zero": 1,
    }


def test_what_could_not_be_run_is_counted(
    table: pd.DataFrame, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """A stretch after the start alone gives no estimate: allowed, and not possible."""
    late = sorted(table["period"].unique())[9:]
    study = parameters.model_copy(update={"alternatives": {"periods": [late]}})
    found = run_multiverse(table, study, small, draws=5)
    assert found is not None
    told = summarise_multiverse(found)
    assert (told["analyses"], told["estimated"]) == (2, 1)


def test_where_nothing_can_change_places_nothing_is_tested(
    table: pd.DataFrame, small: Estimate, study: DifferenceInDifferences
) -> None:
    """The analyses are shown, and no p-value is given."""
    found = run_multiverse(table.assign(control=False), study, small, draws=5)
    assert found is not None
    assert found.joint.empty
    assert "p_median" not in summarise_multiverse(found)


def test_a_group_that_is_not_there_is_refused(
    table: pd.DataFrame, small: Estimate, study: DifferenceInDifferences
) -> None:
    """A fault in the plan is not taken for an analysis that failed."""
    with pytest.raises(AnalysisError, match="leave_out: pilot is not in the table"):
        run_multiverse(table.drop(columns="pilot"), study, small)


def test_the_table_is_left_as_it_is(
    table: pd.DataFrame, small: Estimate, study: DifferenceInDifferences
) -> None:
    """Running every analysis changes nothing that it is given."""
    before = table.copy(deep=True)
    run_multiverse(table, study, small, draws=2)
    pd.testing.assert_frame_equal(table, before)
    assert np.isfinite(table["outcome"]).all()
