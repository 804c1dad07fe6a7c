"""A discharge pathway in some wards from one quarter on: an effect, none, and trends apart."""

from dataclasses import asdict, dataclass

import numpy as np

from evalkit.synthetic.design_worlds.wards import (
    FIELDS as WARD_FIELDS,
)
from evalkit.synthetic.design_worlds.wards import (
    DesignWorld,
    make_wards,
    quarters,
    random_for,
    survey,
)

FIELDS = WARD_FIELDS | {"pathway": ("boolean", "Whether the ward has the pathway from the start")}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "diverging")


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` on overall experience; `trend` a quarter that the pathway's wards had anyway."""

    effect: float = 0.0
    trend: float = 0.0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=0.30, answer="improved"),
    "null": Causes(),
    "diverging": Causes(trend=0.05, answer="cannot be told"),
}


def make_world(
    name: str,
    seed: int,
    *,
    wards: int = 90,
    treated: int = 40,
    periods: int = 12,
    start: int = 8,
    answers: float = 120.0,
) -> DesignWorld:
    """Make world `name`: `treated` of `wards` have the pathway from period `start` (from 0) on."""
    causes, rng = WORLDS[name], random_for("difference_in_differences", name, seed)
    made = make_wards(rng, wards, periods, answers=answers)
    chosen = np.isin(np.arange(wards), rng.permutation(wards)[:treated])
    time = np.arange(periods)[:, None]
    made.level[:] += causes.trend * (time - start) * chosen
    effect = causes.effect * (time >= start) * chosen
    table = survey(rng, made, effect, SHARES, quarters(periods))
    table["pathway"] = np.repeat(chosen, periods)
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: causes.effect * share for facet, share in SHARES.items()},
        "start": quarters(periods)[start],
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, table, truth)
