"""Who decided what, who the partners are, how both sides rate it, and what they put first."""

from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.study.fields import STAGES
from evalkit.synthetic.linked.draws import Flags, Floats, Texts, choose, keep_where, random_for
from evalkit.synthetic.linked.people import draw_people, label, write_groups
from evalkit.synthetic.linked.places import Places, yes_no

DECISIONS = 32
SUBJECTS = (
    "what to ask first",
    "which outcome counts",
    "which wards start",
    "how to ask carers",
    "which groups to report",
    "how to show uncertainty",
    "what the change means",
    "whom to tell and how",
)
SIDES = ("lived_experience", "staff", "clinical_leaders")
POSITIONS = ("for", "for with changes", "against")
OUTCOMES = ("adopted", "adapted", "declined", "deferred")
REASONS = ("it answers what matters to people", "it costs too much time", "data are not collected")
INVOLVED = np.array([0.3, 0.7, 0.4, 0.7, 0.2, 0.3, 0.9, 0.8])
"""Share of decisions of each stage that lived-experience partners took part in."""
ADOPTED = {
    "lived_experience": np.array([0.45, 0.25, 0.20, 0.10]),
    "staff": np.array([0.60, 0.20, 0.10, 0.10]),
    "clinical_leaders": np.array([0.70, 0.15, 0.05, 0.10]),
}
RATE = 25.0

PARTNERS = 16
VALUES = (
    "ownership",
    "openness and honesty",
    "sharing power",
    "plain English",
    "respect",
)
STEPS = (
    "leaders champion it",
    "fair recruitment",
    "reward and recognition",
    "earliest stage",
    "built in",
    "training",
    "review and report back",
)
RATERS = {"lived_experience": 10, "professional": 12}
LEVELS = {"lived_experience": 2.3, "professional": 3.3}
"""Average rating from 0 to 5 of each side: professionals rate a point higher."""

TOPICS = (
    "know whom to contact",
    "carers told of discharge",
    "quiet at night",
    "time to ask questions",
    "food at all hours",
    "one story, told once",
    "shorter waits",
    "parking",
)
WORTH = {
    "lived_experience": np.array([7.6, 7.9, 6.4, 7.8, 5.2, 7.2, 6.8, 4.6]),
    "professional": np.array([6.9, 6.0, 6.2, 7.4, 4.8, 6.1, 8.0, 4.0]),
}
PANEL = {"lived_experience": 14, "professional": 16}
QUESTIONS = tuple(four for four in combinations(range(8), 4) if np.bitwise_xor.reduce(four) == 0)
"""Fourteen questions of four topics: each topic in seven, each two topics together in three."""
PICK_SPREAD = 1.2
"""How far what a participant picks by strays from the worth to the side, in points."""
STAYS = 0.92
"""Share of a panel that answers the next round."""


def make_decisions(places: Places) -> pd.DataFrame:
    """Make the log of decisions, with three voices and what became of each proposal."""
    rng = random_for(places.seed, "decisions")
    stage = np.sort(rng.integers(0, len(STAGES), DECISIONS))
    day = pd.Timestamp("2023-02-01") + pd.to_timedelta(np.arange(DECISIONS) * 20, unit="D")
    proposed = choose(rng, np.array([0.4, 0.35, 0.25]), DECISIONS)
    mix = np.stack([ADOPTED[side] for side in SIDES])[proposed]
    outcome = (rng.random(DECISIONS)[:, None] > np.cumsum(mix, axis=1)[:, :-1]).sum(axis=1)
    joined, staff, leaders = rng.random((3, DECISIONS)) < np.stack(
        [INVOLVED[stage], np.full(DECISIONS, 0.7), np.full(DECISIONS, 0.85)]
    )
    leaders |= ~joined & ~staff
    return pd.DataFrame(
        {
            "decision": [f"DC{number:03d}" for number in range(1, DECISIONS + 1)],
            "date": day.strftime("%Y-%m-%d"),
            "stage": label(STAGES, stage),
            "subject": label(SUBJECTS, stage),
            "proposed_by": label(SIDES, proposed),
            "decided_by_lived_experience": yes_no(joined),
            "decided_by_staff": yes_no(staff),
            "decided_by_leaders": yes_no(leaders),
            "lived_experience_position": _positions(rng, proposed == 0, joined),
            "staff_position": _positions(rng, proposed == 1, None),
            "leaders_position": _positions(rng, proposed == 2, None),
            "outcome": label(OUTCOMES, outcome),
            "reason": np.where(outcome == 0, REASONS[0], label(REASONS, 1 + outcome % 2)),
            "paid_hours": np.where(joined, rng.integers(2, 9, DECISIONS), 0),
            "rate": RATE,
            "unit": _units(places),
        }
    )


