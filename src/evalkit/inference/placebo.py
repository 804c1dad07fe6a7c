"""What placebos say of an effect: a rank p-value, and the effects that they do not rule out.

The treated group's mean gap, measured by its gaps before the start, is ranked among the same of
every placebo. An effect is ruled out when, once it is taken out of the data, the treated rank too
high. If the treated had been chosen by lot the interval would cover as often as it says; where
they were not, it is a yardstick, not a sampling interval.
Sources: Abadie, Diamond and Hainmueller 2010, Journal of the American Statistical Association
105:493-505; Firpo and Possebom 2018, Journal of Causal Inference 6(2) (inversion).
"""

import numpy as np

from evalkit.inference.arrays import Floats

TINY = 1e-12
"""Stands in for a gap of zero before the start, which nothing can be measured by."""


def rank_p(observed: float, placebos: Floats) -> float:
    """Share of all assignments, the observed among them, with a statistic as large or larger."""
    return float((1 + np.sum(placebos >= observed * (1 - 1e-12))) / (1 + len(placebos)))


def invert_placebos(
    effect: float, scale: float, effects: Floats, scales: Floats, level: float
) -> tuple[float, float]:
    """Return the lowest and highest effect with a rank p-value above 1 - `level`.

    `effect` and `scale` (the gap before the start) are of the treated; `effects` and `scales`
    (placebos,) of the placebos. NaN where the placebos are too few to rule out anything at that
    level.
    """
    needed = count_needed(len(effects), level)
    if needed < 1:
        return np.nan, np.nan
    sizes = np.abs(effects) / np.maximum(scales, TINY)
    reach = float(np.sort(sizes)[-needed]) * scale
    return effect - reach, effect + reach


def count_needed(placebos: int, level: float) -> int:
    """How many placebos must be as far out as an effect for it to be kept; 0 if none suffices."""
    return int(np.floor((1 - level) * (1 + placebos) + 1e-9))
