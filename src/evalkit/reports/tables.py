"""Write a released table as an HTML table that can be read and scrolled by keyboard."""

from collections.abc import Iterable

from evalkit.reports.bundle import Cell, Column, Table
from evalkit.reports.words import CONFIDENTIAL, NOT_AVAILABLE, escape, say, sentence_case, show_cell

_KEYS = frozenset({"term", "outcome", "facet", "group", "method"})
"""Columns by which a program finds a row whose label tells it to a reader."""

_ENDS = ("conf_low", "conf_high")
_NUMBERS = ("count", "mean", "percentage", "estimate")


def write_table(
    table: Table,
    *,
    caption: str | None = None,
    columns: Iterable[str] | None = None,
    rows: Iterable[dict[str, Cell]] | None = None,
    captioned: bool = True,
    attributes: Iterable[str] = (),
) -> str:
    """Return the table with its caption, its marks explained, and its first column as headers.

    Without `columns`, keys that only a program reads and columns of nothing are left out. A level
    that all intervals share is told in their headings. Without `captioned` a heading is the title.
    `attributes` are those of each row's element, where rows can be chosen.
    """
    kept = list(table.rows if rows is None else rows)
    names = list(columns) if columns is not None else _telling(table, kept)
    level = _shared_level(table, kept)
    shown = [c for c in table.columns if c.name in names and (c.name != "level" or not level)]
    title = say(caption or table.title)
    head = "".join(f'<th scope="col"{_kind(c)}>{_heading(c, level)}</th>' for c in shown)
    given = list(attributes) or [""] * len(kept)
    body = "".join(_row(row, shown, held) for row, held in zip(kept, given, strict=True))
    hidden = "" if captioned else ' class="visually-hidden"'
    return (
        f'<div class="table-scroll" role="region" aria-label="Table: {title}" tabindex="0"><table>'
        f"<caption{hidden}>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f"</table></div>{explain_marks(kept, shown)}"
    )


def explain_marks(rows: list[dict[str, Cell]], columns: list[Column]) -> str:
    """Say what `[c]` and `[x]` mean, where one of them is shown."""
    cells = {show_cell(row, column) for row in rows for column in columns}
    notes = []
    if CONFIDENTIAL in cells:
        notes.append(
            f"{CONFIDENTIAL} means confidential: the number rests on too few people, or would "
            "let such a number be worked out, so it is not shown."
        )
    if NOT_AVAILABLE in cells:
        notes.append(f"{NOT_AVAILABLE} means not available: there is no number to show.")
    return f'<p class="note">{" ".join(notes)}</p>' if notes else ""


def fold_table(written: str, summary: str) -> str:
    """Put a written table behind a line that opens it."""
    return f"<details><summary>{say(summary)}</summary>{written}</details>"


def _kind(column: Column) -> str:
    return ' class="number"' if column.kind in _NUMBERS else ""


def _telling(table: Table, rows: list[dict[str, Cell]]) -> list[str]:
    """Name the columns that tell a reader something."""
    named = [column.name for column in table.columns]
    keys = _KEYS if "label" in named else frozenset[str]()
    empty = {n for n in named if rows and all(row.get(n) in (None, "") for row in rows)}
    return [n for n in named if n not in keys and (n not in empty or n in _ENDS)]


def _shared_level(table: Table, rows: list[dict[str, Cell]]) -> str:
    """Return the level that all intervals have, for example `95%`; nothing where they have none."""
    if not {"level", *_ENDS} <= {column.name for column in table.columns}:
        return ""
    found = {value for row in rows if isinstance(value := row.get("level"), float | int)}
    return f"{100 * found.pop():g}%" if len(found) == 1 else ""


def _heading(column: Column, level: str) -> str:
    label = sentence_case(column.label)
    if level and column.name in _ENDS:
        label = label.replace("interval", f"{level} interval")
    unit = f' <span class="unit">({escape(column.unit)})</span>' if column.unit else ""
    return escape(label) + unit


def _row(row: dict[str, Cell], columns: list[Column], attributes: str) -> str:
    cells = []
    for index, column in enumerate(columns):
        tag = 'th scope="row"' if index == 0 else "td"
        cells.append(f"<{tag}{_kind(column)}>{say(show_cell(row, column))}</{tag.split()[0]}>")
    return f"<tr{attributes}>{''.join(cells)}</tr>"
