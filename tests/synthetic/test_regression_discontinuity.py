"""Made-up people about a threshold: what they hold, and that the truth is in them."""

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.regression_discontinuity import (
    CALLED,
    CALLED_ANYWAY,
    FIELDS,
    SHARES,
    THRESHOLD,
    make_world,
)

MANY = 400_000


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """Return so many people that chance hardly moves an average near the threshold."""
    return make_world("effect", 1, people=MANY, practices=2000).table


def test_columns_are_described_and_synthetic() -> None:
    """Every column has its description, and every row says that it is made up but not whose."""
    table = make_world("effect", 1, people=500).table
    assert list(table) == list(FIELDS)
    assert table["practice_name"].str.startswith("Synthetic").all()
    assert table["practice"].nunique() == 30
    assert not {"person", "name"} & set(table)


def test_the_same_seed_makes_the_same_world() -> None:
    """A seed gives one world, another seed another."""
    one, two, other = (make_world("null", seed, people=500).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["overall"].equals(other["overall"])


def test_most_of_those_offered_are_called(many: pd.DataFrame) -> None:
    """Three in four of those offered are called back, and one in twenty of the others."""
    offered = many["frailty"] >= THRESHOLD
    assert many.loc[offered, "called_back"].mean() == pytest.approx(CALLED, abs=0.01)
    assert many.loc[~offered, "called_back"].mean() == pytest.approx(CALLED_ANYWAY, abs=0.01)


@pytest.mark.parametrize("facet", list(SHARES))
def test_the_truth_is_the_gap_at_the_threshold(many: pd.DataFrame, facet: str) -> None:
    """Lines through all people near the threshold meet it as far apart as the truth says."""
    true = make_world("effect", 1, people=500).truth["effect"][facet]  # type: ignore[index]
    away = many["frailty"] - THRESHOLD + 0.05
    ends = [
        np.polyfit(away[side], many.loc[side, facet], 1)[1]
        for side in (away.between(0, 8), away.between(-8, 0))
    ]
    assert ends[0] - ends[1] == pytest.approx(true, abs=0.03)


def test_the_manipulated_are_lifted_because_they_are_content() -> None:
    """In the trap more lie past the threshold, and those were more content a year earlier."""
    plain, lifted = (make_world(name, 1, people=100_000).table for name in ("null", "manipulated"))
    past = [table[table["frailty"].between(50, 53)] for table in (plain, lifted)]
    short = [table[table["frailty"].between(45, 49.9)] for table in (plain, lifted)]
    assert len(past[1]) > 1.3 * len(past[0])
    assert past[1]["earlier"].mean() - short[1]["earlier"].mean() > 0.5
    assert abs(past[0]["earlier"].mean() - short[0]["earlier"].mean()) < 0.2
