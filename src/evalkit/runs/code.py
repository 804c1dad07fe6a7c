"""evalkit's own source as it was read: its hash, and whether the files are still the same."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import evalkit
from evalkit.errors import EnvironmentFault
from evalkit.record.hashes import hash_code

Stamp = tuple[str, int, int]
"""A file's path, when it was last written, and its size."""


@dataclass(frozen=True, slots=True)
class Code:
    """The hash of the source, with stamps by which a change is noticed without reading it."""

    folder: Path
    digest: str
    stamps: frozenset[Stamp]

    def is_as_read(self) -> bool:
        """Tell whether the source on disk is still what was read."""
        return find_stamps(self.folder) == self.stamps or hash_code(self.folder) == self.digest


def read_code(folder: Path | None = None) -> Code:
    """Read evalkit's own source (or that in `folder`)."""
    chosen = folder or Path(evalkit.__file__).parent
    stamps = find_stamps(chosen)  # first: what is written meanwhile then counts as a change
    return Code(chosen, hash_code(chosen), stamps)


def refuse_changed_code(code: Code, study: str) -> None:
    """Raise EnvironmentFault if the source changed: a run must be of one code."""
    if not code.is_as_read():
        raise EnvironmentFault(
            f"{study}: evalkit's own code changed while the run was under way, so that no one "
            "version of it made the record. Run again when the code is at rest."
        )


def find_stamps(folder: Path) -> frozenset[Stamp]:
    """Return the stamp of every source file below a folder; caches are no source."""
    return frozenset(_stamps(str(folder)))


def _stamps(folder: str) -> Iterator[Stamp]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == "__pycache__" or entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _stamps(entry.path)
            else:
                found = entry.stat()
                yield entry.path, found.st_mtime_ns, found.st_size
