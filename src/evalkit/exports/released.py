"""Open a released study for export, and refuse one that is not as it was released."""

import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.errors import DisclosureError
from evalkit.project import variable_set
from evalkit.record.hashes import hash_bytes
from evalkit.reports.bundle import RELEASED_VARIABLE, Bundle, read_bundle

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
"""Characters that XML cannot hold, that nobody sees, or that turn the order of what is read."""


@dataclass(frozen=True, slots=True)
class ReleasedStudy:
    """A bundle whose files are those that were scanned; `files` are its pictures, by their path."""

    bundle: Bundle
    home: Path
    files: Mapping[str, bytes]

    @property
    def hashes(self) -> frozenset[str]:
        """Return the hash of each released picture."""
        return frozenset(map(hash_bytes, self.files.values()))


def open_released(home: Path, study: str) -> ReleasedStudy:
    """Return a study out of `home`, the folder of releases.

    Raises `DisclosureError` where its bundle or a picture differs from what `release.json` lists:
    only what disclosure control has passed is exported.
    """
    bundle = read_bundle(home, study)
    listed = _listed_hashes(home / study)
    named = [f[kind] for f in bundle.figures.values() for kind in ("svg", "png") if f.get(kind)]
    wrong = [n for n in ("bundle.json", *named) if not _as_listed(home / study, n, listed)]
    if wrong:
        raise DisclosureError(
            f"{study}: {len(wrong)} released files are missing or not as they were released "
            f"({', '.join(wrong)}). Release the study again, then export it."
        )
    return ReleasedStudy(
        without_unseen(bundle), home, {n: (home / study / n).read_bytes() for n in named}
    )


def without_unseen(value: Any) -> Any:
    """Return a bundle, or any part of one, without characters that a reader cannot see.

    A mark that turns the direction of writing could show a number or a name back to front.
    """
    if isinstance(value, str):
        return _UNSEEN.sub("", value)
    if isinstance(value, dict):
        return {without_unseen(name): without_unseen(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(without_unseen, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: without_unseen(getattr(value, f.name)) for f in fields(value)}
        )
    return value


def pictures_from(home: Path) -> AbstractContextManager[None]:
    """Let the report's functions find the released pictures, as `evalkit serve` does."""
    return variable_set(RELEASED_VARIABLE, str(home))


def _listed_hashes(folder: Path) -> dict[str, str]:
    try:
        paper = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    files = paper.get("files") if isinstance(paper, dict) else None
    return files if isinstance(files, dict) else {}


def _as_listed(folder: Path, name: str, listed: Mapping[str, str]) -> bool:
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    return inside and path.is_file() and hash_bytes(path.read_bytes()) == listed.get(name)
