"""Every design that is measured has a place for its figures on its own page."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cells import CELLS
from page import BEGIN, CLOSE, METHODS


@pytest.mark.parametrize("design", sorted({cell.design for cell in CELLS}))
def test_a_measured_design_has_a_place_on_its_page(design: str) -> None:
    """The page of each design with cells holds the two marks once, in their order."""
    text = (METHODS / f"{design}.md").read_text("utf-8")
    assert (text.count(BEGIN), text.count(CLOSE)) == (1, 1)
    assert text.index(BEGIN) < text.index(CLOSE)
