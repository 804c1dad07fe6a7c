"""`evalkit data describe` says what a file holds, and never a value."""

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
