"""Say what is wrong with a file without repeating anything that stands in it."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from evalkit.errors import DataError

ROWS_SHOWN = 5
_PLAIN_NAME = re.compile(r"[^\W\d_][\w .,/&()%:-]{0,79}")
_LONG_DIGITS = re.compile(r"\d{5,}|\d{3}[ -]\d{3}[ -]\d{4}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}")


def name_column(name: str, position: int) -> str:
    """Return a column's name in quotes, or its position where the name may be a value.

    A file without a header shows its first row as names, so only what reads as a name
    is repeated. `position` counts from 1.
    """
    if _PLAIN_NAME.fullmatch(name) and not _LONG_DIGITS.search(name):
        return f"'{name}'"
    return f"number {position}"


def looks_like_header(names: Sequence[str]) -> bool:
    """Return whether no column name is a number, a date or an address, as values are.

    Four digits may be a year that names a column.
    """
    values = re.compile(r"[+-]?\d*\.?\d+|.*@.*")
    return not any(
        _LONG_DIGITS.search(name) or (values.fullmatch(name) and not re.fullmatch(r"\d{4}", name))
        for name in names
    )


def name_columns(names: Sequence[str], among: Sequence[str]) -> str:
    """Return several columns' names, joined by commas."""
    return ", ".join(name_column(name, among.index(name) + 1) for name in names)


def name_rows(rows: Iterable[int]) -> str:
    """Return the first five row numbers and how many more there are."""
    listed = [int(row) for row in rows]
    shown = ", ".join(str(row) for row in listed[:ROWS_SHOWN])
    more = f" and {len(listed) - ROWS_SHOWN} more" if len(listed) > ROWS_SHOWN else ""
    return f"{'row' if len(listed) == 1 else 'rows'} {shown}{more}"


def nearest(wanted: str, names: Sequence[str]) -> str:
    """Return a sentence that offers the names nearest to the one that was looked for."""
    if not looks_like_header(names):
        return "Row 1 looks like values, not names: give the file a header."
    folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)
    shown = [name_column(folded[key], names.index(folded[key]) + 1) for key in close]
    if not shown:
        return "No column has a name like it: map another, or correct the header."
    return f"Nearest: {', '.join(shown)}."


def join_problems(where: str, problems: Sequence[str]) -> str:
    """Return one message for all problems of a source."""
    if len(problems) == 1:
        return f"{where}: {problems[0]}"
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return f"{where}: {len(problems)} problems.{lines}"


def raise_data_error(where: str, problem: str) -> NoReturn:
    """Raise the fault of one source, without the cause that may carry its values."""
    raise DataError(f"{where}: {problem}") from None
