"""Draw the report's two charts as small accessible SVG, by hand and from released values only.

Each chart is drawn twice, wide and narrow, and the style sheet shows the one that fits:
text keeps its size on a telephone. Screen readers meet only the one that is shown.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from evalkit.reports.scales import Scale, round_ticks, tick_decimals
from evalkit.reports.words import MINUS, say


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a chart of estimates; `text` is the value as written in the table."""

    label: str
    estimate: float | None
    low: float | None
    high: float | None
    text: str
    accent: bool = False
    attributes: str = ""
    """Attributes of an element of its own, where a reader can choose the mark."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart over periods; `None` leaves a gap. `low` and `high` may be empty.

    One with `attributes` is an element of its own, which a reader can choose.
    """

    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    attributes: str = ""


def draw_estimates(
    marks: list[Mark],
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
    smallest: float | None = None,
) -> str:
    """Draw estimates with their intervals, beside no difference and `smallest` either way.

    Harm that matters is seen as a gain that matters is: a line stands on both sides of zero.
    """
    if smallest is not None:
        description += f" Dashed lines: {abs(smallest):g} either way, the smallest that matters."
    return _both(lambda narrow: _estimates(marks, narrow, axis, smallest), name, title, description)


def draw_periods(
    periods: list[str],
    chosen: Line | None,
    reference: Line | None,
    others: list[Line],
    *,
    name: str,
    title: str,
    description: str,
    axis: str,
    guides: tuple[str, ...] = (),
    widen: Callable[[float, float], tuple[float, float]] = lambda low, high: (low, high),
) -> str:
    """Draw one organisation over time, the average of all and every other organisation.

    `widen` gives the ends of a scale that may not be as narrow as its values.

    `guides` are the attributes of an upright line at each period, where one can be chosen.
    """
    return _both(
        lambda narrow: _periods(periods, chosen, reference, others, narrow, axis, guides, widen),
        name,
        title,
        description,
    )


def _both(
    draw: Callable[[bool], tuple[str, int, float]], name: str, title: str, description: str
) -> str:
    parts = []
    for shape in ("wide", "narrow"):
        body, width, height = draw(shape == "narrow")
        mark = f"{name}-{shape}"
        parts.append(
            f'<svg class="chart {shape}" viewBox="0 0 {width} {height:g}" role="img" '
            f'aria-labelledby="{mark}-title {mark}-desc">'
            f'<title id="{mark}-title">{say(title)}</title>'
            f'<desc id="{mark}-desc">{say(description)}</desc>{body}</svg>'
        )
    return "".join(parts)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{say(words)}</text>'
    )


