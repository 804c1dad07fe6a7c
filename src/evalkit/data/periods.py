"""Periods as text (`2021`, `2021Q1`, `2021-03`) and as a calendar index."""

import pandas as pd

PERIOD_PATTERN = r"(?:1[89]|2[01])\d{2}(?:-?Q[1-4]|-(?:0[1-9]|1[0-2]))?"
KINDS = ("year", "quarter", "month")


def period_kinds(periods: pd.Series) -> pd.Series:
    """Return `year`, `quarter` or `month` for each period text that has the right form."""
    valid = periods.str.fullmatch(PERIOD_PATTERN).fillna(False).astype(bool)
    kinds = pd.Series("month", index=periods.index, dtype="str")
    kinds = kinds.mask(periods.str.len() == 4, "year")
    kinds = kinds.mask(periods.str.contains("Q", regex=False).fillna(False).astype(bool), "quarter")
    return kinds.where(valid)


def calendar_index(periods: pd.Series) -> pd.Series:
    """Return whole numbers such that consecutive years, quarters or months differ by 1.

    All periods must be of one kind and of the right form.
    """
    year = periods.str.slice(0, 4).astype("int64")
    if not len(periods):
        return year
    kind = period_kinds(periods).iloc[0]
    if kind == "year":
        return year
    steps = {"quarter": 4, "month": 12}[kind]
    within = periods.str.extract(r"(\d{1,2})$", expand=False).astype("int64")
    return year * steps + within - 1
