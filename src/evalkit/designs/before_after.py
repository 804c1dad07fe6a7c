"""Before and after: the same units earlier and later, with nobody to compare them with.

Compares: the outcome of each unit from the start on with its own before it.
Estimates: the average change, and, where units were chosen because their results were extreme,
how much of it was to be expected by chance alone (regression to the mean) and what is beyond it.
Must hold for more than a description: nothing else changed at that time, which these data cannot
show. So this design permits no causal verb.
Uncertainty: unit effects, errors by cluster with CR2 and Satterthwaite's t; what involves the
expected change has a jackknife over clusters and t(clusters - 1). Where strata or sampling units
of a survey are given, Taylor linearisation by them, t(sampling units - strata).
Sources: Davis 1976 (American Journal of Epidemiology 104:493-498); Barnett, van der Pols and
Dobson 2005 (International Journal of Epidemiology 34:215-220).
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.designs.before_after_sample import Sample, take_sample
from evalkit.designs.change_by_chance import expect_by_chance
from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.imputed import estimate_by_rows
from evalkit.designs.survey_sample import LINEARISED, say_drawn
from evalkit.errors import AnalysisError
from evalkit.inference.cluster_moments import ClusterMoments, make_cluster_moments, solve_moments
from evalkit.inference.clustered import moment_covariance, reduce_bias
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.few_clusters import MANY_CLUSTERS
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.results.words import counted, decimals_for, interval, number, period_word
from evalkit.study.schemas.before_after import BeforeAfter

FEWEST_TO_DRIFT = 3
"""Periods before the start from which a straight movement can be told from chance."""

DRIFT = "drift"
"""Table of the slope before the start, which is said and not shown."""

LABELS = {
    "change": "Average change from before the start",
    "regression_to_the_mean": "Of it, to be expected by chance in units so chosen",
    "change_beyond": "Average change beyond what was to be expected by chance",
}


def estimate(table: pd.DataFrame, parameters: BeforeAfter) -> Result:
    """Estimate the average change and, for units chosen by their results, what is beyond chance."""
    return estimate_by_rows(table, parameters, _estimate_once, _finish)


def _estimate_once(table: pd.DataFrame, parameters: BeforeAfter) -> Result:
    sample = take_sample(table, parameters)
    change, method = _headline_change(sample, parameters)
    chance = expect_by_chance(sample, parameters)
    rows = [("change", method, change)]
    primary = {"term": "change", "method": method}
    if chance.expected is not None and chance.beyond is not None:
        rows.append(("regression_to_the_mean", "jackknife", chance.expected))
        rows.append(("change_beyond", "jackknife", chance.beyond))
        primary = {"term": "change_beyond", "method": "jackknife"}
    tables = {} if chance.table.empty else {"regression_to_the_mean": chance.table}
    remarks = (*sample.remarks, _explain(sample, rows[-1], parameters), *chance.remarks)
    if parameters.selected == "no":
        tables[DRIFT] = _drift(sample, parameters)
    remarks = (*remarks, *_outside(sample, rows[-1][2], parameters))
    frame = _as_table(rows, sample, parameters)
    return Result("before_after", frame, primary, False, tables, remarks)


def _finish(result: Result, table: pd.DataFrame, parameters: BeforeAfter) -> Result:
    """Say how the outcome was moving before the start, where it was."""
    tables = dict(result.tables)
    drift = tables.pop(DRIFT, pd.DataFrame())
    if drift.empty:
        return replace(result, tables=tables)
    said = _say_drift(drift.iloc[0], str(table["period"].iloc[0]), parameters)
    return replace(result, tables=tables, remarks=(*result.remarks, *said))


def _headline_change(sample: Sample, parameters: BeforeAfter) -> tuple[Estimate, str]:
    """The change, its error by how a survey drew its people where that is known."""
    if sample.survey is None:
        return _change(sample.moments, parameters.confidence_level)
    if parameters.selected != "no":
        raise AnalysisError(
            "stratum, sampling_unit: what chance brings back in units chosen by their results "
            "(selected) is worked out by cluster. Map neither, or give selected as no."
        )
    return sample.survey.estimate("after", parameters.confidence_level), LINEARISED


def _change(moments: ClusterMoments, level: float) -> tuple[Estimate, str]:
    fit = solve_moments(moments)
    if fit.clusters > MANY_CLUSTERS:
        error = float(np.sqrt(moment_covariance(fit)[0, 0]))
        return make_estimate(fit.coef[0], error, df=fit.clusters - 1, level=level), "clustered"
    found = reduce_bias(fit, size=1)
    error, df = float(found.std_error[0]), max(float(found.df[0]), 1.0)
    return make_estimate(fit.coef[0], error, df=df, level=level), "cr2"


def _as_table(
    rows: list[tuple[str, str, Estimate]], sample: Sample, parameters: BeforeAfter
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "term": [term for term, _, _ in rows],
            "estimate": [found.estimate for _, _, found in rows],
            "std_error": [found.std_error for _, _, found in rows],
            "conf_low": [found.conf_low for _, _, found in rows],
            "conf_high": [found.conf_high for _, _, found in rows],
            "level": parameters.confidence_level,
            "n": sample.moments.n,
            "clusters": len(sample.moments.total),
            "outcome": "outcome",
            "facet": parameters.outcome_facet,
            "group": "all",
            "method": [method for _, method, _ in rows],
            "df": [found.df for _, _, found in rows],
            "label": [LABELS[term] for term, _, _ in rows],
            "p_value": [found.p_value for _, _, found in rows],
        }
    )
    return frame[[*ESTIMATE_COLUMNS, "label", "p_value"]]


def _explain(sample: Sample, row: tuple[str, str, Estimate], parameters: BeforeAfter) -> str:
    """Say in words how the headline's interval was made."""
    term, method, found = row
    if sample.drawn is not None:
        return say_drawn(sample.drawn, found.df, parameters)
    clusters = counted(len(sample.moments.total), "cluster")
    if term == "change_beyond":
        return f"The interval comes from taking half of each of {clusters} out in turn (jackknife)."
    return f"The interval of the change has errors clustered over {clusters}" + (
        "." if method == "clustered" else f" (CR2 errors, {found.df:.1f} degrees of freedom)."
    )


