"""Trusts and wards, and the true level of each by month before anybody is asked.

Calibration: trust engagement 6.85 with a spread of 0.26, trust experience 8.1 with 0.3, their
correlation 0.35 where engagement acts (half of it by shared causes: London, specialist trusts,
agency staff); ward burnout and ward experience correlate by about -0.25.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.causes import FACETS, SHARES, Causes
from evalkit.synthetic.linked.draws import Flags, Floats, Ints, Texts, keep_where, random_for
from evalkit.synthetic.series import autoregressive

MONTHS = tuple(f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in range(24))
START = 12
"""The programme starts in month number 12: January 2024."""

ENGAGEMENT, BURNOUT, MORALE = 6.85, 5.0, 5.8
FACET_MEANS = {"relational": 8.1, "functional": 7.8, "felt": 8.4}
CEILING_MEAN, CEILING, NARROWED = 9.55, 9.65, 0.2
"""Near the end of the scale: where the mean stands, where it stops, how little places differ."""
LOWEST, HIGHEST = 0.9, 9.75
BURNOUT_PER_POINT = -0.8
WARD_SD, WARD_BURNOUT_SD, WARD_CORRELATION = 0.387, 0.4, -0.25
DIP_MONTHS = slice(6, START)
"""When the wards that look worst are chosen, and when they look so."""
REGIONS = ("London", "South", "Midlands", "East", "North")
WARD_TYPES = ("medical", "surgical", "older people", "maternity", "admissions")


@dataclass(frozen=True, slots=True)
class Size:
    """How much to make: answers of patients in all, trusts, wards in each."""

    people: int = 2300
    trusts: int = 12
    wards: int = 4


@dataclass(frozen=True, slots=True)
class Places:
    """Trusts and wards; `experience` is (facet, month, ward), staff levels are (month, trust).

    `without` is what experience would have been without the programme.
    """

    seed: int
    size: Size
    causes: Causes
    trusts: pd.DataFrame
    wards: pd.DataFrame
    trust_of: Ints
    treated: Flags
    treated_trusts: Flags
    beds: Floats
    deprivation: Floats
    engagement: Floats
    burnout: Floats
    ward_burnout: Floats
    experience: Floats
    without: Floats

    def code_of(self, trust: int) -> str:
        """Return the code of a trust by its number."""
        return f"SYN{trust + 1:03d}"

    def is_on(self, trust: int, month: int) -> bool:
        """Say whether the programme runs in a trust in a month."""
        return bool(self.treated_trusts[trust]) and month >= START


def make_places(causes: Causes, seed: int, size: Size) -> Places:
    """Make the trusts and wards of a world and their true levels."""
    rng = random_for(seed, "trusts")
    traits = _make_traits(rng, size.trusts)
    trust_of = np.repeat(np.arange(size.trusts), size.wards)
    lot = rng.permutation(size.trusts) < size.trusts // 2
    staff, patients = _let_causes_work(rng, traits, causes, lot)
    burnout_own = rng.normal(0, 0.15, size.trusts)
    burnt_out, ward_own, ward_moves, chosen = _make_ward_levels(rng, causes, lot[trust_of])
    level = patients[:, trust_of] + ward_own + ward_moves
    treated_trusts = _mostly(chosen, trust_of)
    with_it, without = (
        _facet_levels(level, staff[:, trust_of], _on(where), causes)
        for where in (chosen, np.zeros_like(chosen))
    )
    staff = staff + causes.engagement * _on(treated_trusts)
    return Places(
        seed=seed,
        size=size,
        causes=causes,
        trusts=_trust_table(traits, treated_trusts, rng),
        wards=_ward_table(trust_of, chosen, size.wards),
        trust_of=trust_of,
        treated=chosen,
        treated_trusts=treated_trusts,
        beds=traits["beds"],
        deprivation=traits["deprivation"],
        engagement=staff,
        burnout=BURNOUT + BURNOUT_PER_POINT * (staff - ENGAGEMENT) + burnout_own,
        ward_burnout=burnt_out,
        experience=with_it,
        without=without,
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
        "patient_own": rng.normal(0, 0.19, count),
        "beds": np.round(np.exp(rng.normal(6.4, 0.35, count)) * np.where(specialist, 0.5, 1.0)),
    }


def _let_causes_work(
    rng: np.random.Generator, traits: dict[str, Floats], causes: Causes, treated: Flags
) -> tuple[Floats, Floats]:
    """Make staff engagement and patients' common level, by month and trust, without programme."""
    shape = (len(MONTHS), len(treated))
    months = np.arange(len(MONTHS))[:, None]
    season = np.cos(2 * np.pi * months / 12)
    own_staff, own_patients, hidden = (autoregressive(rng, shape, 0.5, sd) for sd in (0.09, 0.1, 1))
    years = months / 12
    shift = causes.drift * years * treated + causes.hidden * hidden
    staff = ENGAGEMENT - 0.03 * season + 0.14 * traits["shared"] + traits["staff_own"] + own_staff
    patients = -0.03 * season + 0.115 * traits["shared"] + traits["patient_own"] + own_patients
    staff, patients = staff + shift, patients + shift
    for month in range(1, len(MONTHS)):
        staff[month] += causes.reverse * patients[month - 1]
    return staff, patients


