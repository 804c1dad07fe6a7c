"""Find the versions that a study released before, as they were shown.

Each is a released bundle of its own. It is told only where the release in place leads back to it,
paper by paper, by their hashes; one that was withdrawn is known by its number alone.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle, released_folder

MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier release: its number, and what it showed unless it was withdrawn."""

    number: int
    bundle: Bundle | None


def list_versions(bundle: Bundle, home: Path | None = None) -> list[Version]:
    """Return the versions before the release in place, the newest first, at most five."""
    if bundle.version < 2:
        return []
    home = home or released_folder()
    folder, hashed = home.parent / "versions", _previous(home / bundle.study / "release.json")
    found = []
    for number in range(bundle.version - 1, max(bundle.version - 1 - MOST_TOLD, 0), -1):
        place = folder / f"{number:06d}"
        if (place / bundle.study / "withdrawn.json").is_file():
            found.append(Version(number, None))
            continue
        paper = place / bundle.study / "release.json"
        if not paper.is_file() or _hash(paper) != hashed:
            break
        earlier = _read(place, bundle.study)
        if earlier is None:
            break
        found.append(Version(number, earlier))
        hashed = _previous(paper)
    return found


def allowed_versions(versions: list[Version]) -> list[str]:
    """Return what an address may name as the version that a reader saw."""
    return [str(version.number) for version in versions]


def _read(place: Path, study: str) -> Bundle | None:
    """Return an earlier bundle, if it is the one whose hash its paper names."""
    try:
        listed = json.loads((place / study / "release.json").read_text("utf-8"))["files"]
        if listed.get("bundle.json") != _hash(place / study / "bundle.json"):
            return None
        return read_bundle(place, study)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EvalkitError):
        return None


def _previous(paper: Path) -> Any:
    try:
        return json.loads(paper.read_text("utf-8")).get("previous")
    except (OSError, ValueError, AttributeError):
        return None


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
