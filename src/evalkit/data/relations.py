"""Tables too large to be read: they stay where they are, and are asked for sums.

A question is one ibis expression over the table `study`, written in the dialect of whoever
answers: DuckDB for files and DuckDB databases, PostgreSQL and Spark for their own. Only the answer,
as many rows as there are groups, comes into memory.
"""

import glob
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from evalkit.data.connections import Database, ask, open_read_only, quiet
from evalkit.data.delimited import READING, explain_csv_fault, open_delimited
from evalkit.data.files import check_file
from evalkit.data.problems import raise_data_error
from evalkit.data.queries import parse_query
from evalkit.errors import EnvironmentFault

Holds = Literal["number", "yes_no", "text", "other"]
STUDY = "study"
MOST_GROUPS = 1_000_000
MEMORY = "1GB"
"""What DuckDB may keep in memory; beyond it, it writes to a private folder."""

_COMPILERS = {
    "duckdb": "DuckDBCompiler",
    "postgres": "PostgresCompiler",
    "spark": "PySparkCompiler",
}
_WHOLE = ("TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "HUGEINT")
_NUMBERS = (*_WHOLE, *(f"U{name}" for name in _WHOLE), "FLOAT", "DOUBLE", "DECIMAL")
_POSTGRES_NUMBERS = (20, 21, 23, 700, 701, 1700)
_POSTGRES_YES_NO = 16
_POSTGRES_TEXTS = (19, 25, 1042, 1043)
_IBIS = {"number": "float32", "yes_no": "boolean", "text": "string", "other": "string"}
"""What a column is called to ibis; numbers are not float64, so that a cast to it is written."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table that stays where it is: who answers, the SELECT that gives it, what columns hold.

    `explain` turns the driver's message on a file into one without the file's content.
    """

    database: Database
    select: Any
    columns: Mapping[str, Holds]
    where: str
    explain: Callable[[str], str] | None = None

    def table(self) -> Any:
        """Return the ibis table that questions are asked of."""
        import ibis

        return ibis.table({name: _IBIS[kind] for name, kind in self.columns.items()}, name=STUDY)

    def answer(self, question: Any) -> pd.DataFrame:
        """Return what an ibis expression over `table` gives, at most `MOST_GROUPS` rows and one."""
        sql = write_sql(question, self)
        if self.explain is None:
            return ask(self.database, sql, self.where)
        return _ask_of_file(self.database, sql, self.where, self.explain)


def _ask_of_file(
    database: Database, sql: str, where: str, explain: Callable[[str], str]
) -> pd.DataFrame:
    import duckdb

    found = None
    try:
        with quiet():
            cursor = database.execute(sql)
            names = [column[0] for column in cursor.description]
            found = pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)
    except duckdb.OutOfMemoryException:
        fault = "memory ran out. Map fewer columns, or those with fewer different values."
    except duckdb.Error as cause:
        fault = explain(str(cause))
    if found is None:
        raise_data_error(where, fault)
    return found


def write_sql(question: Any, relation: Relation) -> str:
    """Write an ibis expression in the dialect of who answers it."""
    import ibis
    from ibis.backends.sql import compilers

    dialect = relation.database.dialect
    if dialect == "spark":
        ibis.pyspark  # noqa: B018  (whoever names it has its options, which the compiler reads)
    written = getattr(compilers, _COMPILERS[dialect])().to_sqlglot(question.limit(MOST_GROUPS + 1))
    sql: str = written.with_(STUDY, as_=relation.select).sql(dialect=dialect)
    return sql


@contextmanager
def open_relation(
    where: str, *, file: Path | None = None, connection: str | None = None, query: str | None = None
) -> Iterator[Relation]:
    """Give a CSV, TSV or Parquet file of any size, or what a query gives over a connection."""
    if connection is not None and query is not None:
        with open_read_only(connection) as database:
            yield _relate(database, parse_query(query, database.dialect, where), where)
    elif file is not None:
        with _open_file(file, where) as relation:
            yield relation


