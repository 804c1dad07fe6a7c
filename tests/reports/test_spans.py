"""A scale is never so narrow that a change too small to matter looks like a mountain."""

import re
from dataclasses import replace

import pytest

from evalkit.reports.bundle import Bundle, Column
from evalkit.reports.choose import write_choose
from evalkit.reports.links import View
from evalkit.reports.spans import Span, span_of

POINTS = Column("mean", "Mean", "mean", "points", 1)
ON_A_SCALE = 1e-9


@pytest.fixture
def planned(bundle: Bundle) -> Bundle:
    """Return the study with a smallest difference of 0.3 points."""
    return replace(
        bundle,
        tables={name: held for name, held in bundle.tables.items() if name != "headline"},
        protocol={"minimum_important_difference": 0.3, "outcome_unit": "points"},
    )


@pytest.mark.parametrize(
    ("span", "ends", "wanted"),
    [
        (Span(), (7.9, 8.0), (7.9, 8.0)),
        (Span(1.0), (7.9, 8.0), (7.45, 8.45)),
        (Span(1.0), (7.0, 8.5), (7.0, 8.5)),
        (Span(1.0, floor=0.0), (0.1, 0.2), (0.0, 1.0)),
        (Span(10.0, ceiling=100.0), (97.0, 99.0), (90.0, 100.0)),
    ],
)
def test_a_scale_is_widened_around_its_values(
    span: Span, ends: tuple[float, float], wanted: tuple[float, float]
) -> None:
    """To its least span, and not past its floor or its ceiling; a wide one stays as it is."""
    assert span.widen(*ends) == pytest.approx(wanted, abs=ON_A_SCALE)


@pytest.mark.parametrize(
    ("column", "least", "said"),
    [
        (POINTS, 1.5, "five times the smallest difference that matters"),
        (replace(POINTS, unit="days"), 1.0, "ten steps of rounding"),
        (replace(POINTS, unit="%"), 10.0, "ten percentage points"),
        (replace(POINTS, unit="days", decimals=None), 0.0, ""),
    ],
)
def test_what_matters_sets_the_span(
    planned: Bundle, column: Column, least: float, said: str
) -> None:
    """Five times 0.3 points; in another unit rounding decides; of shares, ten of the hundred."""
    span = span_of(planned, column, [8.0])
    assert span.least == pytest.approx(least)
    assert said in span.words
    assert bool(said) == bool(span.words)


def test_shares_are_measured_by_what_matters_too(planned: Bundle) -> None:
    """A smallest difference in percentage points holds for a column in per cent."""
    held = replace(planned, protocol={**planned.protocol, "outcome_unit": "percentage points"})
    assert span_of(held, replace(POINTS, unit="%"), [50.0]).least == pytest.approx(1.5)
    assert span_of(held, replace(POINTS, unit="%"), [50.0]).ceiling == 100.0


def drawn_height(written: str, title: str) -> float:
    """Return the share of the height that the line of a wide chart over periods takes."""
    charts = re.findall(r'<svg class="chart wide".*?</svg>', written, re.DOTALL)
    (chart,) = [chart for chart in charts if f">{title}</title>" in chart]
    (path,) = re.findall(r'<path class="pick[^"]*"[^>]* d="([^"]+)"', chart)
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    return (max(heights) - min(heights)) / (370 - 36)


def test_a_flat_series_is_drawn_flat(bundle: Bundle) -> None:
    """Values that differ by one step of rounding take no more than a tenth of the height."""
    trend = bundle.tables["trend"]
    rows = tuple({**row, "outcome": 8.0 + 0.01 * (n % 2)} for n, row in enumerate(trend.rows))
    flat = replace(bundle, tables={**bundle.tables, "trend": replace(trend, rows=rows)})
    written = write_choose(flat, View("s", figures="trend"))
    assert 0 < drawn_height(written, trend.title) <= 0.1
    assert "The scale spans at least" in written
