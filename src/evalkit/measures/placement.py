"""Where a measure stands: whose experience, which facet of it, and where along the journey.

Facets: relational (how people were treated by each other), functional (what happened: booking,
waiting, information), felt (how it made them feel), overall (no one of them). A touchpoint is a
moment of care, T01 to T12. What a measure does not reach is "not measured", never zero.
"""

from dataclasses import dataclass
from typing import Literal

from evalkit.study.fields import TOUCHPOINTS

Facet = Literal["relational", "functional", "felt", "overall"]
Whose = Literal["patients", "carers", "staff", "the public"]
Source = Literal["published", "recalled", "own"]

ANYWHERE = tuple(TOUCHPOINTS)
"""Touchpoints of a measure that is not bound to one moment of care."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A scorer's place: `whose` experience, its facets and touchpoints, unit, and better end.

    `source` says where the rule is from: published (a source was read, or published results were
    reproduced), recalled (not verified against the official technical document) or own (a rule of
    this project). `unverified` says what of it nobody has checked.
    """

    key: str
    title: str
    whose: Whose
    facets: tuple[Facet, ...]
    touchpoints: tuple[str, ...]
    unit: str
    better: Literal["higher", "lower", "neither"]
    rule: str
    source: Source
    unverified: str = ""
