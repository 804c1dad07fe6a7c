"""Slopes of an outcome on a dose: within units, ahead in time, bent, and between units.

Errors are CR2 with Satterthwaite's degrees of freedom, clustered; above 200 clusters CR1 and
t(clusters - 1), which then say the same. Where clusters are few, a wild cluster bootstrap stands
beside.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.designs.dose_rows import DoseRows
from evalkit.fits.unit_panel import keep_seen_twice, means_by, recode
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.cluster_moments import (
    ClusterMoments,
    inverse_root,
    make_cluster_moments,
    solve_moments,
)
from evalkit.inference.clustered import FEW_CLUSTERS, moment_covariance, reduce_bias
from evalkit.inference.estimates import make_estimate
from evalkit.inference.few_clusters import MANY_CLUSTERS
from evalkit.inference.wild_bootstrap import bootstrap_wild
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.study.schemas.dose_response import DoseResponse

Row = dict[str, object]
COLUMNS = [*ESTIMATE_COLUMNS, "label", "p_value"]


@dataclass(frozen=True, slots=True)
class Slopes:
    """The first `k` coefficients of a regression: coef, df (k,), cov (k, k), and how made."""

    coef: Floats
    cov: Floats
    df: Floats
    method: str
    n: int
    clusters: int


def fit_within(
    rows: DoseRows, columns: Floats, *, held: Floats | None = None, chosen: Flags | None = None
) -> Slopes:
    """Regress the outcome on columns (n, k) within units, periods and adjusters held fixed.

    `held` (n, j) are further columns to hold fixed; `chosen` (n,) takes part of the rows.
    """
    extra = np.empty((rows.n, 0)) if held is None else held
    full = np.column_stack([columns, extra, rows.held])
    if chosen is None:
        moments = make_cluster_moments(rows.outcome, full, rows.cluster, unit=rows.unit)
    else:
        codes = (recode(rows.cluster[chosen]), recode(rows.unit[chosen]))
        moments = make_cluster_moments(rows.outcome[chosen], full[chosen], codes[0], unit=codes[1])
    return infer_slopes(moments, columns.shape[1])


def infer_slopes(moments: ClusterMoments, k: int) -> Slopes:
    """Solve, with the errors that the number of clusters asks for."""
    fit = solve_moments(moments)
    if fit.clusters > MANY_CLUSTERS:
        df = np.full(k, fit.clusters - 1.0)
        cov = moment_covariance(fit)[:k, :k]
        return Slopes(fit.coef[:k], cov, df, "clustered", fit.n, fit.clusters)
    small = reduce_bias(fit, size=k)
    return Slopes(small.coef, small.cov, small.df, "cr2", fit.n, fit.clusters)


def list_effects(rows: DoseRows, parameters: DoseResponse) -> list[Row]:
    """List the headline slope, what stands beside it, and the slope between units, last."""
    within = fit_within(rows, rows.dose[:, None])
    step, name = parameters.dose_step, f"per {parameters.dose_step:g} {parameters.dose_unit}"
    found = [_row(within, "effect", f"Each unit with itself, {name} more", step, parameters)]
    if rows.clusters < FEW_CLUSTERS:
        found += _wild(rows, f"Each unit with itself, {name} more", parameters)
    found += _bend(rows, parameters)
    found += _lead(rows, parameters)
    return [*found, *_between(rows, f"Units compared with each other, {name} more", parameters)]


def _bend(rows: DoseRows, parameters: DoseResponse) -> list[Row]:
    """How much the slope per step changes for each step more, where a square can be told."""
    away = rows.dose - rows.dose.mean()
    columns = np.column_stack([away**2, away])
    if len(np.unique(rows.dose)) < 3 or not is_told(rows, columns):
        return []
    slopes = fit_within(rows, columns)
    label = "Change of that difference with each step more (bend)"
    return [_row(slopes, "bend", label, 2 * parameters.dose_step**2, parameters)]


def _lead(rows: DoseRows, parameters: DoseResponse) -> list[Row]:
    """The outcome with the dose one period after it, doses up to it held fixed (Sims 1972)."""
    known = np.asarray(np.isfinite(rows.later).all(axis=1))
    chosen = keep_seen_twice(known, rows.unit, rows.time)
    if not chosen.any():
        return []
    own, later = np.where(chosen[:, None], rows.later, 0.0).T
    held = np.column_stack([rows.dose, own] if parameters.dose_lag else [rows.dose])
    both = np.column_stack([later, held])
    if not is_told(rows, both, chosen) or len(np.unique(rows.cluster[chosen])) < 4:
        return []
    slopes = fit_within(rows, later[:, None], held=held, chosen=chosen)
    label = "Outcome with the dose one period after it, doses up to it held fixed"
    return [_row(slopes, "lead", label, parameters.dose_step, parameters)]


def is_told(rows: DoseRows, columns: Floats, chosen: Flags | None = None) -> bool:
    """Say whether the columns (n, k) can be told apart within units, periods and adjusters."""
    pick = np.ones(rows.n, dtype=bool) if chosen is None else chosen
    full = np.column_stack([columns, rows.held])[pick]
    unit = recode(rows.unit[pick])
    apart = full - means_by(full, unit)[unit]
    products = apart.T @ apart
    k = columns.shape[1]
    rest = inverse_root(products[k:, k:]).shape[1] if products.shape[0] > k else 0
    return bool(inverse_root(products).shape[1] == rest + k)


def _between(rows: DoseRows, label: str, parameters: DoseResponse) -> list[Row]:
    """Units' mean outcome on their mean dose and adjusters; no row where units are too few."""
    columns = np.column_stack([rows.dose, rows.others, rows.outcome])
    means = means_by(columns, rows.unit)
    first = np.unique(rows.unit, return_index=True)[1]
    regressors = np.column_stack([means[:, :-1], np.ones(len(means))])
    if len(means) < regressors.shape[1] + 2 or np.ptp(means[:, 0]) < 1e-12:
        return []
    moments = make_cluster_moments(means[:, -1], regressors, recode(rows.cluster[first]))
    slopes = infer_slopes(moments, 1)
    row = _row(slopes, "between", label, parameters.dose_step, parameters)
    return [row | {"method": "between_units"}]


