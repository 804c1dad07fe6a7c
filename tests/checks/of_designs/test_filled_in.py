"""Checks of a study that fills in what is missing: what is asked of complete rows, and is said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.left_out import check_left_out
from evalkit.checks.placebo_units import check_placebo_units
from evalkit.checks.re_estimate import compare_by, estimate_again
from evalkit.checks.specification import tabulate_others
from evalkit.designs import difference_in_differences as design
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]


@pytest.fixture
def table(make: Make) -> pd.DataFrame:
    """Return a world of two people a unit and period, of whom one in five does not answer."""
    one = make(units=12, treated=6, periods=12)
    rng = np.random.default_rng(2)
    people = one.loc[one.index.repeat(2)].reset_index(drop=True)
    outcome = people["outcome"] + rng.normal(size=len(people))
    silent = rng.random(len(people)) < 0.2
    return people.assign(outcome=outcome.where(~silent))


@pytest.fixture
def filling(parameters: DifferenceInDifferences) -> DifferenceInDifferences:
    """Return a study that fills in five times."""
    change = {"missing_data": "multiple_imputation", "imputations": 5, "inference": "cr2"}
    return parameters.model_copy(update={**change, "data_rows": "people", "draws": 99})


def complete(parameters: DifferenceInDifferences) -> DifferenceInDifferences:
    """Return the same study without filling in."""
    return parameters.model_copy(update={"missing_data": "complete_rows"})


def headline(table: pd.DataFrame, parameters: Any) -> float:
    """Estimate the headline."""
    return float(design.estimate(table, parameters).headline["estimate"])


def test_what_moves_is_seen_on_complete_rows(
    table: pd.DataFrame, filling: DifferenceInDifferences
) -> None:
    """By hand: the largest move is that of complete rows without one cluster, and is so said."""
    result = design.estimate(table, filling)
    check = check_left_out(table, result, filling, design.estimate)
    plain = complete(filling)
    whole = headline(table, plain)
    moves = [
        abs(whole - headline(table[table["cluster"] != name], plain))
        for name in table["cluster"].unique()
    ]
    told = check.table.set_index("name")["value"]
    assert told["largest_shift"] == pytest.approx(max(moves), abs=0.01)
    assert "moves the estimate from complete rows by" in check.finding
    own = check_left_out(table, design.estimate(table, plain), plain, design.estimate)
    assert "from complete rows" not in own.finding


def test_pretended_units_are_ranked_among_their_like(
    table: pd.DataFrame, filling: DifferenceInDifferences
) -> None:
    """The rank is that of the same study on complete rows, and the finding says so."""
    filled, plain = design.estimate(table, filling), complete(filling)
    alone = design.estimate(table, plain)
    check = check_placebo_units(table, filled, filling, design.estimate)
    same = check_placebo_units(table, alone, plain, design.estimate)
    pd.testing.assert_frame_equal(check.table, same.table)
    assert "pretended estimates from complete rows" in check.finding
    assert "complete rows" not in same.finding


def test_other_ways_are_set_beside_the_same_rows(
    table: pd.DataFrame, filling: DifferenceInDifferences
) -> None:
    """Shifts are those of the study on complete rows: draws of what is missing make none."""
    found = tabulate_others(table, design.estimate(table, filling), filling, design.estimate)
    plain = complete(filling)
    own = tabulate_others(table, design.estimate(table, plain), plain, design.estimate)
    pd.testing.assert_frame_equal(found, own)
    assert len(found)


def test_a_study_of_complete_rows_is_asked_as_it_is(
    table: pd.DataFrame, filling: DifferenceInDifferences
) -> None:
    """Nothing is estimated anew, and the row is the one given."""
    row = pd.Series({"estimate": 1.0})
    plain = complete(filling)
    given, same = compare_by(table, row, plain, design.estimate)
    assert given is plain
    assert same is row
    given, same = compare_by(table, row, filling, design.estimate)
    again = estimate_again(table, plain, design.estimate)
    assert given.missing_data == "complete_rows"
    assert again is not None
    assert same["estimate"] == again.headline["estimate"]
