"""The shortest interval of fixed length around an affine estimate, trends bounded in their turns.

The estimate takes from an average of later effects what a combination of the earlier periods
predicts. If the trend's slope turns by at most `turn` a period, its worst bias is `turn` times a
sum of absolute weights, one for each turn; a straight trend has to cancel. The interval reaches
cv(bias / error) errors to each side, where cv(b) is the quantile of |N(b, 1)|.
Source: Armstrong and Kolesar 2018, Econometrica 86:655-683; for event studies Rambachan and Roth
2023, Review of Economic Studies 90:2555-2591, section 4.2.
"""

import numpy as np
from scipy import optimize, special

from evalkit.inference.arrays import Floats


def shortest_interval(
    estimate: Floats, covariance: Floats, before: int, weights: Floats, turn: float, level: float
) -> tuple[float, float]:
    """Interval of the average `weights` (p,) of the effects after the reference period.

    `estimate` (before + p,) are relative to the reference period, which is left out.
    """
    target = np.concatenate([np.zeros(before), weights])
    from_sums, fixed = _weights_of_sums(before, float(np.cumsum(weights[::-1]).sum()))
    start = target + np.concatenate([fixed, np.zeros(len(weights))])
    along = np.concatenate([from_sums, np.zeros((len(weights), before - 1))])
    scale = float(np.sqrt(target @ covariance @ target))
    settled = float(np.abs(np.cumsum(np.cumsum(weights[::-1]))[:-1]).sum())
    settled += abs(float(np.cumsum(weights[::-1]).sum()))
    sums = _minimise(start, along, covariance / scale**2, turn / scale, settled, level)
    chosen = start + along @ sums
    error = float(np.sqrt(chosen @ covariance @ chosen))
    bias = turn * (settled + float(np.abs(sums).sum()))
    half = error * folded_quantile(bias / error, level)[0]
    centre = float(chosen @ estimate)
    return centre - half, centre + half


def _weights_of_sums(before: int, total: float) -> tuple[Floats, Floats]:
    """Weights of the earlier periods, linear in the sums (before - 1,) that make up the bias.

    The running sums of running sums of the weights are the bias of each turn; the last of them
    is `total`, which lets a straight trend cancel.
    """
    sums = np.zeros((before, before))
    sums[:, :-1], last = np.eye(before)[:, :-1], np.zeros(before)
    last[-1] = total
    twice = np.eye(before) - np.eye(before, k=-1)
    twice = twice @ twice
    return twice @ sums[:, :-1], twice @ last


def _minimise(
    start: Floats, along: Floats, covariance: Floats, turn: float, settled: float, level: float
) -> Floats:
    """The sums (k,) with the shortest interval; each is a difference of two that are positive."""
    size = along.shape[1]
    if size == 0:
        return np.zeros(0)

    def length(parts: Floats) -> tuple[float, Floats]:
        chosen = start + along @ (parts[:size] - parts[size:])
        error = float(np.sqrt(chosen @ covariance @ chosen))
        bias = turn * (settled + float(parts.sum()))
        critical, slope = folded_quantile(bias / error, level)
        by_error = (critical - slope * bias / error) / error * (along.T @ (covariance @ chosen))
        gradient = np.concatenate([by_error, -by_error]) + slope * turn
        return error * critical, gradient

    begin = np.zeros(2 * size)
    found = optimize.minimize(
        length,
        begin,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * (2 * size),
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-11, "gtol": 1e-7},
    )
    return np.asarray(found.x[:size] - found.x[size:])


def folded_quantile(bias: float, level: float) -> tuple[float, float]:
    """Quantile of |N(bias, 1)| and its slope in `bias`, by Newton's steps."""
    quantile = bias + special.ndtri(level if bias > 1 else 0.5 + level / 2)
    for _ in range(50):
        missing = level - special.ndtr(quantile - bias) + special.ndtr(-quantile - bias)
        near, far = (np.exp(-((quantile + s * bias) ** 2) / 2) for s in (-1, 1))
        step = missing * np.sqrt(2 * np.pi) / (near + far)
        quantile += step
        if abs(step) < 1e-12:
            break
    return float(quantile), float((near - far) / (near + far))
