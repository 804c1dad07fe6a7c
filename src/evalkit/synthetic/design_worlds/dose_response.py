"""Hours that people with lived experience work with a ward: more of them, or what looks like it."""

from dataclasses import asdict, dataclass

import numpy as np

from evalkit.synthetic.design_worlds.wards import (
    FIELDS as WARD_FIELDS,
)
from evalkit.synthetic.design_worlds.wards import (
    DesignWorld,
    Wards,
    make_wards,
    quarters,
    random_for,
    survey,
)
from evalkit.synthetic.series import autoregressive, score

FIELDS = WARD_FIELDS | {
    "partner_hours": ("number", "Hours that partners with lived experience worked with the ward"),
    "visitor_parking": (
        "number",
        "How easy it was for visitors to park, mean over patients, 0 to 10",
    ),
    "vacancies": ("number", "Nursing posts vacant, per cent"),
}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "confounded_between", "reverse")
STEP = 20.0
"""Hours a quarter for which `truth` states the effect."""

USUAL_HOURS, USUAL_VACANCIES = 35.0, 8.0
OF_VACANCIES = -0.04
"""What a per cent of vacancies does to overall experience."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What moves what.

    `effect` is that of 20 hours on overall experience, which `levels_off` makes flatten out;
    `between` the hours more in a ward a point better anyway; `answers` the hours that follow a
    quarter a point better than usual; `hidden` says how strongly something unmeasured moves
    experience, and hours `hidden_lag` quarters later.
    """

    effect: float = 0.0
    levels_off: bool = False
    between: float = 0.0
    answers: float = 0.0
    hidden: float = 0.0
    hidden_lag: int = 0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=0.25, answer="associated with better"),
    "levels_off": Causes(effect=0.25, levels_off=True, answer="associated with better"),
    "null": Causes(),
    "confounded_between": Causes(between=30.0),
    "reverse": Causes(answers=60.0, answer="cannot be told"),
    "moving_cause": Causes(hidden=1.5, hidden_lag=1, answer="cannot be told"),
    "hidden_at_once": Causes(hidden=1.0, answer="associated with better"),
}


def make_world(
    name: str, seed: int, *, wards: int = 60, periods: int = 12, answers: float = 80.0
) -> DesignWorld:
    """Make world `name`: `wards` whose hours of partners move from quarter to quarter."""
    causes, rng = WORLDS[name], random_for("dose_response", name, seed)
    drift = 0.24 if causes.answers else 0.12
    made = make_wards(rng, wards, periods, drift_sd=drift, answers=answers)
    vacancies = rng.normal(USUAL_VACANCIES, 2, wards) + autoregressive(
        rng, (periods, wards), 0.6, 1.5
    )
    vacancies = np.round(np.clip(vacancies, 0, 40), 1)
    hours = _hours(rng, made, vacancies, causes)
    made.level[:] += OF_VACANCIES * (vacancies - USUAL_VACANCIES)
    table = survey(rng, made, _effect(hours, causes), SHARES, quarters(periods))
    parking = 5.5 + rng.normal(0, 1, wards) + autoregressive(rng, (periods, wards), 0.5, 0.3)
    for column, values in (
        ("partner_hours", hours),
        ("vacancies", vacancies),
        ("visitor_parking", score(parking)),
    ):
        table[column] = values.T.ravel()
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "step": STEP,
        "effect": {facet: causes.effect * share for facet, share in SHARES.items()},
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, table, truth)


def _hours(
    rng: np.random.Generator, made: Wards, vacancies: np.ndarray, causes: Causes
) -> np.ndarray:
    """Hours by quarter and ward; a hidden cause also moves the wards' experience, in place."""
    shape = made.level.shape
    usual = made.level.mean(axis=0)
    hours = USUAL_HOURS + rng.normal(0, 8, shape[1]) + causes.between * (usual - usual.mean())
    hours = hours + autoregressive(rng, shape, 0.5, 10.0) + 0.5 * np.arange(shape[0])[:, None]
    hours -= 1.5 * (vacancies - USUAL_VACANCIES)
    hours[1:] += causes.answers * (made.level - usual)[:-1]
    periods, lag = shape[0], causes.hidden_lag
    hidden = causes.hidden * autoregressive(rng, (periods + lag, shape[1]), 0.8, 1.0)
    hours += 8.0 * hidden[:periods]
    made.level[:] += 0.15 * hidden[lag:]
    return np.asarray(np.round(np.clip(hours, 0, 150), 1))


def _effect(hours: np.ndarray, causes: Causes) -> np.ndarray:
    """Effect on overall experience; where it levels off, most of it comes with the first hours."""
    if causes.levels_off:
        return np.asarray(8 * causes.effect * (1 - np.exp(-hours / 20)))
    return causes.effect * (hours - USUAL_HOURS) / STEP
