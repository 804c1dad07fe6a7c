"""Power, smallest effect and number of clusters from a formula, in place of a simulation.

A design's formula gives the standard error its estimate would have and the degrees of freedom of
its test; power follows from the noncentral t, so that few clusters cost what they should. Fast,
and exact for the model assumed; where roll-out, scores and analysis are less tidy than that, try
the design itself (`planned_power`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from evalkit.errors import AnalysisError

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Precision:
    """The standard error that a design would reach, and the degrees of freedom of its test."""

    std_error: float
    df: float

    def power(self, effect: float, *, level: float = 0.95) -> float:
        """Return the chance that an interval at `level` leaves out zero on the effect's side."""
        far = abs(effect) / self.std_error
        if np.isinf(self.df):
            return float(stats.norm.sf(stats.norm.ppf(0.5 + level / 2) - far))
        return float(stats.nct.sf(stats.t.ppf(0.5 + level / 2, self.df), self.df, far))

    def detectable_effect(self, *, power: float = 0.8, level: float = 0.95) -> float:
        """Return the smallest effect that is found with chance `power`."""
        if not (1 - level) / 2 < power < 1:
            raise AnalysisError(
                "smallest effect: the power asked for is outside what any effect can have. "
                "Ask for a power such as 0.8 or 0.9."
            )
        top = self.std_error
        while self.power(top, level=level) < power:
            top *= 2
        found = optimize.brentq(lambda e: self.power(e, level=level) - power, 0.0, top)
        return float(found)


def smallest_number(
    precision_of: Callable[[int], Precision],
    effect: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    least: int = 2,
) -> int:
    """Return the smallest number, from `least` on, whose precision finds `effect` with `power`.

    `precision_of` turns a number (of clusters an arm, of periods, of people) into a precision
    that does not worsen with it. Raises AnalysisError where no number up to 100,000 is enough,
    as when more people are asked in clusters that are too few.
    """
    most = least
    while precision_of(most).power(effect, level=level) < power:
        if most >= MOST:
            raise AnalysisError(
                f"sample size: not even {MOST:,} would find an effect so small with that power. "
                "Add clusters in place of people, or plan for a larger effect."
            )
        least, most = most + 1, min(2 * most, MOST)
    while least < most:
        middle = (least + most) // 2
        enough = precision_of(middle).power(effect, level=level) >= power
        least, most = (least, middle) if enough else (middle + 1, most)
    return most
