"""Say what a file holds and what a study would still need, without showing its values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.cqc_adult_inpatient import (
    BANDS,
    is_cqc_adult_inpatient,
    read_cqc_adult_inpatient,
)
from evalkit.data.delimited import read_delimited
from evalkit.data.files import check_file
from evalkit.data.identifiers import describe_nhs_numbers, find_identifier_columns, split_words
from evalkit.data.nhs_staff_survey import is_nhs_staff_survey
from evalkit.data.periods import PERIOD_PATTERN, calendar_index, period_kinds
from evalkit.data.problems import looks_like_header, name_column, name_columns, raise_data_error
from evalkit.data.remarks import Meaning, are_nearly_counts, are_nearly_periods, remark_on
from evalkit.data.spreadsheets import read_sheets, sheet_frame
from evalkit.data.tables import read_parquet_names, read_table
from evalkit.data.values import as_numbers, as_text, as_yes_no, is_missing, text_frame

ROWS_BEHIND_A_PERIOD = 10
_UNIT_WORD = re.compile(
    r"(?:trust|unit|organisation|org|provider|site|practice|ods)s?(?:code|id)?|codes?"
)
_BASE_WORD = re.compile(
    r"n|base|bases|count|counts|answers|respondents|responses"
    r"|n(?:staff|t?pat|patients|people|persons|resp|respondents|answers|responses)"
)
_WIDEST_LISTING = 60
_MAXIMUM_BYTES = 200 * 1024**2


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a file: its sheet (empty for a file of one table) and its texts."""

    sheet: str
    texts: pd.DataFrame
    unnamed: int = 0


def describe_file(path: Path) -> list[str]:
    """Return lines on a file's layout, tables and columns, and on the roles they could fill.

    No value is shown, and no smallest or largest one: counts, names, types and row
    numbers only. A period is named where at least ten rows belong to it.
    """
    where = str(path)
    ending = check_file(path, where)
    if path.stat().st_size > _MAXIMUM_BYTES:
        raise_data_error(where, "describe reads whole files, up to 200 MB. Describe a part of it.")
    layout, parts = _read_parts(path, where, ending)
    lines = [f"{where}: layout {layout}, {_count(len(parts), 'table')}"]
    for part in parts:
        lines += list(_describe_part(part))
    return lines


def _read_parts(path: Path, where: str, ending: str) -> tuple[str, list[Part]]:
    if ending in (".csv", ".tsv"):
        texts = read_delimited(path, where)
        official = is_nhs_staff_survey(list(texts.columns))
        return "nhs_staff_survey" if official else "table", [Part("", texts)]
    if ending == ".parquet":
        names = read_parquet_names(path, where)
        return "table", [Part("", read_table(path, where, names)[1])]
    sheets = read_sheets(path, where)
    if is_cqc_adult_inpatient(list(sheets)):
        frame = read_cqc_adult_inpatient(path)
        note = f"as read from {len(sheets)} sheets; bands 1 to {len(BANDS)} are read apart"
        return "cqc_adult_inpatient", [Part(note, text_frame(frame))]
    filled = {name: rows for name, rows in sheets.items() if any(map(any, rows))}
    return "table", [
        _read_sheet(f"sheet {name_column(name, list(sheets).index(name) + 1)}", rows, where)
        for name, rows in filled.items()
    ]


def _read_sheet(sheet: str, rows: list[list[Any]], where: str) -> Part:
    frame = sheet_frame(rows, f"{where}, {sheet}")
    filled = sum(any(cell != "" for cell in column) for column in zip(*rows, strict=True))
    return Part(sheet, frame, max(filled - len(frame.columns), 0))


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _describe_part(part: Part) -> Iterator[str]:
    texts = part.texts
    names = [str(name) for name in texts.columns]
    yield ""
    yield (
        f"{part.sheet + ': ' if part.sheet else ''}"
        f"{_count(len(texts), 'row')}, {_count(len(names), 'column')}"
    )
    is_header = looks_like_header(names)
    kinds = {name: column_type(texts[name]) for name in names}
    for position, name in enumerate(names[:_WIDEST_LISTING], start=1):
        missing = int(is_missing(texts[name]).sum())
        shown = name_column(name if is_header else "", position)
        yield f"  column {shown}: {kinds[name]}, {missing:,} missing"
        remarks = remark_on(texts[name], kinds[name], _meaning(name))
        yield from (f"    {remark}" for remark in remarks)
    if len(names) > _WIDEST_LISTING:
        yield f"  and {_count(len(names) - _WIDEST_LISTING, 'column')} more"
    if part.unnamed:
        yield f"  {_count(part.unnamed, 'column')} without a name in row 1: put the names there"
    if not is_header:
        yield "  row 1 looks like values, not names: give the file a header"
    if not names or not is_header:
        return
    yield "For a study:"
    yield from (f"  {line}" for line in _describe_roles(texts, names, kinds))


