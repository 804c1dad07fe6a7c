"""Interval and p-value of an effect from draws in which the change went to other clusters.

If the change adds the same effect v wherever it is, a draw that gives A on the outcome and B on
the change itself would have given A - v B on the outcome without the change. The draw is as far
out as the observed where |A - v B| >= |estimate - v|: between two effects that solve it as an
equation, so that the test is inverted by sorting.
Source: Imbens and Rubin 2015, Causal Inference, chapter 5. Exact if the clusters that changed
were drawn by lot, or would have varied as the others without the change.
"""

from typing import NamedTuple

import numpy as np

from evalkit.inference.arrays import Floats

SAME = 1e-9
"""Two statistics nearer than this share of the larger are equal but for rounding."""


class ShiftInterval(NamedTuple):
    """Lowest and highest effect not rejected, infinite where there is no bound; p against zero."""

    conf_low: float
    conf_high: float
    p_value: float


def invert_shift(on_outcome: Floats, on_change: Floats, level: float) -> ShiftInterval:
    """Invert the test of each supposed effect.

    `on_outcome` and `on_change` are A and B (draws,), the observed in row 0, where B is one. A
    draw that could not be estimated counts as being as far out as any.
    """
    estimate = on_outcome[0]
    low, high = _reach(on_outcome, on_change)
    as_far = int(np.floor((1 - level) * len(low) + SAME))
    far = np.abs(on_outcome) >= abs(estimate) * (1 - SAME)
    return ShiftInterval(
        float(np.sort(low)[as_far]),
        float(np.sort(high)[::-1][as_far]),
        float(np.mean(far | np.isnan(on_outcome))),
    )


def _reach(on_outcome: Floats, on_change: Floats) -> tuple[Floats, Floats]:
    """The effects between which each draw is as far out as the observed, (draws,) twice."""
    estimate = on_outcome[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack(
            [
                _ratio(estimate - on_outcome, 1 - on_change),
                _ratio(estimate + on_outcome, 1 + on_change),
            ]
        )
    unknown = np.isnan(ends).any(axis=0)
    low = np.where(unknown, -np.inf, np.where(unknown, 0.0, ends).min(axis=0))
    high = np.where(unknown, np.inf, np.where(unknown, 0.0, ends).max(axis=0))
    return low, high


def _ratio(above: Floats, below: Floats) -> Floats:
    """Quotients; NaN where both are nothing but rounding."""
    size = np.maximum(np.abs(above).max(where=~np.isnan(above), initial=0.0), 1e-300)
    nothing = np.abs(below) < SAME
    below = np.where(nothing, 0.0, below)
    return np.asarray(np.where(nothing & (np.abs(above) < SAME * size), 0.0, above) / below)
