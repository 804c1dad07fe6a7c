"""The made-up questionnaire: sixteen items with their facet, touchpoint and answer options.

The wordings are this project's own. In each facet the items' departures from its mean add up to
zero, and every item is asked of people at random, so that facet scores keep their mean.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

SCALE, EXTENT, OFTEN = "0_to_10", "definitely_to_some_extent_no", "always_usually_never"


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `asked` is the share to whom it applies, `shift` its distance in points."""

    item: str
    wording: str
    facet: str
    touchpoint: str
    options: str
    asked: float
    shift: float


ITEMS = (
    Item(
        "i01",
        "Did staff listen when you first asked for help?",
        "relational",
        "T01",
        EXTENT,
        0.8,
        0.2,
    ),
    Item(
        "i02",
        "Did staff introduce themselves and use the name you prefer?",
        "relational",
        "T04",
        OFTEN,
        1.0,
        0.4,
    ),
    Item(
        "i03",
        "Did staff explain what they found in words you understood?",
        "relational",
        "T05",
        EXTENT,
        0.95,
        0.0,
    ),
    Item(
        "i04",
        "Were you as involved as you wanted to be in decisions?",
        "relational",
        "T06",
        EXTENT,
        0.95,
        -0.4,
    ),
    Item(
        "i05",
        "When you asked questions, did staff answer them?",
        "relational",
        "T07",
        OFTEN,
        0.95,
        -0.2,
    ),
    Item(
        "i06",
        "Was it easy to book the time and place of your care?",
        "functional",
        "T02",
        EXTENT,
        0.7,
        0.1,
    ),
    Item(
        "i07",
        "Was the wait before your care as short as you were told?",
        "functional",
        "T03",
        EXTENT,
        0.85,
        -0.7,
    ),
    Item("i08", "Were your medicines given on time?", "functional", "T08", OFTEN, 0.8, 0.5),
    Item(
        "i09",
        "When you moved between wards, did staff know your plan?",
        "functional",
        "T09",
        EXTENT,
        0.5,
        0.0,
    ),
    Item(
        "i10",
        "Did you leave with the information you needed?",
        "functional",
        "T10",
        EXTENT,
        0.9,
        0.1,
    ),
    Item("i11", "Were you treated with dignity and respect?", "felt", "T07", OFTEN, 1.0, 0.4),
    Item("i12", "Did you feel safe?", "felt", "T07", OFTEN, 1.0, 0.3),
    Item("i13", "Was difficult news told with care?", "felt", "T05", EXTENT, 0.4, -0.2),
    Item("i14", "Did you feel supported after you went home?", "felt", "T11", EXTENT, 0.8, -0.6),
    Item(
        "i15",
        "If someone close to you died, did you feel cared for?",
        "felt",
        "T12",
        EXTENT,
        0.05,
        0.1,
    ),
    Item("i16", "Overall, how was your experience?", "overall", "T07", SCALE, 1.0, 0.0),
)

FACET_ITEMS = ITEMS[:-1]
ASKED = np.array([item.asked for item in FACET_ITEMS])
SHIFTS = np.array([item.shift for item in FACET_ITEMS])


def make_items() -> pd.DataFrame:
    """List the items: what is asked, in which facet, where on the journey, how answered."""
    rows = [
        {
            "item": item.item,
            "wording": item.wording,
            "facet": item.facet,
            "touchpoint": item.touchpoint,
            "options": item.options,
            "always_event": "yes" if item.options == OFTEN else "no",
        }
        for item in ITEMS
    ]
    return pd.DataFrame(rows)
