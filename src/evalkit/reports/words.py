"""Turn released values into text that is safe to put on a page."""

import html
import math
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from evalkit.reports.bundle import Cell, Column, Table

CONFIDENTIAL = "[c]"
NOT_AVAILABLE = "[x]"
FACET_WORDS = {
    "overall": "Overall experience",
    "relational": "Relational: how people were treated",
    "functional": "Functional: how well care worked",
    "felt": "Felt: how care made people feel",
}
MINUS = "\N{MINUS SIGN}"
_FEWEST_DECIMALS = 2
_HYPHEN_BEFORE_DIGIT = re.compile(r"(?<![\w.])-(?=\.?\d)")
_P_VALUES = ("p_value", "p_holm", "p_romano_wolf")
_NUMBER_WORDS = {
    "p_value": "p-value",
    "smallest_p_value": "Smallest p-value possible",
    "p_value_slope": "p-value of the trend",
    "p_value_together": "p-value of all differences together",
    "seen": "What was seen",
    "matters": "Size that would matter",
    "limit": "Size taken to matter",
    "units_with": "Units with the intervention",
    "units_without": "Units without it",
    "both_times_with": "Of those with it, there before and after",
    "both_times_without": "Of those without it, there before and after",
    "needed_for_any_estimate": "Clusters without which nothing can be estimated",
    "fewest_that_change_it": "Fewest clusters without which the answer changes",
    "differences_before": "Differences before the start",
    "slope": "Trend before the start, a period",
    "trend_found": "Trend found about four times in five",
    "moved_by_it": "By how much it would move the estimate",
    "others": "Other ways to do it",
    "differ": "Of them, clearly different",
    "with_it": "Clusters with the intervention",
    "as_large": "Of them, as large as the true one",
    "measures": "Measures compared",
    "share_left": "Share of the dose's variation that is left, per cent",
    "moving": "Units whose dose changes",
    "lags": "Earlier periods that were asked",
    "misfit": "Distance before the start, in standard deviations",
    "gap": "Difference between the two comparisons",
    "detectable": "Would be found about four times in five",
    "level": "Level of the interval, per cent",
    "low": "Lower end of the interval",
    "high": "Upper end of the interval",
}


def escape(text: object) -> str:
    """Return `text` so that a browser shows every character of it and runs none."""
    return html.escape(str(text), quote=True)


def say(text: object) -> str:
    """Escape a released sentence, with a true minus sign where a hyphen stands before a number."""
    return escape(_HYPHEN_BEFORE_DIGIT.sub(MINUS, str(text)))


def show_value(value: Cell, decimals: int | None = None) -> str:
    """Write one released value at its released precision, without escaping."""
    if value is None:
        return NOT_AVAILABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if decimals is None:
        written = f"{value:,}" if isinstance(value, int) or value.is_integer() else f"{value!r}"
        written = written.removesuffix(".0")
    else:
        written = f"{value:,.{decimals}f}"
    if not re.search("[1-9]", written):
        return written.removeprefix("-")
    return written.replace("-", MINUS)


def show_plain(value: Any) -> str:
    """Write text, numbers, lists and mappings as a line of words, without escaping."""
    if isinstance(value, list):
        return ", ".join(map(show_plain, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {show_plain(held)}" for name, held in value.items()) or "none"
    return show_value(value) if isinstance(value, str | int | float) else str(value or "none")


def show_date(written: object) -> str:
    """Write a day such as 2026-03-01 as 1 March 2026, without escaping."""
    try:
        day = date.fromisoformat(str(written))
    except ValueError:
        return "undated"
    return f"{day.day} {day:%B %Y}"


def show_cell(row: dict[str, Cell], column: Column) -> str:
    """Write the value of `column` in `row`, without escaping; a name becomes words."""
    if column.name.startswith(_P_VALUES) and row.get(column.name) == 0 and column.decimals:
        return f"under {10.0**-column.decimals:.{column.decimals}f}"
    if column.name == "name":
        name = str(row.get("name"))
        return _NUMBER_WORDS.get(name, sentence_case(name))
    return show_value(row.get(column.name), column.decimals)


def show_interval(
    row: dict[str, Cell], table: Table, centre: str = "estimate", decimals: int | None = None
) -> str:
    """Write `centre (low to high)` of one row, or the mark that stands in its place.

    All three stand at the precision of the one that is released most finely.
    """
    columns = [table.column(name) for name in (centre, "conf_low", "conf_high")]
    if not isinstance(row.get(centre), int | float):
        return show_cell(row, columns[0])
    if decimals is None:
        decimals = max(_decimals(row.get(c.name), c) for c in columns)
    middle, low, high = (show_value(row.get(c.name), decimals) for c in columns)
    return f"{middle} ({low} to {high})"


def _decimals(value: Cell, column: Column) -> int:
    """Return the decimals of a number: those of its column, or with which it was released."""
    if column.decimals is not None:
        return column.decimals
    if not isinstance(value, float) or not math.isfinite(value):
        return 0
    power = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -power) if isinstance(power, int) else 0


def figure_decimals(table: Table) -> int | None:
    """Return two decimals for a chart, or as many as keep all but zero from showing as zero."""
    ends = ("estimate", "conf_low", "conf_high")
    most = table.column("estimate").decimals
    return most and min(most, fewest_decimals(row.get(end) for row in table.rows for end in ends))


def fewest_decimals(values: Iterable[Cell]) -> int:
    """Return two, or as many decimals as it takes that nothing but zero shows as zero."""
    sizes = [abs(value) for value in values if isinstance(value, int | float) and value != 0]
    decimals = _FEWEST_DECIMALS
    while sizes and round(min(sizes), decimals) == 0:
        decimals += 1
    return decimals


def sentence_case(text: str) -> str:
    """Turn a name such as `first_difference` into words that begin a line."""
    words = text.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def end_sentence(text: str) -> str:
    """Put a full stop where a sentence lacks its end."""
    return text if not text or text.rstrip().endswith((".", "?", "!")) else f"{text.rstrip()}."


def list_items(items: list[Any] | tuple[Any, ...]) -> str:
    """Return `<li>` elements, one for each text."""
    return "".join(f"<li>{say(item)}</li>" for item in items)


def paragraphs(texts: Any) -> str:
    """Return `<p>` elements for one text or for several."""
    lines = [texts] if isinstance(texts, str) else list(texts or [])
    return "".join(f"<p>{say(line)}</p>" for line in lines)
