"""Accept one SELECT or the name of a table, and nothing that writes, loads or opens files."""

import re
from typing import Any

from evalkit.errors import ParameterError

_TABLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2}")
_START = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
_PLAIN = re.compile(r"\w[\w $-]*")
_ALLOWED = "Give the name of a table, or one SELECT that only reads tables."


def parse_query(query: str, dialect: str, where: str) -> Any:
    """Return the query as one parsed SELECT, or refuse it with all reasons."""
    import sqlglot

    if _TABLE.fullmatch(query.strip()):
        return sqlglot.select("*").from_(sqlglot.to_table(query.strip(), dialect=dialect))
    if not _START.match(query):
        raise ParameterError(f"{where}: starts with neither SELECT nor WITH. {_ALLOWED}")
    statement = _parse_one(query, dialect, where)
    faults = sorted(_faults(statement))
    if faults:
        raise ParameterError(f"{where}: {'; '.join(faults)}. {_ALLOWED}")
    return statement


def _parse_one(query: str, dialect: str, where: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        statements = [part for part in sqlglot.parse(query, read=dialect) if part is not None]
    except (SqlglotError, RecursionError):
        statements = []
    if len(statements) != 1:
        count = len(statements) or "no readable"
        raise ParameterError(f"{where}: holds {count} statements, not one. {_ALLOWED}") from None
    return statements[0]


def _faults(statement: Any) -> set[str]:
    """Return what in a parsed statement is not the reading of tables."""
    from sqlglot import exp

    if not isinstance(statement, exp.Query):
        return {"is no SELECT"}
    faults = set()
    for node in statement.walk():
        if isinstance(node, exp.Into | exp.Lock | exp.Command | exp.DDL) and not isinstance(
            node, exp.Query
        ):
            faults.add("changes or locks something")
        elif isinstance(node, exp.DML):
            faults.add("changes rows")
        elif isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
            faults.add(f"calls {str(node.this)[:40]}(), which is not among the known functions")
        elif isinstance(node, exp.QueryTransform):
            faults.add("runs a program")
        elif isinstance(node, exp.ReadCSV | exp.ReadParquet):
            faults.add("reads files")
        elif isinstance(node, exp.Table) and not _is_plain_table(node):
            faults.add("reads from something that is no table")
    return faults


def _is_plain_table(table: Any) -> bool:
    from sqlglot import exp

    return isinstance(table.this, exp.Identifier) and bool(_PLAIN.fullmatch(table.name))
