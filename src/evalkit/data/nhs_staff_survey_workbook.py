"""Read the NHS Staff Survey's workbook of organisations: shares of options, and scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.problems import raise_data_error
from evalkit.data.spreadsheets import read_sheets

_TITLES, _HEADER = 0, 4
_FIRST = 6
"""The first column after those that say which organisation a row is."""
_SCORE_SHEETS = ("PEOPLE PROMISE ELEMENTS", "THEMES")
_NO_QUESTIONS = ("Notes", "BACKGROUND")
_BASE = "Base"


def read_nhs_staff_survey_shares(path: Path) -> pd.DataFrame:
    """Read the share of each option: one row an organisation, question and option.

    Columns `unit, question` ("q2a"), `option` (position as published, 1 first), `share` (0-100)
    and `base` (answers). Values that the publisher withheld are missing. Questions about who
    answered are left out.
    """
    blocks = [
        block
        for name, rows in _sheets(path).items()
        if not name.startswith((*_NO_QUESTIONS, *_SCORE_SHEETS))
        for block in _blocks(rows)
    ]
    return pd.concat([_shares(*block) for block in blocks], ignore_index=True)


def read_nhs_staff_survey_scores(path: Path) -> pd.DataFrame:
    """Read the published scores: one row an organisation and score, `unit, score, value, base`.

    `score` is the publisher's short name ("PP4_2", "E_1", "Staff Engagement").
    """
    sheets = _sheets(path)
    blocks = [block for name in _SCORE_SHEETS for block in _blocks(sheets[name])]
    frames = [
        pd.DataFrame(
            {
                "unit": units,
                "score": title,
                "value": pd.to_numeric(columns.iloc[:, 0], errors="coerce"),
                "base": pd.to_numeric(columns.iloc[:, 1], errors="coerce"),
            }
        )
        for title, units, columns in blocks
    ]
    return pd.concat(frames, ignore_index=True)


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    sheets = read_sheets(path, path.name)
    lacking = [name for name in _SCORE_SHEETS if name not in sheets]
    if lacking:
        raise_data_error(
            path.name,
            f"is not the Staff Survey workbook of organisations: {len(lacking)} of its sheets are "
            f"not there ({', '.join(lacking)}). Give the workbook as published.",
        )
    return sheets


_Block = tuple[str, list[str], pd.DataFrame]


def _blocks(rows: Sequence[Sequence[Any]]) -> list[_Block]:
    """Each question or score of a sheet: its short name, the organisations, and its columns."""
    titles, header = rows[_TITLES], rows[_HEADER]
    body = [row for row in rows[_HEADER + 1 :] if row[0]]
    starts = [i for i in range(_FIRST, len(header)) if i < len(titles) and titles[i]]
    found = []
    for start, end in zip(starts, [*starts[1:], len(header)], strict=True):
        names = [f"{i}:{header[i]}" for i in range(start, end)]
        columns = pd.DataFrame([row[start:end] for row in body], columns=names)
        found.append((str(titles[start]).split(" - ")[0], [str(r[0]) for r in body], columns))
    return found


def _shares(title: str, units: list[str], columns: pd.DataFrame) -> pd.DataFrame:
    numbers = pd.DataFrame({c: pd.to_numeric(columns[c], errors="coerce") for c in columns})
    options = [name for name in numbers if _BASE not in str(name)]
    base = numbers.drop(columns=options)
    wide = numbers[options].set_axis(range(1, len(options) + 1), axis=1)
    wide = wide.assign(unit=units, base=base.iloc[:, 0] if base.shape[1] else float("nan"))
    long = wide.melt(id_vars=["unit", "base"], var_name="option", value_name="share")
    return long.assign(question=title.lower())[["unit", "question", "option", "share", "base"]]
