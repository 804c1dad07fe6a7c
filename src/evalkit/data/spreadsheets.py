"""Read XLSX and ODS workbooks as text, after refusing those that could do harm."""

import lzma
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.delimited import check_names_differ
from evalkit.data.problems import raise_data_error
from evalkit.data.values import cell_text
from evalkit.errors import DataError

MAXIMUM_UNPACKED = 512 * 1024**2
MAXIMUM_RATIO = 200
MAXIMUM_CELLS = 20_000_000
_RATIO_MATTERS_ABOVE = 1024**2
_ATTRIBUTES = rb"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_CELL_PLACE = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Za-z]{1,7})([0-9]{1,9})["']""")
_ODS_PART = re.compile(
    rb"<table:(?P<kind>table|table-row|(?:covered-)?table-cell)(?=[\s/>])(?P<rest>"
    + _ATTRIBUTES
    + rb")>"
)
_ODS_REPEAT = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["']\s*([0-9]{1,12})""")


def read_sheets(path: Path, where: str) -> dict[str, list[list[Any]]]:
    """Return every sheet's cells, row by row from the first, after checking the workbook."""
    import python_calamine

    check_workbook(path, where)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            return {
                name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in workbook.sheet_names
            }
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as cause:  # a panic of the parser is no Exception
        kind = type(cause).__name__
    raise DataError(
        f"{where}: the workbook cannot be read ({kind}). If it has a password, take it off; "
        "otherwise save it again."
    )


def sheet_frame(rows: Sequence[Sequence[Any]], where: str) -> pd.DataFrame:
    """Return a sheet as a table of texts: row 1 names the columns, the index is the row number."""
    header = [(cell_text(cell) or "").strip() for cell in rows[0]] if rows else []
    check_names_differ(header, where)
    kept = [position for position, name in enumerate(header) if name]
    body = [[cell_text(row[position]) for position in kept] for row in rows[1:]]
    while body and not any(body[-1]):
        body.pop()
    names = [header[position] for position in kept]
    return pd.DataFrame(body, columns=names, index=pd.RangeIndex(2, len(body) + 2), dtype="str")


def choose_sheet(
    sheets: dict[str, list[list[Any]]], where: str, wanted: Sequence[str]
) -> pd.DataFrame:
    """Return the one sheet whose first row has all wanted columns, or the only one there is."""
    filled = {name: rows for name, rows in sheets.items() if any(map(any, rows))}
    headers = {
        name: {(cell_text(cell) or "").strip() for cell in rows[0]} for name, rows in filled.items()
    }
    fitting = [name for name, header in headers.items() if header.issuperset(wanted)]
    if len(filled) == 1:
        fitting = list(filled)
    if len(fitting) != 1:
        raise_data_error(
            where,
            f"{len(filled)} sheets hold something and {len(fitting)} of them have all mapped "
            "columns in row 1. Keep one table in the file, or save its sheet as CSV.",
        )
    return sheet_frame(filled[fitting[0]], where)


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
)
"""What unpacking raises where bytes are not as they were written, or a password is asked for."""


def check_workbook(path: Path, where: str) -> None:
    """Refuse macros, links to other files, unpacked size, and cells without end."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, where)
            for entry in entries:
                content = archive.read(entry)
                if entry.filename.endswith(".xml"):
                    _check_content(entry.filename, content, where)
        return
    except _DAMAGED as cause:
        kind = type(cause).__name__
    raise DataError(
        f"{where}: the workbook is damaged or has a password ({kind}). Save it again without one."
    )


def _check_entries(entries: Sequence[zipfile.ZipInfo], where: str) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any("vbaproject" in name or name.startswith(("basic/", "scripts/")) for name in names):
        raise_data_error(where, "the workbook holds macros. Save it without them.")
    if any("/externallinks/" in name for name in names):
        raise_data_error(where, "the workbook links to other files. Save it with values only.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAXIMUM_UNPACKED or len(entries) > MAXIMUM_CELLS // 1000:
        raise_data_error(
            where,
            f"the workbook unpacks to {unpacked / 1024**2:.0f} MB; the limit is "
            f"{MAXIMUM_UNPACKED // 1024**2} MB. Save the sheet that is needed as CSV.",
        )
    dense = any(
        entry.file_size > _RATIO_MATTERS_ABOVE
        and entry.file_size > MAXIMUM_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if dense:
        raise_data_error(
            where,
            f"a part of the workbook unpacks to more than {MAXIMUM_RATIO} times its size, as "
            "files made to do harm do. Save the sheet that is needed as CSV.",
        )


def _check_content(name: str, content: bytes, where: str) -> None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise_data_error(where, "the workbook defines XML entities. Save it again as new.")
    cells = 0
    if name.startswith("xl/worksheets/"):
        cells = _xlsx_area(content)
    elif name == "content.xml":
        cells = _ods_area(content)
    if cells > MAXIMUM_CELLS:
        raise_data_error(
            where,
            f"a sheet spans more than {MAXIMUM_CELLS // 10**6} million cells. Delete what "
            "stands far outside the table, or save the sheet as CSV.",
        )


def _xlsx_area(content: bytes) -> int:
    """Return the cells in the rectangle that the sheet's cells span."""
    last_row = last_column = 0
    for letters, digits in _CELL_PLACE.findall(content):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        last_row, last_column = max(last_row, int(digits)), max(last_column, column)
    return last_row * last_column


def _ods_area(content: bytes) -> int:
    """Return the most cells that any sheet spans, its repeats written out."""
    largest = rows = height = width = column = last = 0
    for part in _ODS_PART.finditer(content):
        kind, rest = part["kind"], part["rest"]
        found = _ODS_REPEAT.search(rest)
        times = int(found[1]) if found else 1
        if kind.endswith(b"table-cell"):
            column += times
            if not rest.rstrip().endswith(b"/") or b"value" in rest:
                last = column
            height, width = (rows if last else height), max(width, last)
        elif kind == b"table-row":
            rows, column, last = rows + times, 0, 0
        else:
            rows = height = width = column = last = 0
        largest = max(largest, height * width)
    return largest
