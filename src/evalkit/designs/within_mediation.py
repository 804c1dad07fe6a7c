"""Mediation within trusts: how much of the association goes by way of the mediator?

Compares: within trusts, the mediator with the exposure of the same period (path a), and the
outcome `exposure_lag` periods later with the mediator, the exposure held fixed (path b).
Estimates: indirect (a x b), direct, and total association per step of exposure, the share
carried, and the residual correlation at which the indirect part would vanish.
Must hold for more than association: no unmeasured cause moves mediator and outcome, nor exposure
and either (sequential ignorability). The sensitivity row says how strong one must be.
Uncertainty: percentile interval over trusts resampled whole; noise in exposure and mediator
removed, which correlates over people by `mediator_noise_correlation`, since both share answers.
Sources: Imai, Keele and Yamamoto 2010 (Statistical Science 25:51-71), theorem 4; Zhang, Zyphur
and Preacher 2009 (within and between paths kept apart).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.lagged_panel import (
    LOWEST_RELIABILITY,
    better_step,
    corrects_noise,
    primary_terms,
)
from evalkit.designs.terms import Sample, Term, make_sample
from evalkit.designs.within_fit import Floats, cross_products, period_dummies, solve_within
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.schema import StaffWellbeing

PATHS = {
    "a": "Mediator per step of the staff measure (path a)",
    "b": "Outcome per unit of the mediator (path b)",
    "indirect": "By way of the mediator",
    "direct": "Not by way of the mediator",
    "total": "Together",
    "share": "Share by way of the mediator",
}


@dataclass(frozen=True, slots=True)
class Moments:
    """Per trust, cross-products of [exposure, adjusters, periods, mediator, outcome], no noise.

    `products` has shape (trusts, p, p); the mediator is second from last, the outcome last.
    """

    products: Floats
    n: int


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate the paths with bootstrap intervals; seeded by the study's `seed`."""
    if "mediator" not in panel or parameters.mediator_name is None:
        raise AnalysisError(
            "mediator: none is mapped, so nothing can be said of how an effect is carried. "
            "Map the role mediator in staff_columns and give mediator_name."
        )
    moments = within_moments(panel, parameters)
    step = better_step(parameters)
    point = _paths(moments.products.sum(axis=0), step)
    rng = np.random.default_rng(parameters.seed)
    trusts = len(moments.products)
    draws = rng.multinomial(trusts, np.full(trusts, 1 / trusts), parameters.bootstrap_draws)
    flat = draws.astype(float) @ moments.products.reshape(trusts, -1)
    resampled = _paths(flat.reshape(-1, *moments.products.shape[1:]), step)
    table = _table(point, resampled, moments, parameters.confidence_level)
    return Result("within_mediation", table, {"path": "indirect"})


def can_estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> bool:
    """Say whether a mediator is mapped whose movement within trusts is not mostly noise."""
    if "mediator" not in panel or parameters.mediator_name is None:
        return False
    sample = sample_of(panel, parameters)
    *regressors, mediator, outcome = sample.columns
    columns = [mediator, *regressors, outcome]
    products = cross_products(
        columns, period_dummies(sample.period), sample.unit, _shared(parameters)
    )
    fit = solve_within(products, ("mediator",), sample.n)
    return bool(fit.reliability[0] >= LOWEST_RELIABILITY)


def _shared(parameters: StaffWellbeing) -> dict[frozenset[str], float]:
    """How noise in the staff measure and the mediator, answered by the same people, correlates."""
    return {frozenset(("exposure", "mediator")): parameters.mediator_noise_correlation}


def vanishing_correlation(panel: pd.DataFrame, parameters: StaffWellbeing) -> float:
    """Correlation of mediator's and outcome's unmeasured causes that would explain path b away.

    It is the correlation of mediator and outcome given the exposure, both free of noise.
    """
    moments = within_moments(panel, parameters, outcome_noise=True)
    total = moments.products.sum(axis=0)
    k = len(total) - 2
    rest = total[k:, k:] - total[k:, :k] @ np.linalg.solve(total[:k, :k], total[:k, k:])
    return float(np.clip(rest[0, 1] / np.sqrt(max(rest[0, 0] * rest[1, 1], 1e-300)), -1, 1))


def sample_of(panel: pd.DataFrame, parameters: StaffWellbeing) -> Sample:
    """Rows of [exposure, adjusters, mediator, outcome] on which all paths are estimated."""
    terms = [*primary_terms(parameters), Term("mediator", parameters.exposure_lag)]
    return make_sample(panel, terms, Term("outcome"), noise=corrects_noise(panel, parameters))


def within_moments(
    panel: pd.DataFrame, parameters: StaffWellbeing, *, outcome_noise: bool = False
) -> Moments:
    """Cross-products by trust with noise removed; of the outcome's noise too if asked."""
    sample = sample_of(panel, parameters)
    *regressors, mediator, outcome = sample.columns
    dummies = period_dummies(sample.period)
    columns = [*regressors, mediator, outcome]
    with_outcome = cross_products(columns, dummies, sample.unit, _shared(parameters))
    noise = with_outcome.noise.copy()
    if not outcome_noise:
        noise[:, -1, :] = noise[:, :, -1] = 0.0
    r, p = len(regressors), with_outcome.total.shape[1]
    order = [*range(r), *range(r + 1, p - 1), r, p - 1]
    products = (with_outcome.total - noise)[:, order][:, :, order]
    return Moments(products, sample.n)


def _paths(total: Floats, step: float) -> dict[str, Floats]:
    """Paths from cross-products (..., p, p); each value has the leading shape."""
    k = total.shape[-1] - 2
    x, m = total[..., :k, :k], total[..., : k + 1, : k + 1]
    a = np.linalg.solve(x, total[..., :k, k, None])[..., 0, 0]
    both = np.linalg.solve(m, total[..., : k + 1, k + 1, None])[..., 0]
    b, direct = both[..., k], both[..., 0]
    indirect, onward = a * b * step, direct * step
    return {
        "a": a * step,
        "b": b,
        "indirect": indirect,
        "direct": onward,
        "total": indirect + onward,
        "share": indirect / (indirect + onward),
    }


def _table(
    point: dict[str, Floats], resampled: dict[str, Floats], moments: Moments, level: float
) -> pd.DataFrame:
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows = []
    for path, label in PATHS.items():
        low, high = np.quantile(resampled[path], tails)
        rows.append(
            {
                "path": path,
                "label": label,
                "estimate": float(point[path]),
                "conf_low": float(low),
                "conf_high": float(high),
                "level": level,
                "n": moments.n,
                "clusters": len(moments.products),
            }
        )
    return pd.DataFrame(rows)
