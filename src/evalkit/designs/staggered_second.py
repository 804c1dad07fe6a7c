"""Other answers beside that of a staggered adoption: imputed effects, and two-way fixed effects."""

import numpy as np

from evalkit.designs.staggered_panel import StaggeredPanel
from evalkit.errors import AnalysisError
from evalkit.fits.goodman_bacon import Comparison, decompose_two_way, fit_two_way
from evalkit.fits.imputation import (
    Alike,
    ImputedEffects,
    average_imputed,
    fit_imputation,
    weigh_overall,
)
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import make_estimate
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

FEW_CLUSTERS = 40
"""Below this many clusters the conservative error is too small, and the jackknife is used."""
SMALL_COHORT = 3
"""Units in a cohort below which effects are averaged over all cohorts for the error."""

Row = dict[str, object]


def impute_overall(
    sample: StaggeredPanel, parameters: StaggeredAdoption
) -> tuple[ImputedEffects | None, list[Row]]:
    """Impute effects, and average them as the headline does; nothing where it cannot be done.

    Measured causes are not held fixed here, so there is no second opinion with `adjust_for`.
    """
    panel = sample.panel
    if panel.covariates is not None:
        return None, []
    try:
        effects = _impute(sample, parameters, np.ones(len(panel.outcome), dtype=bool))
    except AnalysisError:
        return None, []
    weights = weigh_overall(effects, by_unit=parameters.average == "group")
    average = average_imputed(effects, weights, alike=_alike(panel.first_treated))
    error = _clustered_error(sample, average.influence)
    if panel.clusters < FEW_CLUSTERS:
        error = _jackknife_error(sample, parameters)
    row = _row(sample, average.estimate, error, parameters)
    label = "Imputed from all periods before the change (second opinion)"
    return effects, [row | {"term": "effect", "method": "imputation", "label": label}]


def mix_two_ways(
    sample: StaggeredPanel, parameters: StaggeredAdoption
) -> tuple[list[Row], list[Comparison]]:
    """Two-way fixed effects and its weights; neither where the panel has gaps."""
    panel = sample.panel
    arrays = panel.outcome, panel.times, panel.first_treated
    if np.isnan(panel.outcome).any() or panel.covariates is not None:
        return [], []
    fit = fit_two_way(*arrays)
    label = "Two-way fixed effects (no answer: a mean of comparisons, some not clean)"
    row = _row(sample, fit.estimate, _clustered_error(sample, fit.influence), parameters)
    row |= {"term": "effect", "method": "two_way_fixed_effects", "label": label}
    return [row], decompose_two_way(*arrays)


def _alike(first_treated: Floats) -> Alike:
    counts = np.unique(first_treated[~np.isnan(first_treated)], return_counts=True)[1]
    return "cohort_period" if counts.min() >= SMALL_COHORT else "all"


def _impute(sample: StaggeredPanel, parameters: StaggeredAdoption, kept: Flags) -> ImputedEffects:
    panel = sample.panel
    return fit_imputation(
        panel.outcome[kept],
        panel.times,
        panel.first_treated[kept],
        anticipation=parameters.anticipation,
    )


def _clustered_error(sample: StaggeredPanel, influence: Floats) -> float:
    """Error from influences summed within clusters, times G/(G - 1)."""
    clusters = sample.panel.clusters
    sums = np.bincount(sample.panel.cluster, influence)
    return float(np.sqrt(clusters / (clusters - 1) * np.sum(sums**2)))


def _jackknife_error(sample: StaggeredPanel, parameters: StaggeredAdoption) -> float:
    """Error of the imputed average by leaving out each cluster; NaN where one alone decides it."""
    panel = sample.panel
    left = np.full(panel.clusters, np.nan)
    for cluster in range(panel.clusters):
        try:
            effects = _impute(sample, parameters, panel.cluster != cluster)
        except AnalysisError:
            continue
        weights = weigh_overall(effects, by_unit=parameters.average == "group")
        left[cluster] = np.nansum(weights * effects.effect)
    spread = np.sum((left - left.mean()) ** 2)
    return float(np.sqrt((panel.clusters - 1) / panel.clusters * spread))


def _row(
    sample: StaggeredPanel, estimate: float, error: float, parameters: StaggeredAdoption
) -> Row:
    """Estimate with its interval by t(G - 1)."""
    level = parameters.confidence_level
    made = make_estimate(estimate, error, df=sample.panel.clusters - 1.0, level=level)
    return {
        "estimate": made.estimate,
        "std_error": made.std_error,
        "conf_low": made.conf_low,
        "conf_high": made.conf_high,
        "df": made.df,
        "p_value": made.p_value,
    }
