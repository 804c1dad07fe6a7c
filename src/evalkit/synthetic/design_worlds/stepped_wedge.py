"""A discharge pathway that wards take up in steps, by lot; and where the lot was not one.

In `people` one row is one answer, yes or no, to whether the patient would recommend the ward.
"""

from dataclasses import asdict, dataclass, replace

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
from evalkit.synthetic.series import autoregressive, score

FIELDS = WARD_FIELDS | {
    "pathway_from": ("string", "First quarter with the pathway; empty where the ward never had it"),
    "visitor_parking": (
        "number",
        "How easy it was for visitors to park, mean over patients, 0 to 10",
    ),
    "online_share": ("number", "Patients who answered online, per cent"),
    "recommends": ("boolean", "Whether the patient would recommend the ward"),
}
SHARES = {"overall": 1.0, "relational": 1.5, "functional": 0.5, "felt": 1.0}
EMBEDDED = ("effect", "exposure_grows", "worst_first")

BETWEEN = 0.1
"""Variance of wards' experience in one quarter, where `autocorrelation` splits it."""
RECOMMEND = 75.0
"""Patients who would recommend a ward, per cent, and what a point of experience adds to it."""
PER_POINT = 20.0


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` on overall experience at once, and `growth` for each further quarter.

    `parallel`: half of the wards start together and the others never do. `by_need`: the wards
    with the poorest experience start first. `staff` is what more staff does in the poorer half of
    wards, which has them until the last ward starts.
    """

    effect: float = 0.0
    growth: float = 0.0
    parallel: bool = False
    by_need: bool = False
    staff: float = 0.0
    people: bool = False
    wards: int = 12
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=0.4, answer="improved"),
    "null": Causes(),
    "exposure_grows": Causes(effect=0.1, growth=0.15, wards=24, answer="improved"),
    "worst_first": Causes(by_need=True, staff=0.7, answer="no claim of cause"),
    "parallel": Causes(effect=0.5, parallel=True, wards=8, answer="improved"),
    "parallel_null": Causes(parallel=True, wards=8),
    "people": Causes(effect=0.6, people=True, answer="improved"),
    "people_null": Causes(people=True),
}


def make_world(
    name: str,
    seed: int,
    *,
    wards: int | None = None,
    steps: int = 4,
    before: int = 2,
    after: int = 3,
    answers: float = 120.0,
    people: int = 30,
    autocorrelation: float | None = None,
) -> DesignWorld:
    """Make world `name`: `wards` over quarters, in `steps`; 12 of them, or as a world needs.

    `before` and `after` count the quarters in which nobody and everybody has it. Of what two
    answers of one ward and quarter share, `autocorrelation` is what lasts; without it, ups and
    downs fade from quarter to quarter.
    """
    causes, rng = WORLDS[name], random_for("stepped_wedge", name, seed)
    count, steps = wards or causes.wards, 1 if causes.parallel else steps
    periods = before + steps - 1 + after
    made = _make_wards(rng, count, periods, answers, autocorrelation)
    start = before + np.arange(count) * steps / count
    if causes.parallel:
        start[count // 2 :] = np.inf
    need = np.argsort(np.argsort(made.level[before - 1]))
    start = np.floor(start)[need if causes.by_need else rng.permutation(count)]
    exposure = np.maximum(np.arange(periods)[:, None] - start + 1, 0)
    made.level[before : before + steps - 1] += causes.staff * (need < count / 2)
    effect = np.where(exposure > 0, causes.effect + causes.growth * (exposure - 1), 0.0)
    table = _ask(rng, made, effect, people if causes.people else 0)
    table["pathway_from"] = _start_labels(table, start, periods)
    mean = causes.effect + causes.growth * (exposure.max() - 1) / 2
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: mean * share for facet, share in SHARES.items()},
        "effect_means": "average over the quarters since the start, each counting the same",
        "percentage_points": mean * PER_POINT,
        "starts": sorted({label for label in table["pathway_from"] if isinstance(label, str)}),
        "allocation": "not_random" if causes.by_need else "random",
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, table, truth)


def _make_wards(
    rng: np.random.Generator,
    count: int,
    periods: int,
    answers: float,
    autocorrelation: float | None,
) -> Wards:
    """Make the wards; every other one serves more deprived areas."""
    ward, drift, lasts = 0.3, 0.12, 0.5
    if autocorrelation is not None:
        ward, drift, lasts = np.sqrt(BETWEEN * np.array([autocorrelation, 1 - autocorrelation, 0]))
    made = make_wards(
        rng,
        count,
        periods,
        answers=answers,
        ward_sd=ward,
        drift_sd=drift,
        drift_correlation=lasts,
    )
    return replace(made, more_deprived=np.arange(count) % 2 == 0)


def _ask(rng: np.random.Generator, made: Wards, effect: np.ndarray, people: int) -> pd.DataFrame:
    """Ask about experience, one row a ward and quarter; or `people` in each, a row an answer."""
    labels = quarters(made.level.shape[0], 2022)
    if not people:
        return survey(rng, made, effect, SHARES, labels).assign(**_ask_aside(rng, made))
    chance = RECOMMEND + PER_POINT * (made.level - MEAN + effect)
    keys = survey(rng, made, effect, SHARES, labels)
    asked = np.maximum(rng.poisson(people, len(keys)), 10)
    rows = keys[["ward", "ward_name", "trust", "quarter"]].loc[keys.index.repeat(asked)]
    yes = rng.random(int(asked.sum())) < np.repeat(np.clip(chance.T.ravel(), 1, 99) / 100, asked)
    deprived = np.repeat(made.more_deprived, made.level.shape[0])
    return rows.reset_index(drop=True).assign(
        recommends=yes, more_deprived=np.repeat(deprived, asked)
    )


def _ask_aside(rng: np.random.Generator, made: Wards) -> dict[str, np.ndarray]:
    """Make what the pathway cannot move, and how people were asked."""
    shape = made.level.shape
    parking = 5.5 + rng.normal(0, 0.5, shape[1]) + autoregressive(rng, shape, 0.5, 0.2)
    online = 40 + rng.normal(0, 6, shape[1]) + autoregressive(rng, shape, 0.5, 2.0)
    values = {"visitor_parking": score(parking), "online_share": np.round(online, 1)}
    return {name: each.T.ravel() for name, each in values.items()}


def _start_labels(table: pd.DataFrame, start: np.ndarray, periods: int) -> "pd.Series[str]":
    """Write each row's start as a quarter; missing where its ward never starts."""
    labels = quarters(periods, 2022)
    names = [labels[int(s)] if s < periods else None for s in start]
    return table["ward"].str.removeprefix("WARD").astype(int).map(lambda ward: names[ward - 1])
