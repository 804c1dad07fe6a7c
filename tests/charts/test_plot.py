"""What the charts draw: gaps, marks, limits and direct labels."""

import re
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from evalkit.charts import CHARTS, draw, render_figure
from evalkit.charts.intervals import axis_limits
from evalkit.errors import DataError

Case = tuple[pd.DataFrame, dict[str, Any]]
SVG = "{http://www.w3.org/2000/svg}"
NUMERAL = re.compile(r"-?\d+(?:\.\d+)?")
MOST_GRID_LINES = 10


def _texts(svg: bytes, *, ticks: bool) -> list[str]:
    """Return the drawn texts of an SVG, those of axis ticks or the others."""
    root = ElementTree.fromstring(svg)  # noqa: S314
    in_ticks = [
        text
        for group in root.iter(f"{SVG}g")
        if re.fullmatch(r"[xy]tick_\d+", group.get("id", ""))
        for text in group.iter(f"{SVG}text")
    ]
    found = in_ticks if ticks else [t for t in root.iter(f"{SVG}text") if t not in in_ticks]
    return ["".join(text.itertext()) for text in found]


@pytest.mark.parametrize("name", CHARTS)
def test_drawing_alters_neither_table_nor_settings(cases: dict[str, Case], name: str) -> None:
    """The table that is drawn, and matplotlib's settings, are the same after as before."""
    frame, options = cases[name]
    before, settings = frame.copy(deep=True), dict(matplotlib.rcParams)
    figure = draw(CHARTS[name], frame, title="Headline", options=options)
    render_figure(figure, name, alt="Words.")
    CHARTS[name].describe(frame, **options)
    pd.testing.assert_frame_equal(frame, before)
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_draws_into_the_axes_that_it_is_given(cases: dict[str, Case], name: str) -> None:
    """`ax` is drawn into and returned; without it the chart makes axes of its own."""
    frame, options = cases[name]
    given = Figure(layout="constrained").add_subplot()
    assert CHARTS[name].plot(frame, ax=given, **options) is given
    assert CHARTS[name].plot(frame, **options) is not given


@pytest.mark.parametrize("name", CHARTS)
def test_every_number_drawn_stands_in_the_table(cases: dict[str, Case], name: str) -> None:
    """Direct labels show the table's cells at the precision released, and nothing else.

    Step and minimum important difference are the study's own choices, named in the options.
    """
    frame, options = cases[name]
    svg = render_figure(draw(CHARTS[name], frame, title="A", options=options), name, alt="B")["svg"]
    drawn = set(NUMERAL.findall(" ".join(_texts(svg, ticks=False))))
    cells = frame.select_dtypes("number").to_numpy().ravel()
    constants = {"95", "0.15", str(options.get("minimum_important_difference"))}
    whole = {f"{cell:.0f}" for cell in cells if float(cell).is_integer()}
    shown = {f"{cell:.2f}" for cell in cells} | whole
    assert drawn & shown
    assert drawn <= shown | constants


@pytest.mark.parametrize("name", CHARTS)
def test_a_withheld_cell_is_said_and_not_drawn(cases: dict[str, Case], name: str) -> None:
    """With every value withheld nothing is drawn but words that say so."""
    frame, options = cases[name]
    kept = [column for column in frame.select_dtypes("number") if column != "period"]
    figure = draw(
        CHARTS[name], frame.assign(**dict.fromkeys(kept, "[c]")), title="A", options=options
    )
    svg = render_figure(figure, name, alt="B")["svg"]
    assert "not shown" in " ".join(_texts(svg, ticks=False))
    axes = figure.axes[0]
    drawn = [axes, *axes.child_axes]
    assert not [c for a in drawn for c in a.collections if isinstance(c, PathCollection)]
    bars = [bar for a in drawn for container in a.containers for bar in container]
    assert not [bar for bar in bars if bar.get_width() > 0]


def test_a_line_breaks_where_a_value_is_withheld(cases: dict[str, Case]) -> None:
    """No line joins the neighbours of a gap, and the gap is marked."""
    frame, options = cases["trend"]
    axes = draw(CHARTS["trend"], frame, title="A", options=options).axes[0]
    staff, patients = axes.child_axes
    assert sorted(len(line.get_xdata()) for line in staff.lines) == [1, 2]
    assert [len(line.get_xdata()) for line in patients.lines] == [4]
    assert len(staff.patches) == 1
    assert len(patients.patches) == 0


