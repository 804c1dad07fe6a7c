"""Files are refused by type and size before anything parses them."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from evalkit.data import files, spreadsheets
from evalkit.data.files import check_file, hash_file
from evalkit.data.spreadsheets import check_workbook, read_sheets
from evalkit.data.tables import read_table
from evalkit.errors import DataError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data.pkl", "can run code"),
        ("data.joblib", "can run code"),
        ("book.xlsm", "can hold macros"),
        ("book.xls", "can hold macros"),
        ("data.json", "'.json' is not one that is read"),
        ("data", "'' is not one that is read"),
        ("absent.csv", "no such file"),
    ],
)
def test_types_that_are_refused(
    tmp_path: Path, name: str, message: str, is_well_formed: Callable[[object], bool]
) -> None:
    """Only the listed endings are read, and only where there is a file."""
    if name != "absent.csv":
        (tmp_path / name).write_bytes(b"a,b\n")
    with pytest.raises(DataError, match=message) as caught:
        check_file(tmp_path / name, name)
    assert is_well_formed(caught.value)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".ods", ".parquet"])
def test_pickle_under_another_name_is_refused(tmp_path: Path, ending: str) -> None:
    """What stands in a file decides, not what it is called."""
    path = tmp_path / f"data{ending}"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(DataError, match="the content is not that of"):
        check_file(path, "data")


def test_files_over_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size is looked at before content."""
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" * 100)
    monkeypatch.setattr(files, "MAXIMUM_BYTES", 100)
    with pytest.raises(DataError, match="more than the limit of 2 GB"):
        check_file(path, "big.csv")


