"""Control charts against formulas in R, and against the vectors of Making Data Count's rules."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.measures.process_control import Conventions, apply_rules, name_points
from evalkit.measures.process_limits import chart_xmr

JOBS = ("spc",)
COLUMNS = {
    "center": ("plain", "mean"),
    "mean_mR": ("plain", "average_range"),
    "UPL_2.66": ("plain", "upper"),
    "LPL_2.66": ("plain", "lower"),
    "URL_mR_3.267": ("plain", "upper_range"),
    "mean_mR_screened": ("screened", "average_range"),
    "UPL_screened": ("screened", "upper"),
    "LPL_screened": ("screened", "lower"),
}
RULES = {
    "rule_astro_points": ("outside", Conventions()),
    "rule_shift_points": ("shift", Conventions()),
    "rule_tr_points": ("trend", Conventions(trend_points=6)),
    "rule_two_points": ("two_of_three", Conventions(near_outside=True, same_side=False)),
    "rule_two_inside_points": ("two_of_three", Conventions(same_side=False)),
}
TWENTY = [84, 85, 83, 86, 84, 85, 87, 84, 83, 85, 84, 86, 91, 90, 89, 92, 90, 91, 90, 93]
PRINTED = 5e-5
"""The vectors are printed to four decimals."""

PRINTED_SHORT = 5e-3
"""Those of whole-series limits, to two."""


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Means, ranges, limits and the points of each rule equal R's, by the rule's convention."""
    scores = table("spc")["score"].to_numpy(float)
    if "points" in value:
        kind, _, rule = value["name"].partition("/")
        chart = chart_xmr(scores, screen=kind == "screened")
        name, conventions = RULES[rule]
        flags = apply_rules(chart, conventions)[name].to_numpy()
        assert (np.flatnonzero(flags) + 1).tolist() == value["points"]
        return
    screened, column = COLUMNS[value["name"]]
    chart = chart_xmr(scores, screen=screened == "screened")
    agree(value, {"estimate": float(chart[column].iloc[0])})


def test_every_list_of_points_is_stored() -> None:
    """The file holds ten lists of points, so that none is passed over for want of an estimate."""
    stored = json.loads(Path(__file__).with_name("spc.json").read_text("utf-8"))["values"]
    assert sum("points" in value for value in stored) == 10


def test_published_limits_of_a_whole_series() -> None:
    """Twenty points: mean 87.10, average range 1.94737, limits 81.92 to 92.28, near them too."""
    chart = chart_xmr(np.array(TWENTY, dtype=float))
    row = chart.iloc[-1]
    assert row["average_range"] == pytest.approx(1.94737, abs=PRINTED)
    assert row[["mean", "lower", "upper"]].tolist() == pytest.approx(
        [87.10, 81.92, 92.28], abs=PRINTED_SHORT
    )
    assert row[["near_lower", "near_upper"]].tolist() == pytest.approx(
        [83.6467, 90.5533], abs=PRINTED
    )


def test_published_limits_fixed_after_twelve_points() -> None:
    """Limits from the first twelve: points 13, 14 and 16 to 20 lie outside, 15 does not."""
    chart = name_points(chart_xmr(np.array(TWENTY, dtype=float), fix_after=12))
    row = chart.iloc[0]
    assert row[["mean", "average_range", "lower", "upper"]].tolist() == pytest.approx(
        [84.6667, 1.81818, 79.8303, 89.5030], abs=PRINTED
    )
    outside = np.flatnonzero(chart["rule"] == "outside") + 1
    assert outside.tolist() == [13, 14, 16, 17, 18, 19, 20]


def test_rules_of_making_data_count_on_the_stored_series(
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Seven-point trend: 27 to 33; points 41 and 43 are outside, so they are not also near."""
    chart = name_points(chart_xmr(table("spc")["score"].to_numpy(float)))
    named = {
        rule: (np.flatnonzero(chart["rule"] == rule) + 1).tolist() for rule in set(chart["rule"])
    }
    assert named["outside"] == [37, 41, 43]
    assert named["trend"] == [27, 28, 29, 30, 31, 32, 33]
    assert named["shift"] == [13, 14, 15, 16, 17, 18, 19, 20, 21]
    assert "two_of_three" not in named
