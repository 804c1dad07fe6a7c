"""The Word document has real headings, tables and pictures, and the page's own words."""

import io
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from evalkit.exports.document import make_document
from evalkit.exports.page import write_body
from evalkit.exports.released import ReleasedStudy, open_released
from evalkit.exports.sections import section
from evalkit.exports.tree import parse_page, text_of

NOT_IN_WORD = ("nav", "noscript", "form")


@pytest.fixture
def made(released: ReleasedStudy) -> bytes:
    """Return the document as bytes."""
    return make_document(released)


@pytest.fixture
def document(made: bytes) -> Document:
    """Return the document as it is read back."""
    return docx.Document(io.BytesIO(made))


def test_headings_are_those_of_the_page(document: Document, released: ReleasedStudy) -> None:
    """Each heading of the page is a heading of its level, in order, and none is skipped."""
    tree = parse_page(write_body(released))
    choosing = section(tree, "choose").named("h2", "h3")
    headed = [n for n in tree.named("h1", "h2", "h3") if not any(n is c for c in choosing)]
    wanted = [text_of(n) for n in headed if text_of(n) != "On this page"]
    headings = [p for p in document.paragraphs if p.style.name.startswith("Heading")]
    levels = [int(p.style.name[-1]) for p in headings]
    assert [p.text for p, level in zip(headings, levels, strict=True) if level < 4] == wanted
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_word_of_the_page_is_in_the_document(
    document: Document, released: ReleasedStudy
) -> None:
    """Paragraphs, list items, values and cells of the page stand in the document."""
    tree = parse_page(write_body(released))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    everything = " ".join([*(p.text for p in document.paragraphs), *cells])
    held = " ".join(everything.split())
    parts = [*tree.named(*NOT_IN_WORD), section(tree, "choose")]
    skipped = {id(n) for part in parts for n in part.below()}
    links = [p for p in tree.named("p") if any(a.has_class("this-view") for a in p.named("a"))]
    served = [p for p in tree.named("p") if p.has_class("served-only")]
    skipped |= {id(p) for p in (*links, *served)}
    texts = [text_of(n) for n in tree.named("p", "li", "dt", "dd", "td") if id(n) not in skipped]
    key = {text_of(n) for part in tree.below() if part.has_class("key") for n in part.named("li")}
    missing = [t for t in texts if t not in held and t not in key]
    assert missing == []


def test_what_only_a_screen_can_do_is_left_out(document: Document, released: ReleasedStudy) -> None:
    """No choice is offered on paper, and each table to choose from stands there once, elsewhere."""
    texts = {p.text for p in document.paragraphs}
    assert texts.isdisjoint({"Choose what to see", "Link to this view", "One page to print"})
    assert not [text for text in texts if text.startswith(("Nothing was released", "See one set"))]
    chosen = section(parse_page(write_body(released)), "choose")
    captions = [text_of(n) for n in chosen.named("caption")]
    titles = [t._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) for t in document.tables]
    assert captions
    assert [titles.count(caption) for caption in captions] == [1] * len(captions)


def test_header_rows_are_repeated_and_tables_have_titles(document: Document) -> None:
    """The first row of each table is a header row, no row is torn, and a title is set."""
    assert len(document.tables) > 5
    for table in document.tables:
        marks = [row._tr.find(qn("w:trPr")) for row in table.rows]
        assert marks[0].find(qn("w:tblHeader")) is not None
        assert all(mark.find(qn("w:cantSplit")) is not None for mark in marks)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_every_picture_has_its_alternative_text(
    document: Document, released: ReleasedStudy
) -> None:
    """Each picture is a released one with the text that was released with it."""
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert sorted(told) == sorted(f["alt"] for f in released.bundle.figures.values())


def test_a_chart_without_a_released_figure_is_told(document: Document) -> None:
    """Where the page draws what was not released as a picture, its description stands in words."""
    texts = [p.text for p in document.paragraphs]
    assert any("Difference by group of trusts. Estimates with intervals." in t for t in texts)


def test_title_and_language_are_set(document: Document, released: ReleasedStudy) -> None:
    """The properties name them, and the language is that of every style."""
    held = document.core_properties
    assert (held.title, held.language) == (released.bundle.title, "en-GB")
    assert held.subject == "Synthetic data"
    languages = {n.get(qn("w:val")) for n in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}


def test_each_page_says_that_the_data_are_synthetic(document: Document) -> None:
    """The line above every page says so, and the document begins with it."""
    assert document.sections[0].header.paragraphs[0].text.endswith("Synthetic data.")
    assert document.paragraphs[0].text.startswith("Synthetic data.")


def test_the_same_bundle_gives_the_same_bytes(made: bytes, home: Path) -> None:
    """Made again from the disk, the document is the same byte for byte."""
    assert make_document(open_released(home, "staff_wellbeing")) == made