def test_hash_is_sha256(tmp_path: Path) -> None:
    """The hash of three letters is the one in the standard (FIPS 180-4)."""
    (tmp_path / "abc.csv").write_bytes(b"abc")
    digest = hash_file(tmp_path / "abc.csv")
    assert digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def _zip(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


CELL = b'<table:table-cell office:value-type="float" office:value="1"/>'


@pytest.mark.parametrize(
    ("name", "parts", "message"),
    [
        ("a.xlsx", {"xl/vbaProject.bin": b"x"}, "holds macros"),
        ("a.ods", {"Basic/Standard/Module1.xml": b"<x/>"}, "holds macros"),
        ("a.xlsx", {"xl/externalLinks/externalLink1.xml": b"<x/>"}, "links to other files"),
        ("a.ods", {"content.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}, "XML entities"),
        ("a.xlsx", {"xl/worksheets/sheet1.xml": b"0" * 5_000_000}, "more than 200 times its size"),
        (
            "a.xlsx",
            {"xl/worksheets/sheet1.xml": b'<c r="A1"/><c s="1" r="XFD1048576"><v>1</v></c>'},
            "spans more than 20 million cells",
        ),
        (
            "a.ods",
            {
                "content.xml": b'<table:table><table:table-row table:number-rows-repeated="90000">'
                + CELL.replace(b"/>", b' table:number-columns-repeated="900"/>')
            },
            "spans more than 20 million cells",
        ),
    ],
)
def test_workbooks_that_could_do_harm(
    tmp_path: Path,
    name: str,
    parts: dict[str, bytes],
    message: str,
    is_well_formed: Callable[[object], bool],
) -> None:
    """Macros, links, entities, bombs by ratio and bombs by repeated cells are refused."""
    with pytest.raises(DataError, match=message) as caught:
        check_workbook(_zip(tmp_path / name, parts), name)
    assert is_well_formed(caught.value)


def test_workbooks_that_unpack_too_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unpacked size has a limit of its own."""
    monkeypatch.setattr(spreadsheets, "MAXIMUM_UNPACKED", 1000)
    path = _zip(tmp_path / "a.xlsx", {"xl/a.xml": b"0123456789" * 200})
    with pytest.raises(DataError, match="unpacks to"):
        check_workbook(path, "a.xlsx")


def test_empty_cells_to_the_edge_are_harmless(tmp_path: Path) -> None:
    """A sheet formatted to its last row and column, as office programs save it, may be read."""
    edge = b'<table:table-cell table:number-columns-repeated="16382"/>'
    last = b'<table:table-row table:number-rows-repeated="1048570">' + edge + b"</table:table-row>"
    row = b"<table:table-row>" + CELL + edge + b"</table:table-row>"
    content = b"<table:table>" + row + last + b"</table:table>"
    check_workbook(_zip(tmp_path / "a.ods", {"content.xml": content}), "a.ods")


@pytest.mark.parametrize("content", [b"PK\x03\x04 truncated", b"PK\x03\x04" + bytes(200)])
def test_damaged_workbooks(tmp_path: Path, content: bytes) -> None:
    """A workbook cut short gets a message."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged or has a password"):
        read_sheets(path, "a.xlsx")


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    """A zip of something else gets a message from the parser's fault, without its text."""
    with pytest.raises(DataError, match="cannot be read"):
        read_sheets(_zip(tmp_path / "a.xlsx", {"readme.txt": b"hello"}), "a.xlsx")


def _workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_sheet_with_the_mapped_columns_is_read(tmp_path: Path) -> None:
    """Of several sheets the one that has the columns is taken; codes and years are text."""
    path = _workbook(
        tmp_path / "a.xlsx",
        {
            "Notes": [["About this file"]],
            "Data": [["trust", "year", "x"], ["007", 2021, 1.25], ["R0B", 2022, None]],
        },
    )
    names, frame = read_table(path, "a.xlsx", ["trust", "year", "x"])
    assert names == ["trust", "year", "x"]
    assert frame.fillna("").to_numpy().tolist() == [["007", "2021", "1.25"], ["R0B", "2022", ""]]


def test_two_fitting_sheets_are_refused(tmp_path: Path) -> None:
    """Where more than one sheet could be meant, none is guessed."""
    rows: list[list[object]] = [["trust"], ["R0A"]]
    path = _workbook(tmp_path / "a.xlsx", {"One": rows, "Two": rows})
    with pytest.raises(DataError, match="2 sheets hold something and 2 of them"):
        read_table(path, "a.xlsx", ["trust"])


def test_formulas_come_in_as_their_values_or_text(tmp_path: Path) -> None:
    """A text that looks like a formula stays text; nothing is worked out."""
    path = tmp_path / "a.csv"
    path.write_text("trust,note\nR0A,=1+1\nR0B,<script>alert(1)</script>\n")
    _, frame = read_table(path, "a.csv", ["note"])
    assert frame["note"].tolist() == ["=1+1", "<script>alert(1)</script>"]


def test_parquet_and_ods_give_the_same_texts_as_csv(tmp_path: Path) -> None:
    """One table written in four forms comes in as the same texts."""
    table = pd.DataFrame({"trust": ["007", "R0B"], "year": [2021, 2022], "x": [0.1, 2.0]})
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_parquet(tmp_path / "a.parquet", index=False)
    table.to_excel(tmp_path / "a.xlsx", index=False)
    table.to_excel(tmp_path / "a.ods", index=False, engine="odf")
    for ending in (".csv", ".parquet", ".xlsx", ".ods"):
        names, frame = read_table(tmp_path / f"a{ending}", "a", ["trust", "year", "x"])
        assert names == ["trust", "year", "x"]
        assert frame["trust"].tolist() == ["007", "R0B"]
        assert frame["year"].tolist() == ["2021", "2022"]
        assert frame["x"].astype(float).tolist() == [0.1, 2.0]
        assert frame.index.tolist() == [2, 3]


def test_damaged_parquet(tmp_path: Path) -> None:
    """A Parquet file cut short gets a message."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(50))
    with pytest.raises(DataError, match="damaged"):
        read_table(path, "a.parquet", ["x"])
