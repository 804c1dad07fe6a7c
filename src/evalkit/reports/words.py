"""Turn released values into text that is safe to put on a page."""

import html
from datetime import date
from typing import Any

from evalkit.reports.bundle import Cell, Column, Table

CONFIDENTIAL = "[c]"
NOT_AVAILABLE = "[x]"
MINUS = "\N{MINUS SIGN}"


def escape(text: object) -> str:
    """Return `text` so that a browser shows every character of it and runs none."""
    return html.escape(str(text), quote=True)


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
    return written.replace("-", MINUS)


def show_date(written: object) -> str:
    """Write a day such as 2026-03-01 as 1 March 2026, without escaping."""
    try:
        day = date.fromisoformat(str(written))
    except ValueError:
        return "undated"
    return f"{day.day} {day:%B %Y}"


def show_cell(row: dict[str, Cell], column: Column) -> str:
    """Write the value of `column` in `row`, without escaping; a name becomes words."""
    if column.name == "name":
        return sentence_case(str(row.get("name")))
    return show_value(row.get(column.name), column.decimals)


def show_interval(row: dict[str, Cell], table: Table, centre: str = "estimate") -> str:
    """Write `centre (low to high)` of one row, or the mark that stands in its place."""
    if not isinstance(row.get(centre), int | float):
        return show_cell(row, table.column(centre))
    middle, low, high = (
        show_cell(row, table.column(name)) for name in (centre, "conf_low", "conf_high")
    )
    return f"{middle} ({low} to {high})"


def sentence_case(text: str) -> str:
    """Turn a name such as `first_difference` into words that begin a line."""
    words = text.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def list_items(items: list[Any] | tuple[Any, ...]) -> str:
    """Return `<li>` elements, one for each text."""
    return "".join(f"<li>{escape(item)}</li>" for item in items)


def paragraphs(texts: Any) -> str:
    """Return `<p>` elements for one text or for several."""
    lines = [texts] if isinstance(texts, str) else list(texts or [])
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
