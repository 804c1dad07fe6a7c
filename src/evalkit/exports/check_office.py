"""Read an exported workbook or Word document back: each text, number and picture is a released one.

Every part of the file is on a closed list; nothing in it is calculated, and nothing outside it is
referred to. It takes nothing from the code that wrote the file.
"""

import re
import zipfile
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from evalkit.disclosure.scan import SYNTHETIC
from evalkit.exports.allowed import Allowed, Found
from evalkit.exports.pack import pack_parts, read_parts
from evalkit.record.hashes import hash_bytes

Element = ElementTree.Element

_STRUCTURE = re.compile(
    r"\[Content_Types\]\.xml|xl/(styles|theme/theme1)\.xml|word/theme/theme1\.xml|"
    r"word/(styles|settings|webSettings|fontTable|numbering)\.xml"
)
_LINKS = re.compile(r"(.*/)?_rels/[\w.]*\.rels")
_PROPERTIES = re.compile(r"docProps/(core|app)\.xml")
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_TABLE = re.compile(r"xl/(tables/table\d+|workbook)\.xml")
_WORDS = re.compile(r"word/(document|header\d+|footer\d+)\.xml")
_PICTURE = re.compile(r"word/media/image\d+\.png")
_DATE = "1980-01-01T00:00:00Z"
_SHEET_PARTS = (
    "worksheet sheetPr outlinePr pageSetUpPr dimension sheetViews sheetView selection "
    "sheetFormatPr cols col sheetData row c is t v hyperlinks hyperlink pageMargins tableParts "
    "tablePart"
)
_IN_SHEET = frozenset(_SHEET_PARTS.split())
_WORD_PARTS = (
    "avLst b bCs blip blipFill body br cNvGraphicFramePr cNvPicPr cNvPr cantSplit color cols "
    "docGrid docPr document drawing effectExtent ext extent fillRect footerReference ftr "
    "graphic graphicData graphicFrameLocks gridCol gridSpan hdr headerReference i iCs ilvl "
    "inline jc keepLines keepNext lang lastRenderedPageBreak noProof numId numPr nvPicPr off "
    "outlineLvl p pPr pStyle pgMar pgSz pic picLocks prstGeom r rFonts rPr rStyle sectPr shd "
    "spPr spacing srcRect stretch sz szCs t tab tabs tbl tblBorders tblCaption tblCellMar "
    "tblDescription tblGrid tblHeader tblInd tblLayout tblLook tblPr tblStyle tblW tc "
    "tcBorders tcPr tcW titlePg tr trPr type u vAlign xfrm top left bottom right insideH "
    "insideV"
)
_IN_WORDS = frozenset(_WORD_PARTS.split())
_SETTING = re.compile(r"-?\d{1,9}|[0-9A-F]{3,8}|[A-Za-z][\w -]*|http://schemas\.[\w./-]+")
_TOLD = frozenset({"name", "displayName", "descr", "title", "alt", "totalsRowLabel"})
_PLACE = re.compile(r"'[^']*'![A-Z]+\d+")


def workbook_leaks(content: bytes, allowed: Allowed) -> Iterator[Found]:
    """Yield what may not stand in a workbook."""
    yield from _file_leaks(content, allowed, {_SHEET: _sheet_leaks, _TABLE: _told_leaks})


def document_leaks(content: bytes, allowed: Allowed) -> Iterator[Found]:
    """Yield what may not stand in a Word document."""
    yield from _file_leaks(content, allowed, {_WORDS: _word_leaks})


def _file_leaks(
    content: bytes,
    allowed: Allowed,
    readers: dict[re.Pattern[str], Callable[[Element, str, Allowed], Iterator[Found]]],
) -> Iterator[Found]:
    try:
        parts = read_parts(content)
    except zipfile.BadZipFile:
        yield "file", "is not a file that can be read", 1
        return
    if pack_parts(parts) != content:
        yield "file", "holds more than its parts, or parts twice", 1
    for name, part in parts.items():
        if _PICTURE.fullmatch(name):
            if hash_bytes(part) not in allowed.pictures:
                yield name, "is no released picture", 1
            continue
        root = _parse(part)
        if root is None:
            yield name, "is not a part that can be read", 1
            continue
        reader = next((read for kind, read in readers.items() if kind.fullmatch(name)), None)
        if reader is not None:
            yield from reader(root, name, allowed)
        else:
            yield from _other_leaks(root, name, allowed)
    if allowed.synthetic and not any(SYNTHETIC.encode() in part for part in parts.values()):
        yield "file", "does not say that its data are synthetic", 1


def _parse(part: bytes) -> Element | None:
    if b"<!" in part or b"<?" in part.removeprefix(b"<?xml"):
        return None
    try:
        return ElementTree.fromstring(part)  # noqa: S314  definitions, comments refused
    except ElementTree.ParseError:
        return None