@contextmanager
def _open_file(path: Path, where: str) -> Iterator[Relation]:
    ending = check_file(path, where, limited=False)
    if ending not in (".csv", ".tsv", ".parquet"):
        raise_data_error(where, "a workbook is no large table. Give it as CSV or Parquet.")
    with _start_duckdb() as backend:
        database = Database("duckdb", backend.raw_sql, backend.disconnect)
        if ending == ".parquet":
            view = _view(backend.read_parquet, path, {}, where, _explain_parquet)
            yield _relate(database, _choose(view, {}), where, _explain_parquet)
            return
        with open_delimited(path, where) as (readable, delimiter, header):
            types = {f"c{place}": "VARCHAR" for place in range(len(header))}
            options = {**READING, "columns": types, "delim": delimiter}
            view = _view(backend.read_csv, readable, options, where, explain_csv_fault)
            names = {f"c{place}": name for place, name in enumerate(header) if name}
            yield _relate(database, _choose(view, names), where, explain_csv_fault)


@contextmanager
def _start_duckdb() -> Iterator[Any]:
    import ibis

    with tempfile.TemporaryDirectory() as folder:
        backend = ibis.duckdb.connect(
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
            memory_limit=MEMORY,
            temp_directory=folder,
            preserve_insertion_order=False,
        )
        try:
            yield backend
        finally:
            backend.disconnect()


def _view(
    read: Callable[..., Any],
    path: Path,
    options: Mapping[str, Any],
    where: str,
    explain: Callable[[str], str],
) -> str:
    """Give a file a name in the database, without reading its rows."""
    import duckdb

    fault = ""
    try:
        with quiet():
            name: str = read(glob.escape(str(path)), **options).get_name()
    except duckdb.Error as cause:
        fault = explain(str(cause))
    if fault:
        raise_data_error(where, fault)
    return name


def _choose(view: str, names: Mapping[str, str]) -> Any:
    """Select the columns of a view under new names; all under their own where none are given."""
    import sqlglot
    from sqlglot import exp

    chosen = [
        exp.alias_(exp.column(old), exp.to_identifier(new, quoted=True))
        for old, new in names.items()
    ]
    return sqlglot.select(*(chosen or [exp.Star()])).from_(exp.to_table(view, dialect="duckdb"))


def _explain_parquet(_: str) -> str:
    return "the Parquet file cannot be summed up as it is. Write it again, with plain columns."


def _relate(
    database: Database, select: Any, where: str, explain: Callable[[str], str] | None = None
) -> Relation:
    """Ask what the columns hold."""
    import sqlglot

    if database.dialect == "sqlite":
        raise EnvironmentFault(
            f"{where}: SQLite is not asked for sums. Give a file, DuckDB, PostgreSQL or Spark."
        )
    nothing = sqlglot.select("*").from_(select.subquery(STUDY)).limit(0)
    sql = nothing.sql(dialect=database.dialect)
    fault = ""
    try:
        with quiet():
            description = database.execute(sql).description
    except Exception as cause:  # drivers raise of every kind, with values in the text
        fault = type(cause).__name__
    if fault:
        raise_data_error(
            where, f"it cannot be read ({fault}). Check the query, or write the file again."
        )
    columns = {column[0]: _holds(column[1]) for column in description}
    return Relation(database, select, columns, where, explain)


def _holds(kind: Any) -> Holds:
    """Say what a column's type, as DuckDB, Spark or PostgreSQL's driver names it, holds."""
    if isinstance(kind, int):
        if kind == _POSTGRES_YES_NO:
            return "yes_no"
        if kind in _POSTGRES_NUMBERS:
            return "number"
        return "text" if kind in _POSTGRES_TEXTS else "other"
    name = str(kind).upper().partition("(")[0]
    if name == "BOOLEAN":
        return "yes_no"
    if name in _NUMBERS:
        return "number"
    return "text" if name in ("VARCHAR", "STRING") else "other"
