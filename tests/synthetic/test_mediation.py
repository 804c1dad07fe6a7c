"""The made-up trusts and wards of mediation: the paths put in are there, and nothing is real."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.mediation import (
    EMBEDDED,
    FIELDS,
    SHARES,
    STEP,
    WORLDS,
    make_world,
)

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "synthetic" / "mediation"
MANY = {"units": 500, "answers": 4000.0}
"""So many trusts and answers that the paths show by themselves."""

CLOSE = 0.03
"""Points per point, for what 500 trusts of 12 quarters leave."""


def paths(table: pd.DataFrame, outcome: str = "overall") -> tuple[float, float]:
    """Paths a and b within trusts, each a quarter after the one before, beds held fixed."""
    columns = ["wellbeing", "climate", "bed_occupancy", outcome]
    cube = np.stack([table[c].to_numpy(float).reshape(-1, 12) for c in columns])
    x, m, beds, y = cube[0, :, :-2], cube[1, :, 1:-1], cube[2, :, :-2], cube[3, :, 2:]
    apart = [v - v.mean(axis=1, keepdims=True) for v in (x, beds, m, y)]
    x, beds, m, y = ((v - v.mean(axis=0)).ravel() for v in apart)
    a = np.linalg.lstsq(np.column_stack([x, beds]), m)[0][0]
    b = np.linalg.lstsq(np.column_stack([m, x, beds]), y)[0][0]
    return float(a), float(b)


@pytest.mark.parametrize("name", EMBEDDED)
def test_committed_files_are_made_by_this_code(name: str) -> None:
    """The file that studies read is that of the default seed."""
    truth = json.loads((COMMITTED / name / "truth.json").read_text("utf-8"))
    read = pd.read_csv(COMMITTED / name / "results.csv")
    pd.testing.assert_frame_equal(read, make_world(name, truth["seed"]).table, check_dtype=False)


@pytest.mark.parametrize("name", WORLDS)
def test_every_row_is_synthetic_and_in_range(name: str) -> None:
    """Names say that units are made up; columns are described; scores lie on their scale."""
    table = make_world(name, 1).table
    names = table["ward_name" if WORLDS[name].people else "trust_name"]
    assert names.str.startswith("Synthetic").all()
    assert set(table) <= set(FIELDS)
    scores = table[[c for c in (*SHARES, "wellbeing", "climate", "listened") if c in table]]
    assert ((scores >= 0) & (scores <= 10)).all().all()


@pytest.mark.parametrize("facet", SHARES)
def test_the_paths_are_put_in_by_facet(facet: str) -> None:
    """Both paths within trusts, and their product, are those of the truth."""
    made = make_world("effect", 2, **MANY)
    a, b = paths(made.table, facet)
    assert a == pytest.approx(WORLDS["effect"].a, abs=CLOSE)
    assert b == pytest.approx(WORLDS["effect"].b * SHARES[facet], abs=CLOSE)
    assert a * b * STEP == pytest.approx(made.truth["effect"][facet], abs=CLOSE)


def test_climate_does_nothing_in_the_null_world() -> None:
    """Wellbeing moves climate, and climate moves nothing."""
    a, b = paths(make_world("null", 3, **MANY).table)
    assert (a, b) == pytest.approx((0.8, 0.0), abs=CLOSE)


def test_trusts_differ_in_all_three_where_nothing_moves() -> None:
    """In the world of levels alone, averages go together, and within trusts nothing does."""
    table = make_world("between_only", 4, **MANY).table
    means = table.groupby("trust")[["wellbeing", "climate", "overall"]].mean().corr()
    assert means.to_numpy()[np.triu_indices(3, 1)].min() > 0.6
    assert paths(table) == pytest.approx((0.0, 0.0), abs=CLOSE)


@pytest.mark.parametrize("name", ["confounder", "reverse"])
def test_climate_seems_to_do_something_in_the_traps(name: str) -> None:
    """Climate does nothing, and a path b is seen nevertheless."""
    assert set(make_world(name, 5).truth["effect"].values()) == {0.0}
    assert paths(make_world(name, 5, **MANY).table)[1] > 3 * CLOSE


def test_own_listening_is_put_in_among_people() -> None:
    """Among people of one ward and quarter, a point more listened to is half a point better."""
    table = make_world("people", 6, people=200).table
    cells = table.groupby(["ward", "quarter"])
    m, y = ((table[c] - cells[c].transform("mean")).to_numpy() for c in ("listened", "overall"))
    assert m @ y / (m @ m) == pytest.approx(WORLDS["people"].b, abs=CLOSE)
    beside = cells[["wellbeing"]].nunique()
    assert (beside["wellbeing"] == 1).all()
