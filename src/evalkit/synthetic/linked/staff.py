"""Staff: their answers in quarterly rounds, and sickness absence by month."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import (
    Floats,
    Wholes,
    random_for,
    round_at_random,
    spread_people,
    whole_numbers,
)
from evalkit.synthetic.linked.people import label
from evalkit.synthetic.linked.places import MONTHS, MORALE, Places

ENGAGEMENT_ITEMS = ("q2a", "q2b", "q2c", "q3c", "q3d", "q3f", "q25a", "q25c", "q25d")
BURNOUT_ITEMS = tuple(f"q12{letter}" for letter in "abcdefg")
LEAVING_ITEMS = ("q26a", "q26b", "q26c")
PRESSURE_ITEMS = ("q3g", "q3h", "q3i")
OCCUPATIONS = ("registered nurse", "care support", "doctor", "allied health", "other")
ROUNDS = range(0, len(MONTHS), 3)
ANSWERS = 24
"""Staff who answer in a trust and round, on average."""
SUB_SCORES = 3
SUB_SCORES_ALIKE = 0.8
"""Correlation, within a person, of what the three sub-scores of engagement measure."""
SHARED_ANSWERS = -0.35
"""Correlation of the normal draws of engagement and burnout within a person."""
SKIPPED = 0.02
ABSENCE, ABSENCE_PER_POINT = 5.0, -1.0


def make_staff(places: Places, trust: int, month: int) -> pd.DataFrame:
    """Make the staff answers of one trust in one round."""
    rng = random_for(places.seed, "staff", trust, month)
    count = rng.poisson(ANSWERS)
    ward = np.sort(rng.integers(0, places.size.wards, count))
    wards = trust * places.size.wards + ward
    engaged, other = rng.normal(size=(2, count))
    burnt = SHARED_ANSWERS * engaged + np.sqrt(1 - SHARED_ANSWERS**2) * other
    engagement = np.full(count, places.engagement[month, trust])
    burnout = places.burnout[month, trust] + places.ward_burnout[wards]
    morale = MORALE + 0.6 * (engagement - places.engagement.mean())
    answers = (
        dict(zip(ENGAGEMENT_ITEMS, _ask_sub_scores(rng, engagement, engaged), strict=True))
        | dict(zip(BURNOUT_ITEMS, _ask(rng, burnout, burnt, 7), strict=True))
        | dict(zip(LEAVING_ITEMS, _ask(rng, 10 - morale, -engaged, 3), strict=True))
        | dict(zip(PRESSURE_ITEMS, _ask(rng, morale, engaged, 3), strict=True))
    )
    keys = {
        "trust": places.wards["trust"].to_numpy()[wards],
        "ward": places.wards["ward"].to_numpy()[wards],
        "month": MONTHS[month],
        "occupation": label(OCCUPATIONS, rng.integers(0, len(OCCUPATIONS), count)),
    }
    return pd.DataFrame(keys | answers)


def _ask_sub_scores(rng: np.random.Generator, mean: Floats, person: Floats) -> list[Wholes]:
    """Answer three items of each sub-score, which a person stands on much, not quite, alike."""
    answers = []
    for _ in range(SUB_SCORES):
        own = rng.normal(size=len(mean))
        stands = np.sqrt(SUB_SCORES_ALIKE) * person + np.sqrt(1 - SUB_SCORES_ALIKE) * own
        answers += _ask(rng, mean, stands, len(ENGAGEMENT_ITEMS) // SUB_SCORES)
    return answers


def _ask(rng: np.random.Generator, mean: Floats, person: Floats, items: int) -> list[Wholes]:
    """Answer items of 1 to 5 whose 0 to 10 scores have these means; a few are left out."""
    own = rng.normal(size=(items, len(mean)))
    z = np.sqrt(0.55) * person + np.sqrt(0.45) * own
    option = 1 + round_at_random(rng, spread_people(np.broadcast_to(mean, z.shape), z) / 2.5)
    missing = rng.random(option.shape) < SKIPPED
    return [whole_numbers(option[item], missing[item]) for item in range(items)]


def make_absence(places: Places) -> pd.DataFrame:
    """Make the days lost to sickness and the days available, by trust and month."""
    rng = random_for(places.seed, "absence")
    months, trusts = places.engagement.shape
    season = np.cos(2 * np.pi * (np.arange(months) - 0.0) / 12)[:, None]
    rate = ABSENCE + 0.6 * season + ABSENCE_PER_POINT * (places.engagement - 6.85)
    rate = np.clip(rate + rng.normal(0, 0.25, rate.shape), 1, 12)
    available = np.round(30 * 6.0 * places.beds * (1 + 0 * rate))
    return pd.DataFrame(
        {
            "trust": np.repeat(places.trusts["trust"].to_numpy(), months),
            "month": np.tile(MONTHS, trusts),
            "days_lost": np.round(rate / 100 * available).T.ravel().astype(int),
            "days_available": available.T.ravel().astype(int),
        }
    )
