"""The register of stories, one of them withdrawn, and the emotional map of a journey."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import Flags, Texts, choose, keep_where, random_for
from evalkit.synthetic.linked.labels import AWKWARD
from evalkit.synthetic.linked.people import label
from evalkit.synthetic.linked.places import Places

STORIES, AWKWARD_EVERY = 36, 4
WITHDRAWN_NUMBERS = (3, 7, 19, 31)
WITHDRAWN = [f"ST{number:03d}" for number in WITHDRAWN_NUMBERS]
AWKWARD_STORIES = [
    f"ST{number:03d}" for number in range(1, STORIES + 1) if not number % AWKWARD_EVERY
]
CONSENT, CONSENT_MIX = ("internal", "board", "public"), np.array([0.25, 0.45, 0.30])
TELLERS, TELLER_MIX = ("patient", "carer", "staff"), np.array([0.6, 0.3, 0.1])
TOUCHPOINTS = tuple(f"T{number:02d}" for number in range(1, 13))
STORY_THEMES = ("being listened to", "waiting", "going home", "being known by name", "bad news")
STORY_WORDS = (
    "I was asked what mattered to me, and it changed how the week went.",
    "The hours in the corridor were the hardest, because nobody said how long.",
    "We got home and did not know whom to ring.",
    "One porter used my name each day, and I remember him.",
    "The news came in a hallway, and I heard nothing after the first word.",
)
LEARNING = ("Ask first what matters", "Say how long", "Give one number to ring", "Use names")
ACTIONS = ("New welcome round each morning", "Board with waiting times", "Call after discharge")
OWNERS = ("ward manager", "matron", "lead for experience", "discharge team")

PEOPLE = {"patient": 14, "carer": 8, "staff": 14}
EMOTIONS = {-2: ("frightened", "ignored"), -1: ("worried", "lost"), 0: ("unsure", "calm")}
EMOTIONS |= {1: ("reassured", "hopeful"), 2: ("safe", "cared for")}
MOOD = {
    "patient": (-0.8, -0.5, -1.3, -0.1, -0.3, 0.3, 1.0, 0.2, -0.6, -1.1, -0.7, 0.1),
    "carer": (-1.0, -0.6, -1.2, -0.3, -0.6, -0.3, 0.6, -0.2, -0.9, -1.4, -1.0, 0.0),
    "staff": (-0.1, 0.1, -0.6, 0.4, 0.2, 0.6, 1.0, 0.5, -0.2, 0.2, 0.0, 0.4),
}
"""Average feeling at each touchpoint: staff think better of going home than those who go."""


def make_stories(places: Places) -> pd.DataFrame:
    """Make the register; some stories were withdrawn."""
    rng = random_for(places.seed, "stories")
    numbers = np.arange(1, STORIES + 1)
    theme = rng.integers(0, len(STORY_THEMES), STORIES)
    told = pd.Timestamp("2023-01-10") + pd.to_timedelta(rng.integers(0, 690, STORIES), unit="D")
    acted = rng.random(STORIES) < 0.75
    due = told + pd.to_timedelta(rng.integers(60, 121, STORIES), unit="D")
    closed = due + pd.to_timedelta(rng.integers(-45, 46, STORIES), unit="D")
    done = acted & (rng.random(STORIES) < 0.7) & (closed < pd.Timestamp("2025-01-01"))
    fed_back = closed + pd.to_timedelta(rng.integers(3, 30, STORIES), unit="D")
    texts = [_write(int(number), STORY_WORDS[n]) for number, n in enumerate(theme, start=1)]
    consent = label(CONSENT, choose(rng, CONSENT_MIX, STORIES))
    return pd.DataFrame(
        {
            "story": [f"ST{number:03d}" for number in numbers],
            "consent": consent,
            "withdrawn": np.where(np.isin(numbers, WITHDRAWN_NUMBERS), "yes", "no"),
            "teller": label(TELLERS, choose(rng, TELLER_MIX, STORIES)),
            "touchpoint": label(TOUCHPOINTS, rng.integers(0, 12, STORIES)),
            "theme": label(STORY_THEMES, theme),
            "text": texts,
            "presented_to": np.where(consent == "internal", "ward meeting", "board"),
            "date": _days(told, numbers > 0),
            "learning": label(LEARNING, rng.integers(0, len(LEARNING), STORIES)),
            "action": keep_where(acted, label(ACTIONS, rng.integers(0, 3, STORIES))),
            "owner": keep_where(acted, label(OWNERS, rng.integers(0, 4, STORIES))),
            "due": _days(due, acted),
            "closed": _days(closed, done),
            "fed_back": _days(fed_back, done & (rng.random(STORIES) < 0.6)),
        }
    )


def _write(number: int, words: str) -> str:
    """Close each story with words that no other has, so that a leak can be found.

    Every fourth begins with a text that is hard to show.
    """
    text = f"{words} This is made-up story number {number}."
    if number % AWKWARD_EVERY:
        return text
    return f"{AWKWARD[number // AWKWARD_EVERY % len(AWKWARD)]} {text}"


def _days(days: pd.DatetimeIndex, kept: Flags) -> Texts:
    return keep_where(kept, days.strftime("%Y-%m-%d"))


def make_emotions(places: Places) -> pd.DataFrame:
    """Make the feelings that patients, carers and staff placed along the journey."""
    rng = random_for(places.seed, "emotions")
    rows = []
    people = [role for role, count in PEOPLE.items() for _ in range(count)]
    for number, role in enumerate(people, start=1):
        consent = CONSENT[int(choose(rng, CONSENT_MIX, 1)[0])]
        own = rng.normal(0, 0.4)
        for touchpoint, mood in zip(TOUCHPOINTS, MOOD[role], strict=True):
            if rng.random() < 0.25:
                continue
            valence = int(np.clip(np.round(mood + own + rng.normal(0, 0.7)), -2, 2))
            rows.append(
                {
                    "participant": f"P{number:02d}",
                    "role": role,
                    "touchpoint": touchpoint,
                    "emotion": EMOTIONS[valence][int(rng.integers(0, 2))],
                    "valence": valence,
                    "intensity": int(np.clip(2 + abs(valence) + rng.integers(-1, 2), 1, 5)),
                    "consent": consent,
                }
            )
    return pd.DataFrame(rows)
