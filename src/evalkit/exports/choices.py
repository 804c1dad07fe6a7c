"""The choices of the page without a server: the served form, and the values it chooses from.

The script fills in what the served functions wrote for one organisation; every word and every
number, as text, stands in the page as Python wrote it.
"""

import html
import json
import re
from dataclasses import dataclass
from typing import Any

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.links import View
from evalkit.reports.organisation import (
    list_facets,
    list_organisations,
    trend_column,
    write_view,
)
from evalkit.reports.page import write_organisation
from evalkit.reports.tables import explain_marks
from evalkit.reports.words import CONFIDENTIAL, NOT_AVAILABLE, show_cell

_MARKS: dict[str, list[Cell]] = {
    "c": [CONFIDENTIAL],
    "x": [None],
    "cx": [CONFIDENTIAL, None],
}
_FORMS = ("chart", "table")
_SHOWN = ("value", "conf_low", "conf_high", "base")
_DRAWING = re.compile(r"(<svg class=\"chart [^>]*>.*?</desc>).*?(</svg>)", re.DOTALL)
_AXIS = re.compile(r'class="axis"[^>]*>(.*?)</text>', re.DOTALL)
_SERVED_VIEW = 'href="/study?'
_SEARCH = (
    '<label for="plain-search">Search for an organisation by name or code</label>'
    '<input id="plain-search" type="search" autocomplete="off">'
    '<p id="matches" role="status"></p>'
)
_WITHOUT_SCRIPTS = (
    '<noscript><p class="notice">Scripts are switched off, so only all trusts together are shown '
    "here. The spreadsheet of this study has each organisation.</p></noscript>"
)


@dataclass(frozen=True, slots=True)
class Choices:
    """The section on one's own organisation, and the data block that its script reads."""

    section: str = ""
    data: str = ""


def write_choices(bundle: Bundle) -> Choices:
    """Return the section with its form live; both parts are empty without organisations."""
    table = bundle.tables.get("organisations")
    if table is None:
        return Choices()
    facets = list(list_facets(bundle))
    if not facets:
        return Choices(write_organisation(bundle, View(bundle.study)))
    served = write_organisation(bundle, View(bundle.study, facets[0]))
    return Choices(_enliven(served), _write_data(make_data(bundle, table)))


def _enliven(served: str) -> str:
    """Turn the form for browsers without scripts into the page's own."""
    return (
        served.replace("<noscript>", f'{_WITHOUT_SCRIPTS}<div id="choices" hidden>', 1)
        .replace("</form></noscript>", "</form></div>", 1)
        .replace(' method="get" action="/study">', f">{_SEARCH}", 1)
        .replace('<button type="submit">Show</button>', "", 1)
        .replace(_SERVED_VIEW, 'href="?')
        .replace('<div id="controls"></div>', "", 1)
    )


def make_data(bundle: Bundle, table: Table) -> dict[str, Any]:
    """Return what the script needs: values as they are shown, and the views it fills in."""
    facets, names = list_facets(bundle), list_organisations(bundle)
    by_measure: dict[str, dict[str, list[dict[str, Cell]]]] = {name: {} for name in facets}
    for row in table.rows:
        by_measure[str(row["measure"])].setdefault(str(row["unit"]), []).append(row)
    periods = list(dict.fromkeys(str(row["period"]) for row in table.rows))
    return {
        "study": bundle.study,
        "names": names,
        "periods": periods,
        "marks": _explain(table),
        "measures": {
            name: _measure(bundle, table, name, words, by_measure[name], periods)
            for name, words in facets.items()
        },
    }


def _measure(
    bundle: Bundle,
    table: Table,
    name: str,
    words: str,
    by_unit: dict[str, list[dict[str, Cell]]],
    periods: list[str],
) -> dict[str, Any]:
    specimen = next(iter(by_unit))
    shown = [table.column(column) for column in _SHOWN]
    drawn = _AXIS.search(write_view(bundle, View(bundle.study, name)))
    return {
        "label": words,
        "axis": html.unescape(drawn.group(1)) if drawn else "",
        "specimen": specimen,
        "views": {
            kind: {form: _view(bundle, View(bundle.study, name, unit, form)) for form in _FORMS}
            for kind, unit in (("all", ""), ("one", specimen))
        },
        "reference": _reference(bundle, name, periods),
        "rows": {
            unit: [
                [periods.index(str(row["period"])), *(show_cell(row, c) for c in shown)]
                for row in rows
            ]
            for unit, rows in by_unit.items()
        },
    }


def _view(bundle: Bundle, view: View) -> str:
    """Return a view without its drawing, which the script draws."""
    written = write_view(bundle, view).replace(_SERVED_VIEW, 'href="?')
    return _DRAWING.sub(r"\1\2", written)


def _reference(bundle: Bundle, name: str, periods: list[str]) -> list[str] | None:
    """Return the average of all trusts in each period, as it is shown."""
    trend, column = bundle.tables.get("trend"), trend_column(bundle, name)
    if trend is None or column is None or column not in {c.name for c in trend.columns}:
        return None
    held = {str(row["period"]): show_cell(row, trend.column(column)) for row in trend.rows}
    return [held.get(period, NOT_AVAILABLE) for period in periods]


def _explain(table: Table) -> dict[str, str]:
    """Return the note on each mark, and on both."""
    column = table.column("value")
    told = {}
    for key, cells in _MARKS.items():
        rows: list[dict[str, Cell]] = [{"value": cell} for cell in cells]
        told[key] = explain_marks(rows, [column])
    return told


def _write_data(data: dict[str, Any]) -> str:
    """Return the data block; no text in it can end it."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    safe = written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<script type="application/json" id="organisations-data">{safe}</script>'
