"""Before and after: the same units earlier and later, with nobody to compare them with.

Compares: the outcome of each unit from the start on with its own before it.
Estimates: the average change, and, where units were chosen because their results were extreme,
how much of it was to be expected by chance alone (regression to the mean) and what is beyond it.
Must hold for more than a description: nothing else changed at that time, which these data cannot
show. So this design permits no causal verb.
Uncertainty: unit effects, errors by cluster with CR2 and Satterthwaite's t; what involves the
expected change has the jackknife over clusters and t(clusters - 1).
Sources: Davis 1976 (American Journal of Epidemiology 104:493-498); Barnett, van der Pols and
Dobson 2005 (International Journal of Epidemiology 34:215-220).
"""

import numpy as np
import pandas as pd

from evalkit.designs.before_after_sample import Sample, take_sample
from evalkit.designs.change_by_chance import Chance, expect_by_chance
from evalkit.inference.cluster_moments import ClusterMoments, solve_moments
from evalkit.inference.clustered import moment_covariance, reduce_bias
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.few_clusters import MANY_CLUSTERS
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.results.words import counted
from evalkit.study.schemas.before_after import BeforeAfter

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
    tables = {"series": sample.series}
    if not chance.table.empty:
        tables["regression_to_the_mean"] = chance.table
    remarks = _remarks(sample, change, method, chance)
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


def _remarks(sample: Sample, change: Estimate, method: str, chance: Chance) -> tuple[str, ...]:
    clusters = counted(len(sample.moments.total), "cluster")
    how = f"The interval of the change has errors clustered over {clusters}" + (
        "." if method == "clustered" else f" (CR2 errors, {change.df:.1f} degrees of freedom)."
    )
    return (*sample.remarks, how, *chance.remarks)
