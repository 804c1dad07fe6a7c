"""Stepped wedge and parallel cluster trials: is the outcome better once a cluster has started?

Compares: clusters that have started with those that have not, in the same period, and each
cluster with itself before; all as their lot had it (intention to treat).
Estimates: the mean difference that the intervention makes, the same in every period since the
start; beside it an effect for each such period and their average.
Must hold: starts given by lot, not moved by outcomes; no cluster changed by another's start or by
waiting for its own; periods alike for all clusters; who answers not changed by the start. Only
starts given by lot permit a causal reading, and only with enough clusters.
Uncertainty: mixed model with effects of periods, clusters and cluster-periods by restricted
likelihood; Kenward and Roger's errors and degrees of freedom, whose intervals cover 95% to 97% with
6 clusters in steps, where those that take the variances as known cover 92% to 95%.
Sources: Hussey and Hughes 2007, Contemporary Clinical Trials 28:182-191; Hooper and others 2016,
Statistics in Medicine 35:4718-4728; Kenward and Roger 1997, Biometrics 53:983-997; Hemming and
others 2018, BMJ 363:k1614 (CONSORT for stepped wedges).
"""

import numpy as np
import pandas as pd

from evalkit.designs.cluster_lots import as_permutation_row, permute_starts
from evalkit.designs.cluster_marginal_rows import make_marginal_rows
from evalkit.designs.cluster_models import TrialModel, build_model
from evalkit.designs.cluster_remarks import make_remarks
from evalkit.designs.cluster_rows import (
    Row,
    make_decay_row,
    make_exposure_rows,
    make_mixed_rows,
)
from evalkit.designs.cluster_sample import ClusterSample, make_cluster_sample
from evalkit.designs.cluster_tables import make_tables
from evalkit.fits.mixed_model import fit_cells
from evalkit.inference.permutation import Permutation
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.stepped_wedge import SteppedWedge


def estimate(table: pd.DataFrame, parameters: SteppedWedge) -> Result:
    """Estimate the effect by the mixed model that answers, and by others beside it."""
    sample = make_cluster_sample(table, parameters)
    model = build_model(sample, parameters.adjust_for)
    fit = fit_cells(model.cells, model.structure)
    level, method = parameters.confidence_level, parameters.small_sample
    lots = _by_lot(model, parameters)
    marginal, bounded = make_marginal_rows(model, level)
    rows = [
        *make_mixed_rows(fit, level),
        *make_exposure_rows(sample, method, level),
        *make_decay_row(model, method, level),
        *marginal,
        *([as_permutation_row(lots)] if lots else []),
    ]
    enough = sample.fewest >= sample.needed
    return Result(
        "stepped_wedge",
        as_table(rows, sample, parameters),
        {"term": "effect", "method": method},
        permits_cause=parameters.allocation == "random" and enough,
        tables=make_tables(sample, model, fit, level),
        remarks=make_remarks(model, fit, lots, bounded, parameters),
    )


def _by_lot(model: TrialModel, parameters: SteppedWedge) -> Permutation | None:
    """Hold the effect against all other lots, where starts were given by lot."""
    if parameters.allocation != "random":
        return None
    rng = np.random.default_rng(parameters.seed)
    return permute_starts(model, parameters.draws, rng, parameters.confidence_level)


def as_table(rows: list[Row], sample: ClusterSample, parameters: SteppedWedge) -> pd.DataFrame:
    """Complete the rows with what they share, in the order of a tidy table of estimates."""
    frame = pd.DataFrame(rows)
    frame["level"], frame["n"] = parameters.confidence_level, sample.responses.count
    frame["clusters"], frame["outcome"] = len(sample.clusters), "outcome"
    frame["facet"], frame["group"] = parameters.outcome_facet, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    return frame[[*ESTIMATE_COLUMNS, *rest]]
