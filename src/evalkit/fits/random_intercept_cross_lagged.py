"""Cross-lagged panels: which of two measures comes first, within units, wave after wave?

Each measure is a unit's lasting level (random intercept) plus its movement around that level; a
wave's movements follow from both measures' movements one wave before, with the same four paths
in every wave. Without random intercepts, lasting differences between units pass for movement.
Fitted by maximum likelihood on the covariances (Fisher scoring, then BFGS, with analytic
derivatives); standard errors from the expected information; fit indices as lavaan counts them
(N, not N - 1).
Must hold: waves equally far apart, lags of one wave, and no third cause that moves both.
Sources: Hamaker, Kuiper and Grasman 2015 (Psychological Methods 20:102-116); Joreskog 1969;
Rosseel 2012 (lavaan); Hu and Bentler 1999 (fit indices).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

SYMMETRIC = np.array([[[1.0, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]])
"""Derivatives of a 2 x 2 covariance by first variance, covariance and second variance."""

MOST_STEPS = 25
CONVERGED = 1e-12
"""Fisher scoring ends where a whole step would lower the discrepancy by less than this."""

CLOSE = 1e-4
"""Gradient, per standard error of a single unit, at which rounding may end the search."""

LARGE = 1e6
"""Stands for an infinite discrepancy where a search steps outside the possible."""


@dataclass(frozen=True, slots=True)
class FitIndices:
    """How well a covariance model fits; `df` and `parameters` are counts."""

    chi_square: float
    df: int
    p_value: float
    cfi: float
    tli: float
    rmsea: float
    srmr: float
    log_likelihood: float
    aic: float
    bic: float
    parameters: int


@dataclass(frozen=True, slots=True)
class CrossLagged:
    """Paths and variances with normal intervals, and the fit.

    `estimates` has `term, estimate, std_error, conf_low, conf_high, p_value`; terms are
    `first_to_first, second_to_first, first_to_second, second_to_second`, and with random
    intercepts `first_level_variance, level_covariance, second_level_variance`, then the
    movements' own `first_variance_1, covariance_1, second_variance_1` for each wave. `proper` is
    false where a variance is estimated below zero or a correlation beyond one, so that the model
    should not be leant on.
    """

    estimates: pd.DataFrame
    fit: FitIndices
    n: int
    waves: int
    proper: bool


def fit_cross_lagged(
    first: Floats, second: Floats, *, random_intercepts: bool = True, level: float = 0.95
) -> CrossLagged:
    """Fit the cross-lagged panel model to two measures, each of shape (units, waves).

    Columns are consecutive waves; rows must be complete. Raises AnalysisError for fewer than
    three waves, too few units, a measure that does not vary, or no convergence.
    """
    sample = _covariance(first, second)
    units, waves = first.shape
    start = _start(sample, waves, random_intercepts)
    params = _maximise(sample, start, waves)
    implied, slopes = _implied(params, waves)
    errors = np.sqrt(np.diag(np.linalg.inv(_information(implied, slopes, units))))
    table = _table(_terms(waves, random_intercepts), params, errors, level)
    indices = _indices(sample, implied, len(params), units)
    return CrossLagged(table, indices, units, waves, _is_proper(params))


def _is_proper(params: Floats) -> bool:
    """Say whether levels and each wave's movements have covariances that can be."""
    matrices = np.tensordot(params[4:].reshape(-1, 3), SYMMETRIC, axes=1)
    return bool(np.linalg.eigvalsh(matrices).min() > 0)


def _covariance(first: Floats, second: Floats) -> Floats:
    """Maximum-likelihood covariance of x1, y1, x2, y2, ...; refuses what cannot be fitted."""
    if first.shape != second.shape or first.ndim != 2:
        raise AnalysisError(
            "cross-lagged panel: the two measures differ in units or waves. Give both for the "
            "same units and waves."
        )
    units, waves = first.shape
    if waves < 3:
        raise AnalysisError(
            f"waves: {waves}, and telling lasting levels from movement needs at least 3. "
            "Give more periods."
        )
    columns = np.stack([first, second], axis=2).reshape(units, 2 * waves)
    incomplete = int(np.sum(~np.isfinite(columns).all(axis=1)))
    if incomplete:
        raise AnalysisError(
            f"cross-lagged panel: {incomplete} units lack a wave. Leave them out, or use fewer "
            "waves."
        )
    if units <= 2 * waves:
        raise AnalysisError(
            f"units: {units} complete, and {waves} waves of two measures need more than "
            f"{2 * waves}. Use fewer waves, or give more units."
        )
    centred = columns - columns.mean(axis=0)
    sample: Floats = centred.T @ centred / units
    scale = np.sqrt(np.diag(sample))
    if np.any(scale < 1e-12) or np.linalg.cond(sample / np.outer(scale, scale)) > 1e12:
        raise AnalysisError(
            "cross-lagged panel: in some wave a measure does not vary, or repeats another exactly. "
            "Leave that wave out."
        )
    return sample


