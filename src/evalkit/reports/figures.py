"""Show the released figures that the page does not draw itself, each with its table."""

import base64
from dataclasses import replace

from evalkit.reports.bundle import Bundle, Table, released_folder
from evalkit.reports.tables import fold_table, write_table
from evalkit.reports.words import escape, say

DRAWN_BY_THE_PAGE = frozenset(
    {"estimates", "facets", "subgroups", "timing", "trend", "quality", "organisations"}
)
_TAGGED = "Synthetic data. "
"""What a drawing says of itself, so that the words under it need not."""

_FIRST = ("consequences", "five_es", "costs")
"""What came of it stands before any picture of it, and is not folded away."""

_OWN_PLACE = frozenset({"headline", "coverage", "measured", "who", "mediation"})


def list_shown(bundle: Bundle) -> list[str]:
    """Name the tables that the page shows apart: consequences, those with a figure, the rest."""
    drawn = [str(figure["table"]) for figure in bundle.figures.values()]
    named = dict.fromkeys([*_FIRST, *drawn, *bundle.tables])
    taken = DRAWN_BY_THE_PAGE | _OWN_PLACE
    return [n for n in named if n in bundle.tables and n not in taken and "check_" not in n]


def write_figures(bundle: Bundle) -> str:
    """Return consequences, then each figure with its text and table, then tables without one."""
    return "".join(_write_one(bundle, name) for name in list_shown(bundle))


def _write_one(bundle: Bundle, name: str) -> str:
    table = bundle.tables[name]
    if name in _FIRST:
        return f'<div class="shown">{write_table(table)}</div>'
    figure = next((f for f in bundle.figures.values() if f["table"] == name and f.get("svg")), None)
    folded = fold_table(
        write_table(table, captioned=False), f"Show the numbers as a table: {table.title}"
    )
    if figure is None:
        title = f"<strong>{say(table.title)}</strong><br>{say(table.description)}"
        return f'<div class="shown"><p>{title}</p>{folded}</div>'
    told = replace(table, description=table.description.removeprefix(_TAGGED))
    caption, drawing = write_caption(told, titled=False), _picture(bundle, figure)
    return f'<div class="shown"><figure>{drawing}{caption}</figure>{folded}</div>'


def write_caption(table: Table, *, titled: bool) -> str:
    """Return a figure's caption; a title that stands beside it already is for screen readers."""
    title = f"<strong>{say(table.title)}</strong><br>"
    if not titled:
        title = f'<span class="visually-hidden">{say(table.title)}. </span>'
    return f"<figcaption>{title}{say(table.description)}</figcaption>"


def _picture(bundle: Bundle, figure: dict[str, str]) -> str:
    """Return the released drawing inside the page, so that nothing else is fetched.

    On a narrow screen it keeps a size at which it can be read, and is scrolled.
    """
    drawing = (released_folder() / bundle.study / figure["svg"]).read_bytes()
    held = base64.b64encode(drawing).decode("ascii")
    return (
        f'<div class="table-scroll" role="region" aria-label="Chart: {escape(figure["title"])}" '
        'tabindex="0">'
        f'<img class="drawing" alt="{escape(figure["alt"])}" '
        f'src="data:image/svg+xml;base64,{held}"></div>'
    )