def _other_leaks(root: Element, name: str, allowed: Allowed) -> Iterator[Found]:
    """Check properties, links and the parts that hold no words."""
    if _PROPERTIES.fullmatch(name):
        yield from _property_leaks(root, name, allowed)
    elif _LINKS.fullmatch(name):
        outside = [link for link in root if link.get("TargetMode", "Internal") != "Internal"]
        if outside:
            yield name, "refers outside the file", len(outside)
    elif not _STRUCTURE.fullmatch(name):
        yield name, "is no part of such a file", 1
    elif any((node.text or "").strip() or (node.tail or "").strip() for node in root.iter()):
        yield name, "holds words where only structure may stand", 1


def _property_leaks(root: Element, name: str, allowed: Allowed) -> Iterator[Found]:
    for node in root.iter():
        place, text = f"{name} {_local(node.tag)}", node.text or ""
        if _local(node.tag) in ("created", "modified"):
            if text != _DATE:
                yield place, "is not the one fixed date", 1
        elif not (_local(node.tag) == "revision" and text == "1"):
            yield from allowed.leaks(text, place)


def _sheet_leaks(root: Element, name: str, allowed: Allowed) -> Iterator[Found]:
    """Check every cell: a number or a text, and nothing that is calculated."""
    clean: set[str] = set()
    yield from _loose_leaks(root, name, allowed, kept=("t", "v"))
    for node in root.iter():
        tag, place = _local(node.tag), f"{name} {node.get('r', '')}".strip()
        if tag == "f":
            yield name, "holds a formula", 1
        elif tag not in _IN_SHEET:
            yield f"{name} {tag}", "is no part of a sheet of a report", 1
        elif tag == "hyperlink" and not _PLACE.fullmatch(node.get("location", "")):
            yield f"{name} {tag}", "refers outside the file", 1
        elif tag == "c":
            if node.get("t", "n") not in ("n", "inlineStr"):
                yield place, "is neither a number nor a text", 1
            text = "".join(node.itertext())
            found = [] if text in clean else list(allowed.leaks(text, place))
            clean |= set() if found else {text}
            yield from found
        elif tag == "hyperlink":
            told = (node.get(key, "") for key in ("display", "tooltip"))
            yield from allowed.leaks(" ".join(told), f"{name} {tag}")


def _told_leaks(root: Element, name: str, allowed: Allowed) -> Iterator[Found]:
    """Check the names of sheets, tables and columns; a defined name could be calculated."""
    yield from _loose_leaks(root, name, allowed, kept=())
    for node in root.iter():
        tag = _local(node.tag)
        if tag in ("definedName", "calculatedColumnFormula", "totalsRowFormula"):
            yield f"{name} {tag}", "holds a formula", 1
        if tag == "sheet" and node.get("state", "visible") != "visible":
            yield f"{name} {tag}", "is hidden", 1
        yield from _attribute_leaks(node, f"{name} {tag}", allowed)


def _word_leaks(root: Element, name: str, allowed: Allowed) -> Iterator[Found]:
    """Check every paragraph as it is read, every alternative text, and that nothing runs."""
    yield from _loose_leaks(root, name, allowed, kept=("t",))
    for node in root.iter():
        tag = _local(node.tag)
        place = f"{name} {tag}"
        if tag not in _IN_WORDS:
            yield place, "is no plain part of a document", 1
        elif tag == "p":
            yield from allowed.leaks(_paragraph_text(node), place)
        yield from _attribute_leaks(node, place, allowed)
        for key, value in node.attrib.items():
            if not (_is_told(node, key) or _SETTING.fullmatch(value)):
                yield f"{place} {_local(key)}", "is no plain setting", 1


def _loose_leaks(
    root: Element, name: str, allowed: Allowed, *, kept: tuple[str, ...]
) -> Iterator[Found]:
    """Check what stands in or behind an element that is no place for words (`kept` are)."""
    for node in root.iter():
        tag = _local(node.tag)
        loose = [node.tail or "", "" if tag in kept else node.text or ""]
        for text in filter(str.strip, loose):
            yield from allowed.leaks(text, f"{name} {tag}")


def _paragraph_text(paragraph: Element) -> str:
    texts = (node for node in paragraph.iter() if _local(node.tag) == "t")
    return "".join(node.text or "" for node in texts)


def _attribute_leaks(node: Element, place: str, allowed: Allowed) -> Iterator[Found]:
    for key, value in node.attrib.items():
        if _is_told(node, key):
            yield from allowed.leaks(value, f"{place} {_local(key)}")


def _is_told(node: Element, key: str) -> bool:
    """Say whether an attribute is read out to somebody."""
    return _local(key) in _TOLD or _local(node.tag) in ("tblCaption", "tblDescription")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
