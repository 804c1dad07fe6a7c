"""Let a reader choose organisation, measure and form: the fields, and the values behind them.

Served and exported pages have the same fields and the same script. The script fills in what the
functions of this room wrote for one organisation: every word and every number, as text, stands in
the page as Python wrote it. A served page works without scripts too, by its address.
"""

import html
import json
import re
from dataclasses import replace
from typing import Any

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.fields import write_select
from evalkit.reports.links import VIEWS, View, write_address
from evalkit.reports.organisation import (
    NOTHING_THEN,
    list_facets,
    list_organisations,
    list_periods,
    trend_column,
    write_view,
)
from evalkit.reports.summary import write_section
from evalkit.reports.tables import explain_marks
from evalkit.reports.words import CONFIDENTIAL, NOT_AVAILABLE, escape, show_cell

SCRIPT_VARIABLE = "EVALKIT_PAGE_SCRIPT"
"""Set where the page around the notebook has our script."""

ALL = ("All trusts", "")
OTHER_CHOICES = ("figures", "part", "group", "time", "form", "since")
FORMS = (("Chart", "chart"), ("Table", "table"))
_INTRODUCTION = (
    "<p>See one organisation against all trusts. Differences between organisations here are "
    "not effects of anything that they did.</p>"
)
_MARKS: dict[str, list[Cell]] = {
    "c": [CONFIDENTIAL],
    "x": [None],
    "cx": [CONFIDENTIAL, None],
}
_SHOWN = ("value", "conf_low", "conf_high", "base")
_DRAWING = re.compile(r"(<svg class=\"chart [^>]*>.*?</desc>).*?(</svg>)", re.DOTALL)
_AXIS = re.compile(r'class="axis"[^>]*>(.*?)</text>', re.DOTALL)
_SEARCH = (
    '<div id="search" hidden>'
    '<label for="plain-search">Search for an organisation by name or code</label>'
    '<input id="plain-search" type="search" autocomplete="off">'
    '<p id="matches" role="status"></p></div>'
)
_WITHOUT_SCRIPTS = (
    '<noscript><p class="notice">Scripts are switched off, so only all trusts together are shown '
    "here. The spreadsheet of this study has each organisation.</p></noscript>"
)


def write_organisation(bundle: Bundle, view: View) -> str:
    """Return the section on the reader's own organisation: fields that send, and the view."""
    form = f'<div id="choices">{_write_form(bundle, view)}</div>'
    return _write_section(bundle, view, form, write_one_page_link(bundle, view))


def write_alone(bundle: Bundle, view: View) -> str:
    """Return the section for a page without a server, whose fields are of use with scripts only."""
    form = _write_form(bundle, view).replace(' method="get" action="study"', "", 1)
    return _write_section(bundle, view, f'{_WITHOUT_SCRIPTS}<div id="choices" hidden>{form}</div>')


def name_options(bundle: Bundle) -> dict[str, str]:
    """Return the words of each organisation in a list, by code: its name, and its code with it."""
    listed = list_organisations(bundle).items()
    return {unit: name if name == unit else f"{name} ({unit})" for unit, name in listed}


def write_heading(bundle: Bundle) -> str:
    """Return the section where the fields come from elsewhere."""
    return write_section("organisation", _INTRODUCTION if list_organisations(bundle) else "")


def write_data(bundle: Bundle) -> str:
    """Return the block of values that the script reads; without organisations, nothing."""
    table = bundle.tables.get("organisations")
    if table is None or not list_facets(bundle):
        return ""
    return _write_block(_make_data(bundle, table))


def write_one_page_link(bundle: Bundle, view: View) -> str:
    """Return a link to one organisation on a page of its own; the script lets it follow."""
    chosen = View(bundle.study, organisation=view.organisation, period=view.period, view="")
    address = escape(write_address(chosen))
    link = f'<a class="one-page" href="organisation{address}">One page to print</a>'
    return f'<p class="served-only">{link}</p>'


def _write_section(bundle: Bundle, view: View, form: str, more: str = "") -> str:
    shown = write_view(bundle, view)
    if not list_organisations(bundle):
        return write_section("organisation", shown)
    return write_section("organisation", f'{_INTRODUCTION}{form}<div id="view">{shown}</div>{more}')


def _write_form(bundle: Bundle, view: View) -> str:
    organisations = {ALL[1]: ALL[0], **name_options(bundle)}
    return (
        '<form class="plain-form" method="get" action="study">'
        f'<input type="hidden" name="study" value="{escape(bundle.study)}">'
        + _keep_choices(view)
        + _SEARCH
        + write_select("plain", "organisation", "Organisation", organisations, view.organisation)
        + write_select("plain", "facet", "Measure", list_facets(bundle), view.facet)
        + write_select("plain", "period", "Period", _name_periods(bundle), view.period)
        + write_select(
            "plain", "view", "Show as", {name: words for words, name in FORMS}, view.view
        )
        + '<button type="submit">Show</button></form>'
    )


def _name_periods(bundle: Bundle) -> dict[str, str]:
    return {"": "All periods"} | {period: period for period in list_periods(bundle)}


def _keep_choices(view: View) -> str:
    """Return fields that send on what was chosen elsewhere on the page."""
    kept = {name: getattr(view, name) for name in OTHER_CHOICES if getattr(view, name)}
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in kept.items()
    )


def _make_data(bundle: Bundle, table: Table) -> dict[str, Any]:
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
        "nothing": NOTHING_THEN,
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
    alone = replace(table, rows=tuple(by_unit[specimen]))
    bundle = replace(bundle, tables={**bundle.tables, "organisations": alone})
    shown = [table.column(column) for column in _SHOWN]
    drawn = _AXIS.search(write_view(bundle, View(bundle.study, name)))
    return {
        "label": words,
        "axis": html.unescape(drawn.group(1)) if drawn else "",
        "specimen": specimen,
        "views": {
            kind: {form: _view(bundle, View(bundle.study, name, unit, form)) for form in VIEWS}
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
    written = write_view(bundle, view)
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


def _write_block(data: dict[str, Any]) -> str:
    """Return the data block; no text in it can end it."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    safe = written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return f'<script type="application/json" id="organisations-data">{safe}</script>'
