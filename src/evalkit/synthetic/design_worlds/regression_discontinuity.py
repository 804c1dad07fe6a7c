"""Practices that offer a call-back to people whose frailty score is at or above a threshold.

One row is one person's answer. Experience falls smoothly with frailty, people of one practice are
alike, and of those offered not all are called. Scores end at 10, so what the offer does to the mean
at the threshold is worked out from the normal law cut off there.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.study.fields import FACETS
from evalkit.synthetic.design_worlds.wards import DesignWorld, random_for

FIELDS: dict[str, tuple[str, str]] = {
    "practice": ("string", "Code of a made-up general practice"),
    "practice_name": ("string", "Name of a made-up practice; always begins with Synthetic"),
    "year": ("string", "Year in which people were asked"),
    "frailty": ("number", "Frailty score that decides who is offered a call-back, 0 to 100"),
    "called_back": ("boolean", "Whether the person was called back"),
    "overall": ("number", "Overall experience of the practice, one person's score, 0 to 10"),
    "relational": ("number", "How staff dealt with the person, one person's score, 0 to 10"),
    "functional": ("number", "How the service worked, one person's score, 0 to 10"),
    "felt": ("number", "How care made the person feel, one person's score, 0 to 10"),
    "parking": ("number", "How easy parking was, one person's score, 0 to 10"),
    "earlier": ("number", "The person's overall score a year earlier, 0 to 10"),
    "age": ("integer", "Age in years"),
    "lives_alone": ("boolean", "Whether the person lives alone"),
}
SHARES = {"overall": 1.0, "relational": 1.2, "functional": 0.7, "felt": 1.1}
THRESHOLD, MEAN, SLOPE = 50.0, 6.2, -0.02
PERSON_SD, PRACTICE_SD, EARLIER = 1.5, 0.3, 0.5
"""Spread of people and of practices; correlation of a person's lasting part with a year ago."""

CALLED, CALLED_ANYWAY = 0.75, 0.05
"""Shares called back of those offered it, and of those not."""

EMBEDDED = ("effect", "manipulated")


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` of being called back; `pushed` the share of content people lifted over."""

    effect: float = 0.0
    pushed: float = 0.0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=1.2, answer="improved"),
    "null": Causes(),
    "manipulated": Causes(pushed=0.8, answer="cannot be told"),
}


@dataclass(frozen=True, slots=True)
class _People:
    """Who is asked, before anybody is offered anything; arrays (people,)."""

    practice: np.ndarray
    frailty: np.ndarray
    age: np.ndarray
    lasting: np.ndarray
    lives_alone: np.ndarray


def make_world(name: str, seed: int, *, people: int = 4000, practices: int = 30) -> DesignWorld:
    """Make world `name`: people of `practices`, of whom about a third reach the threshold."""
    causes, rng = WORLDS[name], random_for("regression_discontinuity", name, seed)
    asked = _make_people(rng, people, practices)
    frailty = _push(rng, asked, causes.pushed)
    chance = np.where(frailty >= THRESHOLD, CALLED, CALLED_ANYWAY)
    called = rng.random(people) < chance
    columns = _keys(asked.practice) | {"frailty": frailty, "called_back": called}
    columns |= _answers(rng, asked, causes.effect * called)
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "threshold": THRESHOLD,
        "effect": {f: _of_offer(causes.effect * share) for f, share in SHARES.items()},
        "effect_of_call": {f: _of_call(causes.effect * share) for f, share in SHARES.items()},
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    table = pd.DataFrame(columns)[list(FIELDS)].sort_values("practice", kind="stable")
    return DesignWorld(name, seed, table.reset_index(drop=True), truth)


def _make_people(rng: np.random.Generator, people: int, practices: int) -> _People:
    practice = rng.integers(0, practices, people)
    age = np.clip(np.round(rng.normal(74, 8, people)), 50, 99)
    frailty = 44 + 0.4 * (age - 74) + rng.normal(0, 13, people)
    lasting = rng.normal(0, PRACTICE_SD, practices)[practice] + rng.normal(
        0, np.sqrt(EARLIER) * PERSON_SD, people
    )
    alone = rng.random(people) < 0.4
    return _People(practice, np.clip(np.round(frailty, 1), 0, 100), age, lasting, alone)


def _push(rng: np.random.Generator, asked: _People, share: float) -> np.ndarray:
    """Lift people who lie up to 5 short of the threshold, and are content, just over it."""
    near = (asked.frailty >= THRESHOLD - 5) & (asked.frailty < THRESHOLD)
    lifted = near & (asked.lasting > 0) & (rng.random(len(near)) < share)
    return np.where(lifted, np.round(THRESHOLD + rng.uniform(0, 3, len(near)), 1), asked.frailty)


def _answers(rng: np.random.Generator, asked: _People, effect: np.ndarray) -> dict[str, np.ndarray]:
    """Ask everybody: a part that lasts, one of the day that all answers share, and one's own."""
    expected = MEAN + SLOPE * (asked.frailty - THRESHOLD) + asked.lasting
    sd, people = np.sqrt(1 - EARLIER) * PERSON_SD, len(effect)
    day = rng.normal(0, np.sqrt(0.5) * sd, people)

    def ask(level: np.ndarray) -> np.ndarray:
        given = level + day + rng.normal(0, np.sqrt(0.5) * sd, people)
        return np.asarray(np.round(np.clip(given, 0, 10), 1))

    answers = {name: ask(expected + SHARES[name] * effect) for name in ("overall", *FACETS)}
    answers["parking"] = ask(5.0 + asked.lasting)
    earlier = expected + rng.normal(0, sd, people)
    answers["earlier"] = np.round(np.clip(earlier, 0, 10), 1)
    answers["age"] = asked.age.astype(int)
    answers["lives_alone"] = asked.lives_alone
    return answers


def _mean_score(level: float) -> float:
    """Mean of a score about `level` at the threshold, cut off at 0 and 10."""
    spread = float(np.hypot(PERSON_SD, PRACTICE_SD))
    low, high = (0 - level) / spread, (10 - level) / spread
    inside = stats.norm.cdf(high) - stats.norm.cdf(low)
    bend = stats.norm.pdf(low) - stats.norm.pdf(high)
    return float(level * inside + spread * bend + 10 * stats.norm.sf(high))


def _of_call(effect: float) -> float:
    """What being called back does to the mean score at the threshold."""
    return _mean_score(MEAN + effect) - _mean_score(MEAN)


def _of_offer(effect: float) -> float:
    """What the offer does to the mean score at the threshold: some are called, some anyway."""
    return (CALLED - CALLED_ANYWAY) * _of_call(effect)


def _keys(practice: np.ndarray) -> dict[str, np.ndarray]:
    numbers = range(1, int(practice.max()) + 2)
    return {
        "practice": np.array([f"SYN{number:03d}" for number in numbers])[practice],
        "practice_name": np.array([f"Synthetic Practice {n}" for n in numbers])[practice],
        "year": np.full(len(practice), "2025"),
    }
