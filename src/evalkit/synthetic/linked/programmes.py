"""Priority programmes: their actions, measures and targets, and the measures by month."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.synthetic.linked.draws import random_for
from evalkit.synthetic.linked.places import MONTHS, START, Places


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a programme; None is what its owners have not written down."""

    programme: str
    action: str
    owner: str | None
    measure: str | None
    better: str | None
    target: float | None
    due: str | None
    status: str
    level: float = 0.0
    noise: float = 0.0
    change: float = 0.0


ACTIONS = (
    Action(
        "maternity",
        "Same midwife team from first visit to birth",
        "head of midwifery",
        "women with the same team",
        "higher",
        75.0,
        "2024-12-31",
        "on track",
        55,
        2.5,
        12,
    ),
    Action(
        "maternity",
        "Ask about birth experience before going home",
        "postnatal lead",
        "asked before going home",
        "higher",
        90.0,
        "2024-09-30",
        "on track",
        78,
        2.0,
        0,
    ),
    Action(
        "urgent care",
        "Tell people every hour how long they will wait",
        "emergency matron",
        "told how long",
        "higher",
        80.0,
        "2024-06-30",
        "late",
        62,
        3.0,
        0,
    ),
    Action(
        "urgent care",
        "Comfort rounds in the corridor",
        "emergency matron",
        None,
        None,
        None,
        "2024-06-30",
        "on track",
    ),
    Action(
        "cancer",
        "Named contact from diagnosis",
        "lead cancer nurse",
        "has a named contact",
        "higher",
        95.0,
        "2024-12-31",
        "done",
        84,
        1.5,
        6,
    ),
    Action(
        "mental health",
        "Crisis plan written with the person",
        "ward consultant",
        "plans written together",
        "higher",
        85.0,
        "2024-12-31",
        "on track",
        70,
        3.0,
        -6,
    ),
    Action(
        "learning disability",
        "Reasonable adjustments on the record",
        None,
        "adjustments recorded",
        "higher",
        90.0,
        None,
        "not started",
        48,
        2.5,
        0,
    ),
    Action(
        "discharge",
        "Call within three days of going home",
        "discharge lead",
        "complaints about going home",
        "lower",
        4.0,
        "2024-12-31",
        "on track",
        9,
        1.0,
        -3,
    ),
    Action("discharge", "Improve communication", None, None, None, None, None, "not started"),
)
BASE = 120


def make_programmes(places: Places) -> pd.DataFrame:
    """List the actions; some lack an owner, a measure or a target."""
    names = ("programme", "action", "owner", "measure", "better", "target", "due", "status")
    return pd.DataFrame([{name: getattr(act, name) for name in names} for act in ACTIONS])


def make_measures(places: Places) -> pd.DataFrame:
    """Make each measure's value by month; where it changes, it does so when programmes start."""
    rng = random_for(places.seed, "measures")
    on = np.arange(len(MONTHS)) >= START
    frames = []
    for act in ACTIONS:
        noise = rng.normal(0, 1, len(MONTHS))
        if act.measure is None:
            continue
        change = act.change * bool(places.causes.overall)
        value = np.round(np.clip(act.level + act.noise * noise + change * on, 0, 100), 1)
        keys = {"programme": act.programme, "measure": act.measure, "month": MONTHS}
        base = rng.poisson(BASE, len(MONTHS))
        frames.append(pd.DataFrame(keys | {"value": value, "base": base}))
    return pd.concat(frames, ignore_index=True)
