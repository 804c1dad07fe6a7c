"""Charts place released numbers where they belong and say in words what they show."""

import math
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from evalkit.reports.charts import Line, Mark, draw_estimates, draw_periods
from evalkit.reports.scales import Scale, round_ticks, tick_decimals

MARKS = [
    Mark("First <b>", 0.2, 0.1, 0.3, "0.20 (0.10 to 0.30)", accent=True),
    Mark("Second", None, None, None, "[c]"),
]


def _charts(written: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<div>{written}</div>"))  # noqa: S314


def test_scale_by_hand() -> None:
    """Half of the way in values is half of the way in the drawing."""
    assert Scale(0, 10, 100, 300)(5) == 200


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0.3), (-0.17, 0.33), (7.01, 8.4), (5, 5), (0, 1e-4), (-3000, 12000)]
)
def test_ticks_cover_the_values(low: float, high: float) -> None:
    """There are two to six round ticks; the first and the last enclose the values."""
    ticks = round_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] <= low
    assert ticks[-1] >= high
    steps = {round(after - before, 9) for before, after in pairwise(ticks)}
    assert len(steps) == 1
    assert all(math.isclose(round(t, tick_decimals(ticks)), t, abs_tol=1e-9) for t in ticks)


def test_every_chart_has_a_title_and_a_description() -> None:
    """Both sizes are images with a title and a description of their own ids."""
    drawn = _charts(draw_estimates(MARKS, name="n", title="T<", description="D&", axis="points"))
    assert [chart.get("class") for chart in drawn] == ["chart wide", "chart narrow"]
    ids = []
    for chart in drawn:
        assert chart.get("role") == "img"
        title, description = chart[0], chart[1]
        assert (title.text, description.text) == ("T<", "D&")
        assert chart.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        ids += [title.get("id"), description.get("id")]
    assert len(set(ids)) == 4


def test_estimates_stand_where_their_numbers_say() -> None:
    """On the drawing, estimate, interval and the smallest difference keep their proportions."""
    chart = _charts(
        draw_estimates(MARKS, name="n", title="t", description="d", axis="a", smallest=0.2)
    )[0]
    (circle,) = [part for part in chart if part.tag == "circle"]
    interval = next(part for part in chart if part.get("class") == "interval accent")
    _, smallest = [part for part in chart if part.get("class") == "smallest"][:2]
    left, right = float(interval.get("x1", "")), float(interval.get("x2", ""))
    assert float(circle.get("cx", "")) == pytest.approx((left + right) / 2, abs=0.1)
    assert float(smallest.get("x1", "")) == pytest.approx(float(circle.get("cx", "")), abs=0.1)
    zero = float(next(p for p in chart if p.get("class") == "zero").get("x1", ""))
    assert (right - zero) == pytest.approx(3 * (left - zero), abs=0.5)


def test_harm_that_matters_has_a_line_as_a_gain_has() -> None:
    """Both lines stand as far from zero, where all estimates are of harm too, and are told."""
    marks = [Mark("Harm", -0.5, -0.7, -0.3, "-0.50 (-0.70 to -0.30)")]
    for chart in _charts(
        draw_estimates(marks, name="n", title="t", description="d.", axis="a", smallest=0.2)
    ):
        zero = next(float(p.get("x1", "")) for p in chart if p.get("class") == "zero")
        low, high = (float(p.get("x1", "")) for p in chart if p.get("class") == "smallest")
        assert low < zero < high <= float((chart.get("viewBox") or "").split()[2])
        assert zero - low == pytest.approx(high - zero, abs=0.2)
        assert chart[1].text == "d. Dashed lines: 0.2 either way, the smallest that matters."
        assert "Smallest that matters, either way" in [part.text for part in chart]


def test_suppressed_estimate_has_no_mark() -> None:
    """A suppressed row shows `[c]` and neither point nor interval, which would give it away."""
    chart = _charts(draw_estimates(MARKS[1:], name="n", title="t", description="d", axis="a"))[0]
    assert not [part for part in chart if part.tag in ("circle", "rect")]
    assert "[c]" in [part.text for part in chart]


def test_a_gap_lifts_the_pen() -> None:
    """A missing period breaks the line; no line crosses it."""
    line = Line((1.0, None, 3.0, 4.0), (0.5, None, 2.5, 3.5), (1.5, None, 3.5, 4.5))
    written = draw_periods(
        list("abcd"), line, None, [], name="n", title="t", description="d", axis="a"
    )
    path = next(p for p in _charts(written)[0] if p.get("class") == "chosen")
    assert re.sub(r"[^ML]", "", path.get("d", "")) == "MML"


def test_two_periods_are_enough() -> None:
    """A panel of two periods, or one, still gives a chart."""
    for periods in (["2021", "2022"], ["2021"]):
        values = tuple(float(n) for n, _ in enumerate(periods))
        written = draw_periods(
            periods,
            Line(values, values, values),
            None,
            [],
            name="n",
            title="t",
            description="d",
            axis="a",
        )
        assert len(_charts(written)) == 2
