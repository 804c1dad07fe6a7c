"""Weighted comparison: did those who had it differ from others like them in what was measured?

Compares: rows with the intervention and rows without, made alike in the measured causes by
weights (overlap, inverse probability, entropy balance) or by nearest neighbours.
Estimates: the mean difference for the population that the method speaks for: the treated,
everyone, or those who could have been in either group (overlap weights).
Must hold for more than association: nothing unmeasured both led to the intervention and moves the
outcome. It cannot be seen in the data, so this design permits no causal verb.
Hidden causes: how strong one must be to make the difference is said (product rule and E-value),
beside what each measured cause does to it.
Uncertainty: the fitted weights' own error is carried (stacked equations), by cluster; below 40
clusters the jackknife, fitting everything anew; matches by Abadie and Imbens, or their linear form
by cluster. Degrees of freedom are Welch's where whole clusters are treated. Where strata or
sampling units of a survey are given, the same influences are summed by them (Taylor linearisation).
Sources: Li, Morgan and Zaslavsky 2018; Hainmueller 2012; Lunceford and Davidian 2004; Abadie and
Imbens 2006, 2012 (see `fits.propensity`, `fits.weighting`, `fits.matching`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.comparison_remarks import make_remarks
from evalkit.designs.comparison_sample import ComparisonSample, make_sample
from evalkit.designs.comparison_sensitivity import (
    spread_within,
    tabulate_e_value,
    tabulate_hidden_cause,
    tabulate_without_each,
)
from evalkit.designs.comparison_tables import make_tables
from evalkit.designs.imputed import estimate_by_rows
from evalkit.designs.outcome_rates import say_rates, with_rates
from evalkit.designs.survey_sample import Drawn
from evalkit.errors import AnalysisError
from evalkit.fits.matching import Matches, fit_matched, match_nearest
from evalkit.fits.propensity import (
    Target,
    WeightModel,
    entropy_weights,
    fit_propensity,
    propensity,
    propensity_weights,
)
from evalkit.fits.weighting import (
    ContrastFit,
    doubly_robust_difference,
    effective_number,
    fit_doubly_robust,
    fit_weighted_difference,
    weighted_difference,
)
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.stacked_equations import clustered_error, contrast_df, sum_by_cluster
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.weighted_comparison import WeightedComparison

FEW_CLUSTERS = 40
"""Below this many clusters errors are the jackknife's."""

