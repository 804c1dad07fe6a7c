"""The study's protocol: which choices it is made of, and whether a run keeps to them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evalkit.study.canonical import canonical_text, hash_text
from evalkit.study.register import Registered, append_entry, read_register
from evalkit.study.schema import StudyParameters

PROTOCOL: dict[str, tuple[str, ...]] = {
    "staff_wellbeing": (
        "question",
        "population",
        "estimand",
        "exposure_name",
        "exposure_unit",
        "exposure_better",
        "exposure_kind",
        "exposure_person_sd",
        "exposure_step",
        "mediator_name",
        "mediator_kind",
        "mediator_person_sd",
        "outcome_name",
        "outcome_unit",
        "outcome_facet",
        "outcome_person_sd",
        "primary_analysis",
        "exposure_lag",
        "adjust_for",
        "minimum_important_difference",
        "subgroups",
        "confidence_level",
        "periods",
    )
}


@dataclass(frozen=True, slots=True)
class Departure:
    """A choice that the run made otherwise than the register has it; None where absent."""

    name: str
    registered: object
    run: object


@dataclass(frozen=True, slots=True)
class ProtocolState:
    """How a run stands to the register: confirmatory if it keeps to the latest protocol."""

    hash: str
    registered_hash: str | None
    stamp: Literal["confirmatory", "exploratory"]
    departures: tuple[Departure, ...]


def protocol_of(parameters: StudyParameters) -> dict[str, object]:
    """Take the choices that are the protocol, with lists in alphabetical order.

    Files, columns, seeds, the title and the decision log are not part of it.
    """
    values = parameters.model_dump(mode="json")
    return {name: _ordered(values[name]) for name in PROTOCOL[parameters.notebook]}


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
    if not entries:
        return ProtocolState(digest, None, "exploratory", ())
    latest = entries[-1]
    stamp: Literal["confirmatory", "exploratory"] = (
        "confirmatory" if latest.hash == digest else "exploratory"
    )
    return ProtocolState(digest, latest.hash, stamp, departures(parameters, latest.protocol))


def register_protocol(parameters: StudyParameters, folder: Path, date: datetime.date) -> Registered:
    """Add the study's protocol to its register in `folder`; the same one again adds nothing."""
    return append_entry(folder, parameters.study, protocol_of(parameters), date)


def _ordered(value: object) -> object:
    return sorted(value) if isinstance(value, list) else value
