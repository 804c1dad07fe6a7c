"""Protect all tables of a study together: what one hides, no other may give away."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from evalkit.disclosure.earlier import NOTHING_EARLIER, Earlier, know_with
from evalkit.disclosure.grid import VALUE_KINDS, Mask
from evalkit.disclosure.parts import Part
from evalkit.disclosure.profiles import Profile
from evalkit.disclosure.proof import prove
from evalkit.disclosure.remedy import next_to_hide
from evalkit.disclosure.strata import Outcome, has_strata, protect_strata
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.errors import DisclosureError
from evalkit.record.tables import TableSpec

SUM_OF_HIDDEN = "sum over some of the hidden counts of another table"
TOTAL_OF_HIDDEN = "total or average that gives away what another table hides"
NOTHING_GIVES_AWAY = "hidden so that nothing published gives another away"

Hidings = dict[str, dict[str, Mask]]


def protect_tables(
    tables: Iterable[tuple[TableSpec, pd.DataFrame]],
    profiles: Mapping[str, Profile],
    whole: float | None = None,
    earlier: Earlier = NOTHING_EARLIER,
) -> dict[str, ProtectedTable]:
    """Protect the tables of a study, and prove that nothing published gives a count away."""
    return protect_and_prove(tables, profiles, whole, earlier)[0]


def protect_and_prove(
    tables: Iterable[tuple[TableSpec, pd.DataFrame]],
    profiles: Mapping[str, Profile],
    whole: float | None = None,
    earlier: Earlier = NOTHING_EARLIER,
) -> tuple[dict[str, ProtectedTable], list[Part]]:
    """Protect the tables of a study; return them, and the parts for which the proof was given.

    Where the proof fails a further cell is hidden and it is tried again. `earlier` is what
    former releases of the study told. Raises `DisclosureError` if nothing is left to hide.
    """
    held = list(tables)
    more: Hidings = {}
    while True:
        done, parts = _protect_all(held, profiles, whole, more)
        if not any(rules.secondary for rules in profiles.values()):
            return done, parts
        knowledge = know_with(parts, earlier)
        failures = prove(knowledge)
        if not failures:
            return done, parts
        for number, column, row in {next_to_hide(knowledge, parts, f) for f in failures}:
            _add(more, held, parts[number], column, row)


def _add(
    more: Hidings,
    held: list[tuple[TableSpec, pd.DataFrame]],
    part: Part,
    column: str,
    row: int,
) -> None:
    """Ask for one more cell to be hidden; refuse to ask for the same one twice."""
    name = part.spec.name
    size = next(len(frame) for spec, frame in held if spec.name == name)
    mask = more.setdefault(name, {}).setdefault(column, np.zeros(size, dtype=bool))
    if mask[part.rows[row]]:
        raise DisclosureError(
            f"table {name}: what is shown in column {column} gives a hidden count away, and it "
            "cannot be hidden alone. Leave the column out."
        )
    mask[part.rows[row]] = True


def _protect_all(
    held: list[tuple[TableSpec, pd.DataFrame]],
    profiles: Mapping[str, Profile],
    whole: float | None,
    more: Hidings,
) -> tuple[dict[str, ProtectedTable], list[Part]]:
    """Protect all tables once, those first whose totals stand in the others."""
    done: dict[str, ProtectedTable] = {}
    outcomes: dict[str, list[Outcome]] = {}
    parts: list[Part] = []
    for spec, frame in held:
        if has_strata(spec):
            done[spec.name], outcomes[spec.name] = protect_strata(
                frame, spec, profiles, whole, more.get(spec.name)
            )
            parts += [outcome.part for outcome in outcomes[spec.name]]
    for spec, frame in held:
        if spec.name not in done:
            asked = _given_away(frame, spec, outcomes.get(str(spec.sums_of), []))
            asked[NOTHING_GIVES_AWAY] = more.get(spec.name, {})
            done[spec.name] = protect_table(frame, spec, profiles, whole, more=asked)
            parts.append(
                Part(
                    done[spec.name].spec,
                    done[spec.name].frame,
                    frame,
                    profiles,
                    tuple(range(len(frame))),
                )
            )
    return {spec.name: done[spec.name] for spec, _ in held}, parts


def _given_away(
    frame: pd.DataFrame, spec: TableSpec, outcomes: list[Outcome]
) -> dict[str, dict[str, Mask]]:
    """Return the cells of a table of sums to hide, by rule.

    A row that is a total of another table, by the columns that both have, was taken into
    account there, as was the row that a margin calls the total. Any other row adds up some
    of the hidden counts. Where nothing was left to hide there, the total is hidden here.
    """
    nothing = np.zeros(len(frame), dtype=bool)
    numbers = [c for c in spec.columns if c.kind in VALUE_KINDS and c.counts == "people"]
    hidden: dict[str, dict[str, Mask]] = {SUM_OF_HIDDEN: {}, TOTAL_OF_HIDDEN: {}}
    for outcome in outcomes:
        shared = [name for name in outcome.key if name in frame.columns]
        concerned = ~nothing
        for name in shared:
            concerned &= (frame[name].astype(str) == outcome.key[name]).to_numpy()
        for column in numbers:
            if outcome.source is not None and outcome.source not in column.sources:
                continue
            if outcome.count_hidden and not shared and column.kind == "count":
                part = _parts(frame, spec) | hidden[SUM_OF_HIDDEN].get(column.name, nothing)
                hidden[SUM_OF_HIDDEN][column.name] = part
            if outcome.total_hidden:
                before = hidden[TOTAL_OF_HIDDEN].get(column.name, nothing)
                hidden[TOTAL_OF_HIDDEN][column.name] = before | concerned
    return hidden


def _parts(frame: pd.DataFrame, spec: TableSpec) -> Mask:
    """Mark the rows that no margin calls a total of all."""
    parts = np.ones(len(frame), dtype=bool)
    for margin in spec.margins:
        parts &= (frame[margin.group].astype(str) != margin.total).to_numpy()
    return parts
