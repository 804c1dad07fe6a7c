"""Read one strict YAML file into plain JSON types, exactly as `papermill -f` would read it."""

from pathlib import Path

from evalkit.errors import ParameterError
from evalkit.study.plain_values import find_value_faults
from evalkit.study.yaml_tree import Faults, read_tree

LARGEST_FILE = 256 * 1024
_MOST_FAULTS = 100
_BYTE_ORDER_MARK = "\ufeff"


def read_yaml_file(path: Path) -> dict[str, object]:
    """Read the file's one mapping of names to values, or list everything wrong with it.

    Refuses what a second reader could take otherwise: anchors, aliases, tags, merge keys,
    names given twice, several documents, tabs, scalars on which YAML 1.1 and 1.2 disagree;
    and names that would not be safe as variables of a notebook.
    """
    return read_yaml_text(_read_text(path), str(path))


def read_yaml_text(text: str, where: str) -> dict[str, object]:
    """Read a text as `read_yaml_file` reads a file; `where` begins the message."""
    faults = _find_character_faults(text)
    value = None if faults else read_tree(text, faults)
    if faults or not isinstance(value, dict):
        raise _error(where, faults)
    return value


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise ParameterError(f"{path}: no such file. Give the path of a parameter file (.yml).")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise ParameterError(
            f"{path}: cannot be read ({fault.strerror}). Give yourself the right to read it."
        ) from None
    if len(content) > LARGEST_FILE:
        raise ParameterError(
            f"{path}: more than {LARGEST_FILE // 1024} kB. A parameter file is a few kB of names "
            "and values; keep data in data files."
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise ParameterError(
            f"{path}: line {line} is not UTF-8. Save the file as UTF-8 text."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _find_character_faults(text: str) -> Faults:
    faults: Faults = []
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split("\n"), start=1):
        if "\t" in line:
            faults.append((number, "holds a tab; use spaces"))
        if _BYTE_ORDER_MARK in line:
            faults.append((number, "holds a byte order mark; only the file's start may"))
        rest = line.replace(_BYTE_ORDER_MARK, "")
        faults.extend((number, fault) for fault in find_value_faults("the line", rest))
    return faults


def _error(where: str, faults: Faults) -> ParameterError:
    found = sorted(set(faults))
    count = len(found)
    shown = "\n".join(f"  line {line}: {fault}" for line, fault in found[:_MOST_FAULTS])
    more = f"\n  and {count - _MOST_FAULTS} more" if count > _MOST_FAULTS else ""
    return ParameterError(
        f"{where}: {count} {'fault' if count == 1 else 'faults'} in the file. Mend each, then "
        f"run again.\n{shown}{more}"
    )
