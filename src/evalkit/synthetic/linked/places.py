"""Trusts and wards, and the true level of each by month before anybody is asked.

Calibration: trust engagement 6.85 with a spread of 0.26, trust experience 8.1 with 0.3, their
correlation 0.35 where engagement acts (half of it by shared causes: London, specialist trusts,
agency staff); ward burnout and ward experience correlate by about -0.25.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.causes import FACETS, Causes
from evalkit.synthetic.linked.draws import Floats, Ints, random_for
from evalkit.synthetic.series import autoregressive

MONTHS = tuple(f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in range(24))
START = 12
"""The programme starts in month number 12: January 2024."""

ENGAGEMENT, BURNOUT, MORALE = 6.85, 5.0, 5.8
FACET_MEANS = {"relational": 8.1, "functional": 7.8, "felt": 8.4}
CEILING_MEAN, CEILING = 9.55, 9.65
LINK_SHARES = {"relational": 1.5, "functional": 0.5, "felt": 1.0}
REGIONS = ("London", "South", "Midlands", "East", "North")
WARD_TYPES = ("medical", "surgical", "older people", "maternity", "admissions")


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make: answers of patients in all, trusts, wards in each."""

    people: int = 2400
    trusts: int = 12
    wards: int = 4


@dataclass(frozen=True, slots=True)
class Places:
    """Trusts and wards; `experience` is (facet, month, ward), staff levels (month, trust)."""

    seed: int
    size: Size
    causes: Causes
    trusts: pd.DataFrame
    wards: pd.DataFrame
    trust_of: Ints
    treated: np.ndarray
    treated_trusts: np.ndarray
    deprivation: Floats
    engagement: Floats
    burnout: Floats
    ward_burnout: Floats
    experience: Floats

    def is_on(self, month: int) -> np.ndarray:
        """Say of each trust whether the programme runs there in this month."""
        return self.treated_trusts & (month >= START)


