"""A trust that phones patients back after discharge, month by month, and others that never do.

Each month tells the share of patients who were positive, and complaints among contacts. Months
hang together, have a season, and may drift; what befalls all trusts at the start is no effect.
"""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from evalkit.synthetic.design_worlds.wards import DesignWorld, flatten, months, random_for
from evalkit.synthetic.series import autoregressive

FIELDS: dict[str, tuple[str, str]] = {
    "trust": ("string", "Code of a made-up trust"),
    "trust_name": ("string", "Name of a made-up trust; always begins with Synthetic"),
    "month": ("string", "Calendar month, as 2021-01"),
    "positive": ("number", "Patients positive about leaving hospital, per cent"),
    "relational_positive": ("number", "Positive about how people treated them, per cent"),
    "functional_positive": ("number", "Positive about how leaving was organised, per cent"),
    "felt_positive": ("number", "Positive about how leaving made them feel, per cent"),
    "food_positive": ("number", "Positive about the food, per cent: no call home moves that"),
    "text_share": ("number", "Answers that came by text message, per cent"),
    "respondents": ("integer", "Patients who answered"),
    "complaints": ("integer", "Complaints about leaving hospital"),
    "contacts": ("integer", "Patients who left hospital"),
    "without": ("boolean", "Whether the trust never phones back and is compared with"),
}
COLUMNS = {
    "overall": "positive",
    "relational": "relational_positive",
    "functional": "functional_positive",
    "felt": "felt_positive",
}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
POSITIVE, TRUST_SPREAD = 82.0, 2.0
"""Percentage in the trust that phones back, and how far the others lie from it."""

FOOD, TEXT = 74.0, 60.0
"""Percentages positive about the food, and of answers by text message, in a usual month."""

COMPLAINTS = 0.004
"""Complaints a contact, in a usual month."""

COMPLAINT_SPREAD = 0.1
"""Standard deviation of the log of the rate of complaints, beyond chance."""

EMBEDDED = ("effect", "single", "drifting", "shared_shock")


@dataclass(frozen=True, slots=True)
class Causes:
    """What phoning back does, and what else goes on.

    `level` at once and `slope` a month, in percentage points; `ratio` of rates of complaints.
    `shock` befalls all trusts at the start; `trend` a month is the trust's own, all along; its
    own `season` goes up and down by so much. Without `controlled` there is one trust alone.
    """

    level: float = 0.0
    slope: float = 0.0
    ratio: float = 1.0
    shock: float = 0.0
    trend: float = 0.0
    season: float = 0.0
    controlled: bool = True
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(level=5.0, slope=0.05, ratio=0.7, answer="improved"),
    "null": Causes(),
    "drifting": Causes(trend=0.12),
    "shared_shock": Causes(shock=5.0),
    "single": Causes(
        level=5.0, slope=0.05, ratio=0.7, controlled=False, answer="associated with better"
    ),
    "single_null": Causes(controlled=False),
    "season": Causes(
        level=5.0, slope=0.05, season=3.0, controlled=False, answer="associated with better"
    ),
}


def make_world(
    name: str,
    seed: int,
    *,
    others: int = 8,
    periods: int = 48,
    start: int = 24,
    answers: float = 4000.0,
    contacts: float = 12000.0,
    spread: float = 0.6,
    correlation: float = 0.4,
    wave: float = 1.0,
) -> DesignWorld:
    """Make world `name`: the first trust phones back from month `start` (from 0) on.

    What moves a trust beside chance has standard deviation `spread` in percentage points, and
    neighbouring months correlate by `correlation`. All share a season that goes up and down by
    `wave`.
    """
    causes, rng = WORLDS[name], random_for("interrupted_time_series", name, seed)
    time, shape = np.arange(periods), (periods, 1 + others * causes.controlled)
    asked, left = rng.poisson(answers, shape), rng.poisson(contacts, shape)
    drift = partial(autoregressive, rng, shape, correlation)
    usual = _usual(rng, causes, time - start, shape[1], wave) + drift(spread)
    effect = np.where(time >= start, causes.level + causes.slope * (time - start), 0.0)
    columns = _keys(shape)
    for facet, column in COLUMNS.items():
        share = usual.copy()
        share[:, 0] += SHARES[facet] * effect
        columns[column] = _ask(rng, share, asked)
    log = drift(COMPLAINT_SPREAD) - COMPLAINT_SPREAD**2 / 2
    log[time >= start, 0] += np.log(causes.ratio)
    food = FOOD + rng.normal(0, TRUST_SPREAD, shape[1]) + drift(spread)
    columns["food_positive"] = _ask(rng, food + causes.shock * (time >= start)[:, None], asked)
    columns["text_share"] = _ask(rng, TEXT + drift(spread), asked)
    columns |= {"respondents": asked, "complaints": rng.poisson(COMPLAINTS * np.exp(log) * left)}
    columns["contacts"] = left
    return DesignWorld(name, seed, flatten(columns), _truth(name, seed, causes, time, start))


def _usual(
    rng: np.random.Generator, causes: Causes, since: np.ndarray, trusts: int, wave: float
) -> np.ndarray:
    """Percentages (months, trusts) that one would see without phoning back and without errors."""
    angle = 2 * np.pi * since / 12
    usual = POSITIVE + rng.normal(0, TRUST_SPREAD, trusts) * (np.arange(trusts) > 0)
    shared = wave * np.sin(angle) + causes.shock * (since >= 0)
    made = usual + shared[:, None]
    made[:, 0] += causes.trend * since + causes.season * np.cos(angle)
    return np.asarray(made)


def _ask(rng: np.random.Generator, share: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Percentage of those asked who are positive."""
    positive = rng.binomial(asked, np.clip(share, 0, 100) / 100)
    return np.asarray(np.round(100 * positive / asked, 2))


def _keys(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    codes = np.array([f"SYN{number:03d}" for number in range(1, shape[1] + 1)])
    names = np.array([f"Synthetic Trust {number}" for number in range(1, shape[1] + 1)])
    return {
        "trust": np.broadcast_to(codes, shape),
        "trust_name": np.broadcast_to(names, shape),
        "month": np.broadcast_to(np.array(months(shape[0]))[:, None], shape),
        "without": np.broadcast_to(np.arange(shape[1]) > 0, shape),
    }


def _truth(name: str, seed: int, causes: Causes, time: np.ndarray, start: int) -> dict[str, object]:
    """Say what is true: by facet in percentage points, of complaints per 1,000 contacts."""
    mean = float(np.mean(time[time >= start] - start))
    fewer = 1000 * COMPLAINTS * (causes.ratio - 1)
    level = {facet: causes.level * share for facet, share in SHARES.items()}
    slope = {facet: causes.slope * share for facet, share in SHARES.items()}
    average = {facet: level[facet] + mean * slope[facet] for facet in SHARES}
    return {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": level | {"complaints": fewer},
        "slope": slope | {"complaints": 0.0},
        "average": average | {"complaints": fewer},
        "start": months(len(time))[start],
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
