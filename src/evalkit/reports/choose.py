"""Let a reader choose among released rows: which figures, part, group and period, in which form.

Every row stands in the page as it was released, and a choice hides the others. Nothing else can be
reached by a choice, served or exported, and no number is made or written by a script.
"""

from collections.abc import Iterable
from dataclasses import replace

from evalkit.reports.bundle import Bundle, Cell
from evalkit.reports.charts import Line, Mark, draw_estimates, draw_periods
from evalkit.reports.choosable import CHOICES, LABELS, Choosable, key_of, list_choosable
from evalkit.reports.links import VIEWS, View, write_address
from evalkit.reports.one_page import list_places
from evalkit.reports.spans import span_of
from evalkit.reports.summary import SHARE, as_number, smallest_difference, write_section
from evalkit.reports.tables import write_table
from evalkit.reports.words import escape, figure_decimals, say, show_cell, show_value

_INTRODUCTION = (
    "<p>See one set of figures at a time. What is not chosen stays in the chart in grey, so that "
    "one group is always seen beside the others.</p>"
)
_FORMS = {"chart": "Chart", "table": "Table"}
_MATTERING = ("facets", "subgroups", "estimates", "timing")
_MOST_NAMED_LINES = 4
_NO_CHART = '<p class="note">These figures come as a table only.</p>'
_NONE = "Nothing was released for this choice."


def write_choose(bundle: Bundle, view: View) -> str:
    """Return the section with its fields, which send, and all figures, one set of them shown."""
    return _write(bundle, view, served=True)


def write_choose_alone(bundle: Bundle, view: View) -> str:
    """Return the section for a page without a server, whose fields need scripts."""
    return _write(bundle, view, served=False)


def allowed_choices(bundle: Bundle, asked: dict[str, str]) -> dict[str, list[str]]:
    """Return what an address may ask for of each choice, given the figures that it names."""
    held = list_choosable(bundle)
    if not held:
        return {}
    shown = held.get(asked.get("figures", ""), next(iter(held.values())))
    options = {choice: list(shown.options.get(choice, ())) for choice in CHOICES}
    return {"figures": list(held), "form": list(VIEWS), **options}


def _write(bundle: Bundle, view: View, *, served: bool) -> str:
    held = list_choosable(bundle)
    if not held:
        return ""
    chosen = view.figures or next(iter(held))
    if "organisations" not in bundle.tables:
        view = replace(view, view="")
    form = _write_form(bundle, held, chosen, view)
    if not served:
        form = form.replace(' method="get" action="study"', "", 1)
    panels = "".join(
        _write_panel(bundle, one, view, key_of(n), shown=one.name == chosen)
        for n, one in enumerate(held.values())
    )
    link = (
        f'<p><a class="this-choice" href="{escape(write_address(view))}">Link to this view</a></p>'
    )
    if served and list_places(bundle) and "organisations" not in bundle.tables:
        address = f"organisation?study={escape(bundle.study)}"
        link += (
            f'<p class="served-only"><a href="{address}">One place on one page, to print</a></p>'
        )
    hidden = "" if served else " hidden"
    return write_section(
        "choose",
        f'{_INTRODUCTION}<div id="choosing"{hidden}>{form}</div>'
        f'<div id="chosen">{panels}</div>{link}',
    )


def _write_form(bundle: Bundle, held: dict[str, Choosable], chosen: str, view: View) -> str:
    kept = {"study": bundle.study} | {
        name: getattr(view, name)
        for name in ("facet", "organisation", "view", "period", "since")
        if getattr(view, name)
    }
    titles = {name: one.table.title for name, one in held.items()}
    own = "".join(
        _write_fields(one, view, key_of(n), shown=one.name == chosen)
        for n, one in enumerate(held.values())
    )
    return (
        '<form class="plain-form" method="get" action="study">'
        + "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in kept.items()
        )
        + _select("choose-figures", "figures", "Figures", titles, chosen, wide=True)
        + own
        + _select("choose-form", "form", "Chart or table", _FORMS, view.form or "chart")
        + '<button type="submit">Update the figures</button></form>'
    )


def _write_fields(one: Choosable, view: View, key: str, *, shown: bool) -> str:
    """Return the fields of one set of figures; those of a set that is not shown send nothing."""
    fields = "".join(
        _select(
            f"choose-{key}-{choice}",
            choice,
            LABELS[choice],
            options if _needs_one(one, choice) else {"": "All"} | options,
            _wanted(one, view, shown=shown)[choice],
            disabled=not shown,
        )
        for choice, options in one.options.items()
    )
    return f'<div class="fields" data-figures="{key}"{"" if shown else " hidden"}>{fields}</div>'