def _outside(sample: Sample, found: Estimate, parameters: BeforeAfter) -> list[str]:
    """Say so where the periods from the start on, less the change, are what no outcome can be."""
    values = sample.values[:, sample.after]
    known = np.isfinite(values)
    means = np.divide(
        np.where(known, values, 0.0).sum(axis=0),
        known.sum(axis=0),
        out=np.full(values.shape[1], np.nan),
        where=known.any(axis=0),
    )
    return say_outside_range(
        means - found.estimate,
        parameters.outcome_kind,
        f"in at least one of {counted(len(means), 'period')}",
        "levels are too near its end for the same change in all units",
    )


def _drift(sample: Sample, parameters: BeforeAfter) -> pd.DataFrame:
    """Slope of the outcome before the start, by a straight line; empty where none can be told.

    `apart` is how many periods lie between the middles of the time before and from the start.
    """
    before = ~sample.after
    values, times = sample.values[:, before], sample.times[before].astype(float)
    known = np.isfinite(values)
    if len(times) < FEWEST_TO_DRIFT:
        return pd.DataFrame()
    unit, at = np.nonzero(known)
    codes = np.unique(unit, return_inverse=True)[1]
    cluster = np.unique(sample.cluster[unit], return_inverse=True)[1]
    moments = make_cluster_moments(values[known], times[at][:, None], cluster, unit=codes)
    slope, _ = _change(moments, parameters.confidence_level)
    numbers = ("estimate", "std_error", "conf_low", "conf_high", "df", "level")
    row = {name: float(getattr(slope, name)) for name in numbers}
    return pd.DataFrame([row | {"apart": sample.times[sample.after].mean() - times.mean()}])


def _say_drift(slope: pd.Series, period: str, parameters: BeforeAfter) -> tuple[str, ...]:
    """Say so where the outcome clearly moved before the start already."""
    low, high = float(slope["conf_low"]), float(slope["conf_high"])
    if not (low > 0 or high < 0):
        return ()
    size = float(slope["estimate"])
    places = decimals_for(size, low, high)
    held = interval(low, high, float(slope["level"]), places)
    return (
        f"Before the start it was already moving, by {number(size, places)} "
        f"{parameters.outcome_unit} a {period_word(period)} ({held}). Had that gone on, it would "
        f"have made a change of {number(size * float(slope['apart']), 2)} by itself.",
    )
