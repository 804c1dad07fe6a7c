"""CSV files come in as text, or get one clear message that holds no value."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.data import delimited
from evalkit.data.delimited import read_delimited
from evalkit.data.files import check_file
from evalkit.errors import DataError, DisclosureError

# A few at every run; EVALKIT_EXAMPLES=3000 tries thousands.
EXAMPLES = int(os.environ.get("EVALKIT_EXAMPLES", "60"))
NO_FIXTURE_RESET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
# Letters that no message of ours would hold by itself.
MARKER = "qzxj"


def _read(folder: Path, content: bytes, wanted: list[str] | None = None) -> pd.DataFrame:
    path = folder / "file.csv"
    path.write_bytes(content)
    check_file(path, "file.csv")
    return read_delimited(path, "file.csv", wanted)


def test_codes_and_periods_stay_text(tmp_path: Path) -> None:
    """Leading zeros, years and long digits come through unchanged; rows count from 2."""
    frame = _read(tmp_path, b"code,year,x\n007,2021,1.50\n1E5,2022,\n")
    assert frame["code"].tolist() == ["007", "1E5"]
    assert frame["year"].tolist() == ["2021", "2022"]
    assert frame["x"].tolist()[0] == "1.50"
    assert frame["x"].isna().tolist() == [False, True]
    assert frame.index.tolist() == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    """Commas, semicolons, tabs and bars are told apart, also with the others inside texts."""
    lines = [["trust", "name", "x"], ["R0A", '"A, B; C | D"', "1"], ["R0B", '"E\tF"', "2"]]
    content = "\n".join(delimiter.join(line) for line in lines).encode()
    frame = _read(tmp_path, content)
    assert frame["name"].tolist() == ["A, B; C | D", "E\tF"]


def test_ambiguous_delimiter_is_refused(tmp_path: Path) -> None:
    """Where two signs part the rows equally well, neither is guessed."""
    with pytest.raises(DataError, match="more than one sign"):
        _read(tmp_path, b"a,b;c\n1,2;3\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_declared_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without a mark, and UTF-16 with its mark, give the same texts."""
    frame = _read(tmp_path, "trust,naïve\r\nR0A,Æ\r\n".encode(encoding))
    assert list(frame.columns) == ["trust", "naïve"]
    assert frame["naïve"].tolist() == ["Æ"]


def test_wrong_encoding_names_the_line(tmp_path: Path) -> None:
    """A Windows-1252 letter is refused with the number of its line."""
    with pytest.raises(DataError, match=r"^file.csv: line 3 is not UTF-8 text"):
        _read(tmp_path, b"trust,name\nR0A,a\nR0B,caf\xe9\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "no column names"),
        (b",,\n1,2,3\n", "no column names"),
        (b"a,a\n1,2\n", "columns 1, 2 share their names"),
        (b"a,b\n1,2\n3\n", "line 3 has 1 columns where the header has 2"),
        (b"," * 5000 + b"a\n", "5,001 columns; the limit is 5,000"),
        (b"a,b\n1,2,3\n", "line 2 has 3 columns where the header has 2"),
        (b'a,b\n1,"2\n', "line 2 opens a quotation mark that nothing closes"),
        (b"a,b\n1,\x002\n", "not that of a .csv file"),
        (b"PK\x03\x04a,b\n", "not that of a .csv file"),
    ],
)
def test_broken_files_get_one_message(
    tmp_path: Path, content: bytes, message: str, is_well_formed: Callable[[object], bool]
) -> None:
    """Each broken file is refused with where, what is wrong and what to do next."""
    with pytest.raises(DataError, match=message) as caught:
        _read(tmp_path, content)
    assert is_well_formed(caught.value)


def test_quoted_line_breaks_and_unnamed_columns(tmp_path: Path) -> None:
    """A line break inside quotes stays in its cell; a column without a name is left out."""
    frame = _read(tmp_path, b',a,b\n0,"x\ny",1\n')
    assert frame.to_dict("list") == {"a": ["x\ny"], "b": ["1"]}


def test_only_wanted_columns_are_read(tmp_path: Path) -> None:
    """What a study does not map is never loaded."""
    assert list(_read(tmp_path, b"a,b,c\n1,2,3\n", ["c", "a"]).columns) == ["a", "c"]


def test_names_with_wildcards_are_plain_names(tmp_path: Path) -> None:
    """A file whose name holds a wildcard is read, and no other file with it."""
    (tmp_path / "a1.csv").write_text("x\n1\n")
    (tmp_path / "a[1].csv").write_text("x\n2\n")
    assert read_delimited(tmp_path / "a[1].csv", "a")["x"].tolist() == ["2"]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=NO_FIXTURE_RESET)
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
            | st.sampled_from(["a,b", 'say "x"', "line\nbreak", " ", "", "=1+1", "1e5"]),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    ),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_written_by_the_standard_library_read_back(
    tmp_path: Path, rows: list[list[str]], ends: str
) -> None:
    """Whatever Python's csv module writes comes back cell for cell, blank ones as missing."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=ends, quoting=csv.QUOTE_ALL)
    writer.writerows([["first", "second", "third"], *rows])
    frame = _read(tmp_path, text.getvalue().encode())
    assert frame.fillna("").to_numpy().tolist() == rows


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=NO_FIXTURE_RESET)
@given(
    content=st.binary(max_size=60)
    | st.text("ab,;\t|\"'\r\n\\ \ufeff=0", max_size=60).map(lambda text: text.encode())
)
def test_any_bytes_give_a_table_or_a_message(tmp_path: Path, content: bytes) -> None:
    """No file, however broken, gives anything but a table or a data fault."""
    try:
        frame = _read(tmp_path, content)
    except (DataError, DisclosureError):
        return
    assert isinstance(frame, pd.DataFrame)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=NO_FIXTURE_RESET)
@given(
    cells=st.lists(
        st.sampled_from([MARKER, f'"{MARKER}', f'{MARKER}"', f"{MARKER},{MARKER}", f'"{MARKER}"x'])
        | st.sampled_from([f"{MARKER}\xe9", f"{MARKER}\r", f"{MARKER};", f"{MARKER}\n", ""]),
        min_size=1,
        max_size=8,
    ),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
)
def test_messages_hold_no_value(tmp_path: Path, cells: list[str], encoding: str) -> None:
    """Whatever is wrong with the rows, the message repeats none of their texts."""
    content = ("trust,x\n" + ",".join(cells) + "\n" + MARKER + ",1\n").encode(encoding)
    try:
        _read(tmp_path, content)
    except DataError as fault:
        assert MARKER not in str(fault)
        assert fault.__suppress_context__ or fault.__context__ is None


def test_more_rows_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table with more rows than the limit is refused, one with as many is read."""
    monkeypatch.setattr(delimited, "MAXIMUM_ROWS", 3)
    assert len(_read(tmp_path, b"a,b\n1,2\n3,4\n5,6\n")) == 3
    with pytest.raises(DataError, match="more than 3 rows"):
        _read(tmp_path, b"a,b\n1,2\n3,4\n5,6\n7,8\n")
