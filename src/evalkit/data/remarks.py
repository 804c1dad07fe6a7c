"""Say what a study would stumble over in a column, as counts and row numbers."""

from typing import Literal

import pandas as pd

from evalkit.data.periods import PERIOD_PATTERN
from evalkit.data.problems import name_rows
from evalkit.data.values import (
    NUMBER_PATTERN,
    are_positive_whole,
    as_numbers,
    as_text,
    as_yes_no,
    is_missing,
)

Meaning = Literal["code", "count", "other"]
NEARLY_ALL = 0.8
PERIOD_ADVICE = "Write 2023, 2023Q1 or 2023-01; in Excel, format the column as Text first."
YES_NO_ADVICE = "Write yes and no, true and false, or 1 and 0."
DAY_ADVICE = "Write 2023-01-31."
COUNT_ADVICE = "A base counts the people who answered."
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"
_DECIMAL_COMMA = r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"
_PERCENT = rf"{NUMBER_PATTERN}\s*%"
_YEAR = r"(?:19|20)\d{2}"
_OTHER_PERIODS = "|".join(
    (
        r"(?:\d{1,2}[ ./-]+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
        r"[ .,/-]*(?:\d{2}|\d{4})",
        rf"{_YEAR}(?:0[1-9]|1[0-2])(?:[0-3]\d)?",
        rf"{_YEAR}[./-]\d{{1,2}}[./-]\d{{1,2}}(?:[t ].*)?",
        r"\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})",
        rf"{_YEAR}/\d{{1,4}}|\d{{1,2}}[/-]{_YEAR}|\d{{2}}/\d{{2}}",
        rf"q[1-4][ /-]*{_YEAR}|{_YEAR}[ /-]*q[1-4]",
    )
)


def advise_numbers(bad: pd.Series) -> str:
    """Return how to write what texts that are not plain numbers were probably meant to be."""
    stripped = as_text(bad)
    if _fits(stripped, _DECIMAL_COMMA).any():
        if _fits(stripped, _THOUSANDS).all():
            return "Write no commas between thousands, and decimal points, not commas."
        return "Write decimal points, not commas."
    if _fits(stripped, _THOUSANDS).any():
        return "Write no commas between thousands."
    if _fits(stripped, _PERCENT).any():
        return "Write the number without the percent sign."
    return "Write plain numbers, and leave unknown ones blank."


def are_nearly_periods(texts: pd.Series) -> bool:
    """Return whether at least four in five known texts, and not all, are periods."""
    known = _known(texts)
    return not known.empty and _nearly(_fits(known, PERIOD_PATTERN))


def are_nearly_counts(texts: pd.Series) -> bool:
    """Return whether at least four in five known texts are positive whole numbers."""
    known = _known(texts)
    return not known.empty and bool(_are_counts(known).mean() >= NEARLY_ALL)


def remark_on(texts: pd.Series, kind: str, meaning: Meaning) -> list[str]:
    """Return sentences on a column of this type, whose name may mean codes or counts.

    Texts are indexed by row number. No sentence repeats a value.
    """
    known = _known(texts)
    if known.empty:
        return []
    if kind == "text":
        return _remark_on_texts(known, meaning)
    if kind == "period":
        return _remark_on_months(known)
    if kind == "whole number" and meaning == "code":
        return ["whole numbers: trust codes may have lost leading zeros"]
    if kind not in ("number", "whole number"):
        return []
    remarks = _remark_on_periods(known) if meaning == "other" else []
    return remarks or _remark_on_numbers(known, meaning)


def _remark_on_months(known: pd.Series) -> list[str]:
    """Return what months that leave out others, as dates of years and quarters do, may be."""
    months = set(known[_fits(known, r"\d{4}-\d{2}")])
    within = {month[-2:] for month in months}
    if len(months) > 1 and len(within) == 1:
        return ["one month of each year: if years are meant, write 2023"]
    if len(months) > 2 and within <= {"01", "04", "07", "10"}:
        return ["first months of quarters: if quarters are meant, write 2023Q1"]
    return []


def _remark_on_texts(known: pd.Series, meaning: Meaning) -> list[str]:
    """Return what texts were probably meant to be: periods, numbers, or yes and no."""
    numbers, yes_no = ~as_numbers(known)[1], ~as_yes_no(known)[1]
    commas = _fits(known, _DECIMAL_COMMA) | _fits(known, _THOUSANDS)
    percents = _fits(known, _PERCENT)
    rows = name_rows(known.index[~numbers])
    if found := _remark_on_periods(known):
        return found
    if (numbers | commas).mean() >= NEARLY_ALL and commas.any():
        bad = known[~numbers]
        sign = "thousands" if _fits(bad[commas], _THOUSANDS).all() else "decimal"
        return [f"looks like {sign} commas ({rows}). {advise_numbers(bad)}"]
    if (numbers | percents).mean() >= NEARLY_ALL and percents.any():
        return [f"holds percent signs ({rows}). {advise_numbers(known[percents])}"]
    if _nearly(numbers) and meaning != "code":
        return [f"{_share(numbers, 'numbers')}. {advise_numbers(known[~numbers])}"]
    if _nearly(yes_no):
        return [f"{_share(yes_no, 'yes or no')}. {YES_NO_ADVICE}"]
    return []


def _remark_on_periods(known: pd.Series) -> list[str]:
    periods = _fits(known, PERIOD_PATTERN)
    others = _fits(known.str.casefold(), _OTHER_PERIODS) & ~periods
    if _nearly(periods):
        return [f"{_share(periods, 'periods')}. {PERIOD_ADVICE}"]
    if others.any() and (periods | others).mean() >= NEARLY_ALL:
        rows = name_rows(known.index[others])
        return [f"looks like dates or periods in another form ({rows}). {PERIOD_ADVICE}"]
    return []


def _remark_on_numbers(known: pd.Series, meaning: Meaning) -> list[str]:
    values = as_numbers(known)[0].dropna()
    counts = _are_counts(known)
    remarks = []
    if len(values) > 1 and len(set(values)) == 1:
        remarks.append("the same number in every row: nothing to compare")
    if meaning == "count" and not counts.all():
        remarks.append(f"{_share(counts, 'positive whole numbers')}. {COUNT_ADVICE}")
    elif values.abs().le(1).all() and (values % 1 != 0).any():
        remarks.append("all between 0 and 1, as shares are: percentages are written 0 to 100")
    return remarks


def _known(texts: pd.Series) -> pd.Series:
    return as_text(texts)[~is_missing(texts)]


def _are_counts(known: pd.Series) -> pd.Series:
    numbers = as_numbers(known)[0]
    return are_positive_whole(numbers) & numbers.notna()


def _fits(texts: pd.Series, pattern: str) -> pd.Series:
    return texts.str.fullmatch(f"(?:{pattern})").fillna(False).astype(bool)


def _nearly(fitting: pd.Series) -> bool:
    return bool(NEARLY_ALL <= fitting.mean() < 1)


def _share(fitting: pd.Series, what: str) -> str:
    rest = name_rows(fitting.index[~fitting])
    verb = "is" if rest.startswith("row ") else "are"
    return f"{int(fitting.sum()):,} of {len(fitting):,} values are {what} ({rest} {verb} not)"
