"""Tables become the same bytes each time, and nothing in them runs in a spreadsheet."""

from io import BytesIO

import pandas as pd
import pyarrow.parquet as pq
import pytest

from evalkit.errors import AnalysisError
from evalkit.record.table_files import fit_to_spec, formula_safe, table_csv, table_parquet
from evalkit.record.tables import Column, Margin, TableSpec

FRAME = pd.DataFrame({"trust": ["=1+1", "plain", None], "change": [-0.5, 1.0, None]})
SPEC = TableSpec(
    "effects",
    "Effects",
    "One row a trust.",
    (Column("trust", "Trust", "label"), Column("change", "Change", "estimate", ("staff",))),
)


def test_csv_by_hand() -> None:
    """Text that starts a formula gets an apostrophe; negative and missing numbers stay."""
    assert table_csv(FRAME, synthetic=False) == b"trust,change\n'=1+1,-0.5\nplain,1.0\n,\n"


def test_csv_of_synthetic_data_says_so_in_heading_and_rows() -> None:
    """Each row, and the heading of a table without rows, say that the data are synthetic."""
    lines = table_csv(FRAME, synthetic=True).decode().splitlines()
    assert lines[0] == "trust,change,synthetic"
    assert all(line.endswith(",Synthetic") for line in lines[1:])
    assert table_csv(FRAME.head(0), synthetic=True) == b"trust,change,synthetic\n"


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_every_start_of_a_formula_is_made_safe(start: str) -> None:
    """Each sign that a spreadsheet takes for a formula, in any width, is put in quotes."""
    assert formula_safe(f"{start}1") == f"'{start}1"
    assert formula_safe(f"a{start}1") == f"a{start}1"


def test_text_comes_back_from_csv_as_it_was() -> None:
    """Quotes, commas and ends of lines within a cell survive the file."""
    frame = pd.DataFrame({"label": ['a "b", c', "two\nlines", "café"]})
    back = pd.read_csv(BytesIO(table_csv(frame, synthetic=False)))
    assert list(back["label"]) == list(frame["label"])


def test_parquet_is_the_same_bytes_and_the_same_table() -> None:
    """Two renderings are equal to the byte, and read back as the table that went in."""
    content = table_parquet(FRAME, synthetic=False)
    assert table_parquet(FRAME.copy(), synthetic=False) == content
    assert list(pd.read_parquet(BytesIO(content))["trust"])[:2] == ["=1+1", "plain"]
    assert pq.read_schema(BytesIO(content)).metadata is None


def test_parquet_of_synthetic_data_says_so_beside_its_columns() -> None:
    """The word stands in the file's own notes, so that no column is added."""
    schema = pq.read_schema(BytesIO(table_parquet(FRAME, synthetic=True)))
    assert schema.metadata == {b"data": b"Synthetic"}
    assert schema.names == ["trust", "change"]


def test_a_fitting_table_takes_the_order_of_its_specification() -> None:
    """Columns are put in the specified order, and the frame itself is left alone."""
    turned = FRAME[["change", "trust"]]
    assert list(fit_to_spec(turned, SPEC, {"staff"}).columns) == ["trust", "change"]
    assert list(turned.columns) == ["change", "trust"]


def test_all_that_differs_from_the_specification_is_told_at_once() -> None:
    """Missing and extra columns, unknown base, source and margin stand in one message."""
    spec = TableSpec(
        "effects",
        "",
        "",
        (Column("trust", "", "label"), Column("size", "", "mean", ("census",), "people")),
        (Margin("region", "All"),),
    )
    with pytest.raises(AnalysisError) as caught:
        fit_to_spec(FRAME, spec, {"staff"})
    for told in ("missing from it: size", "not specified: change", "people", "census", "region"):
        assert told in str(caught.value)


def test_infinite_numbers_are_refused_without_being_shown() -> None:
    """An unbounded estimate is no number that can be reported."""
    with pytest.raises(AnalysisError, match="infinite numbers in columns change"):
        fit_to_spec(FRAME.assign(change=float("inf")), SPEC, {"staff"})


def test_the_column_that_marks_synthetic_data_cannot_be_used_otherwise() -> None:
    """A table's own column `synthetic` would be overwritten, so it is refused."""
    spec = TableSpec("t", "", "", (Column("synthetic", "", "label"),))
    with pytest.raises(AnalysisError, match="kept for evalkit"):
        fit_to_spec(pd.DataFrame({"synthetic": ["no"]}), spec, set())
