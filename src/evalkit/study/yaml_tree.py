"""Turn a YAML text into plain values, noting the line of whatever may not stand in it."""

import builtins
import keyword
from collections.abc import Iterator

import yaml

from evalkit.study.plain_values import DEEPEST, find_value_faults, shorten
from evalkit.study.yaml_scalars import find_scalar_fault, read_scalar

Faults = list[tuple[int, str]]
Events = Iterator[yaml.Event]

_NOTHING = "is empty; write one `name: value` a line"
_NAMING = "use letters, digits and _, a letter first, and no word that Python keeps for itself"


def read_tree(text: str, faults: Faults) -> object:
    """Read the text's one document; each fault is added to `faults` with its line."""
    try:
        return _read_document(_watch(text, faults), faults)
    except StopIteration:
        return None


def is_parameter_name(text: str) -> bool:
    """Tell whether a text is safe as a variable's name in a notebook's cell."""
    return (
        text.isascii()
        and text.isidentifier()
        and not text.startswith("_")
        and not keyword.iskeyword(text)
        and not hasattr(builtins, text)
    )


def _watch(text: str, faults: Faults) -> Events:
    """Give the parser's events; end them where it fails, or where nesting could cost time."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                faults.append((_line(event), f"is nested deeper than {DEEPEST} levels"))
                return
            yield event
    except yaml.MarkedYAMLError as broken:
        faults.append(_describe(broken))
    except (yaml.YAMLError, ValueError, OverflowError):
        faults.append((1, "is not YAML: an escape or a directive cannot be read"))


def _describe(broken: yaml.MarkedYAMLError) -> tuple[int, str]:
    mark = broken.problem_mark or broken.context_mark
    said = " ".join(part for part in (broken.context, broken.problem) if part)
    return (mark.line + 1 if mark else 1), f"is not YAML ({shorten(said, 120)})"


def _read_document(events: Events, faults: Faults) -> object:
    value: object = None
    documents = 0
    for event in events:
        if not isinstance(event, yaml.DocumentStartEvent):
            continue
        documents += 1
        if documents == 2:
            faults.append((_line(event), "begins a second document; keep one a file"))
        first = next(events)
        found = _read_value(first, events, faults)
        if documents == 1:
            value = found
            _check_top(first, found, faults)
    if documents == 0 and not faults:
        faults.append((1, _NOTHING))
    return value


def _check_top(event: yaml.Event, found: object, faults: Faults) -> None:
    if found is None and not faults:
        faults.append((_line(event), _NOTHING))
    elif found is not None and not isinstance(found, dict):
        faults.append((_line(event), "is no `name: value`; a list or one value is at the top"))


def _read_value(event: yaml.Event, events: Events, faults: Faults, depth: int = 0) -> object:
    _check_marks(event, faults)
    if isinstance(event, yaml.MappingStartEvent):
        return _read_mapping(events, faults, depth)
    if isinstance(event, yaml.SequenceStartEvent):
        return _read_list(events, faults, depth)
    if isinstance(event, yaml.ScalarEvent):
        return _read_scalar(event, faults)
    return None


def _check_marks(event: yaml.Event, faults: Faults) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent):
        faults.append((line, f"uses an alias (*{shorten(str(event.anchor))}); write it out"))
    elif isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
        if event.anchor is not None:
            faults.append((line, f"sets an anchor (&{shorten(event.anchor)}); take it away"))
        if event.tag is not None:
            faults.append((line, f"has a tag ({shorten(event.tag)}); take it away"))


def _read_list(events: Events, faults: Faults, depth: int) -> list[object]:
    values: list[object] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        values.append(_read_value(event, events, faults, depth + 1))
    return values


def _read_mapping(events: Events, faults: Faults, depth: int) -> dict[str, object]:
    values: dict[str, object] = {}
    first_lines: dict[str, int] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _read_key(event, events, faults, depth)
        value = _read_value(next(events), events, faults, depth + 1)
        if key is None:
            continue
        line = _line(event)
        if key in first_lines:
            faults.append((line, f"gives {shorten(key)} again (first on line {first_lines[key]})"))
        first_lines.setdefault(key, line)
        values[key] = value
    return values


def _read_key(event: yaml.Event, events: Events, faults: Faults, depth: int) -> str | None:
    line = _line(event)
    if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<":
        faults.append((line, "uses a merge key (<<); write the names out"))
        return None
    known = len(faults)
    key = _read_value(event, events, faults, depth + 1)
    if len(faults) > known:
        return None
    if not isinstance(key, str):
        faults.append((line, "has a name that is not text; write a name, or quote it"))
        return None
    if depth == 0 and not is_parameter_name(key):
        faults.append((line, f"has the name {shorten(repr(key))}; {_NAMING}"))
    return key


def _read_scalar(event: yaml.ScalarEvent, faults: Faults) -> object:
    written: str = event.value
    plain = event.implicit[0] and event.tag is None
    fault = find_scalar_fault(written) if plain else None
    if fault:
        faults.append((_line(event), f"{shorten(written)} {fault}"))
        return None
    value = read_scalar(written) if plain else written
    problems = find_value_faults(shorten(written), value)
    faults.extend((_line(event), problem) for problem in problems)
    return value


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
