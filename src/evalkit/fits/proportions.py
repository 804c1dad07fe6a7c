"""Intervals of shares and of counts of events that hold their level where normal ones do not.

Wilson's score interval (1927, JASA 22:209-212) for a share; for a count, Byar's approximation
(Breslow and Day 1987, Statistical Methods in Cancer Research II, section 2.3), and below ten
events the exact Poisson interval, which it approximates. Must hold: people answer one by one;
for people alike within wards or trusts use `survey_means`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

FEW_EVENTS = 10
"""Below this many events the interval is exact, as Byar's is then too rough."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Estimates with their intervals at `level`, each (k,); NaN where nobody was asked."""

    estimate: Floats
    conf_low: Floats
    conf_high: Floats
    level: float


def fit_wilson_interval(events: Floats, people: Floats, *, level: float = 0.95) -> Intervals:
    """Estimate the share `events` / `people` (k,); any of them may be 0 or all.

    Raises AnalysisError where events are missing, negative, or more than the people.
    """
    events, people = np.atleast_1d(events).astype(float), np.atleast_1d(people).astype(float)
    _refuse(~(events >= 0) | ~(events <= people), "shares", "events of none or more, up to people")
    asked = np.where(people > 0, people, np.nan)
    z2 = float(stats.norm.ppf(0.5 + level / 2)) ** 2
    share = events / asked
    centre = (share + z2 / (2 * asked)) / (1 + z2 / asked)
    inside = share * (1 - share) / asked + z2 / (4 * asked**2)
    half = np.sqrt(z2 * inside) / (1 + z2 / asked)
    low = np.where(events == 0, 0.0 * asked, centre - half)
    high = np.where(events == people, asked / asked, centre + half)
    return Intervals(share, low, high, level)


def fit_rate_interval(
    events: Floats, base: Floats, *, per: float = 1.0, level: float = 0.95
) -> Intervals:
    """Estimate the rate `per` x `events` / `base` (k,), for events that may befall one repeatedly.

    Raises AnalysisError where events are missing or negative, or bases not above zero.
    """
    events, base = np.atleast_1d(events).astype(float), np.atleast_1d(base).astype(float)
    _refuse(~(events >= 0) | ~(base > 0), "rates", "events of none or more on a base above zero")
    low, high = _byar(events, level)
    few = events < FEW_EVENTS
    tail = (1 - level) / 2
    exact_low = np.where(events > 0, stats.chi2.ppf(tail, 2 * np.maximum(events, 1)) / 2, 0.0)
    exact_high = stats.chi2.ppf(1 - tail, 2 * events + 2) / 2
    scale = per / base
    return Intervals(
        scale * events,
        scale * np.where(few, exact_low, low),
        scale * np.where(few, exact_high, high),
        level,
    )


def _byar(events: Floats, level: float) -> tuple[Floats, Floats]:
    z = float(stats.norm.ppf(0.5 + level / 2))
    some, more = np.maximum(events, 1.0), events + 1
    low = some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(events > 0, low, 0.0), high


def _refuse(wrong: np.ndarray, what: str, allowed: str) -> None:
    if wrong.any():
        raise AnalysisError(
            f"{what}: {int(wrong.sum())} of {len(wrong)} rows cannot be. Give {allowed}."
        )
