"""Write the view of one organisation over time, as a chart or as a table."""

from collections.abc import Iterable

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.charts import Line, draw_periods
from evalkit.reports.links import View, write_address
from evalkit.reports.summary import as_number
from evalkit.reports.tables import explain_marks, write_table
from evalkit.reports.words import FACET_WORDS, escape, sentence_case, show_cell, show_interval

_TABLE = "organisations"
_TREND_COLUMNS = ("outcome", "exposure")
NO_AVERAGE = "not released"
NOTHING_THEN = "Nothing was released of this organisation for this period."


def list_facets(bundle: Bundle) -> dict[str, str]:
    """Return the measures that organisations can be looked at by, the outcome first."""
    table = bundle.tables.get(_TABLE)
    names = dict.fromkeys(str(row["measure"]) for row in table.rows) if table else {}
    ordered = sorted(names, key=lambda name: trend_column(bundle, name) != "outcome")
    return {name: FACET_WORDS.get(name, sentence_case(name)) for name in ordered}


def trend_column(bundle: Bundle, measure: str) -> str | None:
    """Return the column of the released averages that belongs to a measure, if there is one."""
    named = {
        str(bundle.protocol.get(f"{role}_name", role)).casefold(): role for role in _TREND_COLUMNS
    }
    return named.get(measure.casefold())


def list_organisations(bundle: Bundle) -> dict[str, str]:
    """Return each organisation's code with the name that readers know, by name."""
    table = bundle.tables.get(_TABLE)
    names = {str(row["unit"]): str(row["unit_name"]) for row in table.rows} if table else {}
    return dict(sorted(names.items(), key=lambda entry: entry[1].casefold()))


def list_periods(bundle: Bundle) -> list[str]:
    """Return the periods that organisations can be looked at in."""
    table = bundle.tables.get(_TABLE)
    return list(dict.fromkeys(str(row["period"]) for row in table.rows)) if table else []


def write_view(bundle: Bundle, view: View) -> str:
    """Return the chosen organisation, facet and form, with a link that shows it again."""
    table = bundle.tables.get(_TABLE)
    if table is None or not table.rows:
        return "<p>No results by organisation were released for this study.</p>"
    named = list_organisations(bundle).get(view.organisation, "All trusts")
    facet = list_facets(bundle)[view.facet]
    chosen = _rows(table, view.facet, view.organisation)
    told = [row for row in chosen if view.period in ("", row["period"])]
    body = (
        _write_numbers(bundle, table, view, told)
        if view.view == "table"
        else _write_chart(bundle, table, view, chosen)
    )
    return (
        f'<div class="view"><h3 class="view-name">{escape(named)}: {escape(facet)}</h3>'
        f"{_latest(table, view, told)}{body}"
        f'<p><a class="this-view" href="{escape(write_address(view))}">'
        "Link to this view</a></p></div>"
    )


def draw_measure(bundle: Bundle, view: View, mark: str) -> str:
    """Return the chart of one measure of one organisation; `mark` is its own name in the page."""
    table = bundle.tables[_TABLE]
    return _write_chart(bundle, table, view, _rows(table, view.facet, view.organisation), mark)


def average_of_all(bundle: Bundle, facet: str, period: str) -> str:
    """Return the released average of all in a period, as it is shown; a dash without one."""
    trend, column = bundle.tables.get("trend"), trend_column(bundle, facet)
    if trend is None or column is None or column not in {c.name for c in trend.columns}:
        return NO_AVERAGE
    held = (row for row in trend.rows if str(row["period"]) == period)
    return next((show_cell(row, trend.column(column)) for row in held), NO_AVERAGE)


def _rows(table: Table, facet: str, organisation: str) -> list[dict[str, Cell]]:
    return [row for row in table.rows if row["unit"] == organisation and row["measure"] == facet]


