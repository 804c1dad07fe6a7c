"""Which designs do the data and the roll-out allow, what would each need, what can none show?

A design is not allowed where it would refuse: where something that it requires is known to be
missing. Where all that is there it is allowed, with reservations where something is missing
without which its interval is wide, its power little or its claim no claim of cause.
"""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from evalkit.planning.design_needs import Design, list_designs
from evalkit.planning.layout_facts import Facts, find_facts

Allowed = Literal["allowed", "allowed, with reservations", "cannot tell", "not allowed"]
ORDER: tuple[Allowed, ...] = (
    "allowed",
    "allowed, with reservations",
    "cannot tell",
    "not allowed",
)


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether a design is allowed, which needs are met, not met or unknown, and its limit.

    Without what is `unmet` the design refuses; without what is in `reservations` it is weak.
    """

    design: str
    question: str
    allowed: Allowed
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    reservations: tuple[str, ...]
    unknown: tuple[str, ...]
    cannot_show: str


NONE_CAN_SHOW = (
    "That a difference seen here would be seen elsewhere",
    "What was not measured: facets of experience, people who do not answer, carers",
    "Why something worked: that needs people's own accounts",
)
"""What no design shows, whatever the data."""


def advise(table: pd.DataFrame | None, parameters: Any) -> list[Advice]:
    """Weigh each design, the strongest first, by what table and parameters tell; table may be None.

    `table` is a design table (`data.make_table`). Allowed designs come first, then those of
    which it cannot be told, each in order of how much they can show.
    """
    return weigh_designs(find_facts(table, parameters), parameters)


def weigh_designs(facts: Facts, parameters: Any = None) -> list[Advice]:
    """Weigh each design by known facts, in the order of `advise`.

    Where `parameters` are those of a design, its own thresholds are taken from them.
    """
    found = [_weigh(design, facts) for design in list_designs(parameters)]
    return sorted(found, key=lambda advice: ORDER.index(advice.allowed))


def _weigh(design: Design, facts: Facts) -> Advice:
    answers = [(need, need.met(facts)) for need in design.needs]
    unmet = tuple(need.words for need, met in answers if met is False and need.required)
    weak = tuple(need.words for need, met in answers if met is False and not need.required)
    unknown = tuple(need.words for need, met in answers if met is None)
    allowed: Allowed = "allowed, with reservations" if weak else "allowed"
    if unmet or unknown:
        allowed = "not allowed" if unmet else "cannot tell"
    met = tuple(need.words for need, met in answers if met)
    return Advice(
        design.name, design.question, allowed, met, unmet, weak, unknown, design.cannot_show
    )