def test_between_and_within_differ_in_shape_as_well_as_colour(cases: dict[str, Case]) -> None:
    """The three kinds of method have three shapes and three colours, named in the key."""
    frame, options = cases["estimates"]
    axes = CHARTS["estimates"].plot(frame, **options)
    (points,) = [c for c in axes.collections if isinstance(c, PathCollection)]
    shapes = {path.vertices.tobytes() for path in points.get_paths()}
    assert len(shapes) == len({tuple(colour) for colour in points.get_facecolor()}) == 3
    named = [text.get_text() for text in axes.get_legend().get_texts()]
    assert named == [
        "Within trusts, over time",
        "Between trusts",
        "Within and between mixed",
        "Less than the minimum important difference (0.2)",
    ]


def test_one_very_wide_interval_does_not_flatten_the_others(cases: dict[str, Case]) -> None:
    """By hand: reaches 0.27, 9.5, 0.12, so three times the middle one, 0.81, is the edge."""
    frame, _ = cases["estimates"]
    low, high = axis_limits(frame, 0.2)
    assert low == pytest.approx(-0.81 - 0.08 * 1.62)
    assert high == pytest.approx(0.81 + 0.08 * 1.62)


def test_an_interval_past_the_edge_ends_in_an_arrow(cases: dict[str, Case]) -> None:
    """The wide row has an arrow at either end and a line between; the numbers stand beside it."""
    frame, options = cases["estimates"]
    axes = CHARTS["estimates"].plot(frame, **options)
    arrows = [line.get_marker() for line in axes.lines if line.get_marker() in ("<", ">")]
    assert arrows == ["<", ">"]
    assert len([c for c in axes.collections if isinstance(c, LineCollection)]) == 3
    assert "0.24 (-9.00 to 9.50)" in [text.get_text() for text in axes.texts]


def test_every_estimate_stays_in_view() -> None:
    """An estimate far from the others widens the axis, so that its mark is seen."""
    rows = pd.DataFrame({"estimate": [0.1, 0.1, 3.0], "conf_low": 0.0, "conf_high": [0.2, 0.2, 40]})
    low, high = axis_limits(rows, 0.0)
    assert low <= 0 < 3.0 < high < 40


@pytest.mark.parametrize("name", CHARTS)
def test_grid_lines_are_few_and_type_is_level(cases: dict[str, Case], name: str) -> None:
    """No axes have more than ten grid lines, and no text is turned."""
    frame, options = cases[name]
    figure = draw(CHARTS[name], frame, title="Headline", subtitle="Measure", options=options)
    figure.draw_without_rendering()
    for axes in [figure.axes[0], *figure.axes[0].child_axes]:
        for axis in (axes.xaxis, axes.yaxis):
            lines = [line for line in axis.get_gridlines() if line.get_visible()]
            assert len(lines) <= MOST_GRID_LINES
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    assert {text.get_rotation() for text in texts} == {0.0}


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_that_cannot_be_drawn_is_refused(cases: dict[str, Case], name: str) -> None:
    """A missing column and an empty table are refused by the chart's name."""
    frame, options = cases[name]
    with pytest.raises(DataError, match=f"chart {name}: its table has no rows"):
        CHARTS[name].plot(frame.iloc[:0], **options)
    with pytest.raises(DataError, match=f"chart {name}: its table lacks columns"):
        CHARTS[name].describe(frame[["term"]] if "term" in frame else frame.iloc[:, :0], **options)


def test_only_the_measures_chosen_are_drawn(cases: dict[str, Case]) -> None:
    """`measures` draws a panel for each measure named, and refuses names that are not there."""
    frame, _ = cases["variation"]
    axes = CHARTS["variation"].plot(frame, measures=["Experience"])
    assert [panel.get_title(loc="left") for panel in axes.child_axes] == ["Experience"]
    with pytest.raises(DataError, match="none of the chosen measures"):
        CHARTS["variation"].plot(frame, measures=["Burnout"])
