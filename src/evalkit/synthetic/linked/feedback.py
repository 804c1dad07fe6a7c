"""Friends and Family Test counts by way of asking, and complaints by theme."""

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import Floats, random_for
from evalkit.synthetic.linked.places import MONTHS, START, Places

FFT_MODES = (
    "SMS",
    "electronic at discharge",
    "electronic at home",
    "paper at discharge",
    "paper at home",
    "telephone",
    "online",
    "other",
)
MODE_MIX = np.array([0.42, 0.08, 0.08, 0.20, 0.04, 0.06, 0.10, 0.02])
AFTER_SHIFT = np.array([0.12, 0.20, 0.08, 0.42, 0.04, 0.06, 0.06, 0.02])
"""What treated trusts ask by after the start, in the world where the way of asking moves."""
ANSWERS = ("very_good", "good", "neither", "poor", "very_poor", "dont_know")
ANSWER_MIX = np.array([0.679, 0.173, 0.049, 0.040, 0.058])
DONT_KNOW = 0.02
MODE_LIFT = np.array([-0.45, 0.35, -0.05, 0.45, 0.10, 0.30, -0.30, 0.0])
"""How far the way of asking moves answers, on the logit of each step of the scale."""
RESPONSE = np.array([0.22, 0.45, 0.15, 0.5, 0.12, 0.35, 0.1, 0.2])
INVITED_PER_BED = 0.9
PER_POINT = 0.8
"""Logits by which a point of overall experience moves answers."""
THEMES = ("communication", "waiting and access", "staff attitude", "clinical care", "discharge")
THEME_MIX = np.array([0.27, 0.22, 0.16, 0.25, 0.10])
COMPLAINTS, PALS = 2.2, 9.0
"""Complaints and contacts with PALS per thousand patients."""
ACTIVITY_PER_BED = 7.0


def make_fft(places: Places, trust: int, month: int) -> pd.DataFrame:
    """Count the answers of one trust and month by way of asking."""
    rng = random_for(places.seed, "fft", trust, month)
    moved = places.causes.mode_shift and places.is_on(trust, month)
    mix = AFTER_SHIFT if moved else MODE_MIX
    share = rng.dirichlet(400 * mix)
    mine = slice(trust * places.size.wards, (trust + 1) * places.size.wards)
    level = float(places.experience[:, month, mine].mean()) - 8.1
    invited = rng.poisson(INVITED_PER_BED * places.beds[trust] * share)
    answered = rng.binomial(invited, RESPONSE)
    chances = _answer_chances(MODE_LIFT + PER_POINT * level)
    counts = np.stack([rng.multinomial(n, p) for n, p in zip(answered, chances, strict=True)])
    keys = {
        "trust": places.code_of(trust),
        "trust_name": f"Synthetic Trust {trust + 1}",
        "month": MONTHS[month],
        "mode": FFT_MODES,
    }
    return pd.DataFrame(keys | dict(zip(ANSWERS, counts.T, strict=True)) | {"eligible": invited})


def _answer_chances(lift: Floats) -> Floats:
    """Give the chance of each answer where the logit of every step is lifted."""
    reach = np.cumsum(ANSWER_MIX)[:-1]
    lifted = 1 / (1 + np.exp(-(np.log(reach / (1 - reach)) + lift[:, None])))
    steps = np.diff(np.hstack([np.zeros((len(lift), 1)), lifted, np.ones((len(lift), 1))]))
    known = (1 - DONT_KNOW) * np.clip(steps, 0, 1)
    return np.hstack([known, np.full((len(lift), 1), DONT_KNOW)])


def positive_by_mode() -> Floats:
    """Give the share of all answers, don't know among them, that is good or very good."""
    return positive_at(MODE_LIFT)


def positive_at(lift: Floats) -> Floats:
    """Give that share where the logit of every step is lifted so far."""
    return np.asarray(_answer_chances(lift)[:, :2].sum(axis=1))


def make_complaints(places: Places) -> pd.DataFrame:
    """Count complaints and contacts with PALS by theme, with the patients seen."""
    rng = random_for(places.seed, "complaints")
    months, trusts = places.engagement.shape
    beds = places.beds
    activity = rng.poisson(ACTIVITY_PER_BED * np.broadcast_to(beds, (months, trusts)))
    on = (np.arange(months) >= START)[:, None] & places.treated_trusts
    rate = activity * np.where(on, places.causes.complaints, 1.0) / 1000
    own = np.exp(rng.normal(0, 0.15, trusts))
    counts = rng.poisson((rate * own)[..., None] * COMPLAINTS * THEME_MIX)
    contacts = rng.poisson((rate * own)[..., None] * PALS * THEME_MIX)
    shape = (months, trusts, len(THEMES))
    return pd.DataFrame(
        {
            "trust": _stack(places.trusts["trust"].to_numpy()[None, :, None], shape),
            "month": _stack(np.array(MONTHS, dtype=object)[:, None, None], shape),
            "complaints": _stack(counts, shape),
            "pals": _stack(contacts, shape),
            "activity": _stack(activity[..., None], shape),
            "theme": _stack(np.array(THEMES, dtype=object), shape),
        }
    )


def _stack(values: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Lay values out by trust, month and theme."""
    return np.broadcast_to(values, shape).transpose(1, 0, 2).ravel()
