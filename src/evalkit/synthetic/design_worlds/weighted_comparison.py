"""Carers to whom practices offer a care navigator: some take it up, and they are not like the rest.

One row is one carer's answer. Those who care for longer hours and for frailer people, and whose
earlier experience was poorer, take it up more often; all of that also lowers experience. Scores end
at 10 and effects may be uneven, so the true mean effects are those among very many made-up carers.
"""

from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pandas as pd

from evalkit.study.fields import FACETS
from evalkit.synthetic.design_worlds.wards import DesignWorld, random_for

FIELDS: dict[str, tuple[str, str]] = {
    "practice": ("string", "Code of a made-up general practice"),
    "practice_name": ("string", "Name of a made-up practice; always begins with Synthetic"),
    "year": ("string", "Year in which carers were asked"),
    "navigator": ("boolean", "Whether the carer took up the care navigator"),
    "overall": ("number", "Overall experience of support, one carer's score, 0 to 10"),
    "relational": ("number", "How staff dealt with the carer, one carer's score, 0 to 10"),
    "functional": ("number", "How the service worked, one carer's score, 0 to 10"),
    "felt": ("number", "How support made the carer feel, one carer's score, 0 to 10"),
    "parking": ("number", "How easy parking was, one carer's score, 0 to 10"),
    "earlier": ("number", "The carer's overall score a year earlier, 0 to 10"),
    "age": ("integer", "Age of the carer in years"),
    "hours": ("integer", "Hours of care a week"),
    "frailty": ("integer", "Frailty of the person cared for, 0 to 100"),
    "deprivation": ("integer", "Deprivation of the area in tenths: 1 the least, 10 the most"),
    "most_deprived": ("boolean", "Whether the area is in the most deprived fifth"),
}
SHARES = {"overall": 1.0, "relational": 1.25, "functional": 0.75, "felt": 1.5}
EMBEDDED = ("effect", "unmeasured_cause", "no_overlap")
MEAN, PERSON_SD, DAY_SD, PRACTICE_SD = 6.2, 0.9, 1.0, 0.3
TAKES_UP, PRACTICES_TAKE_UP = -0.7, 0.4
"""Log odds of taking it up of the usual carer, and their spread between practices."""

ON_TAKE_UP = {"age": 0.2, "hours": 0.4, "frailty": 0.35, "deprivation": -0.35, "earlier": -0.4}
ON_EXPERIENCE = {"age": 0.1, "hours": -0.3, "frailty": -0.25, "deprivation": -0.2}
"""What a spread more of each does to log odds of take-up, and to every answer."""

SPREADS = {
    "age": (61.0, 12.0),
    "hours": (30.0, 18.0),
    "frailty": (48.0, 15.0),
    "deprivation": (5.5, 2.9),
    "earlier": (6.2, 1.5),
}
"""Usual value and spread of each measured cause."""

