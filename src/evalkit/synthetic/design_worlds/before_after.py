"""A staff wellbeing programme in every ward that is looked at, with none to compare with.

The same wards before and after: a change, none, one that had long begun, and wards that were
chosen because they did worst, which do better next time whatever is done.
"""

from dataclasses import asdict, dataclass

import numpy as np

from evalkit.synthetic.design_worlds.wards import FIELDS as WARD_FIELDS
from evalkit.synthetic.design_worlds.wards import (
    DesignWorld,
    make_wards,
    quarters,
    random_for,
    survey,
)

FIELDS = WARD_FIELDS
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("change", "worst_chosen", "trend")
CHOSEN_SHARE = 0.2
CHOSEN_BY = 4
"""The worst fifth of wards, by their results over the year before the start."""


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` from the start on; `trend` a quarter that all had anyway; whether `chosen`."""

    effect: float = 0.0
    trend: float = 0.0
    chosen: bool = False
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "change": Causes(effect=0.30, answer="changed for the better"),
    "null": Causes(),
    "worst_chosen": Causes(chosen=True),
    "worst_chosen_change": Causes(effect=0.30, chosen=True, answer="changed for the better"),
    "trend": Causes(trend=0.05, answer="changed for the better"),
}


def make_world(
    name: str,
    seed: int,
    *,
    wards: int = 48,
    periods: int = 12,
    start: int = 8,
    answers: float = 60.0,
) -> DesignWorld:
    """Make world `name`: all of `wards` have the programme from period `start` (from 0) on.

    In worlds of chosen wards they are the worst fifth of five times as many.
    """
    causes, rng = WORLDS[name], random_for("before_after", name, seed)
    every = round(wards / CHOSEN_SHARE) if causes.chosen else wards
    made = make_wards(rng, every, periods, shared_sd=0.0, answers=answers)
    since = np.arange(periods)[:, None] - start
    made.level[:] += causes.trend * since
    effect = np.broadcast_to(causes.effect * (since >= 0), made.level.shape)
    table = survey(rng, made, effect, SHARES, quarters(periods))
    if causes.chosen:
        overall = table["overall"].to_numpy().reshape(every, periods)
        year = overall[:, start - CHOSEN_BY : start].mean(axis=1)
        worst = np.isin(np.arange(every), np.argsort(year, kind="stable")[:wards])
        table = table[np.repeat(worst, periods)].reset_index(drop=True)
    moved = causes.trend * (since[since >= 0].mean() - since[since < 0].mean())
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: causes.effect * share for facet, share in SHARES.items()},
        "change": {facet: causes.effect * share + moved for facet, share in SHARES.items()},
        "start": quarters(periods)[start],
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, table, truth)
