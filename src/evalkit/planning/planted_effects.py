"""A planned effect put into outcomes that were made up, so that they stay what they can be.

An effect of `size` adds `size * gain` to each outcome. Numbers are moved by just that. Where some
outcomes have a scale, each is moved by the same amount for the same gain, and held at its ends; the
amount is made larger until the effect over all is `size` (the slope on the gain through nothing;
for a gain of 0 or 1, the average change of those with it). Answers of no become yes, and of yes
no, at random, at the rate that makes the share change by as much. Events are added as a Poisson
number, or taken out one by one, so that counts stay whole and at least none. The same random
numbers serve every size, so that what is found rises smoothly with it.
"""

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.past import RANGES, RATE_PER

EXACT = 1e-12


def plant_effect(
    outcome: Floats, gain: Floats, size: float, kind: str, *, base: Floats, chance: Floats
) -> Floats:
    """Return outcomes (n,) with an effect of `size`.

    `base` is what counts are counted among, NaN unknown; `chance` is uniform between 0 and 1. A
    count with a base has its effect in events per 1,000. Raises AnalysisError where the scale has
    no room for the effect.
    """
    if kind == "yes_no":
        return _turn(outcome, gain, size, chance)
    if kind == "count":
        exposed = base / RATE_PER if np.isfinite(base).all() else np.ones(len(base))
        return _add_events(outcome, size * gain * exposed, chance)
    if kind in RANGES:
        return _push(outcome, gain, size, *RANGES[kind])
    return outcome + size * gain


def _push(outcome: Floats, gain: Floats, size: float, low: float, high: float) -> Floats:
    def moved(amount: float) -> Floats:
        return np.clip(outcome + amount * gain, low, high)

    def short(amount: float) -> float:
        return size - float(gain @ (moved(amount) - outcome)) / weight

    weight = float(gain @ gain)
    if size == 0 or weight == 0 or short(size) <= EXACT:
        return moved(size)
    moving = np.abs(gain[gain != 0])
    most = (high - low) / float(moving.min())
    if short(most) > EXACT:
        _refuse(size)
    return moved(float(brentq(short, size, most, xtol=EXACT)))


def _turn(outcome: Floats, gain: Floats, size: float, chance: Floats) -> Floats:
    """Turn no (0) into yes (100) where the gain is above zero, and yes into no where below."""
    made = outcome.copy()
    for side, now, then in ((gain > 0, 0.0, 100.0), (gain < 0, 100.0, 0.0)):
        may = side & (outcome == now)
        if not side.any() or size == 0:
            continue
        share = size * np.abs(gain) / 100 / max(float(np.mean(outcome[side] == now)), EXACT)
        if (share[may] > 1).any() or not may.any():
            _refuse(size)
        made[may & (chance < share)] = then
    return made


def _add_events(outcome: Floats, events: Floats, chance: Floats) -> Floats:
    more = stats.poisson.ppf(chance, np.maximum(events, 0.0))
    share = np.divide(-events, outcome, out=np.zeros_like(events), where=outcome > 0)
    fewer = stats.binom.ppf(chance, outcome, np.clip(share, 0.0, 1.0))
    return np.asarray(outcome + np.where(events > 0, more, 0.0) - np.where(events < 0, fewer, 0.0))


def _refuse(size: float) -> None:
    raise AnalysisError(
        f"effects: a difference of {size:g} cannot be added to past outcomes, which have no room "
        "for it on their scale. Give smaller effects, and a minimum_important_difference that fits."
    )
