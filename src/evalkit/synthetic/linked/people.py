"""Patients who could have answered, and who of them did."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import Floats, Ints, choose, random_for, whole_numbers
from evalkit.synthetic.linked.places import MONTHS, Places

AGES = ("16-35", "36-50", "51-65", "66+")
AGE_SHARES = np.array([0.12, 0.15, 0.25, 0.48])
SEXES = ("female", "male")
ETHNIC_GROUPS = ("Asian", "Black", "Mixed", "White", "Other", "not stated")
ETHNIC_SHARES = np.array([0.08, 0.04, 0.02, 0.78, 0.02, 0.06])
AREAS = (
    "maternity",
    "severe mental illness",
    "chronic respiratory disease",
    "early cancer diagnosis",
    "hypertension and lipids",
    "none of the five",
)
AREA_SHARES = np.array([0.06, 0.03, 0.12, 0.08, 0.14, 0.57])
PLUS_GROUPS = ("learning disability or autism", "inclusion health", "coastal community", None)
PLUS_SHARES = np.array([0.015, 0.012, 0.03, 0.943])
RESPONSE = 0.45
UNKNOWN_DECILE = 0.03
CORE20_SHARE = 0.25
"""Most deprived fifth among made-up patients, on average over trusts."""

Person = dict[str, np.ndarray]


def draw_eligible(places: Places, trust: int, month: int) -> tuple[Person, np.random.Generator]:
    """Draw everybody who could have answered in one trust and month, with codes for groups."""
    rng = random_for(places.seed, "eligible", trust, month)
    cells = places.size.trusts * len(MONTHS)
    count = rng.poisson(places.size.people / cells / RESPONSE)
    return draw_people(rng, count, float(places.deprivation[trust])), rng


def draw_people(rng: np.random.Generator, count: int, deprived: float) -> Person:
    """Draw people of an area in which a share `deprived` lives in the most deprived fifth."""
    fifth = rng.random(count) < deprived
    decile = np.where(fifth, rng.integers(1, 3, count), rng.integers(3, 11, count))
    return {
        "age_band": choose(rng, AGE_SHARES, count),
        "sex": (rng.random(count) < 0.46).astype(np.int64),
        "ethnic_group": choose(rng, ETHNIC_SHARES, count),
        "deprivation_decile": decile,
        "decile_known": rng.random(count) >= UNKNOWN_DECILE,
    }


def respond(places: Places, people: Person, trust: int, month: int, u: Floats) -> np.ndarray:
    """Say who answers: older people more often, and fewer of the most deprived where lost."""
    chance = RESPONSE * (0.85 + 0.0625 * people["age_band"])
    lost = places.causes.lost_answers * places.is_on(trust, month)
    chance = chance * np.where(people["deprivation_decile"] <= 2, 1 - lost, 1.0)
    return np.asarray(u < chance)


def make_eligible(places: Places, trust: int, month: int) -> pd.DataFrame:
    """Count those who could have answered by age, sex, ethnic group and deprivation."""
    people, _ = draw_eligible(places, trust, month)
    keys = ["age_band", "sex", "ethnic_group", "deprivation_decile"]
    codes = np.column_stack([people[key] for key in keys])
    codes[~people["decile_known"], 3] = 11
    cells, counts = np.unique(codes, axis=0, return_counts=True)
    labels = write_groups(
        dict(zip(keys, cells.T, strict=True)) | {"decile_known": cells[:, 3] < 11}
    )
    keys_of = {"trust": places.code_of(trust), "month": MONTHS[month]}
    return pd.DataFrame(keys_of | labels | {"people": counts})


def write_groups(people: Person) -> dict[str, object]:
    """Write the codes of groups in words, and deciles that are known as whole numbers."""
    decile = whole_numbers(people["deprivation_decile"], ~people["decile_known"])
    return {
        "age_band": label(AGES, people["age_band"]),
        "sex": label(SEXES, people["sex"]),
        "ethnic_group": label(ETHNIC_GROUPS, people["ethnic_group"]),
        "deprivation_decile": decile,
    }


def label(names: tuple[str | None, ...], codes: Ints) -> np.ndarray:
    """Write codes as their names."""
    return np.array(names, dtype=object)[codes]
