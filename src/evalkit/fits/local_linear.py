"""The jump of an outcome at a threshold: local linear, with a bias-corrected robust interval.

Sharp (all beyond the threshold are offered it and take it up) or fuzzy (the jump of the outcome
over the jump of take-up). The point estimate is the local linear one; the interval is centred on
it less its estimated bias and counts the error of that estimate.
What must hold: nobody can place themselves exactly; what else moves the outcome runs smoothly
through the threshold; in the fuzzy case the offer acts through take-up only, and deters nobody.
Sources: Calonico, Cattaneo and Titiunik 2014, Econometrica 82:2295-2326; Calonico, Cattaneo,
Farrell and Titiunik 2019, Review of Economics and Statistics 101:442-451 (covariates).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.fits.discontinuity_bandwidth import Side, choose_bandwidths
from evalkit.fits.local_polynomial import (
    corrected_weights,
    left_out_coefs,
    linear_weights,
    neighbour_residuals,
    weighted_variance,
)
from evalkit.inference.arrays import Flags, Floats, Ints

FEW_CLUSTERS = 40
"""Below this many clusters near the threshold errors are the jackknife's, over clusters."""


@dataclass(frozen=True, slots=True)
class DiscontinuityFit:
    """A jump, its error, the same less its bias, and what was near enough to count.

    `first_stage` is the jump of take-up (1 where everyone offered takes it up). `df` is clusters
    less one, or infinite without clusters.
    """

    estimate: float
    std_error: float
    corrected: float
    robust_error: float
    first_stage: float
    bandwidth: float
    bias_bandwidth: float
    rows_below: int
    rows_above: int
    clusters: int
    df: float


@dataclass(frozen=True, slots=True)
class _Window:
    """Rows within the wider bandwidth: (n, 1 or 2) outcome and take-up, and linear weights."""

    distance: Floats
    values: Floats
    cluster: Ints | None
    weight: Floats | None
    above: Flags
    plain: Floats
    corrected: Floats


def fit_discontinuity(
    distance: Floats,
    outcome: Floats,
    *,
    takeup: Floats | None = None,
    cluster: Ints | None = None,
    weight: Floats | None = None,
    bandwidths: tuple[float, float] | None = None,
) -> DiscontinuityFit:
    """Fit the jump at distance zero of `outcome` (n,), the threshold belonging to the far side.

    `weight` (n,) says for how many others a row stands, on any scale: it multiplies the kernel.
    `bandwidths` are for the jump and its bias; chosen from the data where not given.
    `numpy.linalg.LinAlgError` where too few distinct distances are near.
    """
    order = np.argsort(distance, kind="stable")
    x, values = distance[order], np.asarray(outcome[order], dtype=float)[:, None]
    groups = None if cluster is None else cluster[order]
    counts = None if weight is None else weight[order]
    if takeup is not None:
        values = np.column_stack([values, takeup[order]])
    narrow, wide = bandwidths or choose_bandwidths(*split(x, values[:, 0], groups, counts))
    window = _window(x, values, groups, counts, narrow, wide)
    jumps, corrected = window.plain @ window.values, window.corrected @ window.values
    ratio = _ratio(jumps)
    errors = [_error(window, w, ratio, jumps, narrow, wide, p) for w, p in _pairs(window)]
    near = np.abs(window.distance) < narrow
    number = int(near.sum()) if window.cluster is None else len(np.unique(window.cluster))
    return DiscontinuityFit(
        estimate=ratio,
        std_error=errors[0],
        corrected=ratio + _linear(jumps, corrected - jumps),
        robust_error=errors[1],
        first_stage=float(jumps[1]) if takeup is not None else 1.0,
        bandwidth=narrow,
        bias_bandwidth=wide,
        rows_below=int((near & ~window.above).sum()),
        rows_above=int((near & window.above).sum()),
        clusters=number,
        df=np.inf if groups is None else number - 1.0,
    )


def select_bandwidths(
    distance: Floats,
    outcome: Floats,
    cluster: Ints | None = None,
    weight: Floats | None = None,
) -> tuple[float, float]:
    """Choose the bandwidths for the jump at distance zero and for its bias from the data.

    `numpy.linalg.LinAlgError` where too few distinct distances are near.
    """
    order = np.argsort(distance, kind="stable")
    groups = None if cluster is None else cluster[order]
    counts = None if weight is None else weight[order]
    return choose_bandwidths(*split(distance[order], outcome[order], groups, counts))


