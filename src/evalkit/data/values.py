"""Turn cells into text, and text into numbers, periods and yes or no."""

import datetime
import hashlib
import json
import math
import unicodedata
from decimal import Decimal
from typing import Any

import pandas as pd

NUMBER_PATTERN = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
MISSING_MARKS = frozenset(
    ("na", "n/a", "<na>", "nan", "null", "none", "*", "-", ":", "..", "suppressed")
) | frozenset(f"[{mark}]" for mark in ("c", "x", "z", "k", "u", "w", "low"))
YES = frozenset(("true", "yes", "y", "1", "t"))
NO = frozenset(("false", "no", "n", "0", "f"))
_EXACT = 2**53
_UNSEEN = ("Cc", "Cf", "Zl", "Zp")
_WHOLE_WITHIN = 1e-6


def cell_text(value: Any) -> str | None:
    """Return one cell as text that gives the same value back; None where it is empty.

    A date on the first of a month, as Excel makes of `2021-03`, is that month. A time
    with a time zone is none: which day it means depends on where it is read.
    """
    if value is None or value is pd.NaT or value is pd.NA or value == "":
        return None
    if isinstance(value, str):
        return value
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return _number_text(value)
    if isinstance(value, Decimal):
        return _number_text(float(value)) if value.is_finite() else None
    if isinstance(value, datetime.date):
        return _date_text(value)
    return str(value)


def _date_text(value: datetime.date) -> str:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None or value.time() != datetime.time():
            return value.isoformat()
        value = value.date()
    return value.isoformat()[: len("2021-03") if value.day == 1 else None]


def _number_text(value: float) -> str | None:
    if isinstance(value, float):
        if not math.isfinite(value):
            return None if math.isnan(value) else repr(value)
        if value.is_integer() and abs(value) < _EXACT:
            return str(int(value))
    return repr(value)


def text_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a new table with every cell as text, or missing where it was empty."""
    return pd.DataFrame(
        {
            name: pd.Series([cell_text(cell) for cell in column], index=frame.index, dtype="str")
            for name, column in frame.items()
        },
        index=frame.index,
    )


def as_text(texts: pd.Series) -> pd.Series:
    """Return texts without the spaces around them; blank ones are missing."""
    stripped = texts.astype("str").str.strip()
    return stripped.mask(stripped == "")


def whole_days(texts: pd.Series) -> pd.Series:
    """Return days written in full: a month alone, as `cell_text` writes its first day, too."""
    return texts.str.replace(r"^(\d{4}-\d{2})$", r"\1-01", regex=True)


def has_unseen(texts: pd.Series) -> pd.Series:
    """Return where a text holds a character that cannot be seen (Unicode Cc, Cf, Zl, Zp)."""
    unseen = {text for text in texts.dropna().unique() if any(map(_is_unseen, text))}
    return texts.isin(unseen)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN


def is_missing(texts: pd.Series) -> pd.Series:
    """Return where a text is blank or a mark for missing or suppressed."""
    stripped = as_text(texts)
    return stripped.isna() | stripped.str.casefold().isin(MISSING_MARKS)


def as_numbers(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the numbers, and where a text is neither a number nor a mark for missing."""
    stripped = as_text(texts)
    written = stripped.str.fullmatch(NUMBER_PATTERN).fillna(False).astype(bool)
    numbers = stripped.where(written).astype("float64")
    infinite = numbers.isin([math.inf, -math.inf])
    return numbers.mask(infinite), (~written & ~is_missing(texts)) | infinite


def are_positive_whole(values: pd.Series) -> pd.Series:
    """Return where a number is a positive whole one (to a millionth) or missing."""
    return values.isna() | ((values > 0.5) & ((values - values.round()).abs() <= _WHOLE_WITHIN))


def are_whole(values: pd.Series) -> pd.Series:
    """Return where a number is zero or a positive whole one (to a millionth) or missing."""
    return are_positive_whole(values) | (values.abs() <= _WHOLE_WITHIN)


def as_yes_no(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return yes or no (missing where neither), and where a text is none of the allowed."""
    folded = as_text(texts).str.casefold()
    yes, no = folded.isin(YES), folded.isin(NO)
    answers = yes.astype("boolean").mask(~yes & ~no)
    return answers, ~yes & ~no & ~is_missing(texts)


def hash_frame(frame: pd.DataFrame) -> str:
    """Return the SHA-256 of a table's content, whatever the order of its rows and columns."""
    ordered = text_frame(frame)[sorted(frame.columns)]
    lines = sorted(
        json.dumps([None if pd.isna(cell) else cell for cell in row], ensure_ascii=False)
        for row in ordered.itertuples(index=False, name=None)
    )
    digest = hashlib.sha256(json.dumps(list(ordered.columns)).encode())
    for line in lines:
        digest.update(b"\n" + line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
