"""Write a released table as an HTML table that can be read and scrolled by keyboard."""

from collections.abc import Iterable

from evalkit.reports.bundle import Cell, Column, Table
from evalkit.reports.words import CONFIDENTIAL, NOT_AVAILABLE, escape, say, sentence_case, show_cell

_NUMBERS = ("count", "mean", "percentage", "estimate")


def write_table(
    table: Table,
    *,
    caption: str | None = None,
    columns: Iterable[str] | None = None,
    rows: Iterable[dict[str, Cell]] | None = None,
) -> str:
    """Return the table with its caption, its marks explained, and its first column as headers."""
    names = list(columns) if columns is not None else [column.name for column in table.columns]
    shown = [column for column in table.columns if column.name in names]
    kept = list(table.rows if rows is None else rows)
    title = say(caption or table.title)
    head = "".join(f'<th scope="col"{_kind(column)}>{_heading(column)}</th>' for column in shown)
    body = "".join(_row(row, shown) for row in kept)
    return (
        f'<div class="table-scroll" role="region" aria-label="Table: {title}" tabindex="0"><table>'
        f"<caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"</div>{explain_marks(kept, shown)}"
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


def _heading(column: Column) -> str:
    unit = f' <span class="unit">({escape(column.unit)})</span>' if column.unit else ""
    return escape(sentence_case(column.label)) + unit


def _row(row: dict[str, Cell], columns: list[Column]) -> str:
    cells = []
    for index, column in enumerate(columns):
        tag = 'th scope="row"' if index == 0 else "td"
        cells.append(f"<{tag}{_kind(column)}>{say(show_cell(row, column))}</{tag.split()[0]}>")
    return f"<tr>{''.join(cells)}</tr>"
