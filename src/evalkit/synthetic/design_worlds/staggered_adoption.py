"""Ward teams trained to listen, in waves: an effect, none, one that misleads, and trends apart."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from evalkit.synthetic.design_worlds.wards import FIELDS as WARD_FIELDS
from evalkit.synthetic.design_worlds.wards import (
    DesignWorld,
    make_wards,
    quarters,
    random_for,
    survey,
)

FIELDS = WARD_FIELDS | {
    "trained_from": ("string", "First quarter in which the ward's team was trained; empty if never")
}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "heterogeneous", "diverging")
STARTS = (5, 7, 9)
"""The waves begin in these quarters, counted from 0."""


@dataclass(frozen=True, slots=True)
class Causes:
    """How the training works in a world.

    `by_wave` is the effect on overall experience in a wave's first quarter, `growth` what is
    added each quarter after, `trend` what trained wards gain a quarter anyway; `never` is the
    share of wards that are never trained.
    """

    by_wave: tuple[float, ...] = (0.0, 0.0, 0.0)
    growth: float = 0.0
    trend: float = 0.0
    never: float = 0.4
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(by_wave=(0.30, 0.25, 0.20), growth=0.02, answer="improved"),
    "null": Causes(),
    "heterogeneous": Causes(by_wave=(0.05, 0.05, 0.05), growth=0.15, never=0.1, answer="improved"),
    "diverging": Causes(trend=0.05, answer="cannot be told"),
}


def make_world(
    name: str, seed: int, *, wards: int = 90, periods: int = 12, answers: float = 120.0
) -> DesignWorld:
    """Make world `name`: wards start in three waves of equal size; some are never trained."""
    causes, rng = WORLDS[name], random_for("staggered_adoption", name, seed)
    made = make_wards(rng, wards, periods, answers=answers)
    wave = _draw_waves(rng, wards, causes.never)
    start = np.where(wave >= 0, np.array(STARTS)[wave], periods)
    since = np.arange(periods)[:, None] - start
    under_way = since >= 0
    effect = under_way * (np.array([*causes.by_wave, 0.0])[wave] + causes.growth * since)
    made.level[:] += causes.trend * since * (wave >= 0)
    table = survey(rng, made, effect, SHARES, quarters(periods))
    labels = np.array([*quarters(periods), None], dtype=object)
    table["trained_from"] = pd.array(np.repeat(labels[start], periods), dtype="str")
    return DesignWorld(name, seed, table, _truth(name, seed, causes, effect, wave))


def _draw_waves(rng: np.random.Generator, wards: int, never: float) -> np.ndarray:
    """Give each ward its wave, from 0; -1 is never trained."""
    untrained = max(round(never * wards), 1)
    waves = np.concatenate([np.full(untrained, -1), np.arange(wards - untrained) % len(STARTS)])
    return np.asarray(rng.permutation(waves))


def _truth(
    name: str, seed: int, causes: Causes, effect: np.ndarray, wave: np.ndarray
) -> dict[str, object]:
    """Average each wave over its quarters under way, then the waves by their wards."""
    periods = len(effect)
    averages = [effect[start:, wave == w].mean() for w, start in enumerate(STARTS)]
    sizes = [int((wave == w).sum()) for w in range(len(STARTS))]
    overall = float(np.average(averages, weights=sizes))
    return {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: overall * share for facet, share in SHARES.items()},
        "by_wave": {quarters(periods)[s]: float(a) for s, a in zip(STARTS, averages, strict=True)},
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
