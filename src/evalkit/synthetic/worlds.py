"""Made-up trusts with known truth: what was caused by what is written down, not guessed.

Each world makes the same kind of tables (130 trusts, 16 quarters, staff and patients) and
differs only in its causes. Sizes follow the published evidence: a trust-level correlation
of engagement and experience of 0.25 to 0.45, a spread between trusts of 0.25-0.30
(engagement) and about 0.3 (experience), a relational effect three times the functional one.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from evalkit.study.fields import FACETS
from evalkit.synthetic.series import autoregressive, score

FACET_SHARE = {"relational": 1.5, "functional": 0.5, "felt": 1.0, "overall": 1.0}
ENGAGEMENT_MEAN, BURNOUT_MEAN, EXPERIENCE_MEAN = 6.85, 33.0, 8.10
STAFF_PERSON_SD, PATIENT_PERSON_SD = 1.8, 2.0
BURNOUT_PER_ENGAGEMENT = -12.0
SHARED_ANSWERS = -0.5
"""Correlation, over people, of engagement and being burnt out."""
_BURN_IN = 24


@dataclass(frozen=True, slots=True)
class Causes:
    """How strongly each cause works in a world, in points of the scale it acts on.

    `effect` is the change in overall experience one quarter after engagement is one point
    higher, of which `mediated` goes through burnout. `fixed` and `moving` are the strengths
    (on engagement, on experience) of an unmeasured cause that stays or that moves. `reverse`
    is the change in engagement one quarter after experience is one point higher.
    """

    effect: float = 0.0
    mediated: float = 0.5
    fixed: tuple[float, float] = (0.0, 0.0)
    moving: tuple[float, float] = (0.0, 0.0)
    reverse: float = 0.0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=1 / 3, fixed=(0.02, 0.02), answer="came before"),
    "null": Causes(),
    "confounded_fixed": Causes(fixed=(0.18, 0.18)),
    "confounded_moving": Causes(moving=(0.08, 0.10), answer="cannot be told"),
    "reverse": Causes(reverse=0.6),
}


@dataclass(frozen=True, slots=True)
class World:
    """The tables of one world and the truth behind them."""

    name: str
    seed: int
    staff: pd.DataFrame
    patients: pd.DataFrame
    truth: dict[str, object]


def make_world(name: str, seed: int, *, trusts: int = 130, quarters: int = 16) -> World:
    """Make the staff and patient tables of world `name`, one row a trust and quarter."""
    causes = WORLDS[name]
    rng = np.random.default_rng([seed, *name.encode()])
    traits = _make_traits(rng, trusts)
    paths = _make_paths(rng, traits, causes, quarters)
    staff, patients = _make_tables(rng, traits, paths, quarters)
    return World(name, seed, staff, patients, _truth(name, seed, causes))


def _make_traits(rng: np.random.Generator, trusts: int) -> dict[str, np.ndarray]:
    """What a trust keeps through all quarters; each array has one value a trust."""
    london = rng.random(trusts) < 0.18
    specialist = ~london & (rng.random(trusts) < 0.14)
    deprivation = rng.beta(2.0, 7.0, trusts)
    return {
        "london": london,
        "specialist": specialist,
        "deprivation": deprivation,
        "size": np.exp(rng.normal(0.0, 0.35, trusts)) * np.where(specialist, 0.6, 1.0),
        "fixed_cause": rng.normal(size=trusts),
        "agency": np.clip(6 + 1.5 * (london - 0.18) + rng.normal(0, 2.5, trusts), 0.5, None),
        "occupancy": 91 + rng.normal(0, 2.5, trusts),
        "staff_own": rng.normal(0, 0.22, trusts),
        "patient_own": rng.normal(0, 0.24, trusts),
        "burnout_own": rng.normal(0, 2.0, trusts),
    }


def _make_paths(
    rng: np.random.Generator, traits: dict[str, np.ndarray], causes: Causes, quarters: int
) -> dict[str, np.ndarray]:
    """True values by quarter (rows) and trust (columns), before anybody is surveyed."""
    shape = (quarters + _BURN_IN, len(traits["size"]))
    season = np.where(np.arange(shape[0]) % 4 == 0, 1.0, 0.0)[:, None]
    agency = traits["agency"] + autoregressive(rng, shape, 0.7, 0.8)
    occupancy = traits["occupancy"] + 1.5 * season + autoregressive(rng, shape, 0.5, 1.2)
    moving = autoregressive(rng, shape, 0.7, 1.0)
    staff_base = (
        ENGAGEMENT_MEAN
        + np.cumsum(rng.normal(0, 0.02, (shape[0], 1)), axis=0)
        - 0.04 * season
        - 0.10 * (traits["london"] - 0.18)
        + 0.18 * (traits["specialist"] - 0.11)
        - 0.03 * (agency - 6)
        - 0.01 * (occupancy - 91)
        + causes.fixed[0] * traits["fixed_cause"]
        + causes.moving[0] * moving
        + traits["staff_own"]
        + autoregressive(rng, shape, 0.5, 0.12)
    )
    burnout_base = BURNOUT_MEAN + traits["burnout_own"] + autoregressive(rng, shape, 0.4, 1.5)
    patient_base = (
        EXPERIENCE_MEAN
        + np.cumsum(rng.normal(0, 0.02, (shape[0], 1)), axis=0)
        - 0.04 * season
        - 0.16 * (traits["london"] - 0.18)
        + 0.22 * (traits["specialist"] - 0.11)
        - 0.5 * (traits["deprivation"] - 0.22)
        - 0.015 * (agency - 6)
        - 0.01 * (occupancy - 91)
        + causes.fixed[1] * traits["fixed_cause"]
        + causes.moving[1] * moving
        + traits["patient_own"]
        + autoregressive(rng, shape, 0.5, 0.10)
    )
    paths = _let_causes_work(staff_base, burnout_base, patient_base, causes)
    facet_own = {f: autoregressive(rng, shape, 0.3, 0.05) for f in FACETS}
    for facet in FACETS:
        lift = (FACET_SHARE[facet] - 1.0) * paths["carried"]
        paths[facet] = paths["overall"] + lift + facet_own[facet]
    paths |= {"agency_share": agency, "bed_occupancy": occupancy}
    return {key: path[_BURN_IN:] for key, path in paths.items()}


def _let_causes_work(
    staff: np.ndarray, burnout: np.ndarray, patient: np.ndarray, causes: Causes
) -> dict[str, np.ndarray]:
    """Let staff act on patients, or patients on staff, one quarter later."""
    staff, burnout, patient = staff.copy(), burnout.copy(), patient.copy()
    carried = np.zeros_like(patient)
    through = causes.effect * causes.mediated / BURNOUT_PER_ENGAGEMENT
    for row in range(len(staff)):
        if row:
            staff[row] += causes.reverse * (patient[row - 1] - EXPERIENCE_MEAN)
            direct = causes.effect * (1 - causes.mediated) * (staff[row - 1] - ENGAGEMENT_MEAN)
            carried[row] = direct + through * (burnout[row - 1] - BURNOUT_MEAN)
            patient[row] += carried[row]
        burnout[row] += BURNOUT_PER_ENGAGEMENT * (staff[row] - ENGAGEMENT_MEAN)
    return {"engagement": staff, "burnout": burnout, "overall": patient, "carried": carried}


def _make_tables(
    rng: np.random.Generator,
    traits: dict[str, np.ndarray],
    paths: dict[str, np.ndarray],
    quarters: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Survey the true values: bases, sampling noise, rounding as published."""
    shape = (quarters, len(traits["size"]))
    staff_n = np.maximum(rng.poisson(1000 * traits["size"], shape), 40)
    patient_n = np.maximum(rng.poisson(125 * np.sqrt(traits["size"]), shape), 31)
    share = np.clip(paths["burnout"] / 100, 0.01, 0.99)
    staff_noise = rng.normal(size=shape)
    burnt_out = _survey_share(rng, share, staff_n, staff_noise)
    noise = rng.normal(size=(4, *shape))
    person = np.sqrt(0.6) * noise[3] + np.sqrt(0.4) * noise[:3]
    error = PATIENT_PERSON_SD / np.sqrt(patient_n)
    engagement = paths["engagement"] + staff_noise * STAFF_PERSON_SD / np.sqrt(staff_n)
    keys = _keys(quarters, shape[1])
    staff = keys | {
        "engagement": score(engagement),
        "burnout_rate": np.round(100 * burnt_out / staff_n, 4),
        "staff_respondents": staff_n,
        "agency_share": np.round(np.clip(paths["agency_share"], 0, 100), 3),
        "bed_occupancy": np.round(np.clip(paths["bed_occupancy"], 0, 100), 3),
        "london": np.broadcast_to(traits["london"], shape),
        "specialist": np.broadcast_to(traits["specialist"], shape),
    }
    overall_noise = np.sqrt(0.6) * noise[3] + np.sqrt(0.4) * rng.normal(size=shape)
    patients = keys | {
        "overall": score(paths["overall"] + overall_noise * error),
        **{f: score(paths[f] + person[i] * error) for i, f in enumerate(FACETS)},
        "patient_respondents": patient_n,
        "core20_share": np.broadcast_to(np.round(100 * traits["deprivation"], 1), shape),
        "more_deprived": np.broadcast_to(_top_third(traits["deprivation"]), shape),
    }
    return _flatten(staff), _flatten(patients)


