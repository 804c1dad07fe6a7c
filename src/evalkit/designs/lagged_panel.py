"""Lagged panel: do periods when a trust's staff fare better come before better experience?

Compares: each trust with itself in other periods (within), beside trusts with each other
(between) and everything together (pooled), so that nobody takes one for the other.
Estimates: the difference in the outcome `exposure_lag` periods after the staff measure is
better by `exposure_step`, measured moving causes held fixed.
Must hold for more than association: no unmeasured cause moves the staff measure first and
patients' experience later; experience does not move the staff measure in return (see
`distributed_lags`). It cannot be proved from such data, so this design permits no causal verb.
Uncertainty: errors clustered by trust, counted as fixest does, t(trusts - 1); below 40 trusts
CR2 with Satterthwaite degrees of freedom. Sampling noise in trust scores is carried by a moment
correction (`within_fit`), whose error is the jackknife over trusts.
Sources: Wooldridge 2010, chapter 10; Bell and Jones 2015 (within and between in one model);
Fuller 1987 (noise).
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.small_sample import FEW_CLUSTERS, fit_cr2
from evalkit.designs.terms import Sample, Term, make_sample
from evalkit.designs.within_fit import (
    cross_products,
    demean_by,
    jackknife_cov,
    period_dummies,
    solve_within,
)
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schema import StaffWellbeing

LOWEST_RELIABILITY = 0.3
"""Below this share of signal the noise correction multiplies error more than it mends bias."""

LABELS = {
    "pooled": "All trusts and periods together",
    "between": "Trusts compared with each other",
    "within": "Each trust compared with itself",
    "first_difference": "Change on change",
    "within_part": "Within part of one model",
    "between_part": "Between part of one model",
    "within_corrected": "Each trust with itself, noise removed",
}

Row = dict[str, object]


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate every comparison side by side; `primary` names the one the protocol chose."""
    terms = primary_terms(parameters)
    sample = make_sample(panel, terms, Term("outcome"))
    if sample.units < 2:
        raise AnalysisError(
            f"outcome: only {sample.units} trust has complete rows. Comparing trusts with "
            "themselves and each other needs at least 2; give more trusts."
        )
    _refuse_constant(sample)
    _refuse_collinear(sample)
    rows = [*_compare(sample, parameters), *_corrected(sample, parameters)]
    table = as_table(rows, parameters, outcome="outcome", facet=parameters.outcome_facet)
    return Result("lagged_panel", table, {"term": "exposure", "method": _primary(rows, parameters)})


def estimate_primary(panel: pd.DataFrame, parameters: StaffWellbeing, series: str) -> Row:
    """Estimate the primary comparison alone, for the outcome `series` (a facet, a placebo)."""
    sample = make_sample(panel, primary_terms(parameters), Term(series))
    rows = [*_corrected(sample, parameters)]
    if not rows or parameters.primary_analysis == "first_difference":
        rows = [
            r for r in _compare(sample, parameters) if r["method"] == parameters.primary_analysis
        ]
    return rows[0]


def primary_terms(parameters: StaffWellbeing) -> list[Term]:
    """The exposure and the measured moving causes, all `exposure_lag` periods earlier."""
    lag = parameters.exposure_lag
    return [Term("exposure", lag), *(Term(role, lag) for role in parameters.adjust_for)]


def better_step(parameters: StaffWellbeing) -> float:
    """The change in the staff measure that estimates are reported for, towards better."""
    sign = 1 if parameters.exposure_better == "higher" else -1
    return sign * parameters.exposure_step


def as_table(
    rows: list[Row], parameters: StaffWellbeing, *, outcome: str, facet: str
) -> pd.DataFrame:
    """Turn rows of coefficient, error and df into the tidy table, per step of exposure."""
    step, level = better_step(parameters), parameters.confidence_level
    table = pd.DataFrame(rows)
    table["estimate"] = table.pop("coef") * step
    table["std_error"] = table.pop("se") * abs(step)
    half = stats.t.ppf(0.5 + level / 2, table["df"].astype(float)) * table["std_error"]
    table["conf_low"], table["conf_high"] = table["estimate"] - half, table["estimate"] + half
    table["level"], table["outcome"], table["facet"] = level, outcome, facet
    if "group" not in table:
        table["group"] = "all"
    rest = [c for c in table.columns if c not in ESTIMATE_COLUMNS]
    return table[[*ESTIMATE_COLUMNS, *rest]]


def _primary(rows: list[Row], parameters: StaffWellbeing) -> str:
    methods = {row["method"] for row in rows}
    corrected = parameters.primary_analysis == "within" and "within_corrected" in methods
    return "within_corrected" if corrected else parameters.primary_analysis


def _refuse_constant(sample: Sample) -> None:
    constant = [
        column.name.split("@")[0]
        for column in sample.columns
        if np.ptp(column.values) < 1e-12 or not _moves_within(column.values, sample.unit)
    ]
    if constant:
        raise AnalysisError(
            f"{', '.join(constant)}: does not change within any trust, so nothing within trusts "
            "can be compared. Give data in which it changes, or take it out of adjust_for."
        )


def _moves_within(values: np.ndarray, unit: np.ndarray) -> bool:
    means = np.bincount(unit, values) / np.bincount(unit)
    return bool(np.max(np.abs(values - means[unit])) > 1e-9)


