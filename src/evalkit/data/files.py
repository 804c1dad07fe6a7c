"""Refuse files by type and size before anything parses them; hash those that may be read."""

import hashlib
from pathlib import Path

from evalkit.data.problems import raise_data_error

ENDINGS = (".csv", ".tsv", ".xlsx", ".ods", ".parquet")
MAXIMUM_BYTES = 2 * 1024**3
MAXIMUM_ROWS = 2_000_000
MAXIMUM_COLUMNS = 5_000
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_ALLOWED = "Give a CSV, TSV, XLSX, ODS or Parquet file."
_RUNS_CODE = (".pkl", ".pickle", ".p", ".joblib", ".npy", ".npz", ".rds", ".rdata", ".dill")
_MACROS = (".xlsm", ".xlsb", ".xltm", ".xlam", ".xls")
_BINARY_STARTS = (b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"\x80\x02", b"\x80\x03", b"\x80\x04")


def check_file(path: Path, where: str, *, limited: bool = True) -> str:
    """Return the file's ending, or refuse it by existence, type and (where `limited`) size."""
    ending = path.suffix.lower()
    if ending in _RUNS_CODE:
        raise_data_error(
            where, f"{ending} files can run code when they are opened, so none is. {_ALLOWED}"
        )
    if ending in _MACROS:
        raise_data_error(
            where, f"{ending} workbooks can hold macros, so none is opened. Save it as .xlsx."
        )
    if ending not in ENDINGS:
        raise_data_error(where, f"the ending '{ending}' is not one that is read. {_ALLOWED}")
    if not path.is_file():
        raise_data_error(where, "there is no such file. Check the path in the parameter file.")
    size = path.stat().st_size
    if limited and size > MAXIMUM_BYTES:
        raise_data_error(
            where,
            f"{size / 1024**3:.1f} GB is more than the limit of 2 GB. Keep the columns and "
            "periods that the study needs, or read them from a database.",
        )
    if size == 0:
        raise_data_error(where, "the file is empty. Export it again with its header and rows.")
    _check_start(path, ending, where)
    return ending


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_start(path: Path, ending: str, where: str) -> None:
    """Refuse a file whose first bytes are not of the type that its ending says."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    is_zip, is_parquet = start.startswith(b"PK\x03\x04"), start.startswith(b"PAR1")
    is_text = start.startswith(UTF16_MARKS) or not (
        b"\x00" in start or start.startswith(_BINARY_STARTS)
    )
    wanted = {".xlsx": is_zip, ".ods": is_zip, ".parquet": is_parquet}.get(ending, is_text)
    if not wanted:
        raise_data_error(
            where, f"the content is not that of a {ending} file. Export it again as {ending}."
        )