def _survey_share(
    rng: np.random.Generator, share: np.ndarray, people: np.ndarray, staff_noise: np.ndarray
) -> np.ndarray:
    """Count the people who say yes; the same people answer for engagement, so noises correlate."""
    own = np.sqrt(1 - SHARED_ANSWERS**2) * rng.normal(size=share.shape)
    error = (SHARED_ANSWERS * staff_noise + own) * np.sqrt(people * share * (1 - share))
    return np.asarray(np.clip(np.round(people * share + error), 0, people))


def _keys(quarters: int, trusts: int) -> dict[str, np.ndarray]:
    shape = (quarters, trusts)
    codes = np.array([f"SYN{number:03d}" for number in range(1, trusts + 1)])
    names = np.array([f"Synthetic Trust {number:03d}" for number in range(1, trusts + 1)])
    labels = np.array([f"{2021 + q // 4}Q{q % 4 + 1}" for q in range(quarters)])
    return {
        "trust": np.broadcast_to(codes, shape),
        "trust_name": np.broadcast_to(names, shape),
        "quarter": np.broadcast_to(labels[:, None], shape),
    }


def _top_third(values: np.ndarray) -> np.ndarray:
    return np.asarray(values >= np.quantile(values, 2 / 3))


def _flatten(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Stack the quarters of each trust into a long table, sorted by trust and quarter."""
    return pd.DataFrame({name: values.T.ravel() for name, values in columns.items()})


def _truth(name: str, seed: int, causes: Causes) -> dict[str, object]:
    by_facet = {facet: causes.effect * share for facet, share in FACET_SHARE.items()}
    indirect = causes.effect * causes.mediated
    return {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect_per_point_one_quarter_later": by_facet,
        "indirect_through_burnout": indirect,
        "direct": causes.effect - indirect,
        "burnout_per_point": BURNOUT_PER_ENGAGEMENT,
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
