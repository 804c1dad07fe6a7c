"""Verify a released folder: each file has the hash that the release lists, and nothing is added."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.disclosure.crate import CRATE_FILE, PARAMETERS_FILE, PARAMETERS_SCHEMA
from evalkit.disclosure.versions import versions_folder
from evalkit.errors import DisclosureError
from evalkit.record.hashes import hash_bytes, hash_files

_PAPER = "release.json"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of a release; the names in the first four lists are faults."""

    study: str
    version: int
    changed: tuple[str, ...]
    added: tuple[str, ...]
    missing: tuple[str, ...]
    contradicting: tuple[str, ...]
    files: int
    record_sha256: str
    paper_sha256: str
    compared: bool
    """Whether `release.json` could be compared with the copy that was kept of it."""

    @property
    def is_as_released(self) -> bool:
        """Whether nothing was changed, added or taken away."""
        return not (self.changed or self.added or self.missing or self.contradicting)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the crate names: parameters, hashes of the data by source, and of what read them."""

    parameters: dict[str, Any]
    withheld: tuple[str, ...]
    sources: dict[str, str]
    hashes: dict[str, str]
    record_sha256: str


def verify_release(folder: Path) -> Verified:
    """Compare every file of a released folder with what its own `release.json` lists."""
    content, paper = _read_paper(folder)
    found = hash_files(folder)
    found.pop(_PAPER, None)
    listed: dict[str, str] = paper["files"]
    both = found.keys() & listed.keys()
    changed = {name for name in both if found[name] != listed[name]}
    kept = _kept_paper(folder, paper)
    if kept is not None and kept != content:
        changed.add(_PAPER)
    links = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_symlink()}
    return Verified(
        study=str(paper["study"]),
        version=int(paper["version"]),
        changed=tuple(sorted(changed)),
        added=tuple(sorted((found.keys() - listed.keys()) | links)),
        missing=tuple(sorted(listed.keys() - found.keys())),
        contradicting=tuple(_contradicting(folder, paper)),
        files=len(listed) + 1,
        record_sha256=str(paper["record_sha256"]),
        paper_sha256=hash_bytes(content),
        compared=kept is not None,
    )


def read_provenance(folder: Path) -> Provenance:
    """Read what a study was made from out of the crate of its release."""
    held = _read_json(folder / PARAMETERS_FILE)
    crate = _read_json(folder / CRATE_FILE)
    entities = {e["@id"]: e for e in crate.get("@graph", []) if isinstance(e, dict) and "@id" in e}
    if held.get("schema") != PARAMETERS_SCHEMA or not {"./", "#code", "#notebook"} <= set(entities):
        raise DisclosureError(
            f"{folder.name}: the release does not say what it was made from ({CRATE_FILE}). It was "
            "made before releases did: release the study again."
        )
    digests = {name: _digest(entity) for name, entity in entities.items()}
    return Provenance(
        parameters=held["parameters"],
        withheld=tuple(held["withheld"]),
        sources={n.removeprefix("#data-"): d for n, d in digests.items() if n.startswith("#data-")},
        hashes={n: digests.get(f"#{n}", "") for n in ("code", "notebook", "environment")},
        record_sha256=digests["./"],
    )


def _digest(entity: Mapping[str, Any]) -> str:
    return str(entity.get("identifier", "")).removeprefix("sha256:")


def _contradicting(folder: Path, paper: Mapping[str, Any]) -> list[str]:
    """Name the files that are about another record than the release."""
    told = {"bundle.json": _read_json(folder / "bundle.json").get("record_sha256")}
    root = [e for e in _read_json(folder / CRATE_FILE).get("@graph", []) if e.get("@id") == "./"]
    if root:
        told[CRATE_FILE] = _digest(root[0])
    return sorted(n for n, digest in told.items() if digest not in (None, paper["record_sha256"]))


def _kept_paper(folder: Path, paper: Mapping[str, Any]) -> bytes | None:
    """Return the copy of `release.json` that was kept when it was released, if it is at hand."""
    version, study = paper["version"], str(paper["study"])
    kept = versions_folder(folder.parent) / f"{version:06d}" / study / _PAPER
    return kept.read_bytes() if folder.name == study and kept.is_file() else None


def _read_paper(folder: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        content = (folder / _PAPER).read_bytes()
        paper = json.loads(content)
        known = isinstance(paper["files"], dict) and isinstance(paper["version"], int)
        known = known and all(isinstance(paper[n], str) for n in ("study", "record_sha256"))
    except (OSError, ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise DisclosureError(
            f"{folder.name}: is no release that can be verified ({_PAPER} is missing, or cannot be "
            "read). Give the name of a released study, or a folder that holds a release."
        )
    return content, paper


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