def _terms(waves: int, random_intercepts: bool) -> list[str]:
    paths = ["first_to_first", "second_to_first", "first_to_second", "second_to_second"]
    levels = ["first_level_variance", "level_covariance", "second_level_variance"]
    own = ["first_variance", "covariance", "second_variance"]
    moves = [f"{name}_{wave}" for wave in range(1, waves + 1) for name in own]
    return [*paths, *(levels if random_intercepts else []), *moves]


def _start(sample: Floats, waves: int, random_intercepts: bool) -> Floats:
    """Moderate carry-over, no crossing; the lasting level from the waves furthest apart."""
    blocks = sample.reshape(waves, 2, waves, 2).transpose(0, 2, 1, 3)
    apart = (blocks[0, -1] + blocks[0, -1].T) / 2
    total = np.mean([blocks[t, t] for t in range(waves)], axis=0)
    share = 0.5 * np.clip(np.diag(apart) / np.diag(total), 0.1, 0.9)
    level = np.diag(share * np.diag(total)) if random_intercepts else np.zeros((2, 2))
    moves = np.concatenate([_three(blocks[t, t] - level) * [0.8, 0.2, 0.8] for t in range(waves)])
    paths = np.array([0.3, 0.0, 0.0, 0.3])
    return np.concatenate([paths, _three(level), moves] if random_intercepts else [paths, moves])


def _three(matrix: Floats) -> Floats:
    return np.array([matrix[0, 0], matrix[0, 1], matrix[1, 1]])


def _implied(params: Floats, waves: int) -> tuple[Floats, Floats]:
    """Implied covariance (p, p) and its derivatives (parameters, p, p), p = 2 x waves.

    `after` carries what comes new in a wave to the later ones; a path's derivative puts one
    measure of the wave before in place of what is new.
    """
    size, levels = 2 * waves, len(params) - 4 - 3 * waves
    step = np.eye(size)
    own = np.zeros((waves, 2, waves, 2))
    at = np.arange(waves)
    step.reshape(waves, 2, waves, 2)[at[1:], :, at[:-1], :] = -params[:4].reshape(2, 2)
    own[at, :, at, :] = np.tensordot(params[4 + levels :].reshape(waves, 3), SYMMETRIC, axes=1)
    after = np.linalg.inv(step)
    moved = after @ own.reshape(size, size) @ after.T
    half = [after[:, i::2][:, 1:] @ moved[j::2][:-1] for i in (0, 1) for j in (0, 1)]
    by_path = np.stack(half) + np.stack(half).transpose(0, 2, 1)
    first, second = after.T[0::2], after.T[1::2]
    crossed = first[:, :, None] * second[:, None, :]
    by_move = np.stack(
        [
            first[:, :, None] * first[:, None, :],
            crossed + crossed.transpose(0, 2, 1),
            second[:, :, None] * second[:, None, :],
        ],
        axis=1,
    ).reshape(-1, size, size)
    by_level = np.tile(SYMMETRIC[: 3 if levels else 0], (1, waves, waves))
    implied = moved + np.tensordot(params[4 : 4 + levels], by_level, axes=1)
    return implied, np.concatenate([by_path, by_level, by_move])


def _discrepancy(sample: Floats, implied: Floats) -> float:
    """Log determinant plus trace, infinite where the implied covariance is not one."""
    try:
        root = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return float("inf")
    trace = np.trace(np.linalg.solve(implied, sample))
    return float(2 * np.log(np.diag(root)).sum() + trace)


