"""Patients' answers: sixteen items, three facets and overall experience, one row an answer."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.causes import FACETS
from evalkit.synthetic.linked.draws import (
    Floats,
    choose,
    random_for,
    round_at_random,
    spread_people,
    whole_numbers,
)
from evalkit.synthetic.linked.items import ASKED, FACET_ITEMS, SHIFTS
from evalkit.synthetic.linked.people import (
    AREA_SHARES,
    AREAS,
    CORE20_SHARE,
    PLUS_GROUPS,
    PLUS_SHARES,
    Person,
    draw_eligible,
    label,
    respond,
    write_groups,
)
from evalkit.synthetic.linked.places import HIGHEST, LOWEST, MONTHS, START, Places, yes_no

MODES = ("paper", "online", "telephone")
MODE_SHARES = np.array([0.5, 0.4, 0.1])
SKIPPED = 0.02
GAPS = {"older": 0.15, "emergency": -0.15, "disabled": -0.2, "plus": -0.5}
"""Points by which groups of patients stand apart in every facet, beside the most deprived."""
PROXY_GAP, OLDEST = -0.3, 3
DISABLED, EMERGENCY, CARERS, PROXIES, OLDER = 0.3, 0.6, 0.1, 0.1, 0.48
_FACET_OF = np.array([FACETS.index(item.facet) for item in FACET_ITEMS])


def make_patients(places: Places, trust: int, month: int) -> pd.DataFrame:
    """Make the answers of one trust and month, whatever is made beside them."""
    people, rng = draw_eligible(places, trust, month)
    answered = respond(places, people, trust, month, rng.random(len(people["sex"])))
    people = {key: values[answered] for key, values in people.items()}
    rng = random_for(places.seed, "patients", trust, month)
    people |= _draw_details(rng, len(people["sex"]), places.size.wards)
    order = np.argsort(people["ward"], kind="stable")
    people = {key: values[order] for key, values in people.items()}
    wards = trust * places.size.wards + people["ward"]
    means = _expect(places, people, wards, month)
    overall, items, scores = _answer(rng, means)
    return _write(places, people, wards, month, overall, items, scores)


def _draw_details(rng: np.random.Generator, count: int, wards: int) -> Person:
    return {
        "ward": rng.integers(0, wards, count),
        "proxy": rng.random(count) < PROXIES,
        "carer": rng.random(count) < CARERS,
        "disability": rng.random(count) < DISABLED,
        "emergency": rng.random(count) < EMERGENCY,
        "area": choose(rng, AREA_SHARES, count),
        "plus": choose(rng, PLUS_SHARES, count),
        "mode": choose(rng, MODE_SHARES, count),
    }


def _expect(places: Places, people: Person, wards: np.ndarray, month: int) -> Floats:
    """Give each person's expected score by facet (rows): place, group, and who gained less."""
    core20 = people["deprivation_decile"] <= 2
    apart = (
        places.causes.core20_gap * (core20 - CORE20_SHARE)
        + GAPS["older"] * ((people["age_band"] == OLDEST) - OLDER)
        + GAPS["emergency"] * (people["emergency"] - EMERGENCY)
        + GAPS["disabled"] * (people["disability"] - DISABLED)
        + GAPS["plus"] * ((people["plus"] < 3) - PLUS_SHARES[:3].sum())
        + PROXY_GAP * (people["proxy"] - PROXIES)
    )
    scale = 0.2 if places.causes.ceiling else 1.0
    means = places.experience[:, month, wards] + scale * apart
    if places.causes.core20 is not None:
        on = places.treated[wards] & (month >= START) & core20
        effects = np.array([getattr(places.causes, facet) for facet in FACETS])
        means = means + on * (places.causes.core20 - effects)[:, None]
    return np.asarray(np.clip(means, LOWEST, HIGHEST))


def _answer(rng: np.random.Generator, means: Floats) -> tuple[np.ndarray, Floats, Floats]:
    """Answer every item; what one person says shares a common part and a part of the facet."""
    count = means.shape[1]
    common = rng.normal(size=(count, 1))
    facet = rng.normal(size=(count, len(FACETS)))[:, _FACET_OF]
    own = rng.normal(size=(count, len(ASKED)))
    z = np.sqrt(0.45) * common + np.sqrt(0.15) * facet + np.sqrt(0.40) * own
    expected = np.clip(means.T[:, _FACET_OF] + SHIFTS, 0.3, 9.9)
    option = (3 - round_at_random(rng, spread_people(expected, z) / 5)).astype(np.float64)
    option[rng.random(option.shape) >= ASKED * (1 - SKIPPED)] = np.nan
    z_overall = np.sqrt(0.6) * common[:, 0] + np.sqrt(0.4) * rng.normal(size=count)
    overall = round_at_random(rng, spread_people(means.mean(axis=0), z_overall))
    return overall, option, _score_facets(option)


def _score_facets(option: Floats) -> Floats:
    """Average the answered items of each facet, the best of three options 10 and the worst 0."""
    points = (3.0 - option) * 5
    given = ~np.isnan(points)
    scores = []
    for facet in range(len(FACETS)):
        mine = facet == _FACET_OF
        total = np.where(given, points, 0.0)[:, mine].sum(axis=1)
        asked = given[:, mine].sum(axis=1)
        scores.append(np.where(asked > 0, total / np.maximum(asked, 1), np.nan))
    return np.round(np.stack(scores), 2)


def _write(
    places: Places,
    people: Person,
    wards: np.ndarray,
    month: int,
    overall: np.ndarray,
    items: Floats,
    scores: Floats,
) -> pd.DataFrame:
    count = len(wards)
    missing = np.isnan(items)
    codes = np.nan_to_num(items)
    columns: dict[str, object] = {
        "ward": places.wards["ward"].to_numpy()[wards],
        "trust": places.wards["trust"].to_numpy()[wards],
        "month": MONTHS[month],
        "respondent": label(("patient", "proxy"), people["proxy"].astype(int)),
        "overall": overall,
        **{
            item.item: whole_numbers(codes[:, n], missing[:, n])
            for n, item in enumerate(FACET_ITEMS)
        },
        "i16": overall,
        **dict(zip(FACETS, scores, strict=True)),
        **write_groups(people),
        "imd_version": np.full(count, 2019),
        "carer": yes_no(people["carer"]),
        "disability": yes_no(people["disability"]),
        "clinical_area": label(AREAS, people["area"]),
        "plus_group": label(PLUS_GROUPS, people["plus"]),
        "route": label(("elective", "emergency"), people["emergency"].astype(int)),
        "mode": label(MODES, people["mode"]),
        "invited_weight": np.round(1 + 0.5 * (wards % places.size.wards), 1),
    }
    return pd.DataFrame(columns)
