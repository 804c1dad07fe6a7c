"""Staff wellbeing, the climate of teams and patients' experience: what goes by way of what.

In trusts over quarters each comes a quarter after the other. In `people` the wellbeing is that of
a ward's staff, and how far patients feel listened to, and their experience, are answers of theirs.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from evalkit.study.fields import FACETS
from evalkit.synthetic.design_worlds.wards import (
    FIELDS as WARD_FIELDS,
)
from evalkit.synthetic.design_worlds.wards import (
    MEAN,
    PERSON_SD,
    DesignWorld,
    flatten,
    quarters,
    random_for,
)
from evalkit.synthetic.series import autoregressive, score

FIELDS = WARD_FIELDS | {
    "trust_name": ("string", "Name of a made-up trust; always begins with Synthetic"),
    "wellbeing": ("number", "Staff wellbeing, mean over staff, 0 to 10, higher is better"),
    "climate": ("number", "How well teams work together, mean over staff, 0 to 10"),
    "bed_occupancy": ("number", "Beds occupied, per cent"),
    "listened": ("number", "How far the patient felt listened to, 0 to 10"),
}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "between_only", "confounder", "people")
STEP = 0.5
"""Points of staff wellbeing for which `truth` states what goes by way of the mediator."""

USUAL_OCCUPANCY = 88.0
OF_OCCUPANCY = -0.03
"""What a per cent of beds more does to wellbeing at once, climate and after it experience."""

SETTLED = 12
"""Quarters made and left out, so that the first one kept is like the others."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Points per point: `a` wellbeing to mediator, `b` mediator to experience, `direct` beside it.

    `context` is what a ward's average mediator adds; `levels` how far trusts differ in all three;
    `hidden` what an unmeasured cause does to climate and, a quarter later, to experience; `answers`
    how far wellbeing and climate follow last quarter's experience, which then lasts longer.
    """

    a: float = 0.8
    b: float = 0.0
    direct: float = 0.0
    context: float = 0.0
    levels: float = 0.15
    hidden: float = 0.0
    answers: float = 0.0
    people: bool = False
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(b=0.42, direct=0.336, answer="associated with better"),
    "null": Causes(),
    "nothing": Causes(a=0.0),
    "between_only": Causes(a=0.0, levels=0.3),
    "confounder": Causes(hidden=0.12, answer="associated with better"),
    "reverse": Causes(answers=1.0, answer="cannot be told"),
    "people": Causes(
        a=0.5, b=0.5, direct=0.1, context=0.2, people=True, answer="associated with better"
    ),
    "people_null": Causes(a=0.5, people=True),
}


def make_world(
    name: str,
    seed: int,
    *,
    units: int | None = None,
    periods: int | None = None,
    answers: float = 120.0,
    people: int = 16,
) -> DesignWorld:
    """Make world `name`: 60 trusts over 12 quarters, or `people` in each of 40 wards over 4."""
    causes, rng = WORLDS[name], random_for("mediation", name, seed)
    if causes.people:
        table = _make_people(rng, causes, units or 40, periods or 4, people)
    else:
        table = _make_trusts(rng, causes, units or 60, periods or 12, answers)
    through = causes.a * causes.b * STEP
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "step": STEP,
        "effect": {facet: through * share for facet, share in SHARES.items()},
        "direct": causes.direct * STEP,
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, table, truth)


def _make_trusts(
    rng: np.random.Generator, causes: Causes, trusts: int, periods: int, answers: float
) -> pd.DataFrame:
    whole = (periods + SETTLED, trusts)
    moves = autoregressive(rng, whole, 0.5, 0.3)
    climates = autoregressive(rng, whole, 0.4, 0.25)
    lasting, spread = (0.8, 0.24) if causes.answers else (0.5, 0.12)
    drift = autoregressive(rng, whole, lasting, spread)
    hidden = causes.hidden * autoregressive(rng, whole, 0.3, 1.0)
    beds = np.round(autoregressive(rng, whole, 0.6, 2.5), 1)
    moves += OF_OCCUPANCY * beds
    effect = np.zeros(whole)
    for t in range(2, whole[0]):
        answering = causes.answers * (effect + drift)[t - 1]
        moves[t] += answering
        climates[t] += causes.a * moves[t - 1] + hidden[t] + answering
        climates[t] += OF_OCCUPANCY * beds[t - 1]
        effect[t] = causes.b * climates[t - 1] + causes.direct * moves[t - 2] + hidden[t - 1]
        drift[t] += OF_OCCUPANCY * beds[t - 2]
    level = causes.levels * rng.normal(size=trusts)
    own = level + rng.normal(0, 0.15, (3, trusts))
    kept = slice(SETTLED, None)
    columns = _keys(trusts, periods)
    columns["wellbeing"] = score(6.8 + own[0] + moves[kept])
    columns["climate"] = score(6.5 + own[1] + climates[kept])
    columns["bed_occupancy"] = USUAL_OCCUPANCY + beds[kept]
    asked = np.maximum(rng.poisson(answers, (periods, trusts)), 31)
    columns |= _survey(rng, MEAN + own[2] + drift[kept], effect[kept], asked)
    columns["respondents"] = asked
    columns["more_deprived"] = np.broadcast_to(rng.random(trusts) < 0.4, asked.shape)
    return flatten(columns)


def _survey(
    rng: np.random.Generator, level: np.ndarray, effect: np.ndarray, asked: np.ndarray
) -> dict[str, np.ndarray]:
    together = rng.normal(size=level.shape)
    error = PERSON_SD / np.sqrt(asked)
    found = {}
    for name in ("overall", *FACETS):
        own = np.sqrt(0.6) * together + np.sqrt(0.4) * rng.normal(size=level.shape)
        found[name] = score(level + SHARES[name] * effect + own * error)
    return found


def _keys(trusts: int, periods: int) -> dict[str, np.ndarray]:
    shape = (periods, trusts)
    codes = np.array([f"SYN{number:03d}" for number in range(1, trusts + 1)])
    names = np.array([f"Synthetic Trust {number:03d}" for number in range(1, trusts + 1)])
    return {
        "trust": np.broadcast_to(codes, shape),
        "trust_name": np.broadcast_to(names, shape),
        "quarter": np.broadcast_to(np.array(quarters(periods))[:, None], shape),
    }


def _make_people(
    rng: np.random.Generator, causes: Causes, wards: int, periods: int, people: int
) -> pd.DataFrame:
    shape = (periods, wards)
    wellbeing = np.round(6.8 + rng.normal(0, 0.2, wards) + autoregressive(rng, shape, 0.3, 0.4), 3)
    away = wellbeing - 6.8
    ward = rng.normal(0, 0.2, (2, wards))
    shared = causes.a * away + ward[0] + rng.normal(0, 0.2, shape)
    own = rng.normal(0, 1.1, (people, *shape))
    listened = 6.5 + shared + own
    moved = causes.direct * away + ward[1] + autoregressive(rng, shape, 0.3, 0.15)
    moved = moved + causes.context * (listened.mean(axis=0) - 6.5)
    together = rng.normal(0, 0.8, own.shape)
    number = np.broadcast_to(np.arange(1, wards + 1), own.shape)
    rows = {
        "ward": np.char.add("WARD", np.char.zfill(number.astype(str), 3)),
        "ward_name": np.char.add("Synthetic Ward ", np.char.zfill(number.astype(str), 3)),
        "quarter": np.broadcast_to(np.array(quarters(periods))[:, None], own.shape),
        "wellbeing": np.broadcast_to(wellbeing, own.shape),
        "listened": score(listened),
    }
    for name in ("overall", *FACETS):
        through = SHARES[name] * (causes.b * (listened - 6.5) + moved)
        rows[name] = score(6.8 + through + together + rng.normal(0, 0.7, own.shape))
    return pd.DataFrame({k: v.transpose(2, 1, 0).ravel() for k, v in rows.items()})
