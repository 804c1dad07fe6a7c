"""Draws that keep means exact on bounded scales, and a seed for each piece of each table."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Wholes = pd.arrays.IntegerArray

TABLES = (
    "trusts",
    "wards",
    "items",
    "patients",
    "eligible",
    "staff",
    "absence",
    "carers",
    "fft",
    "complaints",
    "comments",
    "codes",
    "stories",
    "emotions",
    "decisions",
    "partners",
    "ratings",
    "priorities",
    "evidence",
    "programmes",
    "measures",
    "costs",
    "activity",
    "best_worst",
)
"""Every table, in the order that seeds count them: add new ones at the end."""

STREAM = 78
"""Apart from other made-up data of the same seed; an ordinary draw at the committed seed."""

_CURVE = 1.583
"""How people differ: a variance of 0.24 m (10 - m), thus 1.9 points about a mean of 8.1."""


def random_for(seed: int, table: str, *piece: int) -> np.random.Generator:
    """Return the generator of one piece of a table, whatever was or will be made beside it."""
    key = (TABLES.index(table), *piece)
    return np.random.default_rng(np.random.SeedSequence([seed, STREAM], spawn_key=key))


def spread_people(mean: Floats, z: Floats) -> Floats:
    """Turn standard normal draws into scores from 0 to 10 whose expectation is `mean` exactly.

    A draw lies above the mean with probability mean/10; its distance, as a share of the way to
    the end of the scale, has the same law on both sides, which makes the expectation exact.
    """
    above = mean / 10
    split = 1 - above
    u = ndtr(z)
    up = mean + (10 - mean) * np.clip((u - split) / above, 0, 1) ** _CURVE
    down = mean - mean * np.clip((split - u) / split, 0, 1) ** _CURVE
    return np.asarray(np.where(u > split, up, down))


def round_at_random(rng: np.random.Generator, values: Floats) -> Ints:
    """Round up or down by chance, so that the expectation stays."""
    whole = np.floor(values)
    return (whole + (rng.random(values.shape) < values - whole)).astype(np.int64)


def choose(rng: np.random.Generator, chances: Floats, size: int) -> Ints:
    """Draw `size` positions in `chances`, a row of shares that add up to one."""
    return np.searchsorted(np.cumsum(chances)[:-1], rng.random(size), side="right")


def choose_by_row(rng: np.random.Generator, chances: Floats) -> Ints:
    """Draw one position in each row of `chances`."""
    edges = np.cumsum(chances, axis=1)[:, :-1]
    return np.asarray((rng.random(len(chances))[:, None] > edges).sum(axis=1), dtype=np.int64)


def whole_numbers(values: npt.NDArray[np.generic], missing: npt.NDArray[np.bool_]) -> Wholes:
    """Return a column of whole numbers, empty where missing."""
    return pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64), np.asarray(missing))


def keep_where(kept: Flags, values: npt.ArrayLike) -> Texts:
    """Return texts where they are kept, and nothing elsewhere."""
    texts = np.broadcast_to(np.asarray(values, dtype=object), kept.shape).copy()
    texts[~kept] = None
    return texts