def partial_out(
    distance: Floats,
    outcome: Floats,
    covariates: Floats,
    bandwidth: float,
    weight: Floats | None = None,
) -> Floats:
    """Take `covariates` (n, k) out of `outcome`, by slopes common to both sides of the threshold.

    The slopes are those of a local linear fit with a jump, so covariates that run smoothly through
    the threshold sharpen the jump and do not move it. `numpy.linalg.LinAlgError` where one is a
    sum of the others near the threshold.
    """
    kernel = np.clip(1 - np.abs(distance) / bandwidth, 0, None)
    kernel = kernel if weight is None else kernel * weight
    near = kernel > 0
    above = (distance[near] >= 0).astype(float)
    lines = np.column_stack([np.ones(near.sum()), above, distance[near], above * distance[near]])
    root = np.sqrt(kernel[near])[:, None]
    base, _ = np.linalg.qr(lines * root)
    both = np.column_stack([covariates[near], outcome[near]]) * root
    rest = both - base @ (base.T @ both)
    z, y = rest[:, :-1], rest[:, -1]
    size = np.linalg.norm(z, axis=0)
    fixed = size <= 1e-9 * np.maximum(np.linalg.norm(both[:, :-1], axis=0), 1e-12)
    if fixed.any() or np.linalg.matrix_rank(z / size, tol=1e-8) < z.shape[1]:
        raise np.linalg.LinAlgError("covariates are collinear near the threshold")
    slopes = np.linalg.lstsq(z, y, rcond=None)[0]
    return np.asarray(outcome - (covariates - covariates.mean(axis=0)) @ slopes)


def split(
    x: Floats, outcome: Floats, cluster: Ints | None, weight: Floats | None = None
) -> tuple[Side, Side]:
    """Split sorted rows into the two sides of distance zero."""
    at = int(np.searchsorted(x, 0.0))

    def side(rows: slice) -> Side:
        groups = None if cluster is None else cluster[rows]
        counts = None if weight is None else weight[rows]
        return Side(x[rows], outcome[rows], groups, counts)

    return side(slice(0, at)), side(slice(at, None))


def _pairs(window: _Window) -> Sequence[tuple[Floats, bool]]:
    return ((window.plain, False), (window.corrected, True))


def _window(
    x: Floats,
    values: Floats,
    cluster: Ints | None,
    weight: Floats | None,
    narrow: float,
    wide: float,
) -> _Window:
    near = np.abs(x) < max(narrow, wide)
    x, values = x[near], values[near]
    groups = None if cluster is None else cluster[near]
    counts = None if weight is None else weight[near]
    above = x >= 0
    plain, corrected = np.zeros(len(x)), np.zeros(len(x))
    for side, sign in ((~above, -1.0), (above, 1.0)):
        mine = None if counts is None else counts[side]
        plain[side] = sign * linear_weights(x[side], narrow, 1, mine)[0]
        corrected[side] = sign * corrected_weights(x[side], narrow, wide, mine)
    return _Window(x, values, groups, counts, above, plain, corrected)


def _ratio(jumps: Floats) -> float:
    return float(jumps[0] / jumps[1]) if len(jumps) > 1 else float(jumps[0])


def _linear(jumps: Floats, change: Floats) -> float:
    """First-order change of the ratio of jumps when the jumps change."""
    if len(jumps) == 1:
        return float(change[0])
    return float((change[0] - jumps[0] / jumps[1] * change[1]) / jumps[1])


def _error(
    window: _Window,
    weights: Floats,
    ratio: float,
    jumps: Floats,
    narrow: float,
    wide: float,
    robust: bool,
) -> float:
    """Standard error of the jump (or ratio of jumps) that `weights` make."""
    if window.cluster is None:
        residuals = np.empty_like(window.values)
        for side in (~window.above, window.above):
            residuals[side] = neighbour_residuals(window.distance[side], window.values[side])
    elif len(np.unique(window.cluster)) < FEW_CLUSTERS:
        return _jackknife(window, narrow, wide, robust)
    else:
        residuals = _own_residuals(window, wide if robust else narrow, 2 if robust else 1)
    if len(jumps) > 1:
        residuals = (residuals[:, :1] - ratio * residuals[:, 1:]) / jumps[1]
    used = 6 if robust else 4
    return float(np.sqrt(weighted_variance(weights * residuals[:, 0], window.cluster, used)))


def _own_residuals(window: _Window, bandwidth: float, order: int) -> Floats:
    residuals = np.empty_like(window.values)
    for side in (~window.above, window.above):
        x, y = window.distance[side], window.values[side]
        mine = None if window.weight is None else window.weight[side]
        coef = linear_weights(x, bandwidth, order, mine) @ y
        residuals[side] = y - x[:, None] ** np.arange(order + 1) @ coef
    return residuals


def _jackknife(window: _Window, narrow: float, wide: float, robust: bool) -> float:
    """Standard error by leaving out one cluster at a time, bandwidths held."""
    _, codes = np.unique(np.asarray(window.cluster), return_inverse=True)
    count = int(codes.max()) + 1
    jumps, change = np.zeros((2, count, window.values.shape[1]))
    for side, sign in ((~window.above, -1.0), (window.above, 1.0)):
        x, y = window.distance[side], window.values[side]
        mine = None if window.weight is None else window.weight[side]
        line = left_out_coefs(x, y, codes[side], count, narrow, 1, mine)
        curve = left_out_coefs(x, y, codes[side], count, wide, 2, mine)
        jumps += sign * line[:, 0, :-1]
        bend = line[:, 0, -1:] * (narrow / wide) ** 2 * curve[:, 2, :-1]
        change -= sign * bend
    found = [
        _ratio(j) + (_linear(j, c) if robust else 0.0) for j, c in zip(jumps, change, strict=True)
    ]
    spread = np.sum((np.array(found) - np.mean(found)) ** 2)
    return float(np.sqrt((count - 1) / count * spread))
