"""The chart of a threshold: bands and lines on its two sides, and what stands next to it."""

from typing import Any

import pandas as pd

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]


def test_the_bands_next_to_it_are_told(cases: dict[str, Case]) -> None:
    """The words hold the average of the nearest band on each side, and no other number."""
    frame, options = cases["threshold"]
    assert CHARTS["threshold"].describe(frame, **options) == (
        "Experience along the frailty score, averaged in bands on both sides of the threshold, "
        "with a line for each side. In the band next to it, of those not offered, it is 6.25. In "
        "the band next to it, of those offered, it is 7.05."
    )


def test_a_side_without_averages_is_told(cases: dict[str, Case]) -> None:
    """Where every average of a side is withheld, words and key say that it is not shown."""
    frame, options = cases["threshold"]
    hidden = frame.assign(mean=frame["mean"].mask(frame["side"] == "offered"))
    assert "Of those offered it is not shown." in CHARTS["threshold"].describe(hidden, **options)
    axes = CHARTS["threshold"].plot(hidden, **options)
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == ["Not offered", "Offered: not shown"]


def test_sides_differ_without_colour(cases: dict[str, Case]) -> None:
    """Each side has its own mark, and the threshold stands between them."""
    frame, options = cases["threshold"]
    axes = CHARTS["threshold"].plot(frame, **options)
    marks = [line.get_marker() for line in axes.lines if line.get_marker() not in ("None", "")]
    assert len(set(marks)) == 2
    assert [50.0, 50.0] in [list(line.get_xdata()) for line in axes.lines]
