"""Which designs do the data and the roll-out allow, what would each need, what can none show?

A design is allowed where each of its needs is met, not allowed where one is known not to be, and
otherwise it cannot be told. Thresholds are those of the designs' own pages in docs/methods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from evalkit.planning.layout_facts import Facts, find_facts

Allowed = Literal["allowed", "not allowed", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Need:
    """What a design needs, in words, and whether facts meet it; None where they do not tell."""

    words: str
    met: Callable[[Facts], bool | None]


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether a design is allowed, which needs are met, not met or unknown, and its limit."""

    design: str
    question: str
    allowed: Allowed
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    unknown: tuple[str, ...]
    cannot_show: str


def _at_least(name: str, least: int) -> Callable[[Facts], bool | None]:
    """Return the test that a count is known and large enough."""

    def met(facts: Facts) -> bool | None:
        value = getattr(facts, name)
        return None if value is None else bool(value >= least)

    return met


def _exactly(name: str, wanted: int | bool) -> Callable[[Facts], bool | None]:
    """Return the test that a fact is known and is as wanted."""

    def met(facts: Facts) -> bool | None:
        value = getattr(facts, name)
        return None if value is None else bool(value == wanted)

    return met


def _has_both_groups(facts: Facts) -> bool | None:
    if facts.with_it is None or facts.without is None:
        return None
    return facts.with_it >= 1 and facts.without >= 1


def _has_others_waiting(facts: Facts) -> bool | None:
    """Say whether some units wait while others start: never treated, or treated later."""
    if facts.without is not None and facts.without >= 1:
        return True
    return None if facts.starts is None else facts.starts >= 2


_ONE_START = Need("one start for all that have the intervention", _exactly("starts", 1))
_STARTS = Need("two or more different starts", _at_least("starts", 2))
_BOTH = Need("units that have the intervention and units that never do", _has_both_groups)

_DESIGNS: dict[str, tuple[str, tuple[Need, ...], str]] = {
    "stepped_wedge": (
        "Did clusters change when their turn, drawn by lot, came?",
        (
            Need("an order drawn by lot", _exactly("random", True)),
            _STARTS,
            Need("6 clusters or more", _at_least("clusters", 6)),
            Need("3 periods or more", _at_least("periods", 3)),
        ),
        "What would have happened without it after the last cluster has started",
    ),
    "regression_discontinuity": (
        "Do those just past the threshold fare differently from those just before it?",
        (
            Need("a threshold that decides who is offered it", _exactly("threshold", True)),
            Need("30 rows or more on each side of it", _at_least("answers_near", 30)),
        ),
        "Anything about people far from the threshold",
    ),
    "staggered_adoption": (
        "Did units change when they started, compared with those that had not yet?",
        (
            _STARTS,
            Need("units that wait while others start", _has_others_waiting),
            Need("2 periods or more before each start", _at_least("before", 2)),
            Need("10 clusters or more", _at_least("clusters", 10)),
        ),
        "That both would have moved alike without it: it can be doubted, never proved",
    ),
    "difference_in_differences": (
        "Did those with it change more than those without?",
        (
            _ONE_START,
            _BOTH,
            Need("2 periods or more before the start", _at_least("before", 2)),
            Need("1 period or more from the start on", _at_least("after", 1)),
            Need("10 clusters or more", _at_least("clusters", 10)),
            Need("4 units or more with the intervention", _at_least("with_it", 4)),
            Need("4 units or more without it", _at_least("without", 4)),
        ),
        "That both would have moved alike without it: it can be doubted, never proved",
    ),
    "synthetic_control": (
        "Did the few with it fare differently from a mixture of others that resembled them?",
        (
            _ONE_START,
            Need("1 unit or more with the intervention", _at_least("with_it", 1)),
            Need("10 units or more without it", _at_least("without", 10)),
            Need("8 periods or more before the start", _at_least("before", 8)),
        ),
        "An effect that is smaller than what units do by themselves",
    ),
    "interrupted_time_series": (
        "Did the series break from its own course at the start?",
        (
            _ONE_START,
            Need("8 periods or more before the start", _at_least("before", 8)),
            Need("8 periods or more from the start on", _at_least("after", 8)),
        ),
        "What else happened at the start, unless a control series stands beside it",
    ),
    "weighted_comparison": (
        "Do those with it fare differently from others who were like them?",
        (_BOTH, Need("measured causes to hold fixed", _at_least("measured_causes", 1))),
        "That nothing unmeasured differs between the groups",
    ),
    "dose_response": (
        "Where there was more of it, was the outcome better?",
        (
            Need("a dose that moves within units", _exactly("dose_moves", True)),
            Need("10 clusters or more", _at_least("clusters", 10)),
            Need("3 periods or more", _at_least("periods", 3)),
        ),
        "That the dose was not itself decided by how things went",
    ),
    "mediation": (
        "How much of it goes by way of something in between?",
        (
            Need("a mediator that is measured", _exactly("mediator", True)),
            Need("10 clusters or more", _at_least("clusters", 10)),
        ),
        "That nothing unmeasured moves both mediator and outcome",
    ),
    "before_after": (
        "Did it change from before to after?",
        (
            Need("a start", _at_least("starts", 1)),
            Need("1 period or more before it", _at_least("before", 1)),
            Need("1 period or more from it on", _at_least("after", 1)),
        ),
        "Any effect: whatever else happened, and a turn after an unusual time, are in the change",
    ),
}

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
    return weigh_designs(find_facts(table, parameters))


def weigh_designs(facts: Facts) -> list[Advice]:
    """Weigh each design by known facts, in the order of `advise`."""
    found = [_weigh(design, facts) for design in _DESIGNS]
    order: tuple[Allowed, ...] = ("allowed", "cannot tell", "not allowed")
    return sorted(found, key=lambda advice: order.index(advice.allowed))


def tabulate_advice(advice: list[Advice]) -> pd.DataFrame:
    """List `design, allowed, question, met, needs, to_find_out, cannot_show`, in words."""
    return pd.DataFrame(
        {
            "design": [one.design for one in advice],
            "allowed": [one.allowed for one in advice],
            "question": [one.question for one in advice],
            "met": ["; ".join(one.met) for one in advice],
            "needs": ["; ".join(one.unmet) for one in advice],
            "to_find_out": ["; ".join(one.unknown) for one in advice],
            "cannot_show": [one.cannot_show for one in advice],
        }
    )


def _weigh(design: str, facts: Facts) -> Advice:
    question, needs, limit = _DESIGNS[design]
    met: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for need in needs:
        met[need.met(facts)].append(need.words)
    allowed: Allowed = "not allowed" if met[False] else "cannot tell" if met[None] else "allowed"
    return Advice(
        design, question, allowed, tuple(met[True]), tuple(met[False]), tuple(met[None]), limit
    )
