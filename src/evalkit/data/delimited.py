"""Read CSV and TSV files as text, through ibis on DuckDB."""

import codecs
import csv
import glob
import io
import itertools
import re
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.files import MAXIMUM_COLUMNS, MAXIMUM_ROWS, UTF16_MARKS
from evalkit.data.problems import raise_data_error
from evalkit.errors import DataError

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_RECORDS = 50
_CHUNK = 1024 * 1024
_LONGEST_FIELD = 1_000_000
READING = {
    "header": True,
    "auto_detect": False,
    "quote": '"',
    "escape": '"',
    "strict_mode": True,
}
"""How DuckDB reads every delimited file, beside its columns and the sign between them."""


def read_delimited(path: Path, where: str, wanted: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the wanted columns (default: all that have a name) of a CSV or TSV file, as text.

    The index holds row numbers as a spreadsheet shows them: the header is row 1. The
    file is UTF-8, or says by its first bytes that it is UTF-16; the delimiter is a
    comma, semicolon, tab or bar.
    """
    with open_delimited(path, where) as (readable, delimiter, header):
        named = [name for name in header if name and (wanted is None or name in wanted)]
        return _read_rows(readable, where, delimiter, header, named)


@contextmanager
def open_delimited(path: Path, where: str) -> Iterator[tuple[Path, str, list[str]]]:
    """Give a CSV or TSV file as UTF-8, the sign between its columns, and their names."""
    with _as_utf8(path, where) as readable:
        delimiter, header = _read_header(readable, where, "\t" if path.suffix == ".tsv" else None)
        yield readable, delimiter, header


def read_column_names(path: Path, where: str) -> list[str]:
    """Return the names in the header of a CSV or TSV file."""
    with open_delimited(path, where) as (_, _, header):
        return header


@contextmanager
def _as_utf8(path: Path, where: str) -> Iterator[Path]:
    """Give a UTF-8 file as it is, a UTF-16 one as a private copy, and refuse any other."""
    with path.open("rb") as stream:
        is_utf16 = stream.read(2) in UTF16_MARKS
    if not is_utf16:
        _decode(path, "utf-8", where, None)
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.csv"
        _decode(path, "utf-16", where, copy)
        yield copy


def _decode(path: Path, encoding: str, where: str, copy: Path | None) -> None:
    """Check that a file is text in this encoding, and write it as UTF-8 where asked."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as source, io.BytesIO() if copy is None else copy.open("wb") as target:
        for chunk in itertools.chain(iter(lambda: source.read(_CHUNK), b""), (b"",)):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as fault:
                line += chunk[: fault.start].count(b"\n")
                break
            if "\x00" in text:
                line += text.partition("\x00")[0].count("\n")
                raise_data_error(where, f"line {line} holds a byte that is no text. Export again.")
            line += text.count("\n")
            if copy is not None:
                target.write(text.encode("utf-8"))
        else:
            return
    raise DataError(
        f"{where}: line {line} is not {encoding.upper()} text. Save the file as 'CSV UTF-8'."
    )


def _read_header(path: Path, where: str, delimiter: str | None) -> tuple[str, list[str]]:
    """Return the delimiter and the column names; refuse a file that has no clear header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        start = stream.read(_CHUNK)
    delimiter = delimiter or _sniff_delimiter(start, where)
    header = [name.strip() for name in next(iter(_records(start, delimiter)), [])]
    if not any(header):
        raise_data_error(where, "the first line holds no column names. Give the file a header.")
    if len(header) > MAXIMUM_COLUMNS:
        raise_data_error(
            where,
            f"{len(header):,} columns; the limit is {MAXIMUM_COLUMNS:,}. Keep those that the "
            "study needs.",
        )
    check_names_differ(header, where)
    return delimiter, header


def check_names_differ(header: Sequence[str], where: str) -> None:
    """Refuse a header in which a name stands more than once."""
    places: dict[str, list[int]] = {}
    for position, name in enumerate(header, start=1):
        places.setdefault(name, []).append(position)
    repeated = [str(p) for name, found in places.items() if name and len(found) > 1 for p in found]
    if repeated:
        raise_data_error(
            where,
            f"columns {', '.join(repeated)} share their names. Give every column its own name.",
        )


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records that have content; what cannot be split ends the list."""
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for record in reader:
            if record:
                found.append(record)
            if len(found) >= _SNIFFED_RECORDS:
                break
    except csv.Error:
        return found
    return found


def _sniff_delimiter(text: str, where: str) -> str:
    """Return the delimiter that splits the first records evenly, into the most columns."""
    records = {delimiter: _records(text, delimiter) for delimiter in _DELIMITERS}
    widths = {delimiter: len(found[0]) if found else 0 for delimiter, found in records.items()}
    even = [d for d in _DELIMITERS if len({len(record) for record in records[d]}) == 1]
    best = max(widths[d] for d in even or _DELIMITERS)
    candidates = [d for d in even or _DELIMITERS if widths[d] == best]
    if best <= 1:
        return max(_DELIMITERS, key=lambda d: widths[d])
    if len(candidates) > 1:
        raise_data_error(
            where,
            "columns may be parted by more than one sign (comma, semicolon, tab, bar). "
            "Save it with commas, and quote texts that hold commas.",
        )
    return candidates[0]


def _read_rows(
    path: Path, where: str, delimiter: str, header: list[str], named: list[str]
) -> pd.DataFrame:
    """Read the named columns of a file whose header and delimiter are known."""
    import duckdb

    if not named:
        return pd.DataFrame()
    places = [f"c{header.index(name)}" for name in named]
    columns = {f"c{position}": "VARCHAR" for position in range(len(header))}
    options = {**READING, "columns": columns, "delim": delimiter}
    fault = ""
    try:
        table = query_file("read_csv", path, places, options)
    except duckdb.Error as cause:
        fault = str(cause)
    if fault:
        raise_data_error(where, explain_csv_fault(fault))
    if table is None:
        raise_data_error(
            where,
            f"more than {MAXIMUM_ROWS:,} rows. Sum up to one row a unit and period first; evalkit "
            "data panel does it for people's answers.",
        )
    table.columns = pd.Index(named)
    table.index = pd.RangeIndex(2, len(table) + 2)
    return table.astype("str")


def query_file(
    reader: str, path: Path, columns: Sequence[str], options: dict[str, Any]
) -> pd.DataFrame | None:
    """Return columns of a file through an ibis expression on DuckDB; None past the row limit."""
    import ibis

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
        warnings.filterwarnings("ignore", "The inplace keyword", DeprecationWarning)
        backend = ibis.duckdb.connect(
            autoinstall_known_extensions=False, autoload_known_extensions=False
        )
        try:
            table = getattr(backend, reader)(glob.escape(str(path)), **options).select(*columns)
            if path.stat().st_size > MAXIMUM_ROWS:  # a row takes a byte at least
                counted = backend.compile(table.limit(MAXIMUM_ROWS + 1).count())
                if backend.con.sql(counted).fetchall()[0][0] > MAXIMUM_ROWS:
                    return None
            found: pd.DataFrame = backend.con.sql(backend.compile(table)).df()
            return found
        finally:
            backend.disconnect()


def explain_csv_fault(fault: str) -> str:
    """Turn DuckDB's message, which repeats the line, into one that does not."""
    at_line = re.search(r"CSV Error on Line: (\d+)", fault)
    widths = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", fault)
    line = f"line {at_line[1]}" if at_line else "a line"
    if widths:
        return (
            f"{line} has {widths[2]} columns where the header has {widths[1]}. Quote texts that "
            "hold the sign between columns, and export again."
        )
    if "unterminated quote" in fault:
        return f"{line} opens a quotation mark that nothing closes. Export the file again."
    if "Maximum line size" in fault:
        return f"{line} is longer than two million characters. Export the file again."
    return (
        f"{line} is not well-formed CSV (quotation marks inside a text, or mixed line ends). "
        "Export the file again as 'CSV UTF-8'."
    )
