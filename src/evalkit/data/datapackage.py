"""Tell synthetic data from real: by a datapackage.json that lists the file and its hash."""

import json
from pathlib import Path
from typing import Any

_MAXIMUM_BYTES = 5 * 1024**2


def is_synthetic(path: Path, sha256: str, root: Path) -> bool:
    """Return whether a datapackage beside or above the file says that it was made up.

    The package must list the file by path with this very hash and say `"synthetic":
    true` of itself. The search ends at the project's root; outside the project only the
    file's own folder is looked at.
    """
    file = path.resolve()
    folders = [file.parent]
    if file.is_relative_to(root.resolve()):
        folders += [folder for folder in file.parents[1:] if folder.is_relative_to(root.resolve())]
    return any(_declares(folder / "datapackage.json", file, sha256) for folder in folders)


def _declares(package: Path, file: Path, sha256: str) -> bool:
    if not package.is_file() or package.stat().st_size > _MAXIMUM_BYTES:
        return False
    try:
        content = json.loads(package.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return False
    if not isinstance(content, dict) or content.get("synthetic") is not True:
        return False
    resources = content.get("resources")
    return isinstance(resources, list) and any(
        _lists(resource, package.parent, file, sha256) for resource in resources
    )


def _lists(resource: Any, folder: Path, file: Path, sha256: str) -> bool:
    if not isinstance(resource, dict) or resource.get("hash") != f"sha256:{sha256}":
        return False
    listed = resource.get("path")
    return isinstance(listed, str) and (folder / listed).resolve() == file
