"""`evalkit data describe` says what a file holds, and never a value."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from evalkit.cli.data import app
from evalkit.errors import DataError

HEADER = "Trust,Quarter,Engagement,Respondents,London,Comment,Code\n"


def _describe(path: Path) -> str:
    result = CliRunner().invoke(app, ["describe", str(path)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def _table(path: Path, rows: int = 24) -> Path:
    lines = [
        f"Z{n % 12:02d},202{1 + n // 12}Q1,6.{n:03d}7,{5000 + n},{'yes' if n % 2 else 'no'},"
        f"qzxj text {n},{n:05d}"
        for n in range(rows)
    ]
    path.write_text(HEADER + "\n".join(lines) + "\n")
    return path


def test_columns_roles_and_periods(tmp_path: Path) -> None:
    """Columns with type and missing count, roles they could fill, units and periods."""
    output = _describe(_table(tmp_path / "staff.csv"))
    for line in (
        "layout table, 1 table",
        "24 rows, 7 columns",
        "column 'Trust': text, 0 missing",
        "column 'Quarter': period, 0 missing",
        "column 'Engagement': number, 0 missing",
        "column 'Respondents': whole number, 0 missing",
        "column 'London': yes or no, 0 missing",
        "column 'Code': text, 0 missing",
        "unit: could be 'Trust', 'Code'",
        "period: could be 'Quarter'",
        "exposure or outcome: could be 'Engagement'",
        "base: could be 'Respondents'",
        "units in 'Trust': 12",
        "periods: 2, quarters (2021Q1, 2022Q1)",
        "rows that repeat a unit and period: 0",
    ):
        assert line in output


def test_no_value_is_shown(tmp_path: Path) -> None:
    """Neither texts, codes nor any number of the rows is in the output."""
    output = _describe(_table(tmp_path / "staff.csv"))
    assert "qzxj" not in output
    assert not any(f"Z{n:02d}" in output for n in range(12))
    assert not any(f"6.{n:03d}7" in output or str(5000 + n) in output for n in range(24))


def test_periods_of_few_rows_are_only_counted(tmp_path: Path) -> None:
    """A period that fewer than ten rows belong to is counted and not named."""
    output = _describe(_table(tmp_path / "staff.csv", rows=14))
    assert "periods: 2, quarters (2021Q1)" in output
    assert "2022Q1" not in output


def test_what_a_study_would_miss(tmp_path: Path) -> None:
    """Roles that no column could fill are listed as not found."""
    path = tmp_path / "notes.csv"
    path.write_text("topic,note\nqzxj,hello\n")
    output = _describe(path)
    for role in ("unit", "period", "exposure or outcome", "base"):
        assert f"{role}: NOT FOUND" in output


def test_identifiers_are_announced(tmp_path: Path) -> None:
    """Columns a study would refuse are named, their values are not."""
    path = tmp_path / "people.csv"
    path.write_text("trust,NHS_Number,note\nR0A,xqzj,9434765919\n")
    output = _describe(path)
    assert "REFUSED while it holds columns that identify people: 'NHS_Number'" in output
    assert "REFUSED while column 'note' holds what look like NHS numbers: 1 (row 2)" in output
    assert "xqzj" not in output
    assert "943" not in output


def test_a_file_without_a_header_shows_no_first_row(tmp_path: Path) -> None:
    """Where the first row holds values, they are not repeated as names."""
    path = tmp_path / "bare.csv"
    path.write_text("9434765919,12/03/1950,a@b.uk,Jo Bloggs\n1,2,3,4\n")
    output = _describe(path)
    assert "column number 1" in output
    assert "give the file a header" in output
    assert not any(value in output for value in ("9434765919", "1950", "a@b.uk", "Bloggs"))


def test_sheets_are_listed(tmp_path: Path) -> None:
    """Every sheet is described; one whose names are not in row 1 is told so."""
    book = openpyxl.Workbook()
    book.active.title = "Results"
    book.active.append(["trust", "year"])
    book.active.append(["R0A", 2021])
    sheet = book.create_sheet("Titled")
    sheet.append(["A long title"])
    sheet.append(["trust", "year"])
    book.save(tmp_path / "book.xlsx")
    output = _describe(tmp_path / "book.xlsx")
    assert "layout table, 2 tables" in output
    assert "sheet 'Results': 1 row, 2 columns" in output
    assert "1 column without a name in row 1" in output


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A fault of the file is the data's, with its exit code."""
    with pytest.raises(DataError) as caught:
        _describe(tmp_path / "absent.csv")
    assert caught.value.exit_code == 3


def _remarks(tmp_path: Path, name: str, *values: str) -> str:
    """Describe a column of these values beside a trust's code, and return what is said."""
    rows = [f"Z{n:02d};{value}" for n, value in enumerate(values)]
    (tmp_path / "a.csv").write_text("\n".join([f"trust;{name}", *rows]) + "\n")
    return _describe(tmp_path / "a.csv")


PERIODS = ["2021Q1", "2021Q2", "2021Q3", "2021Q4", "2022Q1", "2022Q2", "2022Q3", "2022Q4"]


