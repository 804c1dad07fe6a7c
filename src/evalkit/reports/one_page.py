"""Write one organisation, ward or team on one page: its released figures beside those of all."""

from dataclasses import replace

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.fields import write_select
from evalkit.reports.links import View
from evalkit.reports.organisation import (
    average_of_all,
    draw_measure,
    list_facets,
    list_organisations,
    list_periods,
)
from evalkit.reports.summary import write_banners
from evalkit.reports.tables import explain_marks, write_table
from evalkit.reports.words import escape, say, sentence_case, show_cell, show_interval

_PLACES = ("unit", "site", "ward", "team")
_CAUTION = (
    "Differences between places here are not effects of anything that they did. A place with few "
    "answers moves more by chance."
)


def list_places(bundle: Bundle) -> dict[str, str]:
    """Return the name of each place of which anything was released, by its code."""
    if organisations := list_organisations(bundle):
        return organisations
    found: dict[str, str] = {}
    for name, table in bundle.tables.items():
        column = _place_column(name, table)
        if column:
            for row in table.rows:
                code = str(row[column])
                found.setdefault(code, str(row.get("unit_name") or sentence_case(code)))
    return dict(sorted(found.items(), key=lambda entry: entry[1].casefold()))


def write_one_page(bundle: Bundle, view: View) -> str:
    """Return the page of one place, or the list to choose one from."""
    places = list_places(bundle)
    if not places:
        return (
            f"<h1>{escape(bundle.title)}</h1><p>Nothing was released of single organisations, "
            f"wards or teams.</p>{_write_back(bundle)}"
        )
    form = _write_form(bundle, places, view)
    if not view.organisation:
        title = f'<p class="caption">{escape(bundle.title)}</p><h1>One place on one page</h1>'
        return f"{write_banners(bundle)}{title}{form}{_write_back(bundle)}"
    return (
        '<div class="one-place">'
        + write_banners(bundle)
        + f'<p class="caption">{escape(bundle.title)}</p><h1>{say(places[view.organisation])}</h1>'
        + form
        + _write_measures(bundle, view)
        + _write_others(bundle, view.organisation, places)
        + '<section class="answer"><h2>What the study found over all</h2>'
        + f'<p class="lead">{say(bundle.finding["answer"])}</p><p>{_CAUTION}</p></section>'
        + f"{_write_back(bundle)}</div>"
    )


def _write_back(bundle: Bundle) -> str:
    address = f"study?study={escape(bundle.study)}"
    return f'<p class="onward"><a href="{address}">The whole report of this study</a></p>'


def _write_form(bundle: Bundle, places: dict[str, str], view: View) -> str:
    periods = {"": "Latest"} | {period: period for period in list_periods(bundle)}
    fields = write_select(
        "one", "organisation", "Organisation, ward or team", places, view.organisation
    )
    if len(periods) > 1:
        fields += write_select("one", "period", "Period", periods, view.period)
    return (
        '<form class="plain-form one-page-form" method="get" action="organisation">'
        f'<input type="hidden" name="study" value="{escape(bundle.study)}">{fields}'
        '<button type="submit">Show</button></form>'
    )


def _write_measures(bundle: Bundle, view: View) -> str:
    table = bundle.tables.get("organisations")
    if table is None or not list_facets(bundle):
        return ""
    rows = [row for row in table.rows if row["unit"] == view.organisation]
    period = view.period or str(rows[-1]["period"])
    charts = "".join(
        f"<div><h3>{escape(words)}</h3>"
        f"{draw_measure(bundle, replace(view, facet=name, period=period), f'measure-{n}')}</div>"
        for n, (name, words) in enumerate(list_facets(bundle).items())
    )
    return (
        f'<section class="card"><h2>{escape(period)}</h2>{_compare(bundle, table, rows, period)}'
        f'</section><section class="card"><h2>Over time</h2>'
        f'<div class="small-charts">{charts}</div></section>'
    )


def _compare(bundle: Bundle, table: Table, rows: list[dict[str, Cell]], period: str) -> str:
    """Return the measures of a period beside the average of all; no difference is worked out."""
    lines, shown = [], []
    for name, words in list_facets(bundle).items():
        row = next((r for r in rows if r["measure"] == name and str(r["period"]) == period), None)
        cells = ("not released", "not released")
        if row is not None:
            shown.append(row)
            cells = (show_interval(row, table, "value"), show_cell(row, table.column("base")))
        told = (*cells, average_of_all(bundle, name, period))
        numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in told)
        lines.append(f'<tr><th scope="row">{escape(words)}</th>{numbers}</tr>')
    unit = table.column("value").unit
    shown_unit = f" <span class=unit>({escape(unit)})</span>" if unit else ""
    heads = (f"Here, with its interval{shown_unit}", "Answers", "All, average")
    columns = "".join(f'<th scope="col" class="number">{head}</th>' for head in heads)
    marks = explain_marks(shown, [table.column("value"), table.column("base")])
    return (
        f'<div class="table-scroll" role="region" aria-label="Table: {escape(period)}" '
        f'tabindex="0"><table><caption class="visually-hidden">{escape(period)}: here and over '
        f'all</caption><thead><tr><th scope="col">Measure</th>{columns}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{marks}"
    )


def _write_others(bundle: Bundle, code: str, places: dict[str, str]) -> str:
    """Return the rows of this place in every other released table that has rows by place."""
    told = ""
    for name, table in bundle.tables.items():
        column = _place_column(name, table)
        rows = [row for row in table.rows if column and str(row[column]) in (code, places[code])]
        if rows:
            told += f'<div class="shown">{write_table(table, rows=rows)}</div>'
    if not told:
        return ""
    return f'<section class="card"><h2>What was released of it</h2>{told}</section>'


def _place_column(name: str, table: Table) -> str:
    """Return the column of a table that names a place, where its rows are of several."""
    if name == "organisations" or name.startswith(("check_", "without_")):
        return ""
    labels = {column.name for column in table.columns if column.kind == "label"}
    named = {column.name for column in table.columns}
    if not named & {"unit_name", "period"}:
        labels = labels - {"unit"}
    column = next((place for place in _PLACES if place in labels), "")
    return column if column and len({row[column] for row in table.rows}) > 1 else ""