def _refuse_collinear(sample: Sample) -> None:
    names = [column.name.split("@")[0] for column in sample.columns[:-1]]
    values = np.column_stack([c.values for c in sample.columns[:-1]])
    x = demean_by(np.column_stack([values, period_dummies(sample.period)]), sample.unit)
    scaled = x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-8) < x.shape[1]:
        raise AnalysisError(
            f"{', '.join(names)}: within trusts and periods, one is a sum of the others, so "
            "their effects cannot be told apart. Take one out of adjust_for."
        )


def _compare(sample: Sample, parameters: StaffWellbeing) -> list[Row]:
    """Pooled, between, within, first differences, and within and between in one model."""
    from linearmodels.panel import BetweenOLS, FirstDifferenceOLS, PanelOLS, PooledOLS

    y, x, periods = _frames(sample)
    constant = x.assign(const=1.0)
    clustered: dict[str, Any] = {
        "cov_type": "clustered",
        "cluster_entity": True,
        "group_debias": True,
    }
    pooled = PooledOLS(y, constant.join(periods)).fit(**clustered)
    between = BetweenOLS(y, constant).fit(cov_type="robust")
    within = PanelOLS(y, constant.join(periods), entity_effects=True).fit(
        **clustered, count_effects=False, low_memory=True
    )
    change = FirstDifferenceOLS(y, x.join(periods)).fit(**clustered)
    means = x.groupby(level=0).transform("mean").add_prefix("mean_")
    parts = PooledOLS(y, (x - means.to_numpy()).join(means).join(periods).assign(const=1.0))
    both = parts.fit(**clustered)
    df = sample.units - 1
    rows = [
        _row("pooled", "exposure", pooled, 0, sample, df),
        _row("between", "exposure", between, 0, sample, max(sample.units - x.shape[1] - 1, 1)),
        _row("within", "exposure", within, 0, sample, df),
        _row("first_difference", "exposure", change, 0, sample, df),
        _row("within_part", "exposure", both, 0, sample, df),
        _row("between_part", "exposure", both, x.shape[1], sample, df),
    ]
    rows[1]["n"] = sample.units
    rows[3]["n"] = int(change.nobs)
    return _with_few_clusters(rows, sample)


def _frames(sample: Sample) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """Outcome, regressors and period dummies, indexed by unit and time for linearmodels."""
    index = sample.frame.index
    *regressors, outcome = sample.columns
    y = pd.Series(outcome.values, index, name="outcome")
    x = pd.DataFrame({f"x{i}": c.values for i, c in enumerate(regressors)}, index)
    dummies = period_dummies(sample.period)
    periods = pd.DataFrame(dummies, index, [f"p{i}" for i in range(dummies.shape[1])])
    return y, x, periods


def _row(method: str, term: str, fit: Any, at: int, sample: Sample, df: float) -> Row:
    return {
        "term": term,
        "coef": float(fit.params.iloc[at]),
        "se": float(fit.std_errors.iloc[at]),
        "n": sample.n,
        "clusters": sample.units,
        "df": float(df),
        "method": method,
        "label": LABELS[method],
    }


def _with_few_clusters(rows: list[Row], sample: Sample) -> list[Row]:
    """Replace errors and df of the two within comparisons by CR2's where clusters are few."""
    if sample.units >= FEW_CLUSTERS:
        return rows
    *regressors, outcome = sample.columns
    x = np.column_stack([*(c.values for c in regressors), period_dummies(sample.period)])
    later = np.flatnonzero((np.diff(sample.unit) == 0) & (np.diff(sample.period) == 1)) + 1
    change_y, change_x = outcome.values[later] - outcome.values[later - 1], x[later] - x[later - 1]
    used = np.any(change_x != 0, axis=0)
    _, change_unit = np.unique(sample.unit[later], return_inverse=True)
    fits = {
        "within": fit_cr2(outcome.values, x, sample.unit),
        "first_difference": fit_cr2(change_y, change_x[:, used], change_unit, within=False),
    }
    small = {
        method: {"coef": fit.coef[0], "se": fit.std_error[0], "df": fit.df[0]}
        for method, fit in fits.items()
    }
    return [row | small.get(str(row["method"]), {}) for row in rows]


def _corrected(sample: Sample, parameters: StaffWellbeing) -> list[Row]:
    """The within estimate with sampling noise removed; none where noise is not known."""
    if not np.any(sample.columns[0].variance > 0):
        return []
    products = cross_products(sample.columns, period_dummies(sample.period), sample.unit)
    fit = solve_within(products, tuple(c.name for c in sample.columns[:-1]), sample.n)
    if fit.reliability[0] < LOWEST_RELIABILITY:
        return []
    variance = jackknife_cov(products, 1)[0, 0]
    return [
        {
            "term": "exposure",
            "coef": float(fit.coef[0]),
            "se": float(np.sqrt(variance)),
            "n": sample.n,
            "clusters": sample.units,
            "df": float(fit.df),
            "method": "within_corrected",
            "label": LABELS["within_corrected"],
        }
    ]


def leave_one_out(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Estimate the primary within comparison with each trust left out: `unit, estimate`.

    Period effects are estimated anew each time.
    """
    sample = make_sample(panel, primary_terms(parameters), Term("outcome"))
    products = cross_products(sample.columns, period_dummies(sample.period), sample.unit)
    noise = products.noise if _corrected(sample, parameters) else 0.0
    moments = products.total - noise
    rest = moments.sum(axis=0) - moments
    p = rest.shape[1] - 1
    coef = np.linalg.solve(rest[:, :p, :p], rest[:, :p, p, None])[:, 0, 0]
    units = sample.frame.index.get_level_values("unit").unique()
    return pd.DataFrame({"unit": units, "estimate": coef * better_step(parameters)})
