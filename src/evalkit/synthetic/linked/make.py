"""Make a named world of linked tables, whole and in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from evalkit.synthetic.linked import (
    co_production,
    evidence,
    feedback,
    programmes,
    staff,
    stories,
    value,
)
from evalkit.synthetic.linked.carers import make_carers
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.comments import make_codes, make_comments
from evalkit.synthetic.linked.draws import TABLES
from evalkit.synthetic.linked.items import make_items
from evalkit.synthetic.linked.patients import make_patients
from evalkit.synthetic.linked.people import make_eligible
from evalkit.synthetic.linked.places import MONTHS, Places, Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

Pieces = Iterator[pd.DataFrame]


@dataclass(frozen=True, slots=True)
class LinkedWorld:
    """The tables of one world by name, and the truth behind them."""

    name: str
    seed: int
    tables: dict[str, pd.DataFrame]
    truth: dict[str, object]


WHOLE: dict[str, Callable[[Places], pd.DataFrame]] = {
    "trusts": lambda places: places.trusts,
    "wards": lambda places: places.wards,
    "items": lambda places: make_items(),
    "absence": staff.make_absence,
    "complaints": feedback.make_complaints,
    "stories": stories.make_stories,
    "emotions": stories.make_emotions,
    "decisions": co_production.make_decisions,
    "partners": co_production.make_partners,
    "ratings": co_production.make_ratings,
    "priorities": co_production.make_priorities,
    "evidence": evidence.make_evidence,
    "programmes": programmes.make_programmes,
    "measures": programmes.make_measures,
    "costs": value.make_costs,
    "activity": value.make_activity,
    "best_worst": co_production.make_best_worst,
}
"""Tables that do not grow with the number of answers."""

PIECEWISE: dict[str, Callable[[Places, int, int], pd.DataFrame]] = {
    "patients": make_patients,
    "eligible": make_eligible,
    "staff": staff.make_staff,
    "fft": feedback.make_fft,
    "comments": lambda places, trust, month: make_comments(places, trust, month)[0],
    "codes": lambda places, trust, month: make_codes(
        places, *make_comments(places, trust, month), trust, month
    ),
}
"""Tables made trust by trust and month by month, each piece from its own seed."""


def make_linked_world(
    name: str, seed: int, *, people: int = 2400, trusts: int = 12, wards: int = 4
) -> LinkedWorld:
    """Make world `name`: about so many `people` who answer, in `trusts` of so many `wards` each."""
    size = Size(people, trusts, wards)
    places = make_places(WORLDS[name], seed, size)
    tables = {table: make_table(places, table) for table in TABLES}
    return LinkedWorld(name, seed, tables, tell_truth(name, seed, places))


def make_table(places: Places, table: str) -> pd.DataFrame:
    """Make one table whole."""
    return pd.concat(list(make_pieces(places, table)), ignore_index=True)


def make_pieces(places: Places, table: str) -> Pieces:
    """Make one table piece by piece, in the order of trusts and months."""
    if table in WHOLE:
        yield WHOLE[table](places)
        return
    for trust in range(places.size.trusts):
        if table == "carers":
            yield make_carers(places, trust)
            continue
        months = staff.ROUNDS if table == "staff" else range(len(MONTHS))
        for month in months:
            yield PIECEWISE[table](places, trust, month)