def make_places(causes: Causes, seed: int, size: Size) -> Places:
    """Make the trusts and wards of a world and their true levels."""
    rng = random_for(seed, "trusts")
    count = size.trusts
    traits = _make_traits(rng, count)
    trust_of = np.repeat(np.arange(count), size.wards)
    wards = len(trust_of)
    burnt_out, own = rng.normal(size=(2, wards))
    ward_own = 0.387 * (-0.25 * burnt_out + np.sqrt(1 - 0.25**2) * own)
    lot = rng.permutation(count)
    staff, patients = _let_causes_work(rng, traits, causes, lot < count // 2)
    shape = (len(MONTHS), wards)
    ward_moves = autoregressive(rng, shape, 0.5, 0.10)
    dips = rng.normal(size=wards)
    chosen = (lot < count // 2)[trust_of]
    if causes.worst_chosen:
        ward_own, chosen = _choose_worst(ward_own, dips, causes.dip)
        before = (np.arange(len(MONTHS)) < START)[:, None]
        ward_moves = ward_moves - causes.dip * chosen * before
    treated_trusts = _mostly(chosen, trust_of, count)
    level = patients[:, trust_of] + ward_own + ward_moves
    burnout = BURNOUT - 0.8 * (staff - ENGAGEMENT) + rng.normal(0, 0.15, count)
    return Places(
        seed=seed,
        size=size,
        causes=causes,
        trusts=_trust_table(traits, treated_trusts, rng),
        wards=_ward_table(trust_of, chosen, size.wards),
        trust_of=trust_of,
        treated=chosen,
        treated_trusts=treated_trusts,
        deprivation=traits["deprivation"],
        engagement=staff,
        burnout=burnout,
        ward_burnout=0.4 * burnt_out,
        experience=_facet_levels(level, staff[:, trust_of], chosen, causes),
    )


def _make_traits(rng: np.random.Generator, count: int) -> dict[str, Floats]:
    """What a trust keeps; `shared` acts on staff and patients alike."""
    london = rng.random(count) < 0.18
    specialist = ~london & (rng.random(count) < 0.14)
    agency = rng.normal(size=count)
    return {
        "london": london,
        "specialist": specialist,
        "shared": (-1.2 * london + 1.5 * specialist - 0.5 * agency + 0.051) / 0.826,
        "deprivation": rng.beta(3.0, 9.0, count),
        "staff_own": rng.normal(0, 0.20, count),
        "patient_own": rng.normal(0, 0.25, count),
        "beds": np.round(np.exp(rng.normal(6.4, 0.35, count)) * np.where(specialist, 0.5, 1.0)),
    }


def _let_causes_work(
    rng: np.random.Generator, traits: dict[str, Floats], causes: Causes, treated: np.ndarray
) -> tuple[Floats, Floats]:
    """Make staff engagement and patients' common level by month (rows) and trust (columns)."""
    shape = (len(MONTHS), len(treated))
    season = np.cos(2 * np.pi * np.arange(len(MONTHS)) / 12)[:, None]
    own_staff, own_patients, hidden = (autoregressive(rng, shape, 0.5, sd) for sd in (0.09, 0.1, 1))
    years = np.maximum(np.arange(len(MONTHS)) - START / 2, 0)[:, None] / 12
    shift = causes.drift * years * treated + causes.hidden * hidden
    on = (np.arange(len(MONTHS)) >= START)[:, None] & treated
    staff = ENGAGEMENT - 0.03 * season + 0.14 * traits["shared"] + traits["staff_own"] + own_staff
    patients = -0.03 * season + 0.098 * traits["shared"] + traits["patient_own"] + own_patients
    staff, patients = staff + shift + causes.engagement * on, patients + shift
    for month in range(1, len(MONTHS)):
        staff[month] += causes.reverse * patients[month - 1]
    return staff, patients


def _choose_worst(own: Floats, dips: Floats, dip: float) -> tuple[Floats, np.ndarray]:
    """Choose the third of wards that looks worst; what they show is a passing dip."""
    chosen = np.argsort(np.argsort(own + dip * dips)) < len(own) // 3
    return own, chosen


def _mostly(chosen: np.ndarray, trust_of: Ints, count: int) -> np.ndarray:
    """Say of each trust whether at least half of its wards have the programme."""
    return np.bincount(trust_of, weights=chosen, minlength=count) * 2 >= np.bincount(trust_of)


def _facet_levels(level: Floats, staff: Floats, treated: np.ndarray, causes: Causes) -> Floats:
    """Give each facet its mean, its share of what staff do, and the programme's direct effect."""
    passed = np.vstack([staff[:1], staff[:-1]]) - ENGAGEMENT
    shares = _link_shares(causes)
    on = (np.arange(len(MONTHS)) >= START)[:, None] & treated
    levels = []
    for facet in FACETS:
        linked = causes.link * shares[facet]
        direct = getattr(causes, facet) - linked * causes.engagement
        mean = CEILING_MEAN if causes.ceiling else FACET_MEANS[facet]
        scale = 0.2 if causes.ceiling else 1.0
        levels.append(mean + scale * (level + linked * passed) + direct * on)
    return np.clip(np.stack(levels), 1.0, CEILING)


def _link_shares(causes: Causes) -> dict[str, float]:
    """Share out what staff do to patients as the programme's own effect is shared out."""
    if not causes.overall:
        return LINK_SHARES
    return {facet: getattr(causes, facet) / causes.overall for facet in FACETS}


def _trust_table(
    traits: dict[str, Floats], treated: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(treated)
    region = np.where(traits["london"], 0, rng.integers(1, len(REGIONS), count))
    return pd.DataFrame(
        {
            "trust": trust_codes(count),
            "trust_name": [f"Synthetic Trust {n}" for n in range(1, count + 1)],
            "region": np.array(REGIONS, dtype=object)[region],
            "london": yes_no(traits["london"]),
            "specialist": yes_no(traits["specialist"]),
            "beds": traits["beds"].astype(int),
            "start": _starts(treated),
        }
    )


def _ward_table(trust_of: Ints, treated: np.ndarray, wards: int) -> pd.DataFrame:
    number = np.tile(np.arange(1, wards + 1), len(trust_of) // wards)
    pairs = list(zip(trust_of + 1, number, strict=True))
    return pd.DataFrame(
        {
            "ward": [f"SYN{trust:03d}W{ward:02d}" for trust, ward in pairs],
            "ward_name": [f"Synthetic Ward {ward} of Trust {trust}" for trust, ward in pairs],
            "trust": trust_codes(int(trust_of.max()) + 1)[trust_of],
            "ward_type": np.array(WARD_TYPES, dtype=object)[(number - 1) % len(WARD_TYPES)],
            "start": _starts(treated),
        }
    )


def _starts(treated: np.ndarray) -> np.ndarray:
    return np.where(treated, MONTHS[START], None)


def trust_codes(count: int) -> np.ndarray:
    """Return the codes of so many trusts."""
    return np.array([f"SYN{number:03d}" for number in range(1, count + 1)], dtype=object)


def yes_no(flags: np.ndarray) -> np.ndarray:
    """Write flags as yes and no."""
    return np.where(flags, "yes", "no").astype(object)