LABELS = {
    "unadjusted": "The groups as they are",
    "overlap_weights": "Among those who could have been in either group",
    "inverse_probability": "Groups weighted by their chance of having it",
    "entropy_balance": "Groups weighted to the same averages",
    "matching": "Each against the nearest without it",
    "doubly_robust": "The same, corrected by regression (doubly robust)",
}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to estimate: its fit with each row's influence, and its estimate alone.

    `alone` is for the jackknife; without it (matches, which it does not serve) there is none.
    """

    method: str
    fit: Callable[[ComparisonSample], ContrastFit]
    alone: Callable[[ComparisonSample], float] | None


def estimate(
    table: pd.DataFrame, parameters: WeightedComparison, *, headline_only: bool = False
) -> Result:
    """Estimate the difference as it is, by the chosen method, and doubly robust.

    With `headline_only` there is no row but that of the chosen method.
    """
    if headline_only:
        rated = with_rates(table, parameters)
        return estimate_by_rows(rated, parameters, _estimate_headline, None)
    rates = say_rates(table, parameters)
    made = estimate_by_rows(with_rates(table, parameters), parameters, _estimate_once, _finish)
    return replace(made, remarks=(*made.remarks, *rates)) if rates else made


def _estimate_headline(table: pd.DataFrame, parameters: WeightedComparison) -> Result:
    sample = make_sample(table, parameters)
    _refuse_little(sample, _weights(sample, parameters), parameters)
    row = _row(sample, _ways(parameters)[1], parameters.confidence_level)
    primary = {"term": "effect", "method": parameters.method}
    return Result("weighted_comparison", as_table([row], sample, parameters), primary)


def _estimate_once(table: pd.DataFrame, parameters: WeightedComparison) -> Result:
    sample = make_sample(table, parameters)
    weights = _weights(sample, parameters)
    _refuse_little(sample, weights, parameters)
    ways = _ways(parameters)
    rows = [_row(sample, way, parameters.confidence_level) for way in ways]
    estimates = as_table(rows, sample, parameters)
    score = propensity(sample.design, _try_propensity(sample))
    tables = make_tables(sample, weights, score)
    tables["without_each"] = _without_each(sample, ways[1], estimates.iloc[1], parameters)
    return Result(
        "weighted_comparison",
        estimates,
        {"term": "effect", "method": parameters.method},
        permits_cause=False,
        tables=tables,
    )


def _finish(result: Result, table: pd.DataFrame, parameters: WeightedComparison) -> Result:
    """Say how strong a hidden cause must be, and all else that rests on the numbers as they are."""
    sample = make_sample(table, parameters)
    weights = _weights(sample, parameters)
    spread = spread_within(sample.outcome, sample.treated)
    found, low, high = (float(result.headline[n]) for n in ("estimate", "conf_low", "conf_high"))
    tables = {
        **result.tables,
        "hidden_cause": tabulate_hidden_cause(found, low, high),
        "e_value": tabulate_e_value(found, low, high, spread),
    }
    few, estimates = FEW_CLUSTERS, result.estimates
    remarks = make_remarks(sample, weights, estimates, tables, few, parameters)
    return replace(result, tables=tables, remarks=remarks)


def as_table(
    rows: list[Row], sample: ComparisonSample, parameters: WeightedComparison
) -> pd.DataFrame:
    """Complete the rows with what they share, in the order of a tidy table of estimates."""
    frame = pd.DataFrame(rows)
    frame["level"], frame["n"] = parameters.confidence_level, len(sample.outcome)
    frame["clusters"], frame["outcome"] = sample.clusters, "outcome"
    frame["facet"], frame["group"] = parameters.outcome_facet, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    return frame[[*ESTIMATE_COLUMNS, *rest]]


def _without_each(
    sample: ComparisonSample, way: _Way, row: pd.Series, parameters: WeightedComparison
) -> pd.DataFrame:
    """List what the difference would be had one of the measured causes not been measured."""
    again = way.alone or (lambda other: way.fit(other).estimate)
    roles = [role for role in parameters.adjust_for if role not in parameters.exact_on]
    return tabulate_without_each(sample, roles, float(row["estimate"]), again)


def _target(parameters: WeightedComparison) -> Target:
    return "overlap" if parameters.method == "overlap_weights" else parameters.effect_for


def _model(sample: ComparisonSample, parameters: WeightedComparison) -> WeightModel:
    make = entropy_weights if parameters.method == "entropy_balance" else propensity_weights
    try:
        return make(sample.design, sample.treated, _target(parameters), sample.prior)
    except np.linalg.LinAlgError:
        raise _no_overlap() from None


def _no_overlap() -> AnalysisError:
    return AnalysisError(
        "adjust_for: the groups hardly overlap in the measured causes (or do not once a cluster is "
        "left out), so no weights make them alike. Adjust for fewer, or compare groups more alike."
    )


def _try_propensity(sample: ComparisonSample) -> Floats:
    try:
        return fit_propensity(sample.design, sample.treated, sample.prior)
    except np.linalg.LinAlgError:
        raise _no_overlap() from None


def _match(sample: ComparisonSample, parameters: WeightedComparison) -> tuple[Matches, Floats]:
    score = sample.design @ _try_propensity(sample)
    reach = parameters.caliper * float(score.std(ddof=1))
    matches = match_nearest(score, sample.treated, cells=sample.cells, caliper=reach)
    if not matches.count:
        raise AnalysisError(
            "caliper: no row with the intervention has a match that near. Widen caliper, or name "
            "less in exact_on."
        )
    return matches, score


def _weights(sample: ComparisonSample, parameters: WeightedComparison) -> Floats:
    """The weights (n,) that make the groups alike: of rows, or times that a row serves."""
    if parameters.method == "matching":
        return _match(sample, parameters)[0].used
    return _model(sample, parameters).fitted.weights


def _refuse_little(
    sample: ComparisonSample, weights: Floats, parameters: WeightedComparison
) -> None:
    groups = (sample.treated, ~sample.treated)
    effective = [effective_number(weights[group & (weights > 0)]) for group in groups]
    if min(effective) < parameters.least_effective:
        raise AnalysisError(
            f"adjust_for: once made alike, the groups are worth {effective[0]:.0f} rows with the "
            f"intervention and {effective[1]:.0f} without, and least_effective asks for "
            f"{parameters.least_effective:g}. Adjust for fewer, or give more rows."
        )


def _ways(parameters: WeightedComparison) -> list[_Way]:
    """The groups as they are, the chosen method, and the same corrected by regression."""
    plain = _Way("unadjusted", _fit_unadjusted, lambda s: _difference(s, s.prior))
    if parameters.method == "matching":
        return [
            plain,
            _Way("matching", lambda s: _fit_matches(s, parameters, corrected=False), None),
            _Way("doubly_robust", lambda s: _fit_matches(s, parameters, corrected=True), None),
        ]
    return [
        plain,
        _Way(
            parameters.method,
            lambda s: fit_weighted_difference(s.outcome, s.treated, _model(s, parameters)),
            lambda s: _difference(s, _model(s, parameters).fitted.weights),
        ),
        _Way(
            "doubly_robust",
            lambda s: fit_doubly_robust(
                s.outcome, s.treated, s.design, _model(s, parameters), s.prior
            ),
            lambda s: doubly_robust_difference(
                s.outcome, s.treated, s.design, _model(s, parameters).fitted, s.prior
            ),
        ),
    ]


def _difference(sample: ComparisonSample, weights: Floats) -> float:
    return weighted_difference(sample.outcome, sample.treated, weights)


def _fit_unadjusted(sample: ComparisonSample) -> ContrastFit:
    treated, prior = sample.treated, sample.prior
    influence = np.zeros(len(prior))
    for group, sign in ((treated, 1.0), (~treated, -1.0)):
        centred = sample.outcome - np.average(sample.outcome[group], weights=prior[group])
        influence += sign * group * prior * centred / prior[group].sum()
    return ContrastFit(_difference(sample, prior), influence)


def _fit_matches(
    sample: ComparisonSample, parameters: WeightedComparison, *, corrected: bool
) -> ContrastFit:
    """Fit the pairs; with rows as clusters, scale the influence to Abadie and Imbens's error."""
    matches, score = _match(sample, parameters)
    clustered = sample.clusters < len(sample.outcome)
    fit = fit_matched(
        sample.outcome,
        matches,
        score,
        sample.treated,
        sample.design,
        corrected=corrected,
        cluster=sample.cluster if clustered else None,
    )
    if clustered:
        return ContrastFit(fit.estimate, fit.influence)
    size = clustered_error(fit.influence)
    return ContrastFit(fit.estimate, fit.influence * (fit.std_error / size if size > 0 else 1.0))


