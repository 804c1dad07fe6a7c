"""The chart of power: one line a number of units, what is wanted and what matters marked."""

from typing import Any

import pandas as pd

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]


def test_power_is_told_as_checked_by_hand(cases: dict[str, Case]) -> None:
    """Each number of units is told with the first and last size that has a power."""
    frame, options = cases["power"]
    assert CHARTS["power"].describe(frame, **options) == (
        "How often a true difference in experience would be found, by its size, for two numbers "
        "of wards. With 20 wards: from 5.25% for 0 points to 98.75% for 0.50 points. With 40 "
        "wards: 88.25% for 0.25 points."
    )


def test_sizes_are_told_as_they_were_asked_for(cases: dict[str, Case]) -> None:
    """Without a wish for decimals a size of 0.25 is not rounded, and power has one decimal."""
    frame, options = cases["power"]
    told = CHARTS["power"].describe(frame, **{**options, "decimals": None})
    assert "88.2% for 0.25 points" in told


def test_lines_differ_without_colour(cases: dict[str, Case]) -> None:
    """Six numbers of units have six markers, and their names in the key."""
    _, options = cases["power"]
    frame = pd.DataFrame(
        {"units": [10, 20, 30, 40, 50, 60], "size": 0.2, "power": 50.0, "power_error": 2.0}
    )
    axes = CHARTS["power"].plot(frame, **options)
    marked = [line for line in axes.lines if line.get_marker() not in ("None", "", None)]
    assert len({line.get_marker() for line in marked}) == 6
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == [f"{units} wards" for units in (10, 20, 30, 40, 50, 60)]


def test_what_is_wanted_and_what_matters_are_marked(cases: dict[str, Case]) -> None:
    """A level line stands at the power wanted, an upright one at the difference that matters."""
    frame, options = cases["power"]
    axes = CHARTS["power"].plot(frame, **options)
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines]
    assert ([0, 1], [80.0, 80.0]) in lines
    assert ([0.2, 0.2], [0, 1]) in lines
    assert {text.get_text() for text in axes.texts} >= {"wanted", "smallest that matters (0.2)"}


def test_chance_is_drawn_as_upright_strokes(cases: dict[str, Case]) -> None:
    """At 0.25 with 20 wards the stroke reaches one Monte Carlo error up and down: 60 to 65."""
    frame, options = cases["power"]
    axes = CHARTS["power"].plot(frame, **options)
    assert [0.25, 0.25] in [list(line.get_xdata()) for line in axes.lines]
    assert [60.0, 65.0] in [list(line.get_ydata()) for line in axes.lines]
