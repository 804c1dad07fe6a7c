"""The study's protocol: which choices it is made of, and whether a run keeps to them.

A run is confirmatory only if it keeps to the latest registered protocol, and only if that was
registered before there were results. The register's history is carried along, so that a plan
that was changed can be read as such.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evalkit.study.canonical import canonical_text, hash_text
from evalkit.study.register import Entry, Registered, append_entry, read_register
from evalkit.study.schema import StudyParameters
from evalkit.study.schemas.topic_study import TopicStudy

FOLLOWED = "the registered plan was followed"
NOT_REGISTERED = "no plan was registered before the run"
REGISTERED_LATE = "the plan was registered after results were seen"
DEPARTS = "the run departs from the registered plan"
DEPARTS_FROM_LATE = f"{DEPARTS}, and {REGISTERED_LATE}"

_OUTSIDE = {"study", "notebook", "title", "co_production", "seed", "draws", "bootstrap_draws"}
_PARTS = r"_(layout|file|connection|query|profile|columns)"
_OWN_SOURCES = ("data", "staff", "patient")


def protocol_names(schema: type[StudyParameters]) -> tuple[str, ...]:
    """Name the parameters that are the protocol: all but names, files, draws and the log."""
    sources = schema.SOURCES if issubclass(schema, TopicStudy) else _OWN_SOURCES
    of_a_source = re.compile(f"({'|'.join(sources)}){_PARTS}")
    names = schema.model_fields
    return tuple(n for n in names if n not in _OUTSIDE and not of_a_source.fullmatch(n))


@dataclass(frozen=True, slots=True)
class Departure:
    """A choice that the run made otherwise than the register has it; None where absent."""

    name: str
    registered: object
    run: object


@dataclass(frozen=True, slots=True)
class Change:
    """A choice that the run makes otherwise than the first registered protocol; None if absent."""

    name: str
    first: object
    now: object


@dataclass(frozen=True, slots=True)
class ProtocolState:
    """How a run stands to the register; `stamp_reason` says in words why it has its stamp.

    `departures` are from the latest of `registrations` entries, that of `registered_on`, and
    `changes_since_first` from the first.
    """

    hash: str
    registered_hash: str | None
    registered_on: str | None
    registrations: int
    stamp: Literal["confirmatory", "exploratory"]
    stamp_reason: str
    departures: tuple[Departure, ...]
    changes_since_first: tuple[Change, ...]


def protocol_of(parameters: StudyParameters) -> dict[str, object]:
    """Take the choices that are the protocol, with lists in alphabetical order.

    Files, columns, seeds, the title and the decision log are not part of it.
    """
    values = parameters.model_dump(mode="json")
    return {name: _ordered(values[name]) for name in protocol_names(type(parameters))}


def protocol_hash(parameters: StudyParameters) -> str:
    """Give the SHA-256 of the protocol's canonical JSON."""
    return hash_text(canonical_text(protocol_of(parameters)))


def departures(
    parameters: StudyParameters, registered: Mapping[str, object]
) -> tuple[Departure, ...]:
    """List each choice that differs from a registered protocol, old and new."""
    run = protocol_of(parameters)
    names = [*run, *(name for name in registered if name not in run)]
    return tuple(
        Departure(name, registered.get(name), run.get(name))
        for name in names
        if canonical_text(registered.get(name)) != canonical_text(run.get(name))
    )


def compare_with_register(parameters: StudyParameters, folder: Path) -> ProtocolState:
    """Compare a run's protocol with the latest one that its study registered in `folder`."""
    digest = protocol_hash(parameters)
    entries = read_register(folder / f"{parameters.study}.jsonl")
    latest = entries[-1] if entries else None
    reason = _reason(digest, latest)
    since_first = departures(parameters, entries[0].protocol) if entries else ()
    return ProtocolState(
        hash=digest,
        registered_hash=latest.hash if latest else None,
        registered_on=latest.date if latest else None,
        registrations=len(entries),
        stamp="confirmatory" if reason == FOLLOWED else "exploratory",
        stamp_reason=reason,
        departures=departures(parameters, latest.protocol) if latest else (),
        changes_since_first=tuple(Change(d.name, d.registered, d.run) for d in since_first),
    )


def register_protocol(
    parameters: StudyParameters, folder: Path, date: datetime.date, *, results_seen: bool
) -> Registered:
    """Add the study's protocol to its register in `folder`; the same one again adds nothing.

    `results_seen` says whether the study had results already.
    """
    protocol = protocol_of(parameters)
    return append_entry(folder, parameters.study, protocol, date, results_seen=results_seen)


def _reason(digest: str, latest: Entry | None) -> str:
    if latest is None:
        return NOT_REGISTERED
    if latest.hash != digest:
        return DEPARTS_FROM_LATE if latest.results_seen else DEPARTS
    return REGISTERED_LATE if latest.results_seen else FOLLOWED


def _ordered(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
