"""Read one table from a file of any allowed type, as texts."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from evalkit.data import delimited, spreadsheets
from evalkit.data.files import MAXIMUM_COLUMNS, MAXIMUM_ROWS, check_file
from evalkit.data.problems import raise_data_error
from evalkit.data.values import text_frame


def read_table(path: Path, where: str, wanted: Sequence[str]) -> tuple[list[str], pd.DataFrame]:
    """Return all column names, and as texts those of the wanted columns that are there.

    The index holds row numbers, the header being row 1.
    """
    ending = check_file(path, where)
    if ending in (".csv", ".tsv"):
        names = delimited.read_column_names(path, where)
        return names, delimited.read_delimited(path, where, wanted)
    if ending == ".parquet":
        return _read_parquet(path, where, wanted)
    frame = spreadsheets.choose_sheet(spreadsheets.read_sheets(path, where), where, wanted)
    names = [str(name) for name in frame.columns]
    return names, frame[[name for name in names if name in wanted]]


def _read_parquet(path: Path, where: str, wanted: Sequence[str]) -> tuple[list[str], pd.DataFrame]:
    import duckdb

    names = read_parquet_names(path, where)
    kept = [name for name in names if name in wanted]
    if not kept:
        return names, pd.DataFrame()
    kind, frame = "", None
    try:
        frame = delimited.query_file("read_parquet", path, kept, {})
    except (duckdb.Error, ValueError, TypeError, NotImplementedError) as cause:
        kind = type(cause).__name__
    if frame is None:
        raise_data_error(where, f"the Parquet file cannot be read ({kind}). Write it again.")
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return names, text_frame(frame)


def read_parquet_names(path: Path, where: str) -> list[str]:
    """Return a Parquet file's column names, after checking how much it holds."""
    import pyarrow
    import pyarrow.parquet

    try:
        metadata = pyarrow.parquet.read_metadata(path)
        names = list(metadata.schema.to_arrow_schema().names)
    except (pyarrow.ArrowException, OSError, ValueError):
        metadata = None
    if metadata is None:
        raise_data_error(where, "the Parquet file is damaged. Write it again.")
    if metadata.num_rows > MAXIMUM_ROWS or metadata.num_columns > MAXIMUM_COLUMNS:
        raise_data_error(
            where,
            f"{metadata.num_rows:,} rows and {metadata.num_columns:,} columns; the limits are "
            f"{MAXIMUM_ROWS:,} and {MAXIMUM_COLUMNS:,}. Sum up to unit and period first; "
            "evalkit data panel does it for people's answers.",
        )
    return names