def _information(implied: Floats, slopes: Floats, units: float) -> Floats:
    """Expected information: N / 2 times the trace of each pair of scaled derivatives."""
    scaled = np.linalg.solve(implied, slopes)
    count = len(slopes)
    flat, turned = scaled.reshape(count, -1), scaled.transpose(0, 2, 1).reshape(count, -1)
    return np.asarray(units / 2 * flat @ turned.T, dtype=float)


def _maximise(sample: Floats, params: Floats, waves: int) -> Floats:
    """Fisher scoring while it goes straight to the maximum, then quasi-Newton steps."""
    for _ in range(MOST_STEPS):
        implied, slopes = _implied(params, waves)
        gradient = _gradient(sample, implied, slopes)
        step = np.linalg.solve(_information(implied, slopes, 2.0), gradient)
        if gradient @ step < CONVERGED:
            return params
        value, size = _discrepancy(sample, implied), 1.0
        while size > 0.1 and _discrepancy(sample, _implied(params + size * step, waves)[0]) > value:
            size /= 2
        params = params + size * step if size > 0.1 else params
    return _polish(sample, params, waves)


def _gradient(sample: Floats, implied: Floats, slopes: Floats) -> Floats:
    """How fast the discrepancy falls with each parameter."""
    inverse = np.linalg.inv(implied)
    pull = inverse @ (sample - implied) @ inverse
    return np.asarray(slopes.reshape(len(slopes), -1) @ pull.ravel())


def _polish(sample: Floats, params: Floats, waves: int) -> Floats:
    """Quasi-Newton (BFGS) in steps of one standard error's size, whatever the measures' units."""
    information = _information(*_implied(params, waves), 2.0)
    scale: Floats = np.linalg.cholesky(np.linalg.inv(information))

    def fall(steps: Floats) -> tuple[float, Floats]:
        implied, slopes = _implied(params + scale @ steps, waves)
        value = _discrepancy(sample, implied)
        if not np.isfinite(value):
            return LARGE, np.zeros_like(steps)
        return value, -scale.T @ _gradient(sample, implied, slopes)

    options = {"gtol": np.sqrt(CONVERGED), "norm": 2}
    found = optimize.minimize(fall, np.zeros_like(params), jac=True, method="BFGS", options=options)
    if not np.linalg.norm(found.jac) < CLOSE:
        raise AnalysisError(
            "cross-lagged panel: the likelihood has no clear maximum, as where lasting levels and "
            "carry-over cannot be told apart. Use more waves or more units."
        )
    return np.asarray(params + scale @ found.x)


def _table(terms: list[str], params: Floats, errors: Floats, level: float) -> pd.DataFrame:
    half = stats.norm.ppf(0.5 + level / 2) * errors
    return pd.DataFrame(
        {
            "term": terms,
            "estimate": params,
            "std_error": errors,
            "conf_low": params - half,
            "conf_high": params + half,
            "p_value": 2 * stats.norm.sf(np.abs(params / errors)),
        }
    )


def _indices(sample: Floats, implied: Floats, parameters: int, units: int) -> FitIndices:
    """Fit indices; means are free, so they add parameters but no misfit."""
    size = len(sample)
    moments = size * (size + 1) // 2
    df = moments - parameters
    saturated = np.linalg.slogdet(sample)[1] + size
    chi = units * max(_discrepancy(sample, implied) - saturated, 0.0)
    base_df = size * (size - 1) // 2
    base = units * (np.log(np.diag(sample)).sum() + size - saturated)
    excess, base_excess = max(chi - df, 0.0), max(base - base_df, chi - df, 0.0)
    scale = np.sqrt(np.diag(sample))
    residual = ((sample - implied) / np.outer(scale, scale))[np.tril_indices(size)]
    log_likelihood = -units / 2 * (size * np.log(2 * np.pi) + _discrepancy(sample, implied))
    free = parameters + size
    return FitIndices(
        chi_square=float(chi),
        df=df,
        p_value=float(stats.chi2.sf(chi, df)),
        cfi=float(1 - excess / base_excess) if base_excess > 0 else 1.0,
        tli=float((base / base_df - chi / df) / (base / base_df - 1)),
        rmsea=float(np.sqrt(excess / (units * df))),
        srmr=float(np.sqrt(np.sum(residual**2) / (moments + size))),
        log_likelihood=float(log_likelihood),
        aic=float(-2 * log_likelihood + 2 * free),
        bic=float(-2 * log_likelihood + np.log(units) * free),
        parameters=free,
    )
