"""Regression to the mean: by how much units chosen for an extreme result change by chance alone.

A unit's result in a period is its own level and what is particular to the period. Units chosen
because their mean over `chosen_by` periods lies in the lowest (or highest) `share` of all were
partly unlucky (or lucky) in these periods, and are expected back by
    (s2 / chosen_by) / s * C,   C = phi(z) / share,  z = Phi^-1(1 - share),
where s2 is the variance within units and s the spread of that mean over all units (Davis 1976,
American Journal of Epidemiology 104:493-498; Barnett, van der Pols and Dobson 2005,
International Journal of Epidemiology 34:215-220). The spread of the chosen alone gives s, being
that of a normal tail (Johnson, Kotz and Balakrishnan 1994, section 13.10).
Must hold: levels and what is particular to periods are about normal, and unrelated; periods of a
unit are unrelated beyond its level; exactly the stated share was chosen.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats


@dataclass(frozen=True, slots=True)
class Tail:
    """A normal tail that holds `share`: how far out its mean is, and its variance, of one's own."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Regression:
    """The expected change in absolute size, and what it was worked out from.

    `within` is the variance of a unit's results between periods, `whole` that of the mean by
    which units were chosen, over all units chosen or not.
    """

    expected: float
    within: float
    whole: float


def normal_tail(share: float) -> Tail:
    """Describe the tail of the standard normal that holds `share` of it."""
    from scipy.special import ndtri

    cut = float(ndtri(1 - share))
    mean = float(np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)) / share
    return Tail(mean, 1 + cut * mean - mean**2)


def whole_variance(chosen_variance: float, share: float) -> float:
    """Variance over all units, from that over the `share` of them in one tail."""
    return chosen_variance / normal_tail(share).variance


def expect_regression(
    within: float, whole: float, share: float, chosen_by: int, before: int
) -> Regression:
    """Expect by how much the mean of `before` periods moves back, `chosen_by` of them decisive.

    `within` is the variance of a unit's results between periods, and `whole` that, over all
    units, of the mean by which some were chosen.
    """
    back = within / chosen_by / np.sqrt(whole) * normal_tail(share).mean if whole > 0 else 0.0
    return Regression(float(back * chosen_by / before), within, whole)


def share_within(correlation: float, chosen_by: int) -> float:
    """Share, within units, of the variance of a mean over `chosen_by` periods.

    `correlation` is that of two periods of a unit, over all units.
    """
    inner = (1 - correlation) / chosen_by
    return inner / (correlation + inner)


def within_variance(values: Floats, phases: list[list[int]]) -> float:
    """Variance within units of `values` (units, periods), each phase's own means taken out.

    `phases` lists columns among which nothing changed for single units; missing values are NaN.
    Returns NaN where no phase has two periods.
    """
    squares, free = 0.0, 0
    for columns in phases:
        part = values[:, columns]
        part = part[np.isfinite(part).sum(axis=1) > 1]
        if len(part) < 2 or len(columns) < 2:
            continue
        left = part - np.nanmean(part, axis=0)
        left = left - np.nanmean(left, axis=1, keepdims=True)
        squares += float(np.nansum(left**2))
        free += int(np.isfinite(left).sum()) - len(part) - len(columns) + 1
    return squares / free if free > 0 else np.nan
