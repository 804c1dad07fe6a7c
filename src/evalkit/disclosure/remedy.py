"""Which cell to hide next, where the proof shows that those hidden are not enough."""

from collections.abc import Sequence

import numpy as np

from evalkit.disclosure.parts import Part
from evalkit.disclosure.proof import Failure
from evalkit.disclosure.reader import Fact, Knowledge, Place
from evalkit.errors import DisclosureError


def next_to_hide(knowledge: Knowledge, parts: Sequence[Part], failure: Failure) -> Place:
    """Return the cell to hide next; raise `DisclosureError` where there is none.

    A percentage or an interval that tells of the count itself goes first, then the smallest
    part beside it, then a total. For a rounded count the total goes first.
    """
    place = failure.demand.place
    rounded = not _hidden(knowledge, place)
    for twin in _twins(knowledge, place):
        if not rounded and _can_be_hidden(knowledge, parts, twin):
            return twin
    for fact in failure.facts:
        found = [p for p in _tellers(knowledge, fact) if _can_be_hidden(knowledge, parts, p)]
        totals = _twins(knowledge, fact.total) if fact.total else []
        some = [p for p in found if p not in totals and _number(knowledge, p) > 0]
        if found and fact.total is None:
            return found[0]
        if some and not (rounded and any(p in totals for p in found)):
            return min(some, key=lambda p: (_number(knowledge, p), p))
        if found:
            return next((p for p in found if p in totals), found[0])
    raise DisclosureError(_message(knowledge, parts, failure))


def _twins(knowledge: Knowledge, place: Place) -> list[Place]:
    """Return all cells that hold the same count, or the cell alone where it holds none."""
    at = knowledge.unknown.get(place)
    return [place] if at is None else knowledge.places[at]


def _tellers(knowledge: Knowledge, fact: Fact) -> list[Place]:
    """Return the cells that tell a fact, in today's tables and the earlier ones."""
    return list(dict.fromkeys(t for place in fact.told_by for t in _twins(knowledge, place)))


def _can_be_hidden(knowledge: Knowledge, parts: Sequence[Part], place: Place) -> bool:
    """Say whether a cell is one of today's, shown, and not told by an earlier release anyway."""
    number, _, row = place
    if number >= len(parts) or parts[number].version is not None or parts[number].rows[row] < 0:
        return False
    told = any(p[0] >= len(parts) and not _hidden(knowledge, p) for p in _twins(knowledge, place))
    return not told and not _hidden(knowledge, place) and not np.isnan(_number(knowledge, place))


def _number(knowledge: Knowledge, place: Place) -> float:
    return float(knowledge.grids[place[0]].numbers[place[1]][place[2]])


def _hidden(knowledge: Knowledge, place: Place) -> bool:
    return bool(knowledge.grids[place[0]].hidden[place[1]][place[2]])


def _message(knowledge: Knowledge, parts: Sequence[Part], failure: Failure) -> str:
    number, name, _ = failure.demand.place
    table = knowledge.grids[number].spec.name
    kind = "hidden" if _hidden(knowledge, failure.demand.place) else "rounded"
    if failure.out_of_time:
        return (
            f"table {table}: it could not be proved in time that no {kind} count in column {name} "
            "can be worked out. Make the table smaller, or leave it out."
        )
    early = _earlier_tables(knowledge, len(parts), failure)
    if early:
        return (
            f"table {table}: a {kind} count in column {name} can be worked out from this release "
            f"and an earlier one (tables {', '.join(early)}). Leave the table out, or show the "
            "groups as the earlier release did."
        )
    return (
        f"table {table}: a {kind} count in column {name} can be worked out from the others, and "
        "nothing is left to hide. Make the groups larger, or leave the table out."
    )


def _earlier_tables(knowledge: Knowledge, today: int, failure: Failure) -> list[str]:
    concerned = {at for fact in failure.facts for at in fact.weights}
    concerned.add(knowledge.unknown[failure.demand.place])
    cells = [place for at in sorted(concerned) for place in knowledge.places[at]]
    return sorted({knowledge.grids[n].spec.name for n, _, _ in cells if n >= today})
