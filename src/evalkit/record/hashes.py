"""Hashes of what a run depends on: code, notebook, environment, data and files."""

import hashlib
import platform
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import evalkit
from evalkit.study.canonical import canonical_text, hash_text

LOCK_FILE = "requirements.lock"
_LOCKED_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", re.MULTILINE)
_CACHES = ("__pycache__",)


def hash_bytes(content: bytes) -> str:
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def hash_json(content: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return hash_text(canonical_text(content))


def hash_files(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, by its path within it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def hash_code(folder: Path | None = None) -> str:
    """Return the hash of evalkit's own source files (or of those in `folder`)."""
    files = hash_files(folder or Path(evalkit.__file__).parent)
    kept = {name: digest for name, digest in files.items() if _is_source(name)}
    return hash_json(kept)


def hash_notebook(notebook: Mapping[str, Any]) -> str:
    """Return the hash of a notebook's code cells; text, outputs and metadata do not count.

    Ends of lines and blanks before them are made alike first.
    """
    sources = (_joined(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    return hash_json(["\n".join(line.rstrip() for line in s.splitlines()) for s in sources])


def hash_data(sources: Mapping[str, str]) -> str:
    """Return one hash for all sources, from each one's name and hash."""
    return hash_json(dict(sources))


def installed_versions(root: Path) -> dict[str, str]:
    """Return the version installed of each package that the lock file names."""
    lock = root / LOCK_FILE
    names = _LOCKED_NAME.findall(lock.read_text("utf-8")) if lock.exists() else []
    found = {name.lower(): _installed(name) for name in names}
    return {name: number for name, number in sorted(found.items()) if number is not None}


def hash_environment(root: Path) -> str:
    """Return the hash of the lock file, Python's version and the versions installed."""
    lock = root / LOCK_FILE
    return hash_json(
        {
            "lock": hash_file(lock) if lock.exists() else None,
            "python": platform.python_version(),
            "installed": installed_versions(root),
        }
    )


def _is_source(name: str) -> bool:
    return not any(part in _CACHES or part.startswith(".") for part in name.split("/"))


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


@cache
def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
