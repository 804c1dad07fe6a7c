"""Read a database over a named connection; its address and secret go nowhere else."""

import os
import sqlite3
import stat
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import pandas as pd

from evalkit.data.files import MAXIMUM_ROWS
from evalkit.data.queries import parse_query
from evalkit.data.values import text_frame
from evalkit.errors import DataError, EnvironmentFault

ADDRESS_PREFIX = "EVALKIT_CONNECTION_"
ADDRESS_FILE_VARIABLE = "EVALKIT_CONNECTIONS"
_KINDS = {
    "duckdb": "duckdb",
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "spark": "spark",
    "sc": "spark",
}
_FORMS = (
    "duckdb:///path, sqlite:///path, postgres://user:secret@host/database, spark:///folder or "
    "sc://host:15002/"
)
_EXTRAS = {"postgres": "evalkit[postgresql]", "spark": "evalkit[spark]"}


@dataclass(frozen=True, slots=True)
class Database:
    """A database open for reading: its dialect, how to ask it, and how to close it."""

    dialect: str
    execute: Callable[[str], Any]
    close: Callable[[], None]


def read_address(name: str) -> str:
    """Return the address of a connection, from the environment or the user's private file.

    What is returned may hold a secret: it is for `open_read_only` alone.
    """
    address = os.environ.get(f"{ADDRESS_PREFIX}{name.upper()}")
    if address:
        return address
    named = os.environ.get(ADDRESS_FILE_VARIABLE)
    path = Path(named) if named else Path.home() / ".config" / "evalkit" / "connections.yml"
    addresses = _read_private_file(path)
    found = addresses.get(name)
    if not isinstance(found, str) or not found:
        raise EnvironmentFault(
            f"connection {name}: no address is known. Set {ADDRESS_PREFIX}{name.upper()}, or "
            f"write a line '{name}: ...' into {path} and run chmod 600 on it."
        )
    return found


def _read_private_file(path: Path) -> dict[str, Any]:
    """Return the addresses in a file that its owner alone may read; none if it is absent."""
    import yaml

    if not path.is_file():
        return {}
    status = path.stat()
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o177:
        raise EnvironmentFault(
            f"{path}: others than its owner may read or change it, and it holds secrets. "
            f"Run: chmod 600 {path}"
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        content = None
    if not isinstance(content, dict):
        raise EnvironmentFault(f"{path}: is no list of 'name: address' lines. Write one a line.")
    return content


@contextmanager
def open_read_only(name: str) -> Iterator[Database]:
    """Give the database of a named connection, open for reading only."""
    parts = _split_address(name)
    kind, fault, database = _KINDS[parts.scheme], "", None
    try:
        with quiet():
            database = _OPENERS[kind](parts)
    except ImportError:
        fault = f"the driver for {kind} is not installed. Install {_EXTRAS.get(kind, kind)}"
    except Exception as cause:  # drivers raise of every kind, with the address in the text
        fault = f"it cannot be opened ({type(cause).__name__}). Check its address and your access"
    if database is None:
        raise EnvironmentFault(f"connection {name}: {fault}, then run again.")
    try:
        yield database
    finally:
        database.close()


def _split_address(name: str) -> SplitResult:
    try:
        parts = urlsplit(read_address(name))
        known = parts.scheme in _KINDS and bool(parts.path) and (parts.port or 1) > 0
    except ValueError:
        known = False
    if not known:
        raise EnvironmentFault(
            f"connection {name}: its address is of no known form. Write {_FORMS}."
        )
    if _KINDS[parts.scheme] != "postgres" and (parts.query not in ("", "read_only=true")):
        raise EnvironmentFault(
            f"connection {name}: its address has options that are not known. Take away what "
            "follows the question mark; every connection is opened for reading only."
        )
    return parts


def _existing(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_file():
        raise FileNotFoundError
    return path


def _open_duckdb(parts: SplitResult) -> Database:
    import ibis

    backend = ibis.duckdb.connect(
        _existing(parts),
        read_only=True,
        enable_external_access=False,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )
    backend.raw_sql("SET lock_configuration = true")
    return Database("duckdb", backend.raw_sql, backend.disconnect)


def _open_sqlite(parts: SplitResult) -> Database:
    address = f"{_existing(parts).resolve().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True)
    return Database("sqlite", connection.execute, connection.close)


def _open_postgres(parts: SplitResult) -> Database:
    import ibis

    backend = ibis.postgres.connect(
        host=parts.hostname,
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.lstrip("/")),
        options="-c default_transaction_read_only=on",
    )
    return Database("postgres", backend.raw_sql, backend.disconnect)


def _open_spark(parts: SplitResult) -> Database:
    from evalkit.data.spark import connect_to, start_here

    if parts.scheme == "sc":
        session = connect_to(parts.geturl())
    else:
        session = start_here(_existing_folder(parts))
    return Database("spark", session.execute, session.close)


def _existing_folder(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_dir():
        raise FileNotFoundError
    return path


_OPENERS = {
    "duckdb": _open_duckdb,
    "sqlite": _open_sqlite,
    "postgres": _open_postgres,
    "spark": _open_spark,
}


def read_column_names(database: Database, query: str, where: str) -> list[str]:
    """Return the names of the columns that a table or SELECT gives."""
    return list(_fetch(database, query, ["*"], 0, where).columns)


def read_query(database: Database, query: str, columns: Sequence[str], where: str) -> pd.DataFrame:
    """Return columns of a table or SELECT as texts; rows are numbered from 1."""
    frame = _fetch(database, query, columns, MAXIMUM_ROWS + 1, where)
    if len(frame) > MAXIMUM_ROWS:
        raise DataError(
            f"{where}: more than {MAXIMUM_ROWS:,} rows. Let the query sum up to unit and period."
        )
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return text_frame(frame)


def ask(database: Database, sql: str, where: str) -> pd.DataFrame:
    """Return what the database answers, as its driver gives it; `sql` only reads."""
    try:
        with quiet():
            cursor = database.execute(sql)
            found = [column[0] for column in cursor.description]
            return pd.DataFrame(cursor.fetchall(), columns=found, dtype=object)
    except Exception as cause:  # drivers raise of every kind, with values in the text
        kind = type(cause).__name__
    raise DataError(
        f"{where}: the database did not answer ({kind}). Check the names of tables and columns "
        "in the query, and your right to read them."
    )


def _fetch(
    database: Database, query: str, columns: Sequence[str], limit: int, where: str
) -> pd.DataFrame:
    """Check a query, and return these columns of its first rows as the driver gives them."""
    from sqlglot import exp, select

    dialect = database.dialect
    table = parse_query(query, dialect, where).subquery("study")
    names = [
        exp.Star() if name == "*" else exp.column(exp.to_identifier(name, quoted=True))
        for name in columns
    ]
    wanted = select(*names).from_(table).limit(limit).sql(dialect=dialect)
    return ask(database, wanted, where)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what the ibis back end draws from its own DuckDB driver and from sqlglot."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
        warnings.filterwarnings("ignore", "The inplace keyword", DeprecationWarning)
        yield
