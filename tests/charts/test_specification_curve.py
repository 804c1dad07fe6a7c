"""The specification curve: analyses in order, the plan's own marked, and what each one chooses."""

from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]
NAME = "specification_curve"


def panels(frame: pd.DataFrame, options: dict[str, Any]) -> tuple[Axes, Axes]:
    """Return the axes of the curve and those of the choices."""
    curve, choices = CHARTS[NAME].plot(frame, **options).child_axes
    return curve, choices


def marks(axes: Axes) -> list[tuple[float, float]]:
    """Return the places of the points, from left to right."""
    found = [c for c in axes.collections if isinstance(c, PathCollection)]
    return sorted((float(x), float(y)) for one in found for x, y in one.get_offsets())


def test_a_curve_is_told_as_checked_by_hand(cases: dict[str, Case]) -> None:
    """Ends, the plan's own, and sides of zero and of what matters; one choice all make is not."""
    frame, options = cases[NAME]
    assert CHARTS[NAME].describe(frame, **options) == (
        "Difference in experience by three ways of analysis that the plan allows, from the lowest "
        "to the highest, each with its 95% interval. The lowest estimate is weight by rows, adjust "
        "for nothing, outcome outcome, 0.20 (0.05 to 0.35); the highest is weight by people, "
        "adjust for agency, outcome outcome, 0.40 (-9.00 to 9.50). The plan's own gives 0.20 (0.05 "
        "to 0.35). Of the intervals, two lie wholly above zero and one lies on both sides of zero; "
        "beside the minimum important difference, three lie on both sides of it."
    )


def test_each_analysis_is_marked_at_its_choices(cases: dict[str, Case]) -> None:
    """By hand: rows 0; people 1 and 2; nothing 0 and 1; agency 2; what all share has no line."""
    frame, options = cases[NAME]
    curve, choices = panels(frame, options)
    assert marks(curve) == [(0.0, 0.2), (1.0, 0.3), (2.0, 0.4)]
    named = [label.get_text() for label in choices.get_yticklabels()]
    assert named == [
        "Weight by rows",
        "Weight by people",
        "Adjust for nothing",
        "Adjust for agency",
    ]
    assert marks(choices) == [(0, 0), (0, 2), (1, 1), (1, 2), (2, 1), (2, 3)]


def test_the_plans_own_differs_without_colour(cases: dict[str, Case]) -> None:
    """Two shapes, named in the key, and the own estimate in words."""
    frame, options = cases[NAME]
    curve, _ = panels(frame, options)
    (points,) = [c for c in curve.collections if isinstance(c, PathCollection)]
    assert len({path.vertices.tobytes() for path in points.get_paths()}) == 2
    named = [text.get_text() for text in curve.get_legend().get_texts()]
    assert named[:2] == ["The plan's own", "Also allowed"]
    assert "The plan's own: 0.20 (0.05 to 0.35)" in [text.get_text() for text in curve.texts]


def test_what_is_withheld_has_no_mark(cases: dict[str, Case]) -> None:
    """An analysis whose estimate is withheld keeps its place, is named, and is not marked."""
    frame, options = cases[NAME]
    hidden = frame.assign(estimate=["[c]", 0.3, 0.4], conf_low=["[c]", 0.1, -9.0])
    curve, choices = panels(hidden, options)
    assert [x for x, _ in marks(curve)] == [1.0, 2.0]
    assert {x for x, _ in marks(choices)} == {1.0, 2.0}
    assert "The plan's own: not shown" in [text.get_text() for text in curve.texts]
    told = CHARTS[NAME].describe(hidden, **options)
    assert told.endswith(
        "Withheld or missing: weight by rows, adjust for nothing, outcome outcome."
    )


@pytest.mark.parametrize("length", [20, 60])
def test_long_names_of_choices_have_room(cases: dict[str, Case], length: int) -> None:
    """The choices' names lie below each other without touching, whatever their length."""
    frame, options = cases[NAME]
    long = ("by the word " * 9)[:length].strip()
    wide = frame.rename(columns={"weight_by": long.replace(" ", "_")})
    figure = CHARTS[NAME].plot(wide, **options).figure
    figure.set_size_inches(8, CHARTS[NAME].height(wide, **options) + 1)
    figure.draw_without_rendering()
    labels = figure.axes[0].child_axes[1].get_yticklabels()
    boxes = [label.get_window_extent() for label in labels]
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))