def _row(sample: ComparisonSample, way: _Way, level: float) -> Row:
    fit = way.fit(sample)
    error, df = _error(sample, way, fit)
    half = float(stats.t.ppf(0.5 + level / 2, df)) * error
    return {
        "term": "effect",
        "estimate": fit.estimate,
        "std_error": error,
        "conf_low": fit.estimate - half,
        "conf_high": fit.estimate + half,
        "method": way.method,
        "df": df,
        "label": LABELS[way.method],
        "p_value": float(2 * stats.t.sf(abs(fit.estimate) / max(error, 1e-300), df)),
    }


def _error(sample: ComparisonSample, way: _Way, fit: ContrastFit) -> tuple[float, float]:
    """Standard error and degrees of freedom: as people were drawn, or by cluster."""
    if sample.drawn is not None:
        return sample.drawn.error(fit.influence), _drawn_df(sample, sample.drawn, fit.influence)
    sums = sum_by_cluster(fit.influence, sample.cluster)
    error = clustered_error(sums)
    if sample.clusters < FEW_CLUSTERS and way.alone is not None:
        left = np.array([way.alone(sample.without(g)) for g in range(sample.clusters)])
        sums = (left.mean() - left) * (sample.clusters - 1) / sample.clusters
        error = clustered_error(sums)
    return error, _degrees(sample, sums, sample.cluster, sample.clusters - 1.0)


def _drawn_df(sample: ComparisonSample, drawn: Drawn, influence: Floats) -> float:
    """Sampling units less strata, or Welch's where it is less: few units may hold one group."""
    unit = drawn.unit_of_used()
    welch = _degrees(sample, sum_by_cluster(influence, unit), unit, drawn.design.df)
    return min(drawn.design.df, welch)


def _degrees(sample: ComparisonSample, sums: Floats, cluster: Ints, otherwise: float) -> float:
    """Welch's where every cluster is wholly treated or wholly not, else as told."""
    share = np.bincount(cluster, sample.treated) / np.bincount(cluster)
    whole = (share == 0) | (share == 1)
    return contrast_df(sums, share == 1) if whole.all() else otherwise
