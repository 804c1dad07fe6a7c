"""A discharge pathway in some wards from one quarter on: an effect, none, and trends apart."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from evalkit.synthetic.design_worlds.wards import (
    FIELDS as WARD_FIELDS,
)
from evalkit.synthetic.design_worlds.wards import (
    MEAN,
    DesignWorld,
    Wards,
    make_wards,
    quarters,
    random_for,
    survey,
)

FIELDS = WARD_FIELDS | {"pathway": ("boolean", "Whether the ward has the pathway from the start")}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "diverging")
SATISFIED, SATISFIED_PER_POINT = 0.6, 0.2
"""Share of patients who say that they are satisfied, in a usual ward and more of a point better."""


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
    people: bool = False,
) -> DesignWorld:
    """Make world `name`: `treated` of `wards` have the pathway from period `start` (from 0) on.

    With `people` the table has a row an answer, `satisfied` or not, in place of averages.
    """
    causes, rng = WORLDS[name], random_for("difference_in_differences", name, seed)
    made = make_wards(rng, wards, periods, answers=answers)
    chosen = np.isin(np.arange(wards), rng.permutation(wards)[:treated])
    time = np.arange(periods)[:, None]
    made.level[:] += causes.trend * (time - start) * chosen
    effect = causes.effect * (time >= start) * chosen
    table = survey(rng, made, effect, SHARES, quarters(periods))
    table["pathway"] = np.repeat(chosen, periods)
    if people:
        table = _ask_each(rng, table, made, effect)
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: causes.effect * share for facet, share in SHARES.items()},
        "start": quarters(periods)[start],
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    if people:
        truth["satisfied"] = 100 * SATISFIED_PER_POINT * causes.effect
    return DesignWorld(name, seed, table, truth)


def _ask_each(
    rng: np.random.Generator, table: pd.DataFrame, made: Wards, effect: np.ndarray
) -> pd.DataFrame:
    """Ask each patient whether they are satisfied."""
    share = SATISFIED + SATISFIED_PER_POINT * (made.level + effect - MEAN)
    answers = made.answers.T.ravel()
    keys = table[["ward", "ward_name", "trust", "quarter", "pathway"]]
    asked = keys.loc[np.repeat(keys.index, answers)].reset_index(drop=True)
    chance = np.repeat(np.clip(share, 0, 1).T.ravel(), answers)
    return asked.assign(satisfied=rng.random(len(asked)) < chance)
