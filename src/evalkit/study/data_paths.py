"""Whether a data file's path, as written in a parameter file, may be followed."""

import re

_DATA_ROOT = "{data_root}/"
_LONGEST_PART = 255
_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{device}{number}" for device in ("com", "lpt") for number in range(10)
}
_PERCENT_CODE = re.compile(r"%[0-9a-fA-F]{2}")
_REFUSED = re.compile(r"[*?<>|\":{}\r\n\t]")


def find_path_fault(written: str) -> str | None:
    """Say why a path could lead out of the project or the data folder; None if it cannot.

    Only the shape is judged: `evalkit.project.resolve_data_path` follows links.
    """
    relative = written.removeprefix(_DATA_ROOT)
    if "\\" in relative:
        return "write / between folders, not \\"
    if relative.startswith(("/", "~")) or re.match(r"[A-Za-z]:", relative):
        return "an absolute path is not allowed"
    if _PERCENT_CODE.search(relative):
        return "percent codes are not allowed"
    if _REFUSED.search(relative):
        return 'none of * ? < > | " : { } may stand in it'
    return next((fault for part in relative.split("/") if (fault := _part_fault(part))), None)


def _part_fault(part: str) -> str | None:
    if part in ("", "."):
        return "a folder or file in it has no name"
    if part == "..":
        return ".. is not allowed"
    if part != part.strip(" ") or part.endswith("."):
        return "a part of it begins or ends with a space, or ends with a dot"
    if part.split(".")[0].rstrip(" ").lower() in _DEVICES:
        return "a part of it is the name of a device"
    if len(part.encode("utf-8", "replace")) > _LONGEST_PART:
        return f"a part of it is longer than {_LONGEST_PART} bytes"
    return None
