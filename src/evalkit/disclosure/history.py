"""What a study released before, and what persons decided about it: kept beside the runs, unshown.

`reports/history/<study>/` holds one file a release (what a reader of it knows, and which of its
hidden counts are unsafe) and `decisions.json`. Its owner alone may read it.
"""

import datetime
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evalkit.disclosure.earlier import Earlier
from evalkit.disclosure.parts import Part, part_json, read_part
from evalkit.disclosure.versions import close_versions, drop_sweeps
from evalkit.errors import DisclosureError
from evalkit.record.files import json_bytes, make_private, write_file

HISTORY_SCHEMA = "evalkit-history/1"
_DECISIONS = "decisions.json"
_LONGEST_NAME, _LONGEST_REASON = 100, 500


def history_folder(home: Path, study: str) -> Path:
    """Return the folder of a study's history; `home` is the folder of released studies."""
    return home.parent / "history" / study


def read_earlier(home: Path, study: str, data_sha256: str) -> Earlier:
    """Return what earlier releases told, withdrawn ones too: who saw them knows it still."""
    parts: dict[str, Part] = {}
    same = set()
    for entry in _entries(home, study):
        for part in entry["parts"]:
            text = json.dumps(part, sort_keys=True)
            parts.pop(text, None)
            parts[text] = read_part(part, entry["version"])
        if entry["data_sha256"] == data_sha256:
            same.add(entry["version"])
    return Earlier(tuple(parts.values()), frozenset(same))


def last_version(home: Path, study: str) -> int:
    """Return the number of the last release that was made, withdrawn or not; 0 without any."""
    return max((entry["version"] for entry in _entries(home, study)), default=0)


def keep_release(
    home: Path, study: str, paper: Mapping[str, Any], data_sha256: str, parts: Iterable[Part]
) -> Path:
    """Keep what a release tells; return the file."""
    entry = {
        "schema": HISTORY_SCHEMA,
        "study": study,
        "version": paper["version"],
        "record_sha256": paper["record_sha256"],
        "data_sha256": data_sha256,
        "parts": [
            part_json(part)
            for part in parts
            if any(rules.secondary for rules in part.profiles.values())
        ],
    }
    folder = history_folder(home, study)
    make_private(folder.parent, folder)
    path = folder / f"{paper['version']:06d}.json"
    write_file(path, json_bytes(entry))
    return path


def read_decisions(home: Path, study: str) -> list[dict[str, Any]]:
    """Return what persons decided about a study, oldest first."""
    path = history_folder(home, study) / _DECISIONS
    if not path.exists():
        return []
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, list):
        raise DisclosureError(
            f"{study}: the log of decisions (reports/history) cannot be read. Put it back from a "
            "copy; nothing is released without it."
        )
    return found


def make_decision(
    study: str, decision: str, by: str, reason: str, record_sha256: str | None
) -> dict[str, Any]:
    """Return a person's decision with its day; refuse what is no name or no reason."""
    person, words = by.strip(), " ".join(reason.split())
    if not is_name(person):
        raise DisclosureError(
            f"{study}: that is no name of a person. Give a name of at most {_LONGEST_NAME} letters."
        )
    if not words or len(words) > _LONGEST_REASON or not words.isprintable():
        raise DisclosureError(
            f"{study}: a decision needs a reason. Add --reason with at most {_LONGEST_REASON} "
            "letters."
        )
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {
        "decision": decision,
        "by": person,
        "reason": words,
        "date": today,
        "record_sha256": record_sha256,
    }


def is_name(text: str) -> bool:
    """Say whether a text can be a person's name."""
    printable = text.isprintable() and any(map(str.isalpha, text))
    return 0 < len(text) <= _LONGEST_NAME and printable


def keep_decision(home: Path, study: str, decision: Mapping[str, Any]) -> None:
    """Add a decision to the log."""
    known = read_decisions(home, study)
    folder = history_folder(home, study)
    make_private(folder.parent, folder)
    write_file(folder / _DECISIONS, json_bytes([*known, dict(decision)]))


def withdraw(home: Path, study: str, by: str, reason: str) -> int:
    """Take a study's release and its exports away, and log who did and why; return its version.

    What it told stays in the history: later releases are made as if it were still known.
    """
    paper = home / study / "release.json"
    try:
        release = json.loads(paper.read_text("utf-8"))
    except (OSError, ValueError):
        raise DisclosureError(
            f"{study}: there is no release to withdraw. `evalkit list` names the studies."
        ) from None
    decision = make_decision(study, "withdrawn", by, reason, release["record_sha256"])
    keep_decision(home, study, decision)
    for folder in (home / study, home.parent / "exports" / study):
        if folder.exists():
            shutil.rmtree(folder)
    close_versions(home, study, int(release["version"]))
    drop_sweeps(home, study)
    return int(release["version"])


def _entries(home: Path, study: str) -> list[dict[str, Any]]:
    folder = history_folder(home, study)
    entries = []
    for path in sorted(folder.glob("[0-9]*.json")):
        try:
            entry = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            entry = {}
        if entry.get("schema") != HISTORY_SCHEMA:
            raise DisclosureError(
                f"{study}: what release {path.stem.lstrip('0')} told (reports/history) cannot be "
                "read. Put it back from a copy; nothing is released without it."
            )
        entries.append(entry)
    return entries