MANY = 200_000
"""Carers made to work out the true mean effects."""


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` of the navigator, `uneven` times larger for a spread more of frailty.

    `hidden` is what a spread more of an unmeasured cause does to log odds of take-up and, halved,
    to experience; `sharp` by how much the measured causes decide take-up more than they usually do.
    """

    effect: float = 0.0
    uneven: float = 0.0
    hidden: float = 0.0
    sharp: float = 1.0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=0.5, answer="associated with better"),
    "null": Causes(),
    "unmeasured_cause": Causes(hidden=1.2, answer="associated with better"),
    "no_overlap": Causes(effect=0.5, sharp=8.5, answer="cannot be told"),
    "uneven": Causes(effect=0.5, uneven=0.5, answer="associated with better"),
}


def make_world(name: str, seed: int, *, carers: int = 2400, practices: int = 60) -> DesignWorld:
    """Make world `name`: `carers` of `practices`, of whom about a third take the offer up."""
    causes, rng = WORLDS[name], random_for("weighted_comparison", name, seed)
    asked = _make_carers(rng, causes, carers, practices)
    answers = _answer(rng, asked, causes)
    columns = asked | _keys(asked["practice"]) | {n: three[1] for n, three in answers.items()}
    columns |= {"navigator": asked["took"], "most_deprived": asked["deprivation"] >= 9}
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": true_effects(name)["overlap"],
        "effect_for": {w: true_effects(name)[w]["overall"] for w in ("treated", "everyone")},
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    whole = dict.fromkeys(("age", "hours", "frailty", "deprivation"), int)
    table = pd.DataFrame({field: columns[field] for field in FIELDS}).astype(whole)
    table = table.sort_values("practice", kind="stable", ignore_index=True)
    return DesignWorld(name, seed, table, truth)


@cache
def true_effects(name: str) -> dict[str, dict[str, float]]:
    """Mean effects by facet among very many carers: `overlap`, the `treated` and `everyone`.

    `overlap` weighs a carer by how nearly take-up was a matter of chance.
    """
    causes, rng = WORLDS[name], random_for("weighted_comparison", f"truth of {name}", 0)
    asked = _make_carers(rng, causes, MANY, MANY // 100)
    answers = _answer(rng, asked, causes)
    chance = asked["chance"]
    weights = {"overlap": chance * (1 - chance), "treated": chance, "everyone": np.ones(MANY)}
    return {
        whom: {
            facet: round(float(np.average(gain[2] - gain[0], weights=weight)), 4)
            for facet, gain in answers.items()
            if facet in SHARES
        }
        for whom, weight in weights.items()
    }


def _make_carers(
    rng: np.random.Generator, causes: Causes, carers: int, practices: int
) -> dict[str, np.ndarray]:
    """Who is asked, how likely each was to take the offer up, and whether they did."""
    practice = rng.integers(0, practices, carers)
    poor = rng.uniform(1.5, 9.5, practices)[practice]
    age = np.clip(np.round(rng.normal(*SPREADS["age"], carers)), 18, 95)
    frailty = 48 + 0.2 * (age - 61) + rng.normal(0, 14.8, carers)
    hours = rng.gamma(2.0, 15.0, carers) + 0.35 * (frailty - 48)
    made: dict[str, np.ndarray] = {
        "practice": practice,
        "age": age,
        "frailty": np.clip(np.round(frailty), 0, 100),
        "hours": np.clip(np.round(hours), 1, 120),
        "deprivation": np.clip(np.round(poor + rng.normal(0, 1.5, carers)), 1, 10),
    }
    own = rng.normal(0, PRACTICE_SD, practices)[practice]
    made["level"] = MEAN + _moved_by(made, ON_EXPERIENCE) + own + rng.normal(0, PERSON_SD, carers)
    made["earlier"] = _score(made["level"] + rng.normal(0, DAY_SD, carers))
    made["hidden"] = causes.hidden * rng.normal(size=carers)
    odds = TAKES_UP + rng.normal(0, PRACTICES_TAKE_UP, practices)[practice]
    odds = odds + causes.sharp * _moved_by(made, ON_TAKE_UP) + made["hidden"]
    made["chance"] = 1 / (1 + np.exp(-odds))
    made["took"] = rng.random(carers) < made["chance"]
    return made


def _answer(
    rng: np.random.Generator, asked: dict[str, np.ndarray], causes: Causes
) -> dict[str, tuple[np.ndarray, ...]]:
    """Each answer without the navigator, as it was, and with it; a day's mood is shared by all."""
    carers, half = len(asked["took"]), np.sqrt(0.5) * DAY_SD
    effect = causes.effect * (1 + causes.uneven * _spread_of(asked, "frailty"))
    expected = asked["level"] + asked["hidden"] / 2 + rng.normal(0, half, carers)
    own = {name: rng.normal(0, half, carers) for name in ("overall", *FACETS, "parking")}
    answers = {}
    for name, share in SHARES.items():
        without = expected + own[name]
        given = (without, without + share * effect * asked["took"], without + share * effect)
        answers[name] = tuple(_score(values) for values in given)
    parking = 5.0 + 0.8 * (asked["level"] - MEAN) + rng.normal(0, 1.0, carers) + own["parking"]
    answers["parking"] = (_score(parking),) * 3
    return answers


def _moved_by(made: dict[str, np.ndarray], by: dict[str, float]) -> np.ndarray:
    moved = [size * _spread_of(made, name) for name, size in by.items()]
    return np.asarray(np.sum(moved, axis=0))


def _spread_of(made: dict[str, np.ndarray], name: str) -> np.ndarray:
    usual, spread = SPREADS[name]
    return np.asarray((made[name] - usual) / spread)


def _score(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(np.clip(values, 0, 10), 1))


def _keys(practice: np.ndarray) -> dict[str, np.ndarray]:
    numbers = range(1, int(practice.max()) + 2)
    return {
        "practice": np.array([f"SYN{number:03d}" for number in numbers])[practice],
        "practice_name": np.array([f"Synthetic Practice {n}" for n in numbers])[practice],
        "year": np.full(len(practice), "2025"),
    }