def _needs_one(one: Choosable, choice: str) -> bool:
    return choice == "part" and not one.whole_parts


def _wanted(one: Choosable, view: View, *, shown: bool) -> dict[str, str]:
    """Return the value that is chosen of each choice; parts that stand apart are one at a time."""
    asked = {choice: getattr(view, choice) if shown else "" for choice in one.options}
    return {
        choice: value or (next(iter(one.options[choice])) if _needs_one(one, choice) else "")
        for choice, value in asked.items()
    }


def _select(
    mark: str,
    name: str,
    label: str,
    options: dict[str, str],
    chosen: str,
    *,
    wide: bool = False,
    disabled: bool = False,
) -> str:
    first = 0 if "" in options else 1
    listed = "".join(
        f'<option value="{escape(value)}"{_key(number + first)}'
        f"{' selected' if value == chosen else ''}>{say(words)}</option>"
        for number, (value, words) in enumerate(options.items())
    )
    return (
        f'<div{" class=whole" if wide else ""}><label for="{mark}">{label}</label>'
        f'<select id="{mark}" name="{name}"{" disabled" if disabled else ""}>'
        f"{listed}</select></div>"
    )


def _key(number: int) -> str:
    return f' data-key="{key_of(number - 1)}"' if number else ""


def _write_panel(bundle: Bundle, one: Choosable, view: View, key: str, *, shown: bool) -> str:
    wanted = _wanted(one, view, shown=shown)
    rows = [row for row in one.table.rows if _matches(one, row, wanted)]
    form = (view.form or "chart") if one.drawn else "table"
    told = _say_row(one, rows[0]) if len(rows) == 1 else ""
    attributes = [
        f'{_mark_row(one, row)} data-said="{say(_say_row(one, row))}"'
        f"{'' if row in rows else ' hidden'}"
        for row in one.table.rows
    ]
    chart = _draw(bundle, one, key, wanted)
    written = write_table(one.table, attributes=attributes, captioned=False)
    return (
        f'<div class="figures-shown" data-figures="{key}"{"" if shown else " hidden"}>'
        f'<h3>{say(one.table.title)}</h3><p class="note">{say(one.table.description)}</p>'
        f'<p class="latest told"{"" if told else " hidden"}><strong>{say(told)}</strong></p>'
        f'<p class="none-there"{" hidden" if rows else ""}>{_NONE}</p>'
        + (f'<div class="as-chart"{_hide(form != "chart")}>{chart}</div>' if chart else _NO_CHART)
        + f'<div class="as-table"{_hide(form != "table")}>{written}</div></div>'
    )


def _hide(hidden: bool) -> str:
    return " hidden" if hidden else ""


def _matches(one: Choosable, row: dict[str, Cell], wanted: dict[str, str]) -> bool:
    return all(not value or one.value_of(choice, row) == value for choice, value in wanted.items())


def _mark_row(one: Choosable, row: dict[str, Cell], choices: Iterable[str] = CHOICES) -> str:
    named = [choice for choice in choices if choice in one.options]
    return "".join(f' data-{choice}="{one.key_of(choice, row)}"' for choice in named)


def _say_row(one: Choosable, row: dict[str, Cell]) -> str:
    """Return one row in words: what it is of, its value and its interval."""
    named = ", ".join(one.options[c][one.value_of(c, row)] for c in one.options)
    if not one.centre:
        return f"{named}."
    unit = one.table.column(one.centre).unit
    told = f"{named}: {_say_value(one, row)}"
    return f"{told} {unit}" if unit and isinstance(row.get(one.centre), int | float) else told


def _say_value(one: Choosable, row: dict[str, Cell], decimals: int | None = None) -> str:
    column = one.table.column(one.centre)
    value, ends = row.get(one.centre), [row.get(end) for end in one.ends]
    if not isinstance(value, int | float):
        return show_cell(row, column)
    written = [
        show_value(cell, one.table.column(name).decimals if decimals is None else decimals)
        for name, cell in zip((one.centre, *one.ends), (value, *ends), strict=True)
    ]
    return f"{written[0]} ({written[1]} to {written[2]})" if None not in ends else written[0]


