"""Read the NHS Staff Survey's table of trusts: one row a trust and year, rates and bases."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from evalkit.data.delimited import read_delimited
from evalkit.data.files import check_file
from evalkit.data.problems import name_columns, raise_data_error
from evalkit.data.values import as_numbers, as_text

UNIT, PERIOD = "ODS code", "Year"
RATE, BASE = "_rate", "_base"


def read_nhs_staff_survey(path: Path, where: str | None = None) -> pd.DataFrame:
    """Read every trust and year: texts as texts, each `<measure>_rate` (0-100) and `_base` (n).

    `NA` is missing. The index holds the row numbers of the file.
    """
    where = where or path.name
    if check_file(path, where) not in (".csv", ".tsv"):
        raise_data_error(
            where,
            "the Staff Survey table of trusts is read as CSV. Save it so, or use layout: table.",
        )
    texts = read_delimited(path, where)
    names = list(texts.columns)
    if not is_nhs_staff_survey(names):
        raise_data_error(
            where,
            f"is not the Staff Survey table of trusts: it needs '{UNIT}', '{PERIOD}' and at least "
            f"one pair '<measure>{RATE}' and '<measure>{BASE}'. Give that table, or layout: table.",
        )
    frame, unread, outside = {}, [], []
    for name in names:
        if not name.endswith((RATE, BASE)):
            frame[name] = as_text(texts[name]).mask(texts[name].isin(("NA", "<NA>")))
            continue
        frame[name], bad = as_numbers(texts[name])
        unread += [name] if bad.any() else []
        within = frame[name].dropna().between(0, 100)
        outside += [name] if name.endswith(RATE) and not within.all() else []
    for found, problem in ((unread, "are no numbers"), (outside, "lie outside 0 to 100")):
        if found:
            raise_data_error(
                where,
                f"values {problem} in {len(found)} columns ({name_columns(found[:5], names)}). "
                "Give the table as published.",
            )
    return pd.DataFrame(frame)


def is_nhs_staff_survey(columns: Sequence[str]) -> bool:
    """Return whether a file's columns are those of this layout."""
    paired = any(
        name.endswith(RATE) and name.removesuffix(RATE) + BASE in columns for name in columns
    )
    return UNIT in columns and PERIOD in columns and paired
