"""One trust with a named link worker for unpaid carers, among others that never had one.

Trusts move together in two ways, each in its own measure: a course that all share, and winters that
weigh on some more than on others. A mixture of trusts can therefore move as the one with the offer
does, unless it lies outside what the others span.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from evalkit.study.fields import FACETS
from evalkit.synthetic.design_worlds.wards import (
    PERSON_SD,
    DesignWorld,
    flatten,
    quarters,
    random_for,
)
from evalkit.synthetic.series import autoregressive, score

FIELDS: dict[str, tuple[str, str]] = {
    "trust": ("string", "Code of a made-up trust"),
    "trust_name": ("string", "Name of a made-up trust; always begins with Synthetic"),
    "quarter": ("string", "Calendar quarter, as 2019Q1"),
    "overall": ("number", "Overall experience of unpaid carers, mean over carers, 0 to 10"),
    "relational": ("number", "How staff and carers dealt with each other, mean, 0 to 10"),
    "functional": ("number", "How the service worked for carers, mean, 0 to 10"),
    "felt": ("number", "How care made carers feel, mean, 0 to 10"),
    "parking": ("number", "How easy parking was for carers, mean, 0 to 10"),
    "carers_answered": ("integer", "Carers who answered"),
    "carers_offer": ("boolean", "Whether the trust has the carers' offer from the start"),
    "borders_it": ("boolean", "Whether the trust borders on the one with the offer"),
}
SHARES = {"overall": 1.0, "relational": 1.4, "functional": 0.6, "felt": 1.0}
MEAN, PARKING = 7.7, 5.5
FIRST_YEAR = 2019
EMBEDDED = ("effect", "poor_fit")


@dataclass(frozen=True, slots=True)
class Causes:
    """`effect` on overall experience; `above` how far the trust lies above all others."""

    effect: float = 0.0
    above: float = 0.0
    answer: str = "no claim"


WORLDS: dict[str, Causes] = {
    "effect": Causes(effect=0.40, answer="improved"),
    "null": Causes(),
    "poor_fit": Causes(effect=0.40, above=0.8, answer="refused"),
}


def make_world(
    name: str,
    seed: int,
    *,
    trusts: int = 40,
    treated: int = 1,
    periods: int = 24,
    start: int = 16,
    answers: float = 600.0,
    by_lot: bool = False,
) -> DesignWorld:
    """Make world `name`: `treated` of `trusts` have the offer from period `start` (from 0) on.

    They are taken from the middle half of the trusts by level, or `by_lot` from all.
    """
    causes, rng = WORLDS[name], random_for("synthetic_control", name, seed)
    own = rng.normal(0, 0.3, trusts)
    had = _choose(rng, own, treated, by_lot)
    own[had] += (own.max() - own[had] + causes.above) if causes.above else 0.0
    moves = _movements(rng, periods, trusts)
    effect = causes.effect * (np.arange(periods) >= start)[:, None] * had
    asked = np.maximum(rng.poisson(answers, (periods, trusts)), 31)
    columns = _keys(trusts, quarters(periods, FIRST_YEAR))
    columns |= _survey(rng, MEAN + own + moves, effect, asked)
    columns["parking"] = _ask(rng, PARKING + own + _movements(rng, periods, trusts), asked)
    columns["carers_answered"] = asked
    columns["carers_offer"] = np.broadcast_to(had, asked.shape)
    columns["borders_it"] = np.broadcast_to(_neighbours(rng, had), asked.shape)
    truth = {
        "world": name,
        "seed": seed,
        "synthetic": True,
        "effect": {facet: causes.effect * share for facet, share in SHARES.items()},
        "start": quarters(periods, FIRST_YEAR)[start],
        "right_answer": causes.answer,
        "causes": asdict(causes),
    }
    return DesignWorld(name, seed, _sorted(columns), truth)


def _choose(rng: np.random.Generator, own: np.ndarray, treated: int, by_lot: bool) -> np.ndarray:
    """Flag the trusts with the offer."""
    order = np.argsort(own)
    middle = order if by_lot else order[len(own) // 4 : len(own) - len(own) // 4]
    return np.isin(np.arange(len(own)), rng.permutation(middle)[:treated])


def _movements(rng: np.random.Generator, periods: int, trusts: int) -> np.ndarray:
    """Shared course and winters, each by the trust's own measure, and a small drift of its own."""
    course = np.cumsum(rng.normal(0, 0.12, periods))
    winter = -0.15 * (np.arange(periods) % 4 == 0) * (1 + 0.3 * rng.normal(size=periods))
    follows, feels = rng.normal(1, 0.35, trusts), rng.gamma(4, 0.25, trusts)
    drift = autoregressive(rng, (periods, trusts), 0.3, 0.04)
    return np.asarray(course[:, None] * follows + winter[:, None] * feels + drift)


def _survey(
    rng: np.random.Generator, level: np.ndarray, effect: np.ndarray, asked: np.ndarray
) -> dict[str, np.ndarray]:
    """Ask carers: each facet has its share of the effect, and noise partly shared by all."""
    together = rng.normal(size=level.shape)
    return {
        name: _ask(rng, level + SHARES[name] * effect, asked, together)
        for name in ("overall", *FACETS)
    }


def _ask(
    rng: np.random.Generator,
    level: np.ndarray,
    asked: np.ndarray,
    together: np.ndarray | float = 0.0,
) -> np.ndarray:
    own = np.sqrt(0.6) * together + np.sqrt(0.4) * rng.normal(size=level.shape)
    return score(level + own * PERSON_SD / np.sqrt(asked))


def _neighbours(rng: np.random.Generator, had: np.ndarray) -> np.ndarray:
    """Flag one in six of the trusts without the offer as bordering on one with it."""
    others = rng.permutation(np.flatnonzero(~had))
    return np.isin(np.arange(len(had)), others[: len(others) // 6])


def _keys(trusts: int, labels: list[str]) -> dict[str, np.ndarray]:
    shape, numbers = (len(labels), trusts), range(1, trusts + 1)
    codes = np.array([f"SYN{number:03d}" for number in numbers])
    names = np.array([f"Synthetic Trust {number:03d}" for number in numbers])
    return {
        "trust": np.broadcast_to(codes, shape),
        "trust_name": np.broadcast_to(names, shape),
        "quarter": np.broadcast_to(np.array(labels)[:, None], shape),
    }


def _sorted(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Put the columns in the order in which they are described."""
    return flatten(columns)[list(FIELDS)]