def _draw(bundle: Bundle, one: Choosable, key: str, wanted: dict[str, str]) -> str:
    if one.drawn == "marks":
        return f'<div class="one-chart">{_draw_marks(bundle, one, key, wanted)}</div>'
    if one.drawn != "lines":
        return ""
    parts = list(one.options.get("part", {"": ""}))
    return "".join(
        f'<div class="one-chart"{_part_key(one, part)}{_hide(wanted.get("part", "") != part)}>'
        f"{_draw_lines(bundle, one, f'{key}-{key_of(n)}', part, wanted)}</div>"
        for n, part in enumerate(parts)
    )


def _part_key(one: Choosable, part: str) -> str:
    return f' data-part="{key_of(list(one.options["part"]).index(part))}"' if part else ""


def _draw_marks(bundle: Bundle, one: Choosable, key: str, wanted: dict[str, str]) -> str:
    low, high = one.ends
    decimals = figure_decimals(one.table) if one.centre == "estimate" else None
    marks = [
        Mark(
            ", ".join(one.options[c][one.value_of(c, row)] for c in one.options),
            as_number(row.get(one.centre)),
            as_number(row.get(low)),
            as_number(row.get(high)),
            _say_value(one, row, decimals),
            attributes=f' class="{_state(one, row, wanted)}"{_mark_row(one, row)}',
        )
        for row in one.table.rows
    ]
    column = one.table.column(one.centre)
    measure = "Difference" if column.label == "Estimate" else column.label
    mattering = one.name in _MATTERING and measure != SHARE
    return draw_estimates(
        marks,
        name=f"choose-{key}",
        title=one.table.title,
        description="; ".join(f"{mark.label}: {mark.text}" for mark in marks) + ".",
        axis=f"{measure}, {column.unit}".rstrip(", "),
        smallest=smallest_difference(bundle) if mattering else None,
    )


def _state(one: Choosable, row: dict[str, Cell], wanted: dict[str, str]) -> str:
    """Return whether a mark is chosen, is not, or no choice was made."""
    if not any(wanted.values()):
        return "pick"
    return "pick on" if _matches(one, row, wanted) else "pick off"


def _draw_lines(bundle: Bundle, one: Choosable, key: str, part: str, wanted: dict[str, str]) -> str:
    periods = list(one.options["time"])
    rows = [row for row in one.table.rows if not part or one.value_of("part", row) == part]
    groups: dict[str, list[dict[str, Cell]]] = {}
    for row in rows:
        groups.setdefault(one.value_of("group", row), []).append(row)
    own = {"group": wanted.get("group", "")} if "group" in wanted else {}
    lines = [_line(one, held, n, periods, own) for n, held in enumerate(groups.values())]
    named = part and one.options["part"][part]
    column = one.table.column(one.centre)
    values = [v for line in lines for v in (*line.values, *line.low) if v is not None]
    span = span_of(bundle, column, values)
    drawn = draw_periods(
        periods,
        None,
        None,
        lines,
        name=f"choose-{key}",
        title=": ".join(filter(None, (one.table.title, named))),
        description="The table has each value.",
        axis=", ".join(filter(None, (column.label, column.unit))),
        guides=tuple(
            f' class="guide{" on" if period == wanted.get("time") else ""}" data-time="{key_of(n)}"'
            for n, period in enumerate(periods)
        ),
        widen=span.widen,
    )
    note = f'<p class="note">{span.words}</p>' if span.words else ""
    return _write_lines_key(one, list(groups)) + drawn + note


def _line(
    one: Choosable,
    rows: list[dict[str, Cell]],
    number: int,
    periods: list[str],
    wanted: dict[str, str],
) -> Line:
    held = {
        name: {one.value_of("time", row): as_number(row.get(name)) for row in rows}
        for name in (one.centre, *one.ends)
    }
    values, low, high = (tuple(map(by_period.get, periods)) for by_period in held.values())
    state = _state(one, rows[0], wanted)
    kind = f"{state} line-{key_of(min(number, _MOST_NAMED_LINES))}"
    attributes = f' class="{kind}"{_mark_row(one, rows[0], ("group",))}'
    return Line(values, low, high, attributes)


def _write_lines_key(one: Choosable, groups: list[str]) -> str:
    """Return what each line is; of many, that a choice shows which is which."""
    if len(groups) < 2:
        return ""
    if len(groups) > _MOST_NAMED_LINES:
        return '<p class="note">One line a group. Choose a group to see which is its.</p>'
    items = "".join(
        f'<li><svg width="34" height="12" viewBox="0 0 34 12" aria-hidden="true">'
        f'<path class="pick line-{key_of(n)}" d="M1 6H33"/></svg> '
        f"{say(one.options['group'][group])}</li>"
        for n, group in enumerate(groups)
    )
    return f'<ul class="key">{items}</ul>'
