"""Read the CQC Adult Inpatient Survey's trust workbook, as published in OpenDocument form."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.problems import name_rows, raise_data_error
from evalkit.data.spreadsheets import read_sheets, sheet_frame
from evalkit.data.values import as_numbers

SCORES, RESPONDENTS, HISTORY = "Trust_Scores", "Trust_Respondents", "Historical_Comparisons"
BANDS = {
    1: "much worse than expected",
    2: "worse than expected",
    3: "somewhat worse than expected",
    4: "about the same as expected",
    5: "somewhat better than expected",
    6: "better than expected",
    7: "much better than expected",
}
_NEEDED = {
    SCORES: ("TrustCode", "trustname", "n_tpat"),
    RESPONDENTS: ("TrustCode",),
    HISTORY: ("SurveyYear", "TrustCode", "trustname"),
}
_TITLE = re.compile(r"Adult Inpatient Survey (20\d\d)")
_ITEM = r"(?P<item>Q\d+(?:_\d+)?|S\d+)"


def read_cqc_adult_inpatient(path: Path, where: str | None = None) -> pd.DataFrame:
    """Read the scores and bases of every trust, this survey's year and the earlier ones.

    One row a trust and year: `trust, trust_name, year` (text), `n_trust` (respondents),
    each question's mean score `Q46` (0-10, standardised by age, sex and route of
    admission) and base `Q46_n`, and section scores `S01` for this year only, as
    published. Questions carry this year's numbers in every year. Suppressed and blank
    cells are missing.
    """
    where = where or path.name
    sheets = _read_official(path, where)
    frames = [_this_year(sheets, where)]
    frames += [_earlier_year(frame, where) for name, frame in sheets.items() if _is_past(name)]
    joined = pd.concat(frames, ignore_index=True)
    return joined.sort_values(["trust", "year"], ignore_index=True)


def read_cqc_bands(path: Path) -> pd.DataFrame:
    """Read each trust's band (1 much worse, 7 much better; see `BANDS`) and adjusted Z score.

    One row a trust and question or section: `trust, trust_name, year, question, score,
    band, z`. Band 0 (not applicable) is missing.
    """
    sheets = _read_official(path, path.name)
    scores = sheets[SCORES]
    year = _survey_year(sheets, path.name)
    frames = []
    for item, column in _columns(scores, rf"band{_ITEM}").items():
        part = scores[["TrustCode", "trustname"]].set_axis(["trust", "trust_name"], axis=1)
        values = {"score": f"mean{item}", "band": column, "z": f"{item}_Zfinal"}
        part = part.assign(year=year, question=item)
        frames.append(part.assign(**_numbers(scores, values, path.name)))
    bands = pd.concat(frames, ignore_index=True)
    bands["band"] = bands["band"].mask(bands["band"] == 0).astype("Int64")
    return bands


def is_cqc_adult_inpatient(sheet_names: Sequence[str]) -> bool:
    """Return whether a workbook's sheets are those of this survey."""
    return {SCORES, RESPONDENTS} <= set(sheet_names) and any(map(_is_past, sheet_names))


def _is_past(sheet: str) -> bool:
    return sheet.startswith(HISTORY)


def _read_official(path: Path, where: str) -> dict[str, pd.DataFrame]:
    """Read the sheets that are used, and say which sheets or columns are not there."""
    sheets = read_sheets(path, where)
    absent = [name for name in (SCORES, RESPONDENTS, "Guidance") if name not in sheets]
    absent += [] if any(map(_is_past, sheets)) else [f"{HISTORY}..."]
    if absent:
        raise_data_error(
            where,
            f"is not the CQC Adult Inpatient Survey workbook: {len(absent)} sheets are missing "
            f"({', '.join(absent)}). Give the trust-level benchmark workbook, or layout: table.",
        )
    used = [name for name in sheets if name in (SCORES, RESPONDENTS) or _is_past(name)]
    frames = {name: sheet_frame(sheets[name], where) for name in used}
    frames["Guidance"] = pd.DataFrame({"text": [str(row[0]) for row in sheets["Guidance"] if row]})
    lacking = [
        f"{name}: {column}"
        for name, frame in frames.items()
        for column in _NEEDED.get(HISTORY if _is_past(name) else name, ())
        if column not in frame.columns
    ]
    if lacking:
        raise_data_error(
            where,
            f"lacks {len(lacking)} columns of the official layout ({', '.join(lacking)}). "
            "Give the workbook as published.",
        )
    for name, frame in frames.items():
        if "TrustCode" in frame and not frame["TrustCode"].is_unique:
            raise_data_error(
                where,
                f"{name} has a trust more than once ({name_rows(_repeated(frame))}). "
                "Give the workbook as published.",
            )
    return frames


def _repeated(frame: pd.DataFrame) -> pd.Index:
    return frame.index[frame["TrustCode"].duplicated(keep=False)]


def _survey_year(sheets: Mapping[str, pd.DataFrame], where: str) -> str:
    found = sheets["Guidance"]["text"].str.extract(_TITLE, expand=False).dropna()
    if found.empty:
        raise_data_error(where, "the sheet Guidance names no survey year. Give it as published.")
    return str(found.iloc[0])


def _columns(frame: pd.DataFrame, pattern: str) -> dict[str, str]:
    """Return the columns that a pattern fits, by question or section."""
    matches = ((column, re.fullmatch(pattern, column)) for column in frame.columns)
    return {match["item"]: column for column, match in matches if match}


def _numbers(frame: pd.DataFrame, columns: Mapping[str, str], where: str) -> dict[str, Any]:
    """Return columns as numbers under their new names; refuse texts that mark nothing known."""
    numbers, unread = {}, []
    for name, column in columns.items():
        values, bad = as_numbers(frame[column])
        numbers[name] = values.to_numpy()
        unread += [column] if bad.any() else []
    if unread:
        raise_data_error(
            where,
            f"{len(unread)} columns hold texts that are neither numbers nor marks of "
            f"suppression ({', '.join(unread[:5])}). Give the workbook as published.",
        )
    return numbers


def _this_year(sheets: Mapping[str, pd.DataFrame], where: str) -> pd.DataFrame:
    scores, respondents = sheets[SCORES], sheets[RESPONDENTS]
    means = {"n_trust": "n_tpat"} | _columns(scores, rf"mean{_ITEM}")
    counts = {f"{k}_n": column for k, column in _columns(respondents, rf"{_ITEM}_tres").items()}
    bases = pd.DataFrame(
        {"trust": respondents["TrustCode"].to_numpy()} | _numbers(respondents, counts, where)
    )
    frame = pd.DataFrame(
        {"trust": scores["TrustCode"].to_numpy(), "trust_name": scores["trustname"].to_numpy()}
        | {"year": _survey_year(sheets, where)}
        | _numbers(scores, means, where)
    )
    return frame.merge(bases, on="trust", how="left")


def _earlier_year(history: pd.DataFrame, where: str) -> pd.DataFrame:
    means = _columns(history, rf"{_ITEM}_mean_H\d*")
    counts = {f"{k}_n": column for k, column in _columns(history, rf"{_ITEM}_Base_unw").items()}
    totals = [name for name in history.columns if re.fullmatch(r"n_tpat_H\d*", name)]
    if not totals:
        raise_data_error(where, f"{HISTORY} lacks n_tpat_H. Give the workbook as published.")
    return pd.DataFrame(
        {"trust": history["TrustCode"].to_numpy(), "trust_name": history["trustname"].to_numpy()}
        | {"year": history["SurveyYear"].to_numpy()}
        | _numbers(history, {"n_trust": totals[0]} | means | counts, where)
    )
