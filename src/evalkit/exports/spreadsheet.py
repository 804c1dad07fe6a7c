"""The released tables as a workbook by the government's rules for accessible spreadsheets.

Cover sheet, contents, notes; then one table a sheet, its title in A1, its header row marked as
one, no merged cells, no empty cells, marks in brackets explained. Every text is stored as text,
so that none is calculated. Source of the rules: Analysis Function (2024), "Releasing statistics
in spreadsheets".
"""

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from evalkit.exports.pack import AUTHOR, LANGUAGE, STAMP, pack_parts, read_parts
from evalkit.exports.page import FOOTER
from evalkit.exports.released import ReleasedStudy
from evalkit.exports.sections import cut_report, facts_of
from evalkit.exports.tree import parse_page, text_of
from evalkit.reports.bundle import Bundle, Cell, Column, Table
from evalkit.reports.checklists import tabulate_checklists
from evalkit.reports.tables import explain_marks
from evalkit.reports.words import CONFIDENTIAL, NOT_AVAILABLE, sentence_case, show_cell

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

ONE_TABLE = "This sheet has one table."
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_STYLES = {
    "Sheet title": (16, True, False),
    "Above table": (12, False, False),
    "Column heading": (12, True, True),
    "Cell": (12, False, True),
}
"""Size, weight and wrapping of each kind of text."""

_CHECKLISTS = "Checklists"
_LONGEST_NAME = 31
_WIDTHS = (10, 60)


def make_spreadsheet(released: ReleasedStudy) -> bytes:
    """Return the workbook of a study's released tables."""
    from openpyxl import Workbook

    bundle = released.bundle
    book = Workbook()
    book.remove(book.worksheets[0])
    book.calculation.fullCalcOnLoad = False
    _add_styles(book)
    named = _name_sheets(bundle)
    _write_lines(book.create_sheet("Cover"), bundle.title, list(_cover(released)))
    _write_contents(book.create_sheet("Contents"), bundle, named)
    _write_table(book.create_sheet("Notes"), _notes(bundle), "notes")
    for name, sheet in named.items():
        _write_table(book.create_sheet(sheet), bundle.tables[name], name)
    _write_table(book.create_sheet(_CHECKLISTS), tabulate_checklists(bundle), "checklists")
    properties = book.properties
    properties.title, properties.language, properties.creator = bundle.title, LANGUAGE, AUTHOR
    properties.created = properties.modified = STAMP
    target = io.BytesIO()
    book.save(target)
    return pack_parts(read_parts(target.getvalue()))


def sheet_order(bundle: Bundle) -> list[str]:
    """Return the tables in the order of the sheets: the answer first, checks by number last."""

    def place(name: str) -> tuple[int, int, str]:
        number = name.removeprefix("check_")
        check = name.startswith("check_") and number.isdigit()
        return (0 if name == "headline" else 2 if check else 1), int(number) if check else 0, name

    return sorted(bundle.tables, key=place)


def _name_sheets(bundle: Bundle) -> dict[str, str]:
    """Return a name of its own for each table's sheet."""
    taken, named = {"cover", "contents", "notes", "checklists"}, {}
    for name in sheet_order(bundle):
        words = _NO_SHEET_NAME.sub(" ", sentence_case(name))[: _LONGEST_NAME - 3].strip() or "Table"
        unique, number = words, 2
        while unique.casefold() in taken:
            unique, number = f"{words} {number}", number + 1
        taken.add(unique.casefold())
        named[name] = unique
    return named


def _cover(released: ReleasedStudy) -> Iterable[str]:
    """Yield the lines of the cover: what the page says first, in the same words."""
    parts = cut_report(released)
    for banner in parts.banners:
        yield text_of(banner)
    yield text_of(parts.question)
    yield from (text_of(p) for p in parts.answer.named("p"))
    yield from (f"{name}: {value}" for name, value in facts_of(parts.answer))
    told = parts.meaning.named("p", "li")
    yield from (text_of(node) for node in told if not node.named("ul"))
    yield f"Who it is about: {released.bundle.population}"
    yield f"What is estimated: {released.bundle.estimand}"
    yield FOOTER


def _notes(bundle: Bundle) -> Table:
    """Return the table of notes: what each mark means, and what an interval is."""
    columns = (_column("mark", "Mark or word"), _column("meaning", "What it means"))
    value = _column("value", "")
    rows: list[dict[str, Cell]] = []
    for mark, cell in ((CONFIDENTIAL, CONFIDENTIAL), (NOT_AVAILABLE, None)):
        told = text_of(parse_page(explain_marks([{"value": cell}], [value])))
        meaning = sentence_case(told.removeprefix(f"{mark} means "))
        rows.append({"mark": mark, "meaning": meaning})
    rows.append({"mark": "Interval", "meaning": "The range of values that fit the data."})
    about = "Synthetic data. " if bundle.synthetic else ""
    return Table("Notes", f"{about}Marks and words in the other sheets.", columns, tuple(rows))


