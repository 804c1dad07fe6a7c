"""Local polynomials at a boundary, as linear weights of the outcomes, with their errors.

A coefficient of a local polynomial is a weighted sum of outcomes; so is one corrected for its
bias. Errors follow from the weights and the residuals: of the nearest neighbours on the same side
(Abadie and Imbens 2006, as used by Calonico, Cattaneo and Titiunik 2014), or by cluster.
Weights of rows, where there are some, multiply the kernel; a neighbour's residual needs none.
What must hold: distances sorted, of one side of the boundary only.
"""

from math import sqrt

import numpy as np

from evalkit.inference.arrays import Floats, Ints

NEIGHBOURS = 3


def linear_weights(
    distance: Floats, bandwidth: float, order: int, weight: Floats | None = None
) -> Floats:
    """Weights (order + 1, n) that make the coefficients of 1, d, d^2, ... out of outcomes (n,).

    Triangular kernel, times `weight` (n,) of the rows; weights are zero from `bandwidth` on.
    """
    scaled = distance / bandwidth
    kernel = _kernel(scaled, weight)
    powers = scaled[:, None] ** np.arange(order + 1)
    weighted = powers * kernel[:, None]
    solved = np.linalg.solve(weighted.T @ powers, weighted.T)
    return np.asarray(solved / bandwidth ** np.arange(order + 1)[:, None])


def _kernel(scaled: Floats, weight: Floats | None) -> Floats:
    kernel = np.clip(1 - np.abs(scaled), 0, None)
    return np.asarray(kernel if weight is None else kernel * weight)


def corrected_weights(
    distance: Floats, bandwidth: float, bias_bandwidth: float, weight: Floats | None = None
) -> Floats:
    """Weights (n,) of the local linear value at the boundary, less its estimated bias.

    The bias comes from the curvature of a local quadratic within `bias_bandwidth` (Calonico,
    Cattaneo and Titiunik 2014, Econometrica 82:2295-2326, remark 7).
    """
    value = linear_weights(distance, bandwidth, 1, weight)[0]
    curvature = linear_weights(distance, bias_bandwidth, 2, weight)[2]
    return np.asarray(value - (value @ distance**2) * curvature)


def neighbour_residuals(distance: Floats, outcomes: Floats) -> Floats:
    """Each outcome less the mean of its three nearest others, scaled to its own spread.

    `distance` (n,) is sorted; `outcomes` is (n, k). Values that tie are taken together.
    """
    values, first, counts = np.unique(distance, return_index=True, return_counts=True)
    ends = np.append(first, len(distance))
    low, high = np.arange(len(values)), np.arange(len(values))
    need = min(NEIGHBOURS, len(distance) - 1)
    padded = np.concatenate([[-np.inf], values, [np.inf]])
    for _ in range(NEIGHBOURS):
        short = ends[high + 1] - ends[low] - 1 < need
        left, right = values - padded[low], padded[high + 2] - values
        close = sqrt(np.finfo(float).eps) * np.maximum(
            np.where(np.isfinite(left), left, 0), np.where(np.isfinite(right), right, 0)
        )
        low = low - (short & (left <= right + close) & np.isfinite(left))
        high = high + (short & (right <= left + close) & np.isfinite(right))
    group = np.repeat(np.arange(len(values)), counts)
    sums = np.vstack([np.zeros(outcomes.shape[1]), outcomes.cumsum(axis=0)])
    start, stop = ends[low][group], ends[high + 1][group]
    others = (stop - start - 1)[:, None]
    mean = (sums[stop] - sums[start] - outcomes) / np.maximum(others, 1)
    return np.asarray(np.sqrt(others / (others + 1)) * (outcomes - mean))


def left_out_coefs(
    distance: Floats,
    outcomes: Floats,
    cluster: Ints,
    count: int,
    bandwidth: float,
    order: int,
    weight: Floats | None = None,
) -> Floats:
    """Coefficients (count, order + 1, k + 1) of (d / bandwidth)^j with each cluster left out.

    The last column is that of the squared scaled distance itself, from which a bias is made.
    `cluster` holds codes from 0 to count - 1.
    """
    scaled = distance / bandwidth
    kernel = _kernel(scaled, weight)
    powers = scaled[:, None] ** np.arange(order + 1)
    right = np.column_stack([powers, outcomes, scaled**2])
    products = np.zeros((count, order + 1, right.shape[1]))
    np.add.at(products, cluster, (powers * kernel[:, None])[:, :, None] * right[:, None, :])
    rest = products.sum(axis=0) - products
    return np.asarray(np.linalg.solve(rest[:, :, : order + 1], rest[:, :, order + 1 :]))


def weighted_variance(terms: Floats, cluster: Ints | None, parameters: int) -> float:
    """Variance of a sum of weight times residual (n,), by row or by cluster.

    Clustered it is multiplied by G / (G - 1) x (n - 1) / (n - parameters).
    """
    if cluster is None:
        return float(np.sum(terms**2))
    _, codes = np.unique(cluster, return_inverse=True)
    sums = np.bincount(codes, terms)
    groups, rows = len(sums), len(terms)
    scale = groups / (groups - 1) * (rows - 1) / (rows - parameters)
    return float(scale * np.sum(sums**2))
