"""Before and after: the same units earlier and later, with nobody to compare them with.

Compares: the outcome of each unit from the start on with its own before it.
Estimates: the average change, and, where units were chosen because their results were extreme,
how much of it was to be expected by chance alone (regression to the mean) and what is beyond it.
Must hold for more than a description: nothing else changed at that time, which these data cannot
show. So this design permits no causal verb.
Uncertainty: unit effects, errors by cluster with CR2 and Satterthwaite's t; what involves the
expected change has a jackknife over clusters and t(clusters - 1).
Sources: Davis 1976 (American Journal of Epidemiology 104:493-498); Barnett, van der Pols and
Dobson 2005 (International Journal of Epidemiology 34:215-220).
"""

import numpy as np
import pandas as pd

from evalkit.designs.before_after_sample import Sample, take_sample
from evalkit.designs.change_by_chance import expect_by_chance
from evalkit.inference.cluster_moments import ClusterMoments, make_cluster_moments, solve_moments
from evalkit.inference.clustered import moment_covariance, reduce_bias
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.few_clusters import MANY_CLUSTERS
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.results.words import counted, decimals_for, interval, number, period_word
from evalkit.study.schemas.before_after import BeforeAfter

FEWEST_TO_DRIFT = 3
"""Periods before the start from which a straight movement can be told from chance."""

LABELS = {
    "change": "Average change from before the start",
    "regression_to_the_mean": "Of it, to be expected by chance in units so chosen",
    "change_beyond": "Average change beyond what was to be expected by chance",
}


def estimate(table: pd.DataFrame, parameters: BeforeAfter) -> Result:
    """Estimate the average change and, for units chosen by their results, what is beyond chance."""
    sample = take_sample(table, parameters)
    level = parameters.confidence_level
    change, method = _change(sample.moments, level)
    chance = expect_by_chance(sample, parameters)
    rows = [("change", method, change)]
    primary = {"term": "change", "method": method}
    if chance.expected is not None and chance.beyond is not None:
        rows.append(("regression_to_the_mean", "jackknife", chance.expected))
        rows.append(("change_beyond", "jackknife", chance.beyond))
        primary = {"term": "change_beyond", "method": "jackknife"}
    tables = {} if chance.table.empty else {"regression_to_the_mean": chance.table}
    remarks = (*sample.remarks, _explain(sample, *rows[-1]), *chance.remarks)
    if parameters.selected == "no":
        remarks = (*remarks, *_drift(sample, parameters))
    frame = _as_table(rows, sample, parameters)
    return Result("before_after", frame, primary, False, tables, remarks)


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


def _explain(sample: Sample, term: str, method: str, found: Estimate) -> str:
    """Say in words how the headline's interval was made."""
    clusters = counted(len(sample.moments.total), "cluster")
    if term == "change_beyond":
        return f"The interval comes from taking half of each of {clusters} out in turn (jackknife)."
    return f"The interval of the change has errors clustered over {clusters}" + (
        "." if method == "clustered" else f" (CR2 errors, {found.df:.1f} degrees of freedom)."
    )


def _drift(sample: Sample, parameters: BeforeAfter) -> tuple[str, ...]:
    """Say so where the outcome clearly moved before the start already, by a straight line."""
    before = ~sample.after
    values, times = sample.values[:, before], sample.times[before].astype(float)
    known = np.isfinite(values)
    if len(times) < FEWEST_TO_DRIFT:
        return ()
    unit, at = np.nonzero(known)
    codes = np.unique(unit, return_inverse=True)[1]
    cluster = np.unique(sample.cluster[unit], return_inverse=True)[1]
    moments = make_cluster_moments(values[known], times[at][:, None], cluster, unit=codes)
    slope, _ = _change(moments, parameters.confidence_level)
    if not (slope.conf_low > 0 or slope.conf_high < 0):
        return ()
    apart = sample.times[sample.after].mean() - times.mean()
    places = decimals_for(slope.estimate, slope.conf_low, slope.conf_high)
    unit_words, period = parameters.outcome_unit, period_word(sample.names[0])
    held = interval(slope.conf_low, slope.conf_high, slope.level, places)
    return (
        f"Before the start it was already moving, by {number(slope.estimate, places)} {unit_words} "
        f"a {period} ({held}). Had that gone on, it would have made a change of "
        f"{number(slope.estimate * apart, 2)} by itself.",
    )
