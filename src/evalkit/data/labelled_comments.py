"""Read labelled comments of the Friends and Family Test, one column a label (2021-2022 release).

As published with The Strategy Unit's pxtextmining: people coded every comment. Two layouts read
the same file: the comments, one row each, and their codes, one row a comment and label. Labels
keep the names of their columns. Dates are written in two orders, so that only years are read.
"""

from pathlib import Path

import pandas as pd

from evalkit.data.delimited import read_delimited
from evalkit.data.files import check_file
from evalkit.data.problems import raise_data_error
from evalkit.data.values import as_text

COMMENT, TEXT, FEELING = "Comment ID", "FFT answer", "Comment sentiment"
_NEEDED = {COMMENT: "comment", "Trust": "trust", "Date": "year", TEXT: "text", FEELING: "sentiment"}
_LAST_BEFORE_LABELS = FEELING
CODER = "people"


def read_labelled_comments(path: Path, where: str | None = None) -> pd.DataFrame:
    """Read the comments that have words: `comment, trust, year, text, sentiment`."""
    texts = _read(path, where or path.name)
    kept = texts[list(_NEEDED)].rename(columns=_NEEDED)
    return kept.assign(year=kept["year"].str.extract(r"(\d{4})")[0])


def read_comment_codes(path: Path, where: str | None = None) -> pd.DataFrame:
    """Read their codes: `comment, coder, label`, the coder being `people`."""
    texts = _read(path, where or path.name)
    labels = list(texts.columns)[list(texts.columns).index(_LAST_BEFORE_LABELS) + 1 :]
    long = texts.melt(COMMENT, labels, "label", "given").dropna(subset=["given"])
    codes = long[[COMMENT, "label"]].rename(columns={COMMENT: "comment"})
    return codes.assign(coder=CODER).sort_values(["comment", "label"], ignore_index=True)


def _read(path: Path, where: str) -> pd.DataFrame:
    if check_file(path, where) not in (".csv", ".tsv"):
        raise_data_error(where, "labelled comments are read as CSV. Save them so.")
    texts = read_delimited(path, where)
    absent = [name for name in _NEEDED if name not in texts.columns]
    if absent:
        raise_data_error(
            where,
            f"is not the release of labelled comments: it has no column {', '.join(absent)}. "
            "Give that file, or use layout: table.",
        )
    texts = pd.DataFrame({name: as_text(texts[name]) for name in texts})
    return texts[texts[TEXT].notna()]
