"""A conformal interval over time for an effect in one series and its counterfactual.

An assumed effect is taken out of the periods after the start, the counterfactual is fitted to all
periods, and the mean residual after the start is ranked among those of every cyclic shift of the
residuals: were the assumed effect right, no stretch of time would stand out.
What must hold: residuals that are stationary and depend on each other weakly; an effect of the
same size in every period after the start.
Source: Chernozhukov, Wuthrich and Zhu 2021, Journal of the American Statistical Association
116:1849-1864 (moving-block permutations).
"""

from collections.abc import Callable

import numpy as np

from evalkit.inference.arrays import Floats

GRID = 40
"""Effects tried on each side of the estimate, before the ends are closed in."""
HALVINGS = 12
WIDENINGS = 8
BALANCINGS = 50


def conformal_p(residuals: Floats, start: int) -> float:
    """Share of cyclic shifts whose mean residual from `start` on is as far from zero or further."""
    length = len(residuals) - start
    doubled = np.concatenate([residuals, residuals])
    means = np.convolve(doubled, np.ones(length) / length, "valid")[: len(residuals)]
    observed = abs(means[start])
    return float(np.mean(np.abs(means) >= observed * (1 - 1e-9) - 1e-15))


def invert_conformal(
    residuals_under: Callable[[float], Floats], start: int, centre: float, level: float
) -> tuple[float, float]:
    """Return the lowest and highest effect with a conformal p-value above 1 - `level`.

    `residuals_under` fits the counterfactual with an effect taken out and gives the residuals
    (periods,). NaN where there are too few periods to rule anything out at that level, or where
    the data rule out nothing on that side.
    """
    first = residuals_under(centre)
    if 1 / len(first) > 1 - level + 1e-12:
        return np.nan, np.nan

    def kept(effect: float) -> bool:
        return conformal_p(residuals_under(effect), start) > 1 - level + 1e-12

    step = max(float(np.std(first)), 1e-9 * max(abs(centre), 1.0)) / 4
    middle = _balance(residuals_under, start, centre, step)
    return _end(kept, middle, -step), _end(kept, middle, step)


def _balance(
    residuals_under: Callable[[float], Floats], start: int, centre: float, step: float
) -> float:
    """Find the effect that leaves no mean residual after the start: it is always kept."""
    for _ in range(BALANCINGS):
        left = float(residuals_under(centre)[start:].mean())
        centre += left
        if abs(left) < 1e-3 * step:
            break
    return centre


def _end(kept: Callable[[float], bool], centre: float, step: float) -> float:
    """Walk from the centre to the last effect kept, widening the walk while its end is kept."""
    for _ in range(WIDENINGS):
        tried = centre + step * np.arange(GRID + 1)
        flags = [kept(effect) for effect in tried]
        if not flags[-1]:
            last = int(np.flatnonzero(flags)[-1]) if any(flags) else 0
            return _close_in(kept, float(tried[last]), float(tried[last + 1]))
        step *= 4
    return np.nan


def _close_in(kept: Callable[[float], bool], inside: float, outside: float) -> float:
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(middle) else (inside, middle)
    return inside
