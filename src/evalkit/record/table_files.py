"""Tables into files: the same bytes for the same table, and safe to open in a spreadsheet."""

from io import BytesIO, StringIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.errors import AnalysisError
from evalkit.record.tables import TableSpec

SYNTHETIC_COLUMN = "synthetic"
SYNTHETIC_WORD = "Synthetic"
# Characters that make a spreadsheet read a text as a formula; the last four are full-width.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def fit_to_spec(frame: pd.DataFrame, spec: TableSpec, sources: set[str]) -> pd.DataFrame:
    """Return the frame with its columns in the order of the specification.

    Raises `AnalysisError` with everything in which the two differ.
    """
    faults = _column_faults(frame, spec) + _reference_faults(spec, sources)
    if not faults:
        faults = _value_faults(frame, spec)
    if faults:
        raise AnalysisError(
            f"table {spec.name}: {'; '.join(faults)}. Make the table and its TableSpec agree."
        )
    return frame[[column.name for column in spec.columns]].reset_index(drop=True)


def table_parquet(frame: pd.DataFrame, *, synthetic: bool) -> bytes:
    """Render a table as Parquet, without time of writing or other changing parts."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    mark = {"data": SYNTHETIC_WORD} if synthetic else None
    buffer = BytesIO()
    pq.write_table(table.replace_schema_metadata(mark), buffer, compression="zstd")
    return buffer.getvalue()


def table_csv(frame: pd.DataFrame, *, synthetic: bool) -> bytes:
    """Render a table as CSV: UTF-8, LF, no text that a spreadsheet would run as a formula.

    A table made from synthetic data has a last column `synthetic`, so that its heading and
    every row say so however the file is cut up.
    """
    safe = pd.DataFrame({formula_safe(str(n)): _safe_column(frame[n]) for n in frame.columns})
    if synthetic:
        safe[SYNTHETIC_COLUMN] = SYNTHETIC_WORD
    buffer = StringIO()
    safe.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue().encode()


def formula_safe(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _safe_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column
    return column.map(lambda cell: formula_safe(cell) if isinstance(cell, str) else cell)


def _column_faults(frame: pd.DataFrame, spec: TableSpec) -> list[str]:
    named = [column.name for column in spec.columns]
    missing = [name for name in named if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in named]
    twice = len(set(named)) < len(named) or not frame.columns.is_unique
    return (
        ([f"columns missing from it: {', '.join(missing)}"] if missing else [])
        + ([f"columns not specified: {', '.join(extra)}"] if extra else [])
        + (["a column name stands twice"] if twice else [])
    )


def _reference_faults(spec: TableSpec, sources: set[str]) -> list[str]:
    named = {column.name for column in spec.columns}
    resting = {name for c in spec.columns for name in (c.base, c.interval_of) if name is not None}
    bases = sorted(resting - named)
    keys = sorted({*spec.rules_by, *spec.totals_elsewhere} - named)
    keyed = bool(spec.rules_by or spec.totals_elsewhere)
    shared = any(column.kind == "contribution" for column in spec.columns)
    unknown = sorted({s for c in spec.columns for s in c.sources} - sources)
    groups = sorted({margin.group for margin in spec.margins} - named)
    return (
        ([f"base columns that it does not have: {', '.join(bases)}"] if bases else [])
        + ([f"sources that were not read: {', '.join(unknown)}"] if unknown else [])
        + ([f"margins over columns it does not have: {', '.join(groups)}"] if groups else [])
        + (["contributions beside rules or totals by columns"] if keyed and shared else [])
        + ([f"rules or totals by columns it does not have: {', '.join(keys)}"] if keys else [])
    )


def _value_faults(frame: pd.DataFrame, spec: TableSpec) -> list[str]:
    reserved = [SYNTHETIC_COLUMN] if SYNTHETIC_COLUMN in frame.columns else []
    numbers = frame.select_dtypes("number")
    infinite = [
        str(n) for n in numbers.columns if numbers[n].isin([float("inf"), -float("inf")]).any()
    ]
    return ([f"the column name {reserved[0]} is kept for evalkit"] if reserved else []) + (
        [f"infinite numbers in columns {', '.join(infinite)}"] if infinite else []
    )