def _units(places: Places) -> Texts:
    """Draw the trust that each decision is for; how it was decided changes nothing there."""
    drawn = random_for(places.seed, "decisions", 1).integers(0, places.size.trusts, DECISIONS)
    return np.array([places.code_of(int(trust)) for trust in drawn], dtype=object)


def _positions(rng: np.random.Generator, own: Flags, heard: Flags | None) -> Texts:
    drawn = label(POSITIONS, choose(rng, np.array([0.6, 0.25, 0.15]), len(own)))
    position = np.where(own, "for", drawn)
    return position if heard is None else keep_where(heard | own, position)


def make_partners(places: Places) -> pd.DataFrame:
    """Make the partners: fewer from the most deprived fifth than are served."""
    rng = random_for(places.seed, "partners")
    people = draw_people(rng, PARTNERS, 0.08)
    people["decile_known"][:] = True
    return pd.DataFrame(
        {
            "partner": [f"LP{number:02d}" for number in range(1, PARTNERS + 1)],
            "role": label(("patient partner", "carer partner"), rng.integers(0, 2, PARTNERS)),
            **write_groups(people),
            "carer": yes_no(rng.random(PARTNERS) < 0.4),
            "disability": yes_no(rng.random(PARTNERS) < 0.35),
        }
    )


def make_ratings(places: Places) -> pd.DataFrame:
    """Make the ratings of five values and seven steps, by both sides."""
    rng = random_for(places.seed, "ratings")
    rows = []
    parts = [("value", name) for name in VALUES] + [("step", name) for name in STEPS]
    raters = [side for side, count in RATERS.items() for _ in range(count)]
    for number, side in enumerate(raters, start=1):
        own = rng.normal(0, 0.5)
        for part, name in parts:
            rating = int(np.clip(np.round(LEVELS[side] + own + rng.normal(0, 0.8)), 0, 5))
            rows.append((f"R{number:02d}", side, part, name, rating))
    return pd.DataFrame(rows, columns=["rater", "side", "part", "name", "rating"])


def make_priorities(places: Places) -> pd.DataFrame:
    """Make three rounds of scores from 1 to 9; people come nearer to their side's view."""
    rng = random_for(places.seed, "priorities")
    rows = []
    panel = [side for side, count in PANEL.items() for _ in range(count)]
    for number, side in enumerate(panel, start=1):
        own = rng.normal(0, 1.4, len(TOPICS))
        for turn in (1, 2, 3):
            if turn > 1 and rng.random() > STAYS:
                break
            worth = WORTH[side] + own * 0.7 ** (turn - 1)
            score = np.clip(np.round(worth), 1, 9).astype(int)
            rank = _ranks(worth)
            for topic, given, place in zip(TOPICS, score, rank, strict=True):
                rows.append((f"E{number:02d}", side, topic, turn, int(given), int(place)))
    return pd.DataFrame(rows, columns=["participant", "side", "topic", "round", "score", "rank"])


def make_best_worst(places: Places) -> pd.DataFrame:
    """Make best-worst choices: of four topics the one of most worth is best, of least the worst."""
    rng = random_for(places.seed, "best_worst")
    rows = []
    panel = [side for side, count in PANEL.items() for _ in range(count)]
    for number, side in enumerate(panel, start=1):
        for question, shown in enumerate(QUESTIONS, start=1):
            worth = WORTH[side][list(shown)] + rng.normal(0, PICK_SPREAD, len(shown))
            for topic, one in zip(shown, worth, strict=True):
                picked = {worth.max(): "best", worth.min(): "worst"}.get(one, "neither")
                rows.append((f"E{number:02d}", side, f"B{question:02d}", TOPICS[topic], picked))
    return pd.DataFrame(rows, columns=["participant", "side", "question", "topic", "picked"])


def _ranks(worth: Floats) -> np.ndarray:
    return np.asarray(np.argsort(np.argsort(-worth)) + 1)
