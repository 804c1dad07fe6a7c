"""Numbers and lists as words, for labels and alternative text."""

from collections.abc import Sequence
from textwrap import fill

import pandas as pd

from evalkit.errors import DataError

_TO_TEN = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TO_FIFTEEN = ("eleven", "twelve", "thirteen", "fourteen", "fifteen")
_TO_TWENTY = ("sixteen", "seventeen", "eighteen", "nineteen", "twenty")
_COUNTS = (*_TO_TEN, *_TO_FIFTEEN, *_TO_TWENTY)


def count_words(count: int, noun: str = "") -> str:
    """Write a count in letters, with its noun in the right number.

    A numeral in a chart's words stands for a number of its table, so none counts rows.
    """
    written = _COUNTS[count] if count < len(_COUNTS) else "many"
    return f"{written} {noun}{'' if count == 1 else 's'}" if noun else written


def level_words(frame: pd.DataFrame, noun: str = "interval") -> str:
    """Name the intervals' level where all rows share it, for example `95% interval`."""
    levels = set(numbers(frame, "level").dropna()) if "level" in frame else set()
    return f"{100 * levels.pop():g}% {noun}" if len(levels) == 1 else noun


def numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as floats on rows 0 to n-1; what is withheld or endless becomes NaN."""
    values = pd.to_numeric(frame[column], errors="coerce").astype(float).reset_index(drop=True)
    return values.where(values.abs() < float("inf"))


def labels(frame: pd.DataFrame, key: str) -> pd.Series:
    """Return each row's `label`, or its key in plain words where it has none."""
    keys = frame[key].astype("string").str.replace("_", " ").map(capitalised, na_action="ignore")
    named = frame["label"].astype("string") if "label" in frame else keys
    return named.fillna(keys).fillna("Not named").reset_index(drop=True).astype(str)


def require_columns(frame: pd.DataFrame, columns: Sequence[str], chart: str) -> None:
    """Refuse a table without rows, or without the columns that a chart draws."""
    missing = [column for column in columns if column not in frame]
    if missing:
        raise DataError(
            f"chart {chart}: its table lacks columns ({len(missing)}): {', '.join(missing)}. "
            f"The chart draws {', '.join(columns)}."
        )
    if frame.empty:
        raise DataError(
            f"chart {chart}: its table has no rows. Draw a table with at least one; a value that "
            "is withheld keeps its row and is left empty."
        )


def with_unit(name: str, unit: str, width: int = 200) -> str:
    """Write a measure with its unit in brackets, spread evenly where one line is too long."""
    written = f"{name} ({unit})" if unit else name
    if len(written) <= width:
        return written
    if unit and len(name) <= width:
        return f"{name}\n({unit})"
    lines = -(-len(written) // width)
    return fill(written, min(width, len(written) // lines + 10))


def paragraph(*sentences: str) -> str:
    """Join sentences, leaving out the empty ones."""
    return " ".join(sentence for sentence in sentences if sentence)


def capitalised(words: str) -> str:
    """Begin with a capital and leave the rest as it is written."""
    return words[:1].upper() + words[1:]
