"""What a parameter's value may be: text, numbers, true/false, null, lists and mappings."""

import json
import math
import unicodedata
from collections.abc import Iterator

DEEPEST = 6
_LARGEST_WHOLE_NUMBER = 2**63 - 1
# Control, format (marks of direction, joiners, soft hyphens), half characters, line separators.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_ALLOWED_CONTROLS = {"\n", "\t"}
_ADDRESS = "://"


def find_value_faults(name: str, value: object, depth: int = 1) -> list[str]:
    """List what keeps a value from standing unchanged in YAML, JSON and a notebook's cell."""
    if depth > DEEPEST:
        return [f"{name}: nested deeper than {DEEPEST} levels"]
    if type(value) is list:
        return [
            fault
            for number, item in enumerate(value, start=1)
            for fault in find_value_faults(f"{name}, entry {number}", item, depth + 1)
        ]
    if type(value) is dict:
        return [
            fault for key, item in value.items() for fault in _faults_at(name, key, item, depth)
        ]
    return [f"{name}: {fault}" for fault in _scalar_faults(value)]


def _faults_at(name: str, key: object, item: object, depth: int) -> list[str]:
    if type(key) is not str:
        return [f"{name}: a name in it is {describe_kind(key)}; names are text"]
    faults = [f"{name}: a name in it {fault}" for fault in _text_faults(key)]
    return faults + find_value_faults(f"{name}, {shorten(key)}", item, depth + 1)


def _scalar_faults(value: object) -> Iterator[str]:
    if type(value) is str:
        yield from _text_faults(value)
    elif type(value) is float:
        if not math.isfinite(value):
            yield "is not a finite number (NaN or infinity)"
    elif type(value) is int:
        if abs(value) > _LARGEST_WHOLE_NUMBER:
            yield "is a whole number of more than 64 bits"
    elif value is not None and type(value) is not bool:
        yield f"is {describe_kind(value)}; use text, numbers, true/false, null, lists or mappings"


def _text_faults(text: str) -> Iterator[str]:
    refused = sorted({character for character in text if _is_refused(character)})
    if refused:
        codes = ", ".join(f"U+{ord(character):04X}" for character in refused[:5])
        yield f"holds a control character ({codes})"


def _is_refused(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _REFUSED_CATEGORIES and character not in _ALLOWED_CONTROLS


def is_plain(value: object, depth: int = 1) -> bool:
    """Tell whether a value and all in it are of a plain type, whatever its numbers and texts."""
    if type(value) is list:
        return depth <= DEEPEST and all(is_plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return depth <= DEEPEST and all(
            type(key) is str and is_plain(item, depth + 1) for key, item in value.items()
        )
    return value is None or type(value) in (str, int, float, bool)


def describe_kind(value: object) -> str:
    """Name a value's kind in plain words."""
    words: dict[type, str] = {
        str: "text",
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "a mapping",
        type(None): "null",
    }
    return words.get(type(value), f"a Python {type(value).__name__}")


def show_value(value: object) -> str:
    """Show a parameter's value in a message: as JSON, shortened, with its kind."""
    text = json.dumps(value, ensure_ascii=False, default=lambda _: "?")
    if value is None or type(value) is bool:
        return text
    return f"{shorten(text)} ({describe_kind(value)})"


def shorten(text: str, most: int = 60) -> str:
    """Cut text for a message, and show control characters and marks of direction as codes.

    An address is not shown at all, since a password may stand in it.
    """
    if _ADDRESS in text:
        return "(not shown, since it may be an address)"
    shown = "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}"
        for character in text[: most + 1]
    )
    return shown if len(shown) <= most else shown[: most - 3] + "..."