def _latest(table: Table, view: View, rows: list[dict[str, Cell]]) -> str:
    if not rows and view.organisation:
        return f'<p class="latest">{NOTHING_THEN}</p>'
    if not rows:
        return "<p>Choose an organisation to see it against all trusts.</p>"
    row = rows[-1]
    base = show_cell(row, table.column("base"))
    return (
        f'<p class="latest">{escape(row["period"])}: '
        f"<strong>{escape(show_interval(row, table, 'value'))}</strong>, "
        f"from {escape(base)} responses.</p>"
    )


def _write_numbers(bundle: Bundle, table: Table, view: View, rows: list[dict[str, Cell]]) -> str:
    if rows or view.organisation:
        shown = ("period", "value", "conf_low", "conf_high", "base")
        name = list_organisations(bundle)[view.organisation]
        caption = f"{name}: {list_facets(bundle)[view.facet]}"
        return write_table(table, caption=caption, columns=shown, rows=rows)
    trend = bundle.tables.get("trend")
    column = trend_column(bundle, view.facet)
    if trend is None or column is None:
        return "<p>No table over all trusts was released for this measure.</p>"
    kept = [row for row in trend.rows if view.period in ("", str(row["period"]))]
    return write_table(trend, columns=("period", "trusts", column), rows=kept)


def _write_chart(
    bundle: Bundle,
    table: Table,
    view: View,
    rows: list[dict[str, Cell]],
    mark: str = "organisation",
) -> str:
    periods = list(dict.fromkeys(str(row["period"]) for row in table.rows))
    by_unit: dict[str, list[dict[str, Cell]]] = {}
    for row in table.rows:
        if row["measure"] == view.facet:
            by_unit.setdefault(str(row["unit"]), []).append(row)
    others = [
        Line(_align(held, "value", periods))
        for unit, held in by_unit.items()
        if unit != view.organisation
    ]
    facet = list_facets(bundle)[view.facet]
    chosen = _chosen(rows, periods) if rows else None
    reference = _reference(bundle, view.facet, periods)
    spoken = "; ".join(f"{row['period']}: {show_interval(row, table, 'value')}" for row in rows)
    drawn = draw_periods(
        periods,
        chosen,
        reference,
        others,
        name=mark,
        title=f"{facet} over time",
        description=spoken or "Every trust over time. The table gives the average of all trusts.",
        axis=", ".join(filter(None, (facet, table.column("value").unit))),
        guides=tuple(
            f' class="guide{" on" if period == view.period else ""}"' for period in periods
        ),
    )
    told = [row for row in rows if view.period in ("", row["period"])]
    marks = explain_marks(told, [table.column("value"), table.column("base")])
    return f"<figure>{_key(chosen is not None, reference is not None)}{drawn}</figure>{marks}"


def _chosen(rows: list[dict[str, Cell]], periods: list[str]) -> Line:
    value, low, high = (_align(rows, name, periods) for name in ("value", "conf_low", "conf_high"))
    return Line(value, low, high)


def _reference(bundle: Bundle, facet: str, periods: list[str]) -> Line | None:
    trend = bundle.tables.get("trend")
    column = trend_column(bundle, facet)
    if trend is None or column is None or column not in {c.name for c in trend.columns}:
        return None
    return Line(_align(trend.rows, column, periods))


def _align(
    rows: Iterable[dict[str, Cell]], name: str, periods: list[str]
) -> tuple[float | None, ...]:
    by_period = {str(row["period"]): as_number(row.get(name)) for row in rows}
    return tuple(by_period.get(period) for period in periods)


def _key(chosen: bool, reference: bool) -> str:
    items = [
        ("chosen", "this organisation, with its interval", chosen),
        ("reference", "average of all trusts", reference),
        ("others", "every other trust" if chosen else "one line a trust", True),
    ]
    shown = "".join(
        f'<li><svg width="34" height="12" viewBox="0 0 34 12" aria-hidden="true">'
        f'<path class="{kind}" d="M1 6H33"/></svg> {words}</li>'
        for kind, words, present in items
        if present
    )
    return f'<ul class="key">{shown}</ul>'