def _make_ward_levels(
    rng: np.random.Generator, causes: Causes, by_lot: Flags
) -> tuple[Floats, Floats, Floats, Flags]:
    """Make wards' own burnout and experience, their ups and downs, and who has the programme.

    Where the worst are chosen, that is the third of wards that looks worst in half a year in
    which each had its own passing luck.
    """
    count = len(by_lot)
    burnt_out, own, luck = rng.normal(size=(3, count))
    own = WARD_SD * (WARD_CORRELATION * burnt_out + np.sqrt(1 - WARD_CORRELATION**2) * own)
    moves = autoregressive(rng, (len(MONTHS), count), 0.5, 0.10)
    moves[DIP_MONTHS] += causes.luck * luck
    seen = own + moves[DIP_MONTHS].mean(axis=0)
    chosen = np.argsort(np.argsort(seen)) < count // 3 if causes.worst_chosen else by_lot
    return WARD_BURNOUT_SD * burnt_out, own, moves, chosen


def _mostly(chosen: Flags, trust_of: Ints) -> Flags:
    """Say of each trust whether at least half of its wards have the programme."""
    return np.asarray(np.bincount(trust_of, weights=chosen) * 2 >= np.bincount(trust_of))


def _on(treated: Flags) -> Flags:
    """Say where and when the programme runs."""
    return np.asarray((np.arange(len(MONTHS)) >= START)[:, None] & treated)


def _facet_levels(level: Floats, staff: Floats, on: Flags, causes: Causes) -> Floats:
    """Give each facet its mean, its share of what staff do, and the programme's effect.

    What the programme does by way of staff is taken off its direct effect: the two together are
    what the causes say, from one month after the start.
    """
    passed = _month_before(staff) - ENGAGEMENT
    scale = NARROWED if causes.ceiling else 1.0
    levels = []
    for facet in FACETS:
        linked = causes.link * _link_share(causes, facet)
        mean = CEILING_MEAN if causes.ceiling else FACET_MEANS[facet]
        through_staff = linked * causes.engagement
        effect = (getattr(causes, facet) - through_staff) * on + through_staff * _month_before(on)
        levels.append(mean + scale * (level + linked * passed) + effect)
    end = CEILING if causes.ceiling else HIGHEST
    return np.asarray(np.clip(np.stack(levels), LOWEST, end))


def _month_before(values: Floats | Flags) -> Floats:
    return np.vstack([values[:1], values[:-1]]).astype(float)


def _link_share(causes: Causes, facet: str) -> float:
    """Share out what staff do to patients as the programme's own effect is shared out."""
    if not causes.overall:
        return SHARES[facet]
    return float(getattr(causes, facet)) / causes.overall


def _trust_table(
    traits: dict[str, Floats], treated: Flags, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(treated)
    region = np.where(traits["london"], 0, rng.integers(1, len(REGIONS), count))
    return pd.DataFrame(
        {
            "trust": trust_codes(count),
            "trust_name": [f"Synthetic Trust {n}" for n in range(1, count + 1)],
            "region": np.array(REGIONS, dtype=object)[region],
            "london": yes_no(traits["london"] > 0),
            "specialist": yes_no(traits["specialist"] > 0),
            "beds": traits["beds"].astype(int),
            "start": _starts(treated),
        }
    )


def _ward_table(trust_of: Ints, treated: Flags, wards: int) -> pd.DataFrame:
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


def _starts(treated: Flags) -> Texts:
    return keep_where(treated, MONTHS[START])


def trust_codes(count: int) -> Texts:
    """Return the codes of so many trusts."""
    return np.array([f"SYN{number:03d}" for number in range(1, count + 1)], dtype=object)


def yes_no(flags: Flags) -> Texts:
    """Write flags as yes and no."""
    return np.asarray(np.where(flags, "yes", "no"), dtype=object)
