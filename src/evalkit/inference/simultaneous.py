"""Bands that hold for all of several estimates at once: the sup-t critical value.

Montiel Olea and Plagborg-Moller 2019 (Journal of Applied Econometrics 34:1-17): the quantile of
the largest studentised deviation, drawn from the estimates' joint distribution.
"""

from typing import NamedTuple

import numpy as np

from evalkit.inference.arrays import Floats, Ints


class SupT(NamedTuple):
    """`critical`: errors that a band reaches to each side; `p_value`: that all are zero."""

    critical: float
    p_value: float


def sup_t(
    estimates: Floats,
    covariance: Floats,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    df: float = np.inf,
    draws: int = 9999,
) -> SupT:
    """Draw the critical value for `estimates` (k,) with `covariance` (k, k), t(`df`) if finite.

    An estimate without error is left out; both are NaN where none is left.
    """
    error = np.sqrt(np.diag(covariance))
    known = error > 0
    if not known.any():
        return SupT(np.nan, np.nan)
    related = covariance[np.ix_(known, known)] / np.outer(error[known], error[known])
    values, vectors = np.linalg.eigh(related)
    half = vectors * np.sqrt(np.clip(values, 0.0, None))
    drawn = np.abs(rng.standard_normal((draws, len(values))) @ half.T).max(axis=1)
    if np.isfinite(df):
        drawn /= np.sqrt(rng.chisquare(df, draws) / df)
    largest = float(np.max(np.abs(estimates[known]) / error[known]))
    p_value = (1 + float(np.sum(drawn >= largest))) / (1 + draws)
    return SupT(float(np.quantile(drawn, level)), p_value)


def influence_covariance(influence: Floats, cluster: Ints | None = None) -> Floats:
    """Covariance (k, k) of estimates with influences (n, k), summed within clusters if given.

    An estimate's influences add up to its error, so that they carry the division by n.
    """
    sums = influence
    if cluster is not None:
        sums = np.stack([np.bincount(cluster, column) for column in influence.T], axis=1)
    return np.asarray(sums.T @ sums)
