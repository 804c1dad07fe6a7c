"""Write linked worlds piece by piece, with bounded memory and the same bytes for a seed."""

import itertools
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import ParameterError
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.draws import TABLES
from evalkit.synthetic.linked.make import make_pieces
from evalkit.synthetic.linked.places import Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


_EACH = ("trusts", "wards", "items")
EMBEDDED: dict[str, tuple[str, ...]] = {
    "effect_relational": TABLES,
    "null": (*_EACH, "carers", "fft", "evidence", "measures"),
    "mode_shift": (*_EACH, "fft"),
    "gap_wider": (*_EACH, "patients"),
    "carer_harm": (*_EACH, "carers"),
    "dissonant": (*_EACH, "complaints", "evidence"),
    "classifier_misses_carers": (*_EACH, "comments", "codes"),
}
"""The tables of each world that studies of this project read; others are made when asked for."""

LARGER = {"gap_wider": 7000}
"""Answers of worlds whose effect no fewer show: a fifth of people is few in a ward and month."""

PLAIN = frozenset(("patients", "eligible", "staff", "fft"))
"""Tables whose texts never need quotes, thus written the quick way."""

FEW, MOST = 100_000, 50_000_000
"""Up to so many answers a dozen trusts are made; more than the second are refused."""
_ROWS_A_BLOCK = 50_000


def size_for(people: int) -> Size:
    """Return the trusts and wards that so many answers are spread over."""
    if not 1 <= people <= MOST:
        raise ParameterError(
            f"people: {people} answers cannot be made. Choose from 1 to {MOST} answers."
        )
    return Size(people) if people <= FEW else Size(people, trusts=130, wards=12)


def write_linked_world(
    folder: Path,
    name: str,
    seed: int,
    size: Size | None = None,
    *,
    tables: Sequence[str] = TABLES,
    file_format: str = "csv",
) -> list[Path]:
    """Write a world's tables and `truth.json` into `folder/name`, which is made anew.

    No more than a few pieces (a trust's month, each from a seed of its own) are in memory.
    Raises ParameterError where the world, a table or the format is not known, and where the
    folder holds something else.
    """
    _refuse_unknown("world", [name], list(WORLDS))
    _refuse_unknown("table", tables, list(TABLES))
    _refuse_unknown("format", [file_format], ["csv", "parquet"])
    places = make_places(WORLDS[name], seed, size or Size())
    place = _make_folder(folder / name)
    truth = place / "truth.json"
    told = tell_truth(name, seed, places, labels=not {"comments", "codes"}.isdisjoint(tables))
    text = json.dumps(told, indent=2, sort_keys=True, allow_nan=False)
    truth.write_text(text + "\n", encoding="utf-8")
    write = {"csv": _write_csv, "parquet": _write_parquet}[file_format]
    written = [place / f"{table}.{file_format}" for table in tables]
    for table, path in zip(tables, written, strict=True):
        write(path, table, make_pieces(places, table))
    return [*written, truth]


def write_embedded(folder: Path, seed: int) -> list[Path]:
    """Write the tables that this project's studies read, one folder a world."""
    return [
        path
        for name, tables in EMBEDDED.items()
        for path in write_linked_world(
            folder, name, seed, Size(LARGER.get(name, Size().people)), tables=tables
        )
    ]


def _make_folder(place: Path) -> Path:
    """Make a folder anew; one that is not of a made-up world is left alone."""
    if place.exists() and not (place / "truth.json").is_file() and any(place.iterdir()):
        raise ParameterError(
            f"out: {place} holds files that are not of a made-up world. Choose another folder."
        )
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def _refuse_unknown(kind: str, given: Sequence[str], known: list[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ParameterError(
            f"{kind}: {', '.join(unknown)} is not known. Choose from: {', '.join(known)}."
        )


def _write_csv(path: Path, table: str, pieces: "Iterator[pd.DataFrame]") -> None:
    with path.open("wb") as file:
        for number, rows in enumerate(_gather(pieces)):
            if number == 0:
                file.write((",".join(rows.columns) + "\n").encode())
            if table in PLAIN:
                _append_plain(file, rows)
            else:
                rows.to_csv(file, index=False, header=False, lineterminator="\n")


def _append_plain(file: Any, rows: "pd.DataFrame") -> None:
    import pyarrow as pa
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False, quoting_style="none")
    csv.write_csv(pa.Table.from_pandas(rows, preserve_index=False), file, options)


def _write_parquet(path: Path, table: str, pieces: "Iterator[pd.DataFrame]") -> None:
    import pyarrow as pa
    from pyarrow import parquet

    blocks = _gather(pieces)
    first = next(blocks)
    schema = _schema_of(first)
    with parquet.ParquetWriter(path, schema) as writer:
        for rows in itertools.chain([first], blocks):
            made = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
            writer.write_table(made.replace_schema_metadata(None))


def _gather(pieces: "Iterator[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
    """Join whole pieces into blocks of so many rows at least, the last one of what is left."""
    import pandas as pd

    held: list[pd.DataFrame] = []
    rows = 0
    for piece in pieces:
        held.append(piece)
        rows += len(piece)
        if rows >= _ROWS_A_BLOCK:
            yield pd.concat(held, ignore_index=True)
            held, rows = [], 0
    if held:
        yield pd.concat(held, ignore_index=True)


def _schema_of(rows: "pd.DataFrame") -> "pa.Schema":
    """Return the columns' types; a column without any value yet is one of texts."""
    import pyarrow as pa

    found = pa.Table.from_pandas(rows, preserve_index=False).schema
    text = (pa.types.is_null, pa.types.is_string)
    return pa.schema(
        pa.field(each.name, pa.large_string() if any(t(each.type) for t in text) else each.type)
        for each in found
    )
