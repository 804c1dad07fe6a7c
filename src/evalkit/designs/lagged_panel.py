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

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.comparisons import LABELS, Row, compare
from evalkit.designs.differences import change_products, take_changes
from evalkit.designs.terms import Sample, Term, make_sample
from evalkit.designs.within_fit import (
    cross_products,
    demean_by,
    jackknife_cov,
    leave_one_out_coefs,
    period_dummies,
    solve_within,
)
from evalkit.errors import AnalysisError
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schema import StaffWellbeing

LOWEST_RELIABILITY = 0.3
"""Below this share of signal the noise correction multiplies error more than it mends bias."""


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate every comparison side by side; `primary` names the one the protocol chose."""
    sample = make_sample(panel, primary_terms(parameters), Term("outcome"))
    _refuse_few(sample)
    _refuse_constant(sample, parameters)
    _refuse_collinear(sample)
    rows = [*compare(sample), *_corrected(sample)]
    table = as_table(rows, parameters, outcome="outcome", facet=parameters.outcome_facet)
    return Result("lagged_panel", table, {"term": "exposure", "method": _primary(rows, parameters)})


def estimate_primary(panel: pd.DataFrame, parameters: StaffWellbeing, series: str) -> Row:
    """Estimate the primary comparison alone, for the outcome `series` (a facet, a placebo)."""
    sample = make_sample(panel, primary_terms(parameters), Term(series))
    _refuse_few(sample)
    corrected = _corrected(sample)
    if corrected and parameters.primary_analysis == "within":
        return corrected[0]
    return next(r for r in compare(sample) if r["method"] == parameters.primary_analysis)


def corrects_noise(panel: pd.DataFrame, parameters: StaffWellbeing) -> bool:
    """Say whether noise in the staff measure is known, and small enough to be taken out.

    The other designs of the study ask here, so that all of them treat noise alike.
    """
    sample = make_sample(panel, primary_terms(parameters), Term("outcome"))
    return bool(_corrected(sample))


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


def _refuse_few(sample: Sample) -> None:
    needed = len(sample.columns) + 1
    if sample.units < needed:
        raise AnalysisError(
            f"trusts: {sample.units} with complete rows, and comparing trusts with this many "
            f"measured causes needs at least {needed}. Give more trusts, or adjust for fewer."
        )


def _refuse_constant(sample: Sample, parameters: StaffWellbeing) -> None:
    constant = [
        column.origin
        for column in sample.columns
        if np.ptp(column.values) < 1e-12 or not _moves_within(column.values, sample.unit)
    ]
    if constant:
        adjusted = any(name in parameters.adjust_for for name in constant)
        raise AnalysisError(
            f"{', '.join(constant)}: does not change within any trust, so nothing within trusts "
            "can be compared. Give data in which it changes"
            + (", or take it out of adjust_for." if adjusted else ".")
        )


def _moves_within(values: np.ndarray, unit: np.ndarray) -> bool:
    means = np.bincount(unit, values) / np.bincount(unit)
    return bool(np.max(np.abs(values - means[unit])) > 1e-9)


def _refuse_collinear(sample: Sample) -> None:
    names = [column.origin for column in sample.columns[:-1]]
    values = np.column_stack([c.values for c in sample.columns[:-1]])
    x = demean_by(np.column_stack([values, period_dummies(sample.period)]), sample.unit)
    scaled = x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled, tol=1e-8) < x.shape[1]:
        raise AnalysisError(
            f"{', '.join(names)}: within trusts and periods, one is a sum of the others, so "
            "their effects cannot be told apart. Take one out of adjust_for."
        )


def _corrected(sample: Sample) -> list[Row]:
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


def leave_one_out(panel: pd.DataFrame, parameters: StaffWellbeing, method: str) -> pd.DataFrame:
    """Estimate by `method` with each trust left out: `unit, estimate`.

    Period effects are estimated anew each time. `method` is that of the headline.
    """
    sample = make_sample(
        panel, primary_terms(parameters), Term("outcome"), noise=method == "within_corrected"
    )
    units = sample.frame.index.get_level_values("unit").unique()
    if method == "first_difference":
        changes = take_changes(sample)
        products = change_products(changes)
        units = units[changes.of_sample]
    else:
        products = cross_products(sample.columns, period_dummies(sample.period), sample.unit)
    coef = leave_one_out_coefs(products)[:, 0]
    return pd.DataFrame({"unit": units, "estimate": coef * better_step(parameters)})
