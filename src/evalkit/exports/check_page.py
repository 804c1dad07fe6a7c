"""Read an exported page back: each number, picture, reference and script in it is expected.

It takes nothing from the code that wrote the page but its script and its style sheets.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from evalkit.disclosure.scan import SYNTHETIC
from evalkit.exports.allowed import Allowed, Found
from evalkit.exports.tree import Node, parse_page, text_of
from evalkit.record.hashes import hash_bytes

_TOLD = frozenset(
    {"alt", "title", "aria-label", "value", "data-label", "content", "placeholder", "text"}
)
_SHAPES = (
    "d x y x1 y1 x2 y2 cx cy r width height viewbox points text-anchor class id for name type role "
    "scope tabindex lang charset rel aria-labelledby aria-hidden focusable autocomplete http-equiv "
    "hidden selected open colspan"
)
_SHAPE = frozenset(_SHAPES.split())
_PLAIN = re.compile(r"[\w\s.,:;()#/%+-]*")
_NAMED = frozenset({"id", "class", "for", "name", "type", "role", "scope", "aria-labelledby"})
_DECIMAL = re.compile(r"\d[.,]\d")
_REFERENCES = frozenset({"href", "src", "action"})
_HERE = re.compile(r"(#[\w-]*|data:,|\?[\w%+.=&*~-]*)")
_PICTURE = re.compile(r"data:image/(?:svg\+xml|png);base64,([\w+/=]+)")
_INLINE = frozenset({"strong", "span", "code", "q", "a", "em", "comment"})
_TICK = re.compile(r"[-−]?[\d,]*\.?\d+")
_SETTINGS = frozenset({"viewport", "referrer"})


def page_leaks(content: bytes, allowed: Allowed, assets: frozenset[str]) -> Iterator[Found]:
    """Yield what may not stand in a page; `assets` are the scripts and styles that are ours."""
    tree = parse_page(content.decode("utf-8"))
    yield from _tree_leaks(tree, allowed, assets)
    if not any(n.attributes.get("http-equiv") == "Content-Security-Policy" for n in tree.below()):
        yield "head", "holds no content security policy", 1
    if allowed.synthetic and SYNTHETIC not in text_of(tree):
        yield "file", "does not say that its data are synthetic", 1


def _tree_leaks(tree: Node, allowed: Allowed, assets: frozenset[str]) -> Iterator[Found]:
    for place, text in _blocks(tree):
        if not (place == "tick" and _TICK.fullmatch(text.strip())):
            yield from allowed.leaks(text, place)
    for node in tree.below():
        yield from _attribute_leaks(node, allowed)
        if node.tag in ("script", "style"):
            yield from _code_leaks(node, allowed, assets)
        elif node.tag in ("iframe", "object", "embed", "base", "applet", "frame", "audio", "video"):
            yield f"element {node.tag}", "is no part of a report", 1


def _blocks(tree: Node) -> list[tuple[str, str]]:
    """Return each run of text with its place, as a reader meets it: over inline elements."""
    found: list[tuple[str, str]] = []
    held: list[str] = []

    def close(place: str) -> None:
        if "".join(held).strip():
            found.append((place, "".join(held)))
        held.clear()

    def walk(node: Node, place: str) -> None:
        for child in node.children:
            if isinstance(child, str):
                held.append(child)
            elif child.tag in _INLINE:
                walk(child, place)
            elif child.tag not in ("script", "style"):
                close(place)
                inner = "tick" if _is_tick(child) else f"element {child.tag}"
                walk(child, inner)
                close(inner)

    walk(tree, "text")
    close("text")
    return found


def _is_tick(node: Node) -> bool:
    """Say whether a text is the number of an axis, which the drawing chose."""
    return node.tag == "text" and node.has_class("tick")


def _attribute_leaks(node: Node, allowed: Allowed) -> Iterator[Found]:
    for name, value in node.attributes.items():
        place = f"attribute {name} of {node.tag}"
        if name.startswith("on") or name == "style":
            yield place, "is a script or a style", 1
        elif name in _REFERENCES:
            yield from _reference_leaks(place, value, allowed)
        elif name in _TOLD:
            if not _is_setting(node, name):
                yield from allowed.leaks(value, place)
        elif name in _NAMED and _DECIMAL.search(value):
            yield place, "is no plain name", 1
        elif name not in _SHAPE or not _PLAIN.fullmatch(value):
            yield from allowed.leaks(value, place)


def _is_setting(node: Node, name: str) -> bool:
    if node.tag != "meta" or name != "content":
        return False
    return "http-equiv" in node.attributes or node.attributes.get("name") in _SETTINGS


def _reference_leaks(place: str, value: str, allowed: Allowed) -> Iterator[Found]:
    drawing = _PICTURE.fullmatch(value)
    if drawing:
        try:
            known = hash_bytes(base64.b64decode(drawing.group(1))) in allowed.pictures
        except binascii.Error:
            known = False
        if not known:
            yield place, "is no released picture", 1
    elif not _HERE.fullmatch(value):
        yield place, "refers outside the file", 1


def _code_leaks(node: Node, allowed: Allowed, assets: frozenset[str]) -> Iterator[Found]:
    content = "".join(child for child in node.children if isinstance(child, str))
    if node.attributes.get("type") != "application/json":
        if content not in assets:
            yield f"element {node.tag}", "is not the script or the style of the report", 1
        return
    try:
        held: Any = json.loads(content)
    except ValueError:
        yield "data", "is not a part that can be read", 1
        return
    periods = held.get("periods") if isinstance(held, dict) else None
    for place, text in dict.fromkeys(_data_texts(held, "data", len(periods or ()))):
        if place in ("data views", "data marks"):
            yield from _tree_leaks(parse_page(text), allowed, assets)
        else:
            yield from allowed.leaks(text, place)


def _data_texts(value: Any, place: str, periods: int) -> Iterator[tuple[str, str]]:
    """Yield every text and number of a data block.

    The first of a row is its place among the periods, and none of the study's numbers.
    """
    if isinstance(value, dict):
        for name, held in value.items():
            yield place, name
            inner = f"data {name}" if name in ("views", "marks", "rows") else place
            yield from _data_texts(held, inner, periods)
    elif isinstance(value, list):
        for number, held in enumerate(value):
            in_time = type(held) is int and 0 <= held < periods
            if not (place == "data rows" and number == 0 and in_time):
                yield from _data_texts(held, place, periods)
    elif value is not None:
        yield place, str(value)
