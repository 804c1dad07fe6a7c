"""Every design that is measured has a place for its figures on its own page."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bounds import outside
from cells import CELLS
from cells.notes import NOTES
from page import BEGIN, CLOSE, METHODS, REPORT, outside_table, read_figures


@pytest.mark.parametrize("design", sorted({cell.design for cell in CELLS}))
def test_a_measured_design_has_a_place_on_its_page(design: str) -> None:
    """The page of each design with cells holds the two marks once, in their order."""
    text = (METHODS / f"{design}.md").read_text("utf-8")
    assert (text.count(BEGIN), text.count(CLOSE)) == (1, 1)
    assert text.index(BEGIN) < text.index(CLOSE)


def test_every_cell_outside_what_is_asked_is_explained() -> None:
    """No cell lies outside without a reason on the page, and no cell is left out of it."""
    figures = read_figures()
    assert "Not explained." not in outside_table()
    assert outside_table() in REPORT.read_text("utf-8")
    listed = {f"{row['design']}/{row['cell']}" for _, row in figures.iterrows() if outside(row)}
    assert listed <= set(NOTES)


def test_every_cell_was_asked_often_enough() -> None:
    """Each cell has its 2,000 simulations in the shipped figures."""
    figures = read_figures()
    asked = figures.groupby(["design", "cell"])["simulations"].max()
    assert {f"{d}/{c}" for d, c in asked[asked >= 2000].index} == {cell.key for cell in CELLS}
