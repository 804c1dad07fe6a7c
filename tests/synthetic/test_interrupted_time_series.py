"""The made-up months are as they say: what was put in is there, and nothing is real."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.interrupted_time_series import (
    COLUMNS,
    COMPLAINTS,
    EMBEDDED,
    FIELDS,
    SHARES,
    WORLDS,
    make_world,
)

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "synthetic" / "interrupted_time_series"
LARGE = {"answers": 1e6, "contacts": 1e6, "spread": 0.01, "wave": 0.0}
"""So many answers, and so little that drifts, that the causes show by themselves."""

CLOSE = 0.2
"""Percentage points, for what a million answers leave."""


def mean_change(table: pd.DataFrame, column: str) -> float:
    """Average of the first trust from month 24 on, less that before."""
    first = table[~table["without"]][column].to_numpy(float)
    return float(first[24:].mean() - first[:24].mean())


@pytest.mark.parametrize("name", EMBEDDED)
def test_committed_files_are_made_by_this_code(name: str) -> None:
    """The file that studies read is that of the default seed."""
    truth = json.loads((COMMITTED / name / "truth.json").read_text("utf-8"))
    again = make_world(name, truth["seed"])
    read = pd.read_csv(COMMITTED / name / "results.csv")
    pd.testing.assert_frame_equal(read, again.table, check_dtype=False)


@pytest.mark.parametrize("name", WORLDS)
def test_every_row_is_synthetic_and_in_range(name: str) -> None:
    """Names say that trusts are made up; columns are those described; shares are percentages."""
    table = make_world(name, 1).table
    assert table["trust_name"].str.contains("Synthetic").all()
    assert set(table) == set(FIELDS)
    shares = table[[*COLUMNS.values(), "food_positive", "text_share"]].to_numpy()
    assert ((shares >= 0) & (shares <= 100)).all()
    assert (table.groupby("trust")["month"].nunique() == 48).all()


@pytest.mark.parametrize("facet", SHARES)
def test_the_effect_is_put_in_by_facet(facet: str) -> None:
    """Averages rise by the effect's average; in the null world by nothing."""
    made = make_world("effect", 2, **LARGE)
    true = made.truth["average"][facet]  # type: ignore[index]
    assert mean_change(made.table, COLUMNS[facet]) == pytest.approx(true, abs=CLOSE)
    null = make_world("null", 2, **LARGE).table
    assert mean_change(null, COLUMNS[facet]) == pytest.approx(0, abs=CLOSE)


def test_complaints_fall_by_the_ratio() -> None:
    """The rate becomes 0.7 of what it was, and the truth says so per 1,000."""
    made = make_world("single", 3, periods=480, start=240, contacts=1e5)
    rate = made.table["complaints"] / made.table["contacts"]
    ratio = rate[240:].mean() / rate[:240].mean()
    assert ratio == pytest.approx(WORLDS["single"].ratio, abs=0.03)
    true = made.truth["effect"]["complaints"]  # type: ignore[index]
    assert true == pytest.approx(1000 * COMPLAINTS * (0.7 - 1))


def test_a_shared_shock_befalls_all() -> None:
    """The others rise by as much, so that the difference stays where it was."""
    table = make_world("shared_shock", 4, **LARGE).table
    others = table[table["without"]].groupby("month")["positive"].mean().to_numpy()
    rise = others[24:].mean() - others[:24].mean()
    assert rise == pytest.approx(WORLDS["shared_shock"].shock, abs=CLOSE)
    assert mean_change(table, "positive") == pytest.approx(rise, abs=CLOSE)


def test_a_drifting_trust_goes_on_as_before() -> None:
    """Its trend is the same on both sides of the start."""
    table = make_world("drifting", 5, **LARGE).table
    own = table[~table["without"]]["positive"].to_numpy(float)
    slopes = [np.polyfit(np.arange(24), part, 1)[0] for part in (own[:24], own[24:])]
    assert slopes == pytest.approx([0.12, 0.12], abs=0.01)


def test_months_hang_together() -> None:
    """Neighbouring months correlate by about 0.4 where many answer."""
    found = []
    for seed in range(20):
        table = make_world("single_null", seed, answers=1e6, wave=0.0, periods=96).table
        own = table["positive"].to_numpy(float) - table["positive"].mean()
        found.append(float(own[1:] @ own[:-1] / (own @ own)))
    assert np.mean(found) == pytest.approx(0.4, abs=0.1)
