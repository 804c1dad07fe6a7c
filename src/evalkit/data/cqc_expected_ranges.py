"""Read the expected ranges published with CQC's Adult Inpatient Survey, by trust and question.

The workbook of `cqc_adult_inpatient`, other columns of it: the limits of what was expected of each
trust at three levels, its band and its Z, with the answers behind its score.
"""

import re
from pathlib import Path

import pandas as pd

from evalkit.data.cqc_adult_inpatient import RESPONDENTS, SCORES
from evalkit.data.problems import raise_data_error
from evalkit.data.spreadsheets import read_sheets, sheet_frame
from evalkit.data.values import as_numbers

_COLUMNS = {
    "score": "mean{}",
    "low_90": "ll90{}",
    "high_90": "ul90{}",
    "low_95": "ll95{}",
    "high_95": "ul95{}",
    "low_998": "ll99{}",
    "high_998": "ul99{}",
    "band": "band{}",
    "z": "{}_Zfinal",
}


def read_cqc_expected_ranges(path: Path) -> pd.DataFrame:
    """Read one row a trust and question or section, in the order of the workbook.

    Columns: `trust, question, section` (yes where it is a section), `score, n` (answers; missing
    for sections), `low_90, high_90, low_95, high_95, low_998, high_998, band, z`. Rows without a
    band (too few answers) have missing values.
    """
    sheets = read_sheets(path, path.name)
    absent = [name for name in (SCORES, RESPONDENTS) if name not in sheets]
    if absent:
        raise_data_error(path.name, f"has no sheet {', '.join(absent)}. Give it as published.")
    scores, people = (sheet_frame(sheets[name], path.name) for name in (SCORES, RESPONDENTS))
    found = (re.fullmatch(r"band(Q\d+(?:_\d+)?|S\d+)", str(name)) for name in scores)
    questions = [match[1] for match in found if match]
    answers = people.set_index("TrustCode").reindex(scores["TrustCode"])
    parts = [_one_question(scores, answers, question) for question in questions]
    return pd.concat(parts, ignore_index=True)


def _one_question(scores: pd.DataFrame, answers: pd.DataFrame, question: str) -> pd.DataFrame:
    named = {name: column.format(question) for name, column in _COLUMNS.items()}
    values = {name: as_numbers(scores[column])[0].to_numpy() for name, column in named.items()}
    base = f"{question}_tres"
    part = pd.DataFrame({"trust": scores["TrustCode"], "question": question, **values})
    part["n"] = as_numbers(answers[base])[0].to_numpy() if base in answers else float("nan")
    part["section"] = question.startswith("S")
    band = part["band"].where(part["band"] > 0)
    kept = band.notna() & part["score"].notna()
    numbers = [*_COLUMNS]
    return part.assign(**{name: part[name].where(kept) for name in numbers})