def _column(name: str, label: str) -> Column:
    return Column(name, label, "label", "", None)


def _write_lines(sheet: "Worksheet", title: str, lines: list[str]) -> None:
    for number, words in enumerate([title, *lines], start=1):
        _put(sheet, number, 1, words, "Sheet title" if number == 1 else "Cell")
    sheet.column_dimensions["A"].width = 100


def _write_contents(sheet: "Worksheet", bundle: Bundle, named: dict[str, str]) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    columns = (_column("sheet", "Sheet"), _column("title", "What is in it"))
    listed = {
        "Notes": "Notes",
        **{sheet: bundle.tables[name].title for name, sheet in named.items()},
        _CHECKLISTS: "Reporting checklists",
    }
    rows: tuple[dict[str, Cell], ...] = tuple({"sheet": s, "title": t} for s, t in listed.items())
    about = "Synthetic data. " if bundle.synthetic else ""
    table = Table("Contents", f"{about}The sheets of this workbook.", columns, rows)
    first = _write_table(sheet, table, "contents")
    for number, name in enumerate(listed, start=first):
        cell = sheet.cell(number, 1)
        cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{name}'!A1")
        cell.data_type = "s"


def _write_table(sheet: "Worksheet", table: Table, name: str) -> int:
    """Write title, description, marks and the table; return the row where its numbers begin."""
    rows = [{n: None if cell == "" else cell for n, cell in row.items()} for row in table.rows]
    rows = rows or [{column.name: None for column in table.columns}]
    above = [table.title, " ".join(filter(None, (table.description, ONE_TABLE)))]
    marks = text_of(parse_page(explain_marks(rows, list(table.columns))))
    above += [marks] if marks else []
    for number, words in enumerate(above, start=1):
        _put(sheet, number, 1, words, "Sheet title" if number == 1 else "Above table")
    head = len(above) + 1
    headings = _headings(table)
    for index, words in enumerate(headings, start=1):
        _put(sheet, head, index, words, "Column heading")
    for number, row in enumerate(rows, start=head + 1):
        for index, column in enumerate(table.columns, start=1):
            _put_cell(sheet, number, index, row, column)
    _mark_table(sheet, head, len(rows), headings, name)
    return head + 1


def _mark_table(sheet: "Worksheet", head: int, rows: int, headings: list[str], name: str) -> None:
    """Mark the rows as a table with a header row, without filter buttons, and set the widths."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.table import Table as SheetTable
    from openpyxl.worksheet.table import TableColumn

    reference = f"A{head}:{get_column_letter(len(headings))}{head + rows}"
    marked = SheetTable(displayName=f"table_{re.sub(r'[^A-Za-z0-9_]', '_', name)}", ref=reference)
    marked.tableColumns = [TableColumn(id=i, name=n) for i, n in enumerate(headings, start=1)]
    sheet.add_table(marked)
    for index, words in enumerate(headings, start=1):
        cells = [sheet.cell(row, index).value for row in range(head, head + rows + 1)]
        longest = max(len(str(cell)) for cell in (*cells, words))
        width = min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1])
        sheet.column_dimensions[get_column_letter(index)].width = width


def _headings(table: Table) -> list[str]:
    """Return a heading of its own for each column, with its unit."""
    found: list[str] = []
    for column in table.columns:
        words = f"{sentence_case(column.label)} ({column.unit})" if column.unit else column.label
        words = " ".join(sentence_case(words).split()) or column.name
        found.append(words if words not in found else f"{words} [{column.name}]")
    return found


def _put_cell(
    sheet: "Worksheet", row: int, index: int, held: dict[str, Cell], column: Column
) -> None:
    """Write a number as a number at its released precision, and all else as the page shows it."""
    value, shown = held.get(column.name), show_cell(held, column)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or shown[:1].isalpha():
        _put(sheet, row, index, shown)
        return
    cell = sheet.cell(row, index, value)
    cell.style = "Cell"
    if column.decimals is not None:
        cell.number_format = "#,##0" + (f".{'0' * column.decimals}" if column.decimals else "")


def _put(sheet: "Worksheet", row: int, index: int, words: str, style: str = "Cell") -> None:
    """Write a text as text, whatever it begins with."""
    cell = sheet.cell(row, index, words)
    cell.data_type = "s"
    cell.style = style
    if words.startswith(_RUN):
        cell.quotePrefix = True


def _add_styles(book: "Workbook") -> None:
    from openpyxl.styles import Alignment, Font, NamedStyle

    for name, (size, bold, wrap) in _STYLES.items():
        style = NamedStyle(name)
        style.font = Font(name="Arial", size=size, bold=bold)
        style.alignment = Alignment(wrap_text=wrap, vertical="top")
        book.add_named_style(style)
