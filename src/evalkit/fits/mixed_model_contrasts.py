"""Errors and degrees of freedom of a mixed model's fixed effects, for few clusters.

Kenward and Roger (1997, Biometrics 53:983-997) add to the covariance what estimating the
variances costs, and match an F; for one contrast their degrees of freedom are Satterthwaite's,
2 v^2 / var(v), under the expected information. `satterthwaite` takes the observed information and
leaves out variances that were estimated as zero, as lmerTest does (Kuznetsova et al 2017, Journal
of Statistical Software 82(13)). For `decay`, second derivatives are left out (first order).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.fits.cluster_periods import Blocks, make_blocks
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.fits.variance_structures import decay_shape
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate, make_estimate

SmallSample = Literal["kenward_roger", "satterthwaite"]
AT_ZERO = 1e-8


@dataclass(frozen=True, slots=True)
class Curvature:
    """How a fit bends in each of the k parameters of its variance.

    `slopes` (k, p, p) is X' V^-1 V_i V^-1 X; `expected` and `observed` (k, k) are the
    informations of -2 log likelihood; `adjusted` (p, p) is the covariance of the fixed effects
    with the cost of estimating the variances.
    """

    slopes: Floats
    expected: Floats
    observed: Floats
    adjusted: Floats


def make_curvature(fit: MixedModelFit) -> Curvature:
    """Compute the curvature of a fit at its own variances, whole matrices a cluster."""
    blocks, cells, p = make_blocks(fit.cells), fit.cells, fit.cells.regressors
    turn = np.eye(p + 1)
    turn[:p, p] = -fit.coef
    steps = _steps(fit, blocks)
    inverse = _invert(fit, blocks, steps)
    scaled = inverse @ (blocks.mean @ turn)
    bent = steps @ scaled
    turned = inverse @ steps
    first = np.einsum("cti,kctj->kij", scaled, bent, optimize=True)
    second = np.einsum("kcti,lctj->klij", bent, inverse @ bent, optimize=True)
    traces = np.einsum("kcts,lcst->kl", turned, turned, optimize=True)
    within, residual = turn.T @ cells.within @ turn, float(fit.variance[0])
    first[0] += within / residual**2
    second[0, 0] += within / residual**3
    traces[0, 0] += (cells.rows - len(cells.weight)) / residual**2
    return _gather(fit, first, second, traces)


def _steps(fit: MixedModelFit, blocks: Blocks) -> Floats:
    """Slope of the cells' covariance in each parameter of the variance, (k, C, T, T)."""
    both = (blocks.present[:, :, None] & blocks.present[:, None, :]).astype(float)
    own = np.eye(both.shape[1]) * both
    steps = [own / blocks.weight[:, None, :]]
    if fit.structure == "decay":
        shape, slope = decay_shape(blocks, fit.component("decay"))
        steps += [shape, fit.component("cluster_period") * slope]
    elif fit.structure != "independent":
        steps += [both, own] if fit.structure == "nested_exchangeable" else [both]
    return np.stack(steps)


def cell_precision(fit: MixedModelFit, blocks: Blocks) -> Floats:
    """Return the inverse covariance of each cluster's cells, (C, T, T)."""
    return _invert(fit, blocks, _steps(fit, blocks))


def _invert(fit: MixedModelFit, blocks: Blocks, steps: Floats) -> Floats:
    """Invert the covariance of cells; padded cells stand alone with variance one."""
    linear = fit.variance.copy()
    if fit.structure == "decay":
        linear[2] = 0.0
    padded = np.eye(steps.shape[-1]) * ~blocks.present[:, None, :]
    return np.asarray(np.linalg.inv(np.tensordot(linear, steps, 1) + padded))


def _gather(fit: MixedModelFit, first: Floats, second: Floats, traces: Floats) -> Curvature:
    """Put together cross-products of [X r]: of X the cost of the variances, of r the misfit."""
    p, phi = fit.cells.regressors, fit.covariance
    slopes, misfit = first[:, :p, :p], first[:, :p, p]
    bent = slopes @ phi
    expected = traces
    if fit.restricted:
        expected = traces - 2 * np.einsum("klij,ij->kl", second[:, :, :p, :p], phi)
        expected = expected + np.einsum("kij,lji->kl", bent, bent)
    squares = second[:, :, p, p] - misfit @ phi @ misfit.T
    inner = np.einsum("kij,ljm->klim", bent, slopes)
    spread = 2 * np.linalg.pinv(expected, hermitian=True)
    cost = np.einsum("kl,klij->ij", spread, second[:, :, :p, :p] - inner)
    observed = 2 * squares - (expected if fit.restricted else traces)
    return Curvature(slopes, expected, observed, phi + 2 * phi @ cost @ phi)


def estimate_contrast(
    fit: MixedModelFit,
    weights: Floats,
    curvature: Curvature,
    *,
    method: SmallSample = "kenward_roger",
    level: float = 0.95,
) -> Estimate:
    """Estimate the sum of `weights` (p,) times the fixed effects.

    `kenward_roger` wants a fit by restricted likelihood.
    """
    variance = float(weights @ fit.covariance @ weights)
    direction = fit.covariance @ weights
    slope = curvature.slopes @ direction @ direction
    if method == "kenward_roger":
        spread = 2 * np.linalg.pinv(curvature.expected, hermitian=True)
        error = float(weights @ curvature.adjusted @ weights)
    else:
        inside = np.ix_(*[fit.variance > AT_ZERO * fit.variance[0]] * 2)
        spread = np.zeros_like(curvature.observed)
        spread[inside] = 2 * np.linalg.pinv(curvature.observed[inside], hermitian=True)
        error = variance
    uncertain = float(slope @ spread @ slope)
    df = 2 * variance**2 / uncertain if uncertain > 0 else np.inf
    return make_estimate(float(weights @ fit.coef), error**0.5, df=df, level=level)
