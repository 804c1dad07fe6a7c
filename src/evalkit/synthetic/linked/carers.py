"""Unpaid carers before and after: quality of life, identification, and how dyads end."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import (
    Floats,
    Wholes,
    choose,
    random_for,
    round_at_random,
    spread_people,
    whole_numbers,
)
from evalkit.synthetic.linked.people import draw_people, label, write_groups
from evalkit.synthetic.linked.places import MONTHS, START, Places, yes_no

DYADS = 80
"""Carers asked in each trust."""
SACE = ("occupation", "control", "personal_care", "safety", "social", "encouragement")
SACE_MEAN, SACE_SHIFTS = 7.7, np.array([-0.15, -0.1, 0.2, 0.25, -0.1, -0.1])
HOURS = ("1-9", "10-19", "20-34", "35-49", "50+")
HOURS_SHARES = np.array([0.36, 0.14, 0.10, 0.08, 0.32])
HOURS_GAP = np.array([1.1, 0.5, 0.0, -0.5, -1.3])
"""Points of SACE by which carers of each band stand apart."""
AFTER = ("caring", "ended", "bereaved", "not_answered")
AFTER_SHARES = np.array([0.76, 0.06, 0.08, 0.10])
MEN = 0.3
"""Points of SACE by which men stand above women."""
IDENTIFIED = 0.3
SKIPPED = 0.015


def make_carers(places: Places, trust: int) -> pd.DataFrame:
    """Make the carers of one trust, one row a carer and wave."""
    rng = random_for(places.seed, "carers", trust)
    offered = bool(places.treated_trusts[trust])
    people = draw_people(rng, DYADS, float(places.deprivation[trust]))
    hours = choose(rng, HOURS_SHARES, DYADS)
    burdened = rng.normal(size=DYADS)
    status = _end(rng, burdened)
    known = rng.random(DYADS)
    month = rng.integers(0, START - 1, DYADS)
    waves = []
    for wave in (0, 1):
        on = offered and wave == 1
        effect = places.causes.carer * on
        mean = SACE_MEAN + HOURS_GAP[hours] + MEN * (people["sex"] - 0.46) + effect
        when = month + START * wave
        overall = places.experience[:, when, trust * places.size.wards].mean(axis=0)
        asked = (status == 0) | (wave == 0)
        answers = _answer(rng, np.clip(mean, 0.6, 11.4), -burdened, overall) | {
            "identified": yes_no(known < IDENTIFIED + places.causes.identified * on)
        }
        waves.append(
            pd.DataFrame(
                {
                    "dyad": [f"D{trust + 1:03d}{number:03d}" for number in range(1, DYADS + 1)],
                    "trust": places.code_of(trust),
                    "month": np.array(MONTHS, dtype=object)[when],
                    "wave": ("before", "after")[wave],
                    "hours_band": label(HOURS, hours),
                    **write_groups(people),
                    "status": label(AFTER, status if wave else np.zeros(DYADS, dtype=int)),
                    **_only(answers, asked),
                    "offered": "yes" if offered else "no",
                }
            )
        )
    made = pd.concat(waves, ignore_index=True)
    last = ["offered", "identified", "patient_overall"]
    return made[[name for name in made if name not in last] + last]


def _end(rng: np.random.Generator, burdened: Floats) -> np.ndarray:
    """Draw what became of each carer: the heavier the burden, the likelier bereavement."""
    odds = np.tile(AFTER_SHARES, (len(burdened), 1))
    odds[:, 2] *= np.exp(0.7 * burdened)
    odds /= odds.sum(axis=1, keepdims=True)
    edges = np.cumsum(odds, axis=1)[:, :-1]
    return np.asarray((rng.random(len(burdened))[:, None] > edges).sum(axis=1))


def _answer(
    rng: np.random.Generator, mean: Floats, person: Floats, overall: Floats
) -> dict[str, object]:
    """Answer the six questions of SACE, the seven of CarerQol, and how happy."""
    count = len(mean)
    answers: dict[str, object] = {}
    for name, shift in zip(SACE, SACE_SHIFTS, strict=True):
        target = np.clip(mean / 12 * 10 + shift * 10 / 2, 0.4, 9.6)
        z = np.sqrt(0.5) * person + np.sqrt(0.5) * rng.normal(size=count)
        answers[f"sace_{name}"] = _some(rng, 3 - round_at_random(rng, spread_people(target, z) / 5))
    for number in range(1, 8):
        z = np.sqrt(0.5) * person + np.sqrt(0.5) * rng.normal(size=count)
        level = round_at_random(rng, spread_people(np.clip(mean / 12 * 10, 0.4, 9.6), z) / 5)
        better_high = number <= 2
        answers[f"carerqol_{number}"] = _some(rng, 1 + level if better_high else 3 - level)
    z = np.sqrt(0.6) * person + np.sqrt(0.4) * rng.normal(size=count)
    happy = round_at_random(rng, spread_people(np.clip(mean / 12 * 10, 0.4, 9.6), z))
    answers["happiness"] = _some(rng, happy)
    given = spread_people(np.clip(overall, 0.5, 9.7), 0.5 * person + 0.87 * rng.normal(size=count))
    answers["patient_overall"] = _some(rng, round_at_random(rng, given))
    return answers


def _some(rng: np.random.Generator, values: np.ndarray) -> Wholes:
    """Leave a few questions unanswered."""
    return whole_numbers(values, rng.random(len(values)) < SKIPPED)


def _only(answers: dict[str, object], asked: np.ndarray) -> dict[str, object]:
    """Empty the answers of those who were not there to answer."""
    return {name: pd.Series(values).where(asked) for name, values in answers.items()}
