"""Scan the files that are about to be released: every number in them must be a released one.

The scan reads the files from the disk and compares them with the protected tables; it
takes nothing from the code that wrote them.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from evalkit.disclosure.consent import consent_leaks
from evalkit.disclosure.identifiers import identifiers
from evalkit.disclosure.numerals import Known, table_numbers, unknown_numerals
from evalkit.disclosure.picture_text import Said, png_text, svg_text
from evalkit.disclosure.scan_crate import crate_leaks, parameter_leaks
from evalkit.disclosure.scan_json import bundle_leaks, release_leaks
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.record.withheld import Withheld

SYNTHETIC = "Synthetic"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Expected:
    """What may be in a released folder: its tables, figures, and the numbers of parameters.

    `withheld` are people's words that nobody agreed to show.
    """

    tables: Mapping[str, ProtectedTable]
    figures: Mapping[str, str]
    parameters: Known
    synthetic: bool
    file_types: tuple[str, ...]
    most_bytes: int | None = None
    withheld: Withheld = field(default_factory=Withheld)


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that may not be released: its file and place, why, and how often."""

    file: str
    place: str
    reason: str
    count: int = 1


def scan_folder(folder: Path, expected: Expected) -> list[Leak]:
    """Return everything in a folder that may not be released; nothing if it is safe."""
    leaks = []
    for path in sorted(p for p in folder.rglob("*") if not p.is_dir()):
        name = path.relative_to(folder).as_posix()
        leaks += [Leak(name, *found) for found in _merged(_file_leaks(path, name, expected))]
    return leaks


def _file_leaks(path: Path, name: str, expected: Expected) -> Iterator[tuple[str, str, int]]:
    kind = path.suffix.removeprefix(".")
    if path.is_symlink() or kind not in expected.file_types:
        yield "file", f"is of a kind that may not be released ({', '.join(expected.file_types)})", 1
        return
    content = path.read_bytes()
    if expected.most_bytes and len(content) > expected.most_bytes:
        yield "file", f"is larger than {expected.most_bytes} bytes", 1
    if kind in ("svg", "png"):
        said = svg_text(content) if kind == "svg" else png_text(content)
        yield from _picture_leaks(list(said), path.stem, kind, expected)
        return
    text = content.decode("utf-8", errors="replace")
    if kind == "csv":
        yield from _csv_leaks(text, path.stem, expected)
    elif kind == "json":
        yield from _json_leaks(text, name, expected)
    else:
        yield from text_leaks(text, "text", _all_known(expected), expected.withheld)


def text_leaks(
    text: str, place: str, known: Known, withheld: Withheld
) -> Iterator[tuple[str, str, int]]:
    """Yield what may not stand in a text: unreleased numbers, identifiers, words not agreed to."""
    numbers = unknown_numerals(text, known)
    if numbers:
        yield place, "a number that no released table holds", numbers
    for kind, count in identifiers(text).items():
        yield place, f"looks like a person's {kind}", count
    yield from consent_leaks(text, place, withheld)


def _picture_leaks(
    said: list[Said], figure: str, kind: str, expected: Expected
) -> Iterator[tuple[str, str, int]]:
    table = expected.tables.get(expected.figures.get(figure, ""))
    if table is None:
        yield "file", "is no figure of this release", 1
        return
    known = table_numbers(table) | expected.parameters
    for part in said:
        if part.fault:
            yield part.place, part.fault, 1
        yield from text_leaks(part.text, part.place, known, expected.withheld)
    if kind == "svg" and expected.synthetic and not any(SYNTHETIC in p.text for p in said):
        yield "file", "does not say that its data are synthetic", 1


def _csv_leaks(text: str, name: str, expected: Expected) -> Iterator[tuple[str, str, int]]:
    table = expected.tables.get(name)
    if table is None:
        yield "file", "is no table of this release", 1
        return
    rows = list(csv.reader(StringIO(text)))
    wanted = [list(table.frame.columns), *table.frame.to_numpy(dtype=object).tolist()]
    if expected.synthetic:
        wanted = [[*wanted[0], "synthetic"], *([*row, SYNTHETIC] for row in wanted[1:])]
    if len(rows) != len(wanted) or any(len(r) != len(wanted[0]) for r in rows):
        yield "file", "has other rows or columns than its protected table", 1
        return
    for row, cells in zip(rows, wanted, strict=True):
        for column, written, cell in zip(wanted[0], row, cells, strict=True):
            yield from _cell_leaks(f"column {column}", written, cell)
            yield from consent_leaks(written, f"column {column}", expected.withheld)


def _cell_leaks(place: str, written: str, cell: object) -> Iterator[tuple[str, str, int]]:
    if written.startswith(_FORMULA) and not _NUMBER.fullmatch(written):
        yield place, "starts as a spreadsheet formula does", 1
    if not same_cell(written.removeprefix("'"), cell):
        yield place, "a cell that differs from the protected table", 1
    if not _NUMBER.fullmatch(written):
        for kind, count in identifiers(written).items():
            yield place, f"looks like a person's {kind}", count


def same_cell(written: str, cell: object) -> bool:
    """Say whether a cell as written is the cell of the protected table."""
    if cell is None or cell != cell:
        return written == ""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return bool(_NUMBER.fullmatch(written)) and float(written) == float(cell)
    return written == str(cell)


def _json_leaks(text: str, name: str, expected: Expected) -> Iterator[tuple[str, str, int]]:
    try:
        content: Any = json.loads(text)
    except ValueError:
        yield "file", "is not JSON", 1
        return
    known = {table: table_numbers(t) for table, t in expected.tables.items()}
    if name == "bundle.json":
        found = bundle_leaks(content, expected.tables, known, expected.parameters)
    elif name == "release.json":
        found = release_leaks(content)
    elif name == "ro-crate-metadata.json":
        found = crate_leaks(content, expected.parameters)
    elif name == "provenance/parameters.json":
        found = parameter_leaks(content, expected.parameters)
    else:
        yield "file", "is no part of a release", 1
        return
    for place, part, numbers in found:
        if numbers is None:
            yield place, part, 1
        else:
            yield from text_leaks(part, place, numbers, expected.withheld)
    if expected.synthetic and SYNTHETIC not in text:
        yield "file", "does not say that its data are synthetic", 1


def _all_known(expected: Expected) -> Known:
    known = expected.parameters
    for table in expected.tables.values():
        known |= table_numbers(table)
    return known


def _merged(found: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Add up what was found in one place for one reason."""
    counts: dict[tuple[str, str], int] = {}
    for place, reason, count in found:
        counts[place, reason] = counts.get((place, reason), 0) + count
    return [(place, reason, count) for (place, reason), count in counts.items()]
