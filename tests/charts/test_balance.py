"""The chart of balance: two marks a cause, the band of groups that are alike, and its words."""

from typing import Any

import pandas as pd
from matplotlib.collections import LineCollection, PathCollection

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]


def test_what_lies_apart_is_told_before_and_after(cases: dict[str, Case]) -> None:
    """By hand: 0.71 and 0.53 lie outside 0.1 before, 0.12 does after; the furthest is named."""
    frame, options = cases["balance"]
    assert CHARTS["balance"].describe(frame, **options) == (
        "Differences between the groups in four measured causes, in standard deviations, as the "
        "groups are and as they are compared. As they are, two lie outside the band of groups that "
        "are alike; the furthest apart is Hours of care, 0.71. As they are compared, one lies "
        "outside the band of groups that are alike; the furthest apart is Earlier experience, "
        "-0.12. Withheld or missing: Deprivation."
    )


def test_before_and_after_differ_without_colour(cases: dict[str, Case]) -> None:
    """The two kinds of mark have two shapes, named in the key beside the band."""
    frame, options = cases["balance"]
    axes = CHARTS["balance"].plot(frame, **options)
    marks = [c for c in axes.collections if isinstance(c, PathCollection)]
    assert len({path.vertices.tobytes() for c in marks for path in c.get_paths()}) == 2
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == [
        "The groups as they are",
        "As they are compared",
        "Near enough to be called alike",
    ]


def test_only_whole_pairs_are_joined(cases: dict[str, Case]) -> None:
    """A cause of which one end is withheld has no line, and its words say which end it is."""
    frame, options = cases["balance"]
    axes = CHARTS["balance"].plot(frame, **options)
    assert len([c for c in axes.collections if isinstance(c, LineCollection)]) == 3
    assert "not shown, 0.00" in [text.get_text() for text in axes.texts]


def test_everything_withheld_is_told(cases: dict[str, Case]) -> None:
    """Where no difference is known the words say so, and count none."""
    frame, options = cases["balance"]
    hidden = frame.assign(difference_before=float("nan"), difference_after=float("nan"))
    words = CHARTS["balance"].describe(hidden, **options)
    assert "As they are, it is not shown. As they are compared, it is not shown." in words