def _stroke(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _estimates(
    marks: list[Mark], narrow: bool, axis: str, smallest: float | None
) -> tuple[str, int, float]:
    width, left, right = (260, 8, 252) if narrow else (860, 268, 684)
    labels = [textwrap.wrap(mark.label, 32) or [""] for mark in marks]
    values = [v for m in marks for v in (m.estimate, m.low, m.high) if v is not None]
    around = [0.0, *values, *_both_sides(smallest)]
    ticks = round_ticks(min(around), max(around), 5 if narrow else 8)
    x = Scale(ticks[0], ticks[-1], left + 14, right - 14)
    top = 54.0 if smallest is not None else 30.0
    drawn = [_reference_label(x, 0.0, 16.0, "No difference", width)]
    if smallest is not None:
        drawn.append(_reference_label(x, 0.0, 38.0, "Smallest that matters, either way", width))
    for mark, lines in zip(marks, labels, strict=True):
        height = _row_height(lines, narrow)
        band = (top + height - 44, top + height - 8) if narrow else (top, top + height)
        drawn += _guides(x, ticks, smallest, *band)
        row = _row(mark, lines, x, top, height, width, narrow)
        drawn.append(f"<g{mark.attributes}>{row}</g>" if mark.attributes else row)
        top += height
    decimals = tick_decimals(ticks)
    drawn += [
        _text(x(t), top + 20, f"{t:.{decimals}f}".replace("-", MINUS), "tick", "middle")
        for t in ticks
    ]
    drawn += [
        _text(
            width / 2 if narrow else (left + right) / 2, top + 44 + 18 * n, line, "axis", "middle"
        )
        for n, line in enumerate(textwrap.wrap(axis, 34 if narrow else 60))
    ]
    return "".join(drawn), width, top + 44 + 18 * len(textwrap.wrap(axis, 34 if narrow else 60))


def _row_height(lines: list[str], narrow: bool) -> float:
    return 20.0 * len(lines) + 72 if narrow else max(46.0, 20.0 * len(lines) + 14)


def _guides(
    x: Scale, ticks: list[float], smallest: float | None, top: float, bottom: float
) -> list[str]:
    drawn = [_stroke(x(tick), top, x(tick), bottom, "grid") for tick in ticks]
    drawn.append(_stroke(x(0), top, x(0), bottom, "zero"))
    drawn += [_stroke(x(end), top, x(end), bottom, "smallest") for end in _both_sides(smallest)]
    return drawn


def _both_sides(smallest: float | None) -> tuple[float, ...]:
    return () if smallest is None else (-smallest, smallest)


def _reference_label(x: Scale, value: float, y: float, words: str, width: int) -> str:
    half = 3.7 * len(words)
    return _text(min(max(x(value), half + 2), width - half - 2), y, words, "note", "middle")


def _row(
    mark: Mark, lines: list[str], x: Scale, top: float, height: float, width: int, narrow: bool
) -> str:
    strong = "strong" if mark.accent else ""
    if narrow:
        middle, first = top + height - 26, top + 18
        drawn = _text(0, first + 20 * len(lines), mark.text, strong)
    else:
        middle = top + height / 2
        first = middle + 5 - 10 * (len(lines) - 1)
        drawn = _text(width, middle + 5, mark.text, strong, "end")
    drawn += "".join(_text(0, first + 20 * n, line, strong) for n, line in enumerate(lines))
    return drawn + _mark(mark, x, middle)


def _mark(mark: Mark, x: Scale, middle: float) -> str:
    kind = "accent" if mark.accent else "plain"
    drawn = ""
    if mark.low is not None and mark.high is not None:
        drawn += _stroke(x(mark.low), middle, x(mark.high), middle, f"interval {kind}")
        for end in (mark.low, mark.high):
            drawn += _stroke(x(end), middle - 6, x(end), middle + 6, f"interval {kind}")
    if mark.estimate is None:
        return drawn
    if mark.accent:
        return drawn + f'<circle cx="{x(mark.estimate):.1f}" cy="{middle}" r="7" class="accent"/>'
    corner = x(mark.estimate) - 5.5
    return drawn + (
        f'<rect x="{corner:.1f}" y="{middle - 5.5}" width="11" height="11" class="plain"/>'
    )


def _periods(
    periods: list[str],
    chosen: Line | None,
    reference: Line | None,
    others: list[Line],
    narrow: bool,
    axis: str,
    guides: tuple[str, ...],
    widen: Callable[[float, float], tuple[float, float]],
) -> tuple[str, int, float]:
    width, left, right, top, bottom = (260, 34, 258, 34, 270) if narrow else (860, 46, 856, 36, 370)
    lines = [line for line in (chosen, reference, *others) if line is not None]
    values = [v for n in lines for v in (*n.values, *n.low, *n.high) if v is not None]
    ticks = round_ticks(*widen(min(values, default=0.0), max(values, default=1.0)), 6)
    y = Scale(ticks[0], ticks[-1], bottom, top)
    x = Scale(0, max(len(periods) - 1, 1), left + 12, right - 12)
    decimals = tick_decimals(ticks)
    drawn = [_text(0, 18, axis, "axis")]
    for tick in ticks:
        drawn.append(_stroke(left, y(tick), right, y(tick), "grid"))
        drawn.append(_text(left - 8, y(tick) + 5, f"{tick:.{decimals}f}", "tick", "end"))
    every = -(-len(periods) // (3 if narrow else 8))
    for index in range(0, len(periods), every):
        place = min(x(index), width - 4.2 * len(periods[index]))
        drawn.append(_text(place, bottom + 24, periods[index], "tick", "middle"))
    for index, held in enumerate(guides):
        drawn.append(f'<path{held} d="M{x(index):.1f} {top}V{bottom}"/>')
    apart = [line for line in others if line.attributes]
    plain = "".join(_path(line.values, x, y) for line in others if not line.attributes)
    drawn += [f'<path{n.attributes} d="{_path(n.values, x, y)}"/>' for n in apart]
    if plain or not apart:
        drawn.append(f'<path class="others" d="{plain}"/>')
    if reference is not None:
        drawn.append(f'<path class="reference" d="{_path(reference.values, x, y)}"/>')
    if chosen is not None:
        drawn.append(_chosen(chosen, x, y))
    return "".join(drawn), width, bottom + 38


def _chosen(line: Line, x: Scale, y: Scale) -> str:
    drawn = [
        _stroke(x(i), y(low), x(i), y(high), "interval accent thin")
        for i, (low, high) in enumerate(zip(line.low, line.high, strict=True))
        if low is not None and high is not None
    ]
    drawn.append(f'<path class="chosen" d="{_path(line.values, x, y)}"/>')
    drawn += [
        f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="4.5" class="accent"/>'
        for i, value in enumerate(line.values)
        if value is not None
    ]
    return "".join(drawn)


def _path(values: tuple[float | None, ...], x: Scale, y: Scale) -> str:
    """Join neighbouring values; a gap lifts the pen."""
    written, down = [], False
    for index, value in enumerate(values):
        if value is None:
            down = False
            continue
        written.append(f"{'L' if down else 'M'}{x(index):.1f} {y(value):.1f}")
        down = True
    return "".join(written)
