"""Stepped wedge and parallel cluster trials: is the outcome better once a cluster has started?

Compares: clusters that have started with those that have not, in the same period, and each
cluster with itself before; all as their lot had it (intention to treat).
Estimates: the mean difference that the intervention makes, taken as the same in every period since
the start; or, if it may grow or fade, the average of an effect for each such period.
Must hold: starts given by lot, not moved by outcomes; no cluster changed by another's start or by
waiting for its own; periods alike for all clusters; who answers not changed by the start. Only
starts given by lot permit a causal reading, and only with enough clusters.
Uncertainty: mixed model with effects of periods, clusters and cluster-periods by restricted
likelihood; Kenward and Roger's errors and degrees of freedom, whose intervals cover 95% to 97% with
6 clusters in steps, where those that take the variances as known cover 92% to 95%.
Sources: Hussey and Hughes 2007, Contemporary Clinical Trials 28:182-191; Hooper and others 2016,
Statistics in Medicine 35:4718-4728; Kenward and Roger 1997, Biometrics 53:983-997; Hemming and
others 2018, BMJ 363:k1614 (CONSORT for stepped wedges); Kenny and others 2022, Statistics in
Medicine 41:4311-4339 (effects that change with time since the start).
"""

import pandas as pd

from evalkit.designs.cluster_alternatives import make_alternatives, make_tables
from evalkit.designs.cluster_models import build_model
from evalkit.designs.cluster_remarks import make_remarks
from evalkit.designs.cluster_rows import Row, make_exposure_rows, make_mixed_rows
from evalkit.designs.cluster_sample import ClusterSample, make_cluster_sample
from evalkit.designs.cluster_tables import tabulate_clusters
from evalkit.designs.outcome_rates import say_rates, with_rates
from evalkit.fits.mixed_model import fit_cells
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.stepped_wedge import SteppedWedge


def estimate(table: pd.DataFrame, parameters: SteppedWedge) -> Result:
    """Estimate the effect by the mixed model that answers, and by others beside it."""
    sample = make_cluster_sample(with_rates(table, parameters), parameters)
    model = build_model(sample, parameters.adjust_for)
    fit = fit_cells(model.cells, model.structure)
    level, method = parameters.confidence_level, parameters.small_sample
    averaged = parameters.effect_over_time == "averaged"
    over_time = []
    if averaged or parameters.other_estimates:
        over_time = make_exposure_rows(sample, method, level)
    beside = make_alternatives(model, parameters)
    rows = [*make_mixed_rows(fit, level), *over_time, *beside.rows]
    answers_by = "exposure_time_average" if averaged and over_time else method
    return Result(
        "stepped_wedge",
        as_table(rows, sample, parameters),
        {"term": "effect", "method": answers_by},
        permits_cause=parameters.allocation == "random" and sample.fewest >= sample.needed,
        tables={
            "clusters": tabulate_clusters(sample),
            **make_tables(model, fit, beside, parameters),
        },
        remarks=(*make_remarks(model, fit, beside, parameters), *say_rates(table, parameters)),
    )


def as_table(rows: list[Row], sample: ClusterSample, parameters: SteppedWedge) -> pd.DataFrame:
    """Complete the rows with what they share, in the order of a tidy table of estimates."""
    frame = pd.DataFrame(rows)
    frame["level"], frame["n"] = parameters.confidence_level, sample.responses.count
    frame["clusters"], frame["outcome"] = len(sample.clusters), "outcome"
    frame["facet"], frame["group"] = parameters.outcome_facet, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    return frame[[*ESTIMATE_COLUMNS, *rest]]
