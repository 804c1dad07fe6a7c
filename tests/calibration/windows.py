"""How many intervals of a few hundred may hold the truth: exact windows, asked in two looks.

`FIRST` simulations are looked at, and if as many hold the truth as a good design's would and a poor
one's hardly ever, nothing more is asked. Else there are `ALL`, and their count must lie in a window
which a design that covers as stated leaves with no more than a given chance. Looking early can only
spare a design, so that the chance of a false alarm is at most that of the one window. All numbers
are those of the binomial distribution itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

FIRST, ALL = 100, 320
STATED, POOR = 0.95, 0.85
"""Coverage that intervals state, and one that must be noticed."""
SPARED = 0.015
"""Chance at most that a design of `POOR` coverage is let go at the first look."""


@dataclass(frozen=True, slots=True)
class Window:
    """Counts that are let be: `enough` at the first look, `fewest` to `most` of all."""

    enough: int
    fewest: int
    most: int

    def asks_on(self, held: int) -> bool:
        """Say whether so many of `FIRST` leave it open; all of them may mean intervals too wide."""
        return held < self.enough or (held == FIRST and self.most < ALL)

    def holds(self, held: int) -> bool:
        """Say whether so many of `ALL` lie in the window."""
        return self.fewest <= held <= self.most

    def chance_caught(self, coverage: float) -> float:
        """Chance that a design of this coverage is asked on and then lies outside the window."""
        first = np.array([x for x in range(FIRST + 1) if self.asks_on(x)])
        rest = ALL - FIRST
        outside = binom.cdf(self.fewest - 1 - first, rest, coverage)
        outside += binom.sf(self.most - first, rest, coverage)
        return float(binom.pmf(first, FIRST, coverage) @ outside)


def make_window(chance: float, *, may_be_wide: bool = False) -> Window:
    """Make the window that a design of `STATED` coverage leaves with at most this `chance`.

    Half of it is for each side, or all of it for the lower where intervals `may_be_wide`.
    """
    tail = chance if may_be_wide else chance / 2
    counts = np.arange(ALL + 1)
    fewest = int(counts[binom.cdf(counts - 1, ALL, STATED) <= tail].max())
    most = ALL if may_be_wide else int(counts[binom.sf(counts, ALL, STATED) <= tail].min())
    looks = np.arange(FIRST + 1)
    enough = int(looks[binom.sf(looks - 1, FIRST, POOR) <= SPARED].min())
    return Window(enough, fewest, most)
