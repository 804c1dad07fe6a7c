"""How an indirect association depends on unmeasured causes of both mediator and outcome.

`rho` is the correlation of what else moves the mediator with what else moves the outcome, the
exposure held fixed; least squares takes it for zero. For each rho the indirect part has one
value that fits the data equally well; it vanishes where rho equals the correlation of mediator
and outcome given the exposure.
Must hold: linear equations without interaction of exposure and mediator.
Source: Imai, Keele and Yamamoto 2010 (Statistical Science 25:51-71), theorem 4.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.fits.mediation_paths import Layout, solve_block
from evalkit.inference.arrays import Floats

RHO_GRID = np.round(np.linspace(-0.9, 0.9, 37), 2)
"""Correlations looked at: steps of 0.05."""


@dataclass(frozen=True, slots=True)
class ResidualMoments:
    """Path a (...) and residual covariance (..., 2, 2) of mediator and outcome, exposure fixed."""

    path_a: Floats
    covariance: Floats


def residual_moments(products: Floats, layout: Layout) -> ResidualMoments:
    """Take the moments from cross-products (..., p, p) with the mediator of interest first.

    Other mediators count among what is held fixed.
    """
    k, end = layout.fixed, products.shape[-1] - 1
    own = [*range(k), *range(k + 1, end)]
    pair = [k, end]
    fixed = products[..., own, :][..., :, own]
    cross = products[..., own, :][..., :, pair]
    explained = np.swapaxes(cross, -1, -2) @ solve_block(fixed, cross)
    simple = solve_block(products[..., :k, :k], products[..., :k, k : k + 1])
    rest = products[..., pair, :][..., :, pair] - explained
    return ResidualMoments(simple[..., 0, 0], np.asarray(rest))


def vanishing_rho(moments: ResidualMoments) -> Floats:
    """Correlation at which the indirect part is zero, shape (...)."""
    cov = moments.covariance
    scale = np.sqrt(np.maximum(cov[..., 0, 0] * cov[..., 1, 1], 1e-300))
    return np.asarray(np.clip(cov[..., 0, 1] / scale, -1.0, 1.0))


def pull_of_rho(moments: ResidualMoments) -> Floats:
    """What path b loses per rho / sqrt(1 - rho squared), shape (...)."""
    cov, seen = moments.covariance, vanishing_rho(moments)
    ratio = np.sqrt(cov[..., 1, 1] / np.maximum(cov[..., 0, 0], 1e-300))
    return np.asarray(ratio * np.sqrt(1 - seen**2))


def path_b_at(moments: ResidualMoments, rho: Floats) -> Floats:
    """Path b at each rho (r,) strictly between -1 and 1: shape (..., r)."""
    cov = moments.covariance
    plain = cov[..., 0, 1] / np.maximum(cov[..., 0, 0], 1e-300)
    pull = pull_of_rho(moments)
    return np.asarray(plain[..., None] - pull[..., None] * rho / np.sqrt(1 - rho**2))


def indirect_at(moments: ResidualMoments, rho: Floats) -> Floats:
    """Indirect association at each rho (r,) strictly between -1 and 1: shape (..., r)."""
    return np.asarray(moments.path_a[..., None] * path_b_at(moments, rho))