def column_type(texts: pd.Series) -> str:
    """Return `empty`, `period`, `yes or no`, `whole number`, `number` or `text` for a column."""
    known = as_text(texts)[~is_missing(texts)]
    if known.empty:
        return "empty"
    if known.str.fullmatch(PERIOD_PATTERN).all():
        return "period"
    if not as_yes_no(known)[1].any() and as_yes_no(known)[0].notna().any():
        return "yes or no"
    leading_zero = known.str.fullmatch(r"0\d+").any()
    numbers, bad = as_numbers(known)
    if bad.any() or leading_zero or numbers.isna().all():
        return "text"
    return "whole number" if (numbers.dropna() % 1 == 0).all() else "number"


def _describe_roles(
    texts: pd.DataFrame, names: Sequence[str], kinds: dict[str, str]
) -> Iterator[str]:
    """Yield what a study would refuse, and what could fill each role."""
    refused = find_identifier_columns(names)
    if refused:
        yield f"REFUSED while it holds columns that identify people: {name_columns(refused, names)}"
    for sentence in describe_nhs_numbers(texts):
        yield f"REFUSED while {sentence}"
    units = _find_units(names, kinds)
    nearly = [n for n in names if _meaning(n) == "other" and are_nearly_periods(texts[n])]
    periods = [name for name in names if kinds[name] == "period"] + nearly
    numbers = [name for name in names if kinds[name] in ("number", "whole number")]
    counts = [n for n in numbers if _meaning(n) == "count" and are_nearly_counts(texts[n])]
    values = [name for name in numbers if name not in (*counts, *units)]
    yield _offer("unit", units, names, "a column of codes, such as trust codes")
    offer = _offer("period", periods, names, "a column of 2021, 2021Q1 or 2021-03")
    yield f"{offer} (nearly: see its remark)" if nearly and periods == nearly else offer
    yield _offer("exposure or outcome", values, names, "a column of scores or percentages")
    yield _offer("base", counts, names, "a column that counts the people who answered")
    if units:
        counted = as_text(texts[units[0]]).nunique()
        yield f"units in {name_column(units[0], names.index(units[0]) + 1)}: {counted:,}"
    for name in periods[:1]:
        yield _describe_periods(as_text(texts[name]))
    if units and periods:
        repeated = int(texts.duplicated([units[0], periods[0]]).sum())
        yield f"rows that repeat a unit and period: {repeated:,}"


def _meaning(name: str) -> Meaning:
    """Return whether the words of a column's name are those of codes or of counts."""
    words = split_words(name)
    if any(map(_BASE_WORD.fullmatch, words)):
        return "count"
    is_code = any(map(_UNIT_WORD.fullmatch, words)) and "name" not in words
    return "code" if is_code else "other"


def _find_units(names: Sequence[str], kinds: dict[str, str]) -> list[str]:
    """Return the columns that may hold codes: texts, or where there are none whole numbers."""
    coded = [name for name in names if _meaning(name) == "code"]
    units = [name for name in coded if kinds[name] == "text"]
    return units or [name for name in coded if kinds[name] == "whole number"]


def _offer(role: str, found: Sequence[str], names: Sequence[str], lacking: str) -> str:
    if not found:
        return f"{role}: NOT FOUND. It needs {lacking}."
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{role}: could be {name_columns(found[:5], names)}{more}"


def _describe_periods(periods: pd.Series) -> str:
    """Name the periods that enough rows belong to, and count them all."""
    kinds_by_row = period_kinds(periods)
    counts = periods[kinds_by_row.notna()].value_counts()
    kinds = sorted(set(kinds_by_row.dropna()))
    if len(kinds) != 1:
        return f"periods: {len(counts):,}, of mixed kinds ({', '.join(kinds)})"
    large = counts.index[counts >= ROWS_BEHIND_A_PERIOD].to_series()
    named = ", ".join(large.iloc[calendar_index(large).argsort()])
    return f"periods: {len(counts):,}, {kinds[0]}s{f' ({named})' if named else ''}"