def _wild(rows: DoseRows, label: str, parameters: DoseResponse) -> list[Row]:
    """The headline slope by wild cluster bootstrap, where signs of clusters are enough for it."""
    if 0.5 ** (rows.clusters - 1) > 1 - parameters.confidence_level:
        return []
    full = np.column_stack([rows.dose, rows.held])
    moments = make_cluster_moments(rows.outcome, full, rows.cluster, unit=rows.unit)
    rng = np.random.default_rng(parameters.seed)
    found = bootstrap_wild(moments, rng, draws=parameters.draws, level=parameters.confidence_level)
    if not np.isfinite([found.conf_low, found.conf_high]).all():
        return []
    step = parameters.dose_step
    return [
        {
            "term": "effect",
            "estimate": found.estimate * step,
            "std_error": found.std_error * step,
            "conf_low": found.conf_low * step,
            "conf_high": found.conf_high * step,
            "df": np.nan,
            "p_value": found.p_value,
            "method": "wild_bootstrap",
            "label": f"{label}, by wild bootstrap",
            "n": rows.n,
            "clusters": rows.clusters,
            **_shared(parameters),
        }
    ]


def _row(slopes: Slopes, term: str, label: str, step: float, parameters: DoseResponse) -> Row:
    error = float(np.sqrt(slopes.cov[0, 0])) * step
    made = make_estimate(
        float(slopes.coef[0]) * step,
        error,
        df=float(slopes.df[0]),
        level=parameters.confidence_level,
    )
    return {
        "term": term,
        "estimate": made.estimate,
        "std_error": made.std_error,
        "conf_low": made.conf_low,
        "conf_high": made.conf_high,
        "df": made.df,
        "p_value": made.p_value,
        "method": slopes.method,
        "label": label,
        "n": slopes.n,
        "clusters": slopes.clusters,
        **_shared(parameters),
    }


def _shared(parameters: DoseResponse) -> Row:
    return {
        "level": parameters.confidence_level,
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "group": "all",
    }


def make_contrasts(slopes: Slopes, weights: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Contrasts (m,) of coefficients and their intervals' ends, for weights (m, k).

    Intervals take the smallest of the coefficients' degrees of freedom.
    """
    value = weights @ slopes.coef
    error = np.sqrt(np.clip(np.einsum("mi,ij,mj->m", weights, slopes.cov, weights), 0, None))
    half = float(stats.t.ppf(0.5 + level / 2, max(1.0, float(np.min(slopes.df))))) * error
    return value, value - half, value + half
