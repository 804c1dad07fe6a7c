"""Texts that try to run, to calculate or to turn the line round are inert in every format."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from evalkit.exports.export import FORMATS
from evalkit.exports.page import make_page
from evalkit.exports.released import ReleasedStudy, open_released, without_unseen
from evalkit.exports.summary import make_summary
from evalkit.exports.tree import Node, parse_page, text_of

SCRIPT = "</script><script>window.hit=1</script>"
IMAGE = '"><img src=x onerror="window.hit=1">'
FORMULA = '=HYPERLINK("http://example.org","x")&cmd|"/c calc"!A1'
WIDE = "＝SUM(A1)"
TURNED = "\u202e\u2067\u200fevil\u2069"
PAYLOAD = f"{SCRIPT}{IMAGE}{TURNED}"
STARTS = (FORMULA, WIDE, "+SUM(A1)", "-SUM(A1)", "@SUM(A1)", "\t=SUM(A1)")
TURNING = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_PROGRAM = (
    "study schema name kind verdict claim record_sha256 registered_on stamp svg png table version "
    "hashes versions primary measure profile"
)
NAMES = frozenset(_PROGRAM.split())
"""Keys whose texts are names that a program reads."""


def poisoned(value: Any, key: str = "", *, starts: str) -> Any:
    """Return a bundle's content with a payload at the start of every text that people wrote."""
    if isinstance(value, dict):
        return {
            k: held if k in NAMES else poisoned(held, k, starts=starts) for k, held in value.items()
        }
    if isinstance(value, list):
        return [poisoned(held, key, starts=starts) for held in value]
    if isinstance(value, str) and key not in NAMES and value not in ("[c]", ""):
        return f"{starts}{PAYLOAD}{value}"
    return value


def poison(content: dict[str, Any], starts: str) -> dict[str, Any]:
    """Return the content of a bundle with payloads; cells that name a measure stay as they are."""
    held: dict[str, Any] = poisoned(content, starts=starts)
    for name, table in content["tables"].items():
        keys = [column["name"] in (*NAMES, "term", "method") for column in table["columns"]]
        for row, before in zip(held["tables"][name]["rows"], table["rows"], strict=True):
            row[:] = [b if key else p for key, p, b in zip(keys, row, before, strict=True)]
    return held


@pytest.fixture(params=STARTS, ids=["formula", "wide", "plus", "minus", "at", "tab"])
def hostile(
    request: pytest.FixtureRequest,
    content: dict[str, Any],
    write: Callable[[dict[str, Any]], Path],
) -> ReleasedStudy:
    """Return a study whose every text is a payload that starts in one of six ways."""
    rows = content["tables"]["organisations"]["rows"]
    content["tables"]["organisations"]["rows"] = [r for r in rows if r[2] == "2021 Q1"]
    content["tables"]["trend"]["rows"] = content["tables"]["trend"]["rows"][:2]
    content["tables"]["spread"]["rows"] = content["tables"]["spread"]["rows"][:2]
    return open_released(write(poison(content, request.param)), content["study"])


@pytest.mark.parametrize("make", [make_page, make_summary])
def test_a_page_shows_payloads_as_text(
    make: Callable[[ReleasedStudy], bytes], hostile: ReleasedStudy
) -> None:
    """Reopened, the page has no element or handler out of a payload, and shows its text."""
    tree = parse_page(make(hostile).decode())
    scripts = [node for node in tree.named("script") if not node.attributes]
    assert len(scripts) <= 1
    assert not [n for n in tree.named("img") if not n.attributes["src"].startswith("data:")]
    assert not [k for node in tree.below() for k in node.attributes if k.startswith("on")]
    assert text_of(tree).count("window.hit=1") > 20
    assert not TURNING.search(make(hostile).decode())


def test_the_data_of_the_choices_hold_payloads_as_text(hostile: ReleasedStudy) -> None:
    """The block cannot be ended from inside, and the views in it hold no element of a payload."""
    import json

    tree = parse_page(make_page(hostile).decode())
    block = tree.find(lambda node: node.attributes.get("id") == "organisations-data")
    assert block is not None
    held = json.loads("".join(map(str, block.children)))
    assert any("window.hit" in name for name in held["names"].values())
    views = [
        v for m in held["measures"].values() for one in m["views"].values() for v in one.values()
    ]
    for view in [*views, *held["marks"].values()]:
        written: Node = parse_page(view)
        assert not written.named("script", "img", "iframe")


def test_a_workbook_stores_payloads_as_text(hostile: ReleasedStudy) -> None:
    """Reopened, no cell is a formula or a link out, and what begins as one is kept from it."""
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].make(hostile)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    held = [cell for cell in texts if "window.hit" in cell.value]
    assert len(held) > 20
    assert not [cell for cell in texts if TURNING.search(cell.value)]
    running = [cell for cell in texts if cell.value[:1] in "=+-@\t＝＋－＠"]
    assert running
    assert all(cell.quotePrefix for cell in running)
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]


def test_a_document_stores_payloads_as_text(hostile: ReleasedStudy) -> None:
    """Reopened, the document has no field, link or object, and shows the payloads as they are."""
    document = docx.Document(io.BytesIO(FORMATS["docx"].make(hostile)))
    body = document.element.xml
    assert body.count("window.hit=1") > 20
    assert not re.search(r"<w:(instrText|fldSimple|hyperlink|object|altChunk)", body)
    assert not TURNING.search(body)
    assert not [link for link in document.part.rels.values() if link.is_external]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(IMAGE in text for text in cells)


def test_what_nobody_sees_is_taken_out_of_every_part() -> None:
    """Marks of direction and control characters go, in keys and values; all else stays."""
    made = without_unseen({f"a{TURNED}": ["b\x00\x0b", ("c\ufeff", 1.5, None, True)]})
    assert made == {"aevil": ["b", ("c", 1.5, None, True)]}
    assert without_unseen("naïve − “quoted”\n£5\t≥ 3") == "naïve − “quoted”\n£5\t≥ 3"
