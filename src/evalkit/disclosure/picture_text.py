"""Everything a picture file says beside its shapes: texts, attributes and hidden parts."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

_DRAWN = re.compile(
    "svg|g|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|defs|use|clipPath|style|"
    "title|desc"
)
_SHAPE = re.compile(
    "d|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|dx|dy|width|height|points|transform|viewBox|version|style|"
    "id|class|clip-path|clip-rule|fill|fill-rule|stroke|stroke-width|stroke-linejoin|"
    "stroke-linecap|opacity|font-size|font-family|font-weight|text-anchor|href|role|space|"
    "preserveAspectRatio"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|matplotlib\.axis_\d+")
_TICK = re.compile(r"[xy]tick_\d+")
_ONLY_NUMBER = re.compile(r"[-−–]?[\d,]*\.?\d+\s?%?")
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:|expression\(", re.IGNORECASE)
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = re.compile("IHDR|PLTE|IDAT|IEND|tRNS|gAMA|cHRM|sRGB|sBIT|pHYs|bKGD")
_PNG_TEXTS = frozenset({"tEXt", "zTXt", "iTXt"})


@dataclass(frozen=True, slots=True)
class Said:
    """A text in a picture, and where it stands; or, with `fault`, something not allowed."""

    place: str
    text: str = ""
    fault: str = ""


def svg_text(content: bytes) -> Iterator[Said]:
    """Yield every text of an SVG file that is not a shape, and every part not allowed in it.

    The numbers of axis ticks are constants by their place and are left out.
    """
    text = content.decode("utf-8", errors="replace")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        yield Said("document type", fault="refers to a definition outside the file")
        return
    builder = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
    try:
        root = ElementTree.fromstring(text, ElementTree.XMLParser(target=builder))  # noqa: S314
    except ElementTree.ParseError:
        yield Said("file", fault="is not a picture that can be read")
        return
    yield from _element_text(root, in_tick=False)


def png_text(content: bytes) -> Iterator[Said]:
    """Yield every text of a PNG file, and every part of it that is not a picture."""
    if not content.startswith(_PNG_START):
        yield Said("file", fault="is not a picture that can be read")
        return
    place, ended = len(_PNG_START), False
    while place + 12 <= len(content) and not ended:
        size = struct.unpack(">I", content[place : place + 4])[0]
        kind = content[place + 4 : place + 8].decode("latin-1")
        yield from _part_text(kind, content[place + 8 : place + 8 + size])
        place += 12 + size
        ended = kind == "IEND"
    if not ended or place != len(content):
        yield Said("after the picture", fault="holds data after its end, or is cut off")


def _element_text(element: ElementTree.Element, *, in_tick: bool) -> Iterator[Said]:
    if not isinstance(element.tag, str):
        yield Said("comment", text=element.text or "")
        if element.tail:
            yield Said("text", text=element.tail)
        return
    name = _local(element.tag)
    if not _DRAWN.fullmatch(name):
        yield Said(f"element {name}", fault="is no part of a drawing")
    yield from _attribute_text(element, name)
    in_tick = in_tick or bool(_TICK.fullmatch(element.get("id", "")))
    yield from _own_text(name, element.text, in_tick)
    if name == "text" and len(element):
        yield Said("element text", text="".join(element.itertext()))
    for child in element:
        yield from _element_text(child, in_tick=in_tick)
    if element.tail:
        yield from _own_text("text", element.tail, in_tick)


def _own_text(name: str, text: str | None, in_tick: bool) -> Iterator[Said]:
    words = (text or "").strip()
    if name == "style" and _OUTSIDE.search(words):
        yield Said("element style", fault="refers outside the file")
    if words and not (in_tick and name in ("text", "tspan") and _ONLY_NUMBER.fullmatch(words)):
        yield Said(f"element {name}", text=words)


def _attribute_text(element: ElementTree.Element, name: str) -> Iterator[Said]:
    for key, value in element.attrib.items():
        attribute, where = _local(key), f"attribute {_local(key)} of {name}"
        if attribute.lower().startswith("on"):
            yield Said(where, fault="is a script")
        elif (attribute == "href" and not value.startswith("#")) or _OUTSIDE.search(value):
            yield Said(where, fault="refers outside the file")
        elif attribute in ("id", "class") and not _NAME.fullmatch(value):
            yield Said(where, fault="is no plain name")
        elif not _SHAPE.fullmatch(attribute):
            yield Said(where, text=value)


def _part_text(kind: str, data: bytes) -> Iterator[Said]:
    if kind in _PNG_TEXTS:
        key, _, rest = data.partition(b"\0")
        yield Said(f"{kind} part", text=f"{key.decode('latin-1')} {_unpacked(kind, rest)}")
    elif not _PNG_PARTS.fullmatch(kind):
        yield Said("part of an unknown kind", fault="is no part of a picture")


def _unpacked(kind: str, rest: bytes) -> str:
    """Return the text of a part, unpacked where it is packed."""
    if kind == "iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    else:
        packed, rest = kind == "zTXt", rest[1:] if kind == "zTXt" else rest
    try:
        return (zlib.decompress(rest) if packed else rest).decode("utf-8", errors="replace")
    except zlib.error:
        return "0 0"


def _local(name: str) -> str:
    return name.rpartition("}")[2]
