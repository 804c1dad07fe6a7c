"""The register of protocols: one append-only file a study, each line tied to the one before.

A line is an entry `{date, hash, previous, protocol, results_seen, study}` in canonical JSON.
`previous` is the SHA-256 of the whole line before, so that a line changed, taken out or moved is
noticed. The last line has none after it: version control vouches for that one. `results_seen`
says whether the study had results when the line was added; a line without it had none.
"""

import datetime
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from evalkit.errors import EnvironmentFault, LockedError, ParameterError
from evalkit.study.canonical import canonical_text, hash_text

_KEYS = {"study", "date", "hash", "previous", "protocol"}
_RESULTS_SEEN = "results_seen"
_WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered protocol: its choices, their hash, its date and its tie to the last."""

    study: str
    date: str
    hash: str
    previous: str | None
    protocol: dict[str, object]
    results_seen: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """The register's latest entry, and whether this call added it."""

    entry: Entry
    appended: bool
    path: Path


def read_register(path: Path) -> tuple[Entry, ...]:
    """Read a study's register, oldest entry first; () if there is none.

    Verifies every line and every tie, and refuses a broken register with its line number.
    """
    entries: list[Entry] = []
    previous: str | None = None
    for number, line in enumerate(_read_lines(path), start=1):
        entry = _read_entry(line, f"{path}: line {number}")
        fault = _find_fault(entry, previous, path.stem)
        if fault:
            raise ParameterError(f"{path}: line {number} {fault}. {_RESTORE}")
        entries.append(entry)
        previous = hash_text(line)
    return tuple(entries)


def append_entry(
    folder: Path,
    study: str,
    protocol: dict[str, object],
    date: datetime.date,
    *,
    results_seen: bool,
) -> Registered:
    """Add a protocol to the study's register, unless it is the latest one already.

    Results that were seen stay seen: once an entry says so, every later one does.
    The file is replaced whole, under a lock on its folder: a reader sees the old register or
    the new one, and two writers at once both succeed, one after the other.
    """
    path = folder / f"{study}.jsonl"
    digest = hash_text(canonical_text(protocol))
    with _lock(folder):
        entries = read_register(path)
        if entries and entries[-1].hash == digest:
            return Registered(entries[-1], appended=False, path=path)
        lines = _read_lines(path)
        previous = hash_text(lines[-1]) if lines else None
        seen = results_seen or any(entry.results_seen for entry in entries)
        entry = Entry(study, date.isoformat(), digest, previous, protocol, seen)
        _replace(path, [*lines, canonical_text(asdict(entry))])
    return Registered(entry, appended=True, path=path)


_RESTORE = (
    "The register is only ever added to; restore it from version control, then register again"
    " what is new."
)


def _read_lines(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise ParameterError(f"{path}: not UTF-8. {_RESTORE}") from None
    except OSError as fault:
        raise EnvironmentFault(
            f"{path}: cannot be read ({fault.strerror}). Give yourself the right to read it."
        ) from None
    lines = text.split("\n")
    if lines.pop():
        raise ParameterError(f"{path}: line {len(lines) + 1} has no end. {_RESTORE}")
    return lines


def _read_entry(line: str, where: str) -> Entry:
    try:
        found = json.loads(line)
        canonical = canonical_text(found)
    except (ValueError, RecursionError):
        raise ParameterError(f"{where} is not an entry. {_RESTORE}") from None
    if not isinstance(found, dict) or set(found) - {_RESULTS_SEEN} != _KEYS or canonical != line:
        raise ParameterError(f"{where} is not an entry as it was written. {_RESTORE}")
    return Entry(**found)


def _find_fault(entry: Entry, previous: str | None, study: str) -> str | None:
    if entry.study != study:
        return "belongs to another study"
    if not isinstance(entry.protocol, dict):
        return "holds no protocol"
    if not isinstance(entry.results_seen, bool):
        return "does not say with true or false whether results were seen"
    if hash_text(canonical_text(entry.protocol)) != entry.hash:
        return "holds a protocol that does not fit its hash"
    if entry.previous != previous:
        return "does not follow from the line before: one of the two was changed or moved"
    try:
        datetime.date.fromisoformat(entry.date)
    except (TypeError, ValueError):
        return "has no date"
    return None


def _replace(path: Path, lines: list[str]) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as fault:
        raise EnvironmentFault(
            f"{path}: cannot be written ({fault.strerror}). Nothing was registered. Make room, "
            "or give yourself the right to write there."
        ) from None


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Hold the folder for one writer; wait for another for some seconds, then give up."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as fault:
        raise EnvironmentFault(
            f"{folder}: cannot be opened ({fault.strerror}). Nothing was registered. Make it a "
            "folder that you may write to."
        ) from None
    try:
        _wait_for(handle, folder)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _wait_for(handle: int, folder: Path) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise LockedError(
                    f"{folder}: another registration is under way. Wait for it, then try again."
                ) from None
            time.sleep(_PAUSE_SECONDS)
        else:
            return