@pytest.mark.parametrize(
    ("name", "values", "remark"),
    [
        ("q", [*PERIODS, "FY22"], "8 of 9 values are periods (row 10 is not). Write 2023, "),
        ("q", ["Jan 2021", "Feb 2021"], "looks like dates or periods in another form (rows 2, 3)"),
        ("q", ["202101", "202102"], "looks like dates or periods in another form (rows 2, 3)"),
        ("q", ["2021-01-15", "2021-02-15"], "looks like dates or periods in another form"),
        ("q", ["01/2021", "2021-02"], "looks like dates or periods in another form (row 2)"),
        ("q", ["2021-01", "2022-01"], "one month of each year: if years are meant, write 2023"),
        ("q", ["2021-01", "2021-04", "2021-07"], "first months of quarters"),
        ("x", ["25,5", "26,5", "27"], "looks like decimal commas (rows 2, 3). Write decimal poi"),
        ("x", ["1,250", "1,300", "27"], "looks like thousands commas (rows 2, 3). Write no comma"),
        ("x", ["25%", "26 %"], "holds percent signs (rows 2, 3). Write the number without"),
        ("x", ["2.5", "3", "4.5", "5", "many"], "4 of 5 values are numbers (row 6 is not). Write"),
        ("x", ["0.25", "0.5", "1"], "all between 0 and 1, as shares are"),
        ("x", ["7.5", "7.5", "7.5"], "the same number in every row: nothing to compare"),
        ("y", ["yes", "no", "no", "yes", "perhaps"], "4 of 5 values are yes or no (row 6 is not)"),
        ("trust_code", ["7", "12"], "whole numbers: trust codes may have lost leading zeros"),
        ("n", ["40", "41", "42", "43", "0"], "4 of 5 values are positive whole numbers (row 6 is "),
        ("n", ["40", "41.5"], "1 of 2 values are positive whole numbers (row 3 is not). A base"),
    ],
)
def test_faults_that_a_run_would_name(
    tmp_path: Path, name: str, values: list[str], remark: str
) -> None:
    """A column's faults are told before a study is written, by count and row."""
    assert f"    {remark}" in _remarks(tmp_path, name, *values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("q", PERIODS),
        ("q", ["2021", "2022"]),
        ("q", ["2021-01", "2021-02"]),
        ("x", ["2.5", "3.25", "NA"]),
        ("x", ["1.25", "12.2021"]),
        ("n", ["40", "1900", "2021", "2022", "2023"]),
        ("trust_code", ["007", "R0A", "012", "013", "014"]),
        ("y", ["yes", "no"]),
        ("note", ["hello", "again", ""]),
    ],
)
def test_sound_columns_draw_no_remark(tmp_path: Path, name: str, values: list[str]) -> None:
    """Nothing is said of a column that a study would read."""
    assert "\n    " not in _remarks(tmp_path, name, *values)


def test_remarks_repeat_no_value(tmp_path: Path) -> None:
    """What does not fit is counted and numbered, and never repeated."""
    fit = ["2.5", "3.5", "4.5", "5.5"]
    assert "qzxj" not in _remarks(tmp_path, "x", *fit, "qzxj")
    assert "qzxj" not in _remarks(tmp_path, "q", *PERIODS, "qzxj")
    assert "86,13" not in _remarks(tmp_path, "x", "86,13", "86,14")


def test_a_column_that_is_nearly_all_periods_is_offered(tmp_path: Path) -> None:
    """One slip does not hide which column holds the periods; those that fit are counted."""
    output = _remarks(tmp_path, "Quarter", *PERIODS, "q1/21")
    assert "period: could be 'Quarter' (nearly: see its remark)" in output
    assert "periods: 8, quarters" in output
    assert "rows that repeat a unit and period: 0" in output
    assert "period: NOT FOUND" in _remarks(tmp_path, "Quarter", "2021Q1", "q1/21", "q2/21")


def test_dates_of_a_workbook_are_periods(tmp_path: Path) -> None:
    """Months that a spreadsheet turned into dates are offered as periods."""
    book = openpyxl.Workbook()
    for row in (["trust", "month"], ["R0A", date(2021, 2, 1)], ["R0A", date(2021, 3, 1)]):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    output = _describe(tmp_path / "book.xlsx")
    assert "column 'month': period, 0 missing" in output
    assert "periods: 2, months" in output


@pytest.mark.parametrize(
    "name",
    [
        *("base", "Stress_base", "Q46_n", "n", "N", "nstaff", "npat", "n_tpat", "nPatients"),
        *("staff respondents", "Answers.total", "responseCount", "NStaff", "number_of_responses"),
    ],
)
def test_names_of_counts_are_offered_as_bases(tmp_path: Path, name: str) -> None:
    """A whole word for a count, or a leading n, makes a column of whole numbers a base."""
    assert f"base: could be '{name}'" in _remarks(tmp_path, name, "40", "41")


@pytest.mark.parametrize(
    "name",
    ["open_date", "countyreal", "discount", "database", "nights", "net", "accounts"],
)
def test_letters_within_a_word_make_no_base(tmp_path: Path, name: str) -> None:
    """Letters of a count inside another word do not make a column a base."""
    assert "base: NOT FOUND" in _remarks(tmp_path, name, "40", "41")


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("TrustCode", True),
        ("org_code", True),
        ("provider id", True),
        ("sitecode", True),
        ("opposite", False),
        ("encoded", False),
        ("trust name", False),
    ],
)
def test_names_of_codes_are_offered_as_units(tmp_path: Path, name: str, offered: bool) -> None:
    """A whole word for an organisation makes a column of texts a unit."""
    (tmp_path / "a.csv").write_text(f"{name},x\nR0A,1.5\nR0B,2.5\n")
    assert (f"unit: could be '{name}'" in _describe(tmp_path / "a.csv")) is offered


def test_codes_that_are_numbers_are_offered_with_their_remark(tmp_path: Path) -> None:
    """Where no texts could be codes, whole numbers are offered, and not as results."""
    (tmp_path / "a.csv").write_text("practice_code,x\n7,1.5\n12,2.5\n")
    output = _describe(tmp_path / "a.csv")
    assert "unit: could be 'practice_code'" in output
    assert "exposure or outcome: could be 'x'\n" in output
