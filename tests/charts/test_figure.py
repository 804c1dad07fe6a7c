"""The figure around a chart: headline, subtitle, and what it is made of."""

from typing import Any

import pandas as pd
import pytest

from evalkit.charts import CHARTS, draw
from evalkit.charts.figure import SYNTHETIC_LABEL

Case = tuple[pd.DataFrame, dict[str, Any]]
LONG = "A headline that says more than anybody can read at one glance " * 3


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("synthetic", [True, False])
def test_made_up_data_are_called_so_and_only_those(
    cases: dict[str, Case], name: str, synthetic: bool
) -> None:
    """Every figure of synthetic data says so in words, and no other does."""
    frame, options = cases[name]
    figure = draw(CHARTS[name], frame, title="Headline", synthetic=synthetic, options=options)
    assert (SYNTHETIC_LABEL in [text.get_text() for text in figure.texts]) is synthetic


@pytest.mark.parametrize("name", CHARTS)
def test_everything_written_lies_inside_the_figure(cases: dict[str, Case], name: str) -> None:
    """A long headline and long labels are wrapped; nothing runs over an edge."""
    frame, options = cases[name]
    long = {c: frame[c] + " and then some more words" for c in ("label", "measure") if c in frame}
    figure = draw(
        CHARTS[name],
        frame.assign(**long),
        title=LONG,
        subtitle=LONG,
        synthetic=True,
        options=options,
    )
    figure.draw_without_rendering()
    axes, edge = figure.axes[0], figure.bbox
    for part in [*figure.texts, axes, *axes.child_axes]:
        box = part.get_tightbbox()
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1, part
        assert edge.y0 <= box.y0 and box.y1 <= edge.y1, part


def test_the_header_is_above_the_axes(cases: dict[str, Case]) -> None:
    """Headline and subtitle stand in order over the chart, and overlap nothing of it."""
    frame, options = cases["estimates"]
    figure = draw(CHARTS["estimates"], frame, title="One", subtitle="Two", options=options)
    figure.draw_without_rendering()
    one, two = (text.get_window_extent() for text in figure.texts)
    key = figure.axes[0].get_legend().get_window_extent()
    assert [text.get_text() for text in figure.texts] == ["One", "Two"]
    assert one.y0 > two.y0 > key.y1


def test_more_rows_make_a_taller_figure(cases: dict[str, Case]) -> None:
    """Rows keep their room however many there are."""
    frame, options = cases["estimates"]
    few = draw(CHARTS["estimates"], frame.iloc[:1], title="One", options=options)
    many = draw(CHARTS["estimates"], frame, title="One", options=options)
    assert many.get_figheight() > few.get_figheight() + 1
