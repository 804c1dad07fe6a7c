"""Which clusters could have had what: every way of handing it out, or a draw of them.

An assignment gives each cluster a code: 1 or 0 for had it or not, or which start it had. Another
assignment hands the same codes to other clusters, within strata where there are any.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import factorial

import numpy as np

from evalkit.inference.arrays import Ints

MOST_ENUMERATED = 2000
"""Up to this many ways all are taken; beyond, as many as asked for are drawn."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """Codes (ways, clusters), the observed in row 0; `enumerated` if these are all there are."""

    codes: Ints
    enumerated: bool


def list_assignments(
    observed: Ints, draws: int, rng: np.random.Generator, *, strata: Ints | None = None
) -> Assignments:
    """List every way to hand out the `observed` codes (clusters,), or draw `draws` of them."""
    groups = np.zeros(len(observed), dtype=np.int64) if strata is None else strata
    places = [np.flatnonzero(groups == g) for g in np.unique(groups)]
    if count_assignments(observed, strata) > MOST_ENUMERATED:
        drawn = np.tile(observed, (draws + 1, 1))
        for place in places:
            drawn[1:, place] = rng.permuted(drawn[1:, place], axis=1)
        return Assignments(drawn, False)
    ways = np.array([observed])
    for place in places:
        kinds, counts = np.unique(observed[place], return_counts=True)
        inner = kinds[_arrangements(tuple(counts.tolist()))]
        ways = np.repeat(ways, len(inner), axis=0)
        ways[:, place] = np.tile(inner, (len(ways) // len(inner), 1))
    first = int(np.flatnonzero((ways == observed).all(axis=1))[0])
    ways[[0, first]] = ways[[first, 0]]
    return Assignments(ways, True)


def count_assignments(observed: Ints, strata: Ints | None = None) -> int:
    """Count the ways to hand out the codes."""
    groups = np.zeros(len(observed), dtype=np.int64) if strata is None else strata
    ways = 1
    for group in np.unique(groups):
        counts = np.unique(observed[groups == group], return_counts=True)[1]
        inner = factorial(int(counts.sum()))
        for count in counts:
            inner //= factorial(int(count))
        ways *= inner
    return ways


@cache
def _arrangements(counts: tuple[int, ...]) -> Ints:
    """Each different order of kinds 0, 1, ... that occur `counts` times, one a row."""
    size = sum(counts)
    orders = np.full((1, size), len(counts), dtype=np.int64)
    for kind, count in enumerate(counts):
        free = np.nonzero(orders == len(counts))[1].reshape(len(orders), -1)
        chosen = np.array(list(combinations(range(free.shape[1]), count)))
        orders = np.repeat(orders, len(chosen), axis=0)
        np.put_along_axis(orders, free[:, chosen].reshape(-1, count), kind, axis=1)
    orders.setflags(write=False)
    return orders
