"""Several tests at once: p-values that hold for the whole family.

Holm 1979 (Scandinavian Journal of Statistics 6:65-70) for any family; Romano and Wolf 2005
(Econometrica 73:1237-1282) where draws show how the statistics move together.
"""

import numpy as np

from evalkit.inference.arrays import Floats


def adjust_holm(p_values: Floats) -> Floats:
    """Adjust p-values (k,) so that no wrong claim in the family is likelier than the level."""
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def adjust_romano_wolf(statistics: Floats, draws: Floats) -> Floats:
    """Adjust by stepping down from the largest of `statistics` (k,), compared in size.

    `draws` (draws, k) are the statistics when nothing is there: permuted, or bootstrapped and
    centred. The observed counts as one more draw.
    """
    observed, drawn = np.abs(statistics), np.abs(draws)
    order = np.argsort(-observed, kind="stable")
    from_here = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    as_far = np.sum(from_here >= observed[order] * (1 - 1e-12), axis=0)
    steps = (1 + as_far) / (1 + len(drawn))
    adjusted = np.empty(len(observed))
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted
