"""The workbook keeps to the rules for accessible spreadsheets, and calculates nothing."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from evalkit.exports.pack import read_parts
from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.exports.spreadsheet import make_spreadsheet
from evalkit.reports.words import show_cell

FIRST = ["Cover", "Contents", "Notes"]
NO_FILTERS_OR_MERGES = re.compile(rb"autoFilter |<mergeCell|<pane |headerFooter|<f>|hidden=")


@pytest.fixture
def content(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content with two periods of each organisation, which is quicker to read."""
    rows = content["tables"]["organisations"]["rows"]
    content["tables"]["organisations"]["rows"] = [r for r in rows if r[2] in ("2021 Q1", "2022 Q2")]
    return content


@pytest.fixture
def made(released: ReleasedStudy) -> bytes:
    """Return the workbook as bytes."""
    return make_spreadsheet(released)


@pytest.fixture
def book(made: bytes) -> Workbook:
    """Return the workbook as another program reads it."""
    return openpyxl.load_workbook(io.BytesIO(made))


def test_cover_contents_and_notes_come_first(book: Workbook, released: ReleasedStudy) -> None:
    """A sheet for each released table follows, then the checklists; none is blank or hidden."""
    assert book.sheetnames[:3] == FIRST
    assert book.sheetnames[-1] == "Checklists"
    assert len(book.sheetnames) == 4 + len(released.bundle.tables)
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames)
    assert all(sheet.sheet_state == "visible" and sheet["A1"].value for sheet in book)


def test_each_table_sheet_has_one_table_to_its_end(book: Workbook) -> None:
    """One marked table a sheet, with a header row of unlike texts, and nothing below it."""
    for sheet in book.worksheets[1:]:
        assert len(sheet.tables) == 1, sheet.title
        table = next(iter(sheet.tables.values()))
        cells = sheet[table.ref]
        headings = [cell.value for cell in cells[0]]
        assert all(isinstance(words, str) and words for words in headings)
        assert len(set(headings)) == len(headings)
        assert table.headerRowCount == 1
        assert headings == table.column_names
        assert cells[-1][-1].coordinate == sheet.dimensions.partition(":")[2]


def test_no_cell_of_a_table_is_empty(book: Workbook) -> None:
    """What is missing is marked, and each mark that is used is explained above its table."""
    for sheet in book.worksheets[1:]:
        table = next(iter(sheet.tables.values()))
        values = [cell.value for row in sheet[table.ref] for cell in row]
        assert None not in values, sheet.title
        above = " ".join(str(sheet.cell(row, 1).value) for row in range(1, 4))
        for mark in ("[c]", "[x]"):
            if mark in values and sheet.title not in FIRST:
                assert f"{mark} means" in above


def test_title_stands_in_the_first_cell(book: Workbook, released: ReleasedStudy) -> None:
    """A1 holds the title of the table, and the line below says how many tables there are."""
    titles = [sheet["A1"].value for sheet in book.worksheets[3:-1]]
    assert sorted(titles) == sorted(t.title for t in released.bundle.tables.values())
    assert all("one table" in sheet["A2"].value for sheet in book.worksheets[3:])


def test_contents_lead_to_each_sheet(book: Workbook) -> None:
    """Each sheet after the contents is linked by its own name."""
    links = [cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[2:]]


def test_title_language_and_dates_are_set(book: Workbook, released: ReleasedStudy) -> None:
    """The properties name title, language and author, and the one fixed date."""
    held = book.properties
    assert held.title == released.bundle.title
    assert held.language == "en-GB"
    assert held.creator
    assert held.created == held.modified
    assert held.created.year == 1980


def test_nothing_is_merged_filtered_frozen_or_calculated(made: bytes) -> None:
    """No part of the file holds what the rules advise against."""
    parts = read_parts(made)
    told = {n: part for n, part in parts.items() if n.startswith(("xl/work", "xl/tables"))}
    assert len(told) > 20
    assert [n for n, part in told.items() if NO_FILTERS_OR_MERGES.search(part)] == []
    assert not [name for name in parts if "drawing" in name or "vba" in name]


def test_numbers_are_numbers_at_their_precision(book: Workbook, released: ReleasedStudy) -> None:
    """Each released number stands as it was released, shown with the decimals of its column."""
    sheet, table = book["Facets"], released.bundle.tables["facets"]
    head = int(re.findall(r"\d+", next(iter(sheet.tables.values())).ref)[0])
    column = [c.name for c in table.columns].index("estimate") + 1
    cell = sheet.cell(head + 1, column)
    assert cell.value == table.rows[0]["estimate"]
    assert cell.number_format == "#,##0.00"
    words = sheet.cell(head + 1, [c.name for c in table.columns].index("label") + 1)
    assert words.value == show_cell(table.rows[0], table.column("label"))


def test_the_same_bundle_gives_the_same_bytes(made: bytes, home: Path) -> None:
    """Made again from the disk, the workbook is the same byte for byte."""
    assert make_spreadsheet(open_released(home, "staff_wellbeing")) == made


def test_a_table_without_rows_says_so(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """An empty table keeps its header and one row of marks."""
    content["tables"]["quality"]["rows"] = []
    made = make_spreadsheet(open_released(write(content), content["study"]))
    sheet = openpyxl.load_workbook(io.BytesIO(made))["Quality"]
    assert {cell.value for cell in list(sheet.rows)[-1]} == {"[x]"}


def test_synthetic_data_are_called_so_first(book: Workbook) -> None:
    """The cover begins with the banner, and contents and notes repeat it."""
    assert book["Cover"]["A2"].value.startswith("Synthetic data.")
    assert all(book[name]["A2"].value.startswith("Synthetic data.") for name in FIRST[1:])
