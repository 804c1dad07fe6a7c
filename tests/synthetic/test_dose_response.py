"""The made-up wards whose partners' hours move: what was put in is there, and nothing is real."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.dose_response import (
    EMBEDDED,
    FIELDS,
    SHARES,
    STEP,
    WORLDS,
    make_world,
)

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "synthetic" / "dose_response"
MANY = {"wards": 400, "answers": 4000.0}
"""So many wards and answers that the causes show by themselves."""

CLOSE = 0.02
"""Points per step, for what 400 wards of 12 quarters leave."""


def within(values: pd.Series, ward: pd.Series) -> np.ndarray:
    """Take each ward's average away."""
    return (values - values.groupby(ward).transform("mean")).to_numpy(float)


def slope(table: pd.DataFrame, outcome: str) -> float:
    """Points per step within wards, vacancies and quarters held fixed."""
    quarters = pd.get_dummies(table["quarter"]).to_numpy(float)[:, 1:]
    fixed = [within(table[name], table["ward"]) for name in ("partner_hours", "vacancies")]
    fixed += [within(pd.Series(column, table.index), table["ward"]) for column in quarters.T]
    found = np.linalg.lstsq(np.column_stack(fixed), within(table[outcome], table["ward"]))[0]
    return STEP * float(found[0])


@pytest.mark.parametrize("name", EMBEDDED)
def test_committed_files_are_made_by_this_code(name: str) -> None:
    """The file that studies read is that of the default seed."""
    truth = json.loads((COMMITTED / name / "truth.json").read_text("utf-8"))
    read = pd.read_csv(COMMITTED / name / "results.csv")
    pd.testing.assert_frame_equal(read, make_world(name, truth["seed"]).table, check_dtype=False)


@pytest.mark.parametrize("name", WORLDS)
def test_every_row_is_synthetic_and_in_range(name: str) -> None:
    """Names say that wards are made up; columns are those described; scores lie on their scale."""
    table = make_world(name, 1).table
    assert table["ward_name"].str.startswith("Synthetic").all()
    assert set(table) == set(FIELDS)
    scores = table[[*SHARES, "visitor_parking"]].to_numpy()
    assert ((scores >= 0) & (scores <= 10)).all()
    assert (table["partner_hours"] >= 0).all()
    assert (table.groupby("ward")["quarter"].nunique() == 12).all()


@pytest.mark.parametrize("facet", SHARES)
def test_the_effect_is_put_in_by_facet(facet: str) -> None:
    """Within wards, 20 hours more make the difference that the truth says; none in the null."""
    made = make_world("effect", 2, **MANY)
    assert slope(made.table, facet) == pytest.approx(made.truth["effect"][facet], abs=CLOSE)
    assert slope(make_world("null", 2, **MANY).table, facet) == pytest.approx(0, abs=CLOSE)


def test_wards_with_more_hours_are_better_anyway() -> None:
    """In the world confounded between wards, averages go together and quarters do not."""
    table = make_world("confounded_between", 3, **MANY).table
    means = table.groupby("ward")[["partner_hours", "overall"]].mean()
    assert means.corr().iloc[0, 1] > 0.5
    assert slope(table, "overall") == pytest.approx(0, abs=CLOSE)


@pytest.mark.parametrize("name", ["reverse", "moving_cause", "hidden_at_once"])
def test_hours_do_nothing_in_the_traps(name: str) -> None:
    """Hours and experience go together within wards, though hours do nothing."""
    assert set(make_world(name, 4).truth["effect"].values()) == {0.0}
    assert slope(make_world(name, 4, **MANY).table, "overall") > 2 * CLOSE


def test_first_hours_do_most_where_it_levels_off() -> None:
    """Below the usual hours a step does more than above them."""
    table = make_world("levels_off", 5, **MANY).table
    few = table["partner_hours"] < 30
    assert slope(table[few], "overall") > slope(table[~few], "overall") + 0.1
