"""What a cluster trial shows beside its effects: the roll-out, means, and how clusters hang."""

import numpy as np
import pandas as pd

from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_sample import ClusterSample
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.fits.variance_shares import Share, estimate_autocorrelation, estimate_icc
from evalkit.fits.variance_structures import COMPONENTS
from evalkit.inference.arrays import Floats

LABELS = {
    "residual": "Variance between answers of one cluster and period",
    "left_over": "Variance that clusters and periods leave",
    "cluster": "Variance between clusters",
    "cluster_period": "Variance between periods of one cluster",
    "icc": "Correlation of two answers of one cluster and period",
    "cluster_autocorrelation": "Share of that which outlasts the period",
    "correlation_of_periods": "Correlation of two periods' averages of one cluster",
}


def make_tables(
    sample: ClusterSample, model: TrialModel, fit: MixedModelFit, level: float
) -> dict[str, pd.DataFrame]:
    """Make the roll-out, the means, the variance and the counts of clusters."""
    return {
        "rollout": tabulate_rollout(sample),
        "means": tabulate_means(sample),
        "variance": tabulate_variance(model, fit, level),
        "clusters": tabulate_clusters(sample),
    }


def tabulate_rollout(sample: ClusterSample) -> pd.DataFrame:
    """Tabulate each cluster and period, those without an answer too: `cluster, period, treated, n`.

    Clusters stand in the order of their starts.
    """
    clusters, periods = len(sample.clusters), len(sample.periods)
    cell = sample.cluster * periods + sample.period
    count = np.bincount(cell, _sizes(sample), minlength=clusters * periods)
    order = np.argsort(sample.start, kind="stable")
    rows = np.repeat(order, periods)
    columns = np.tile(np.arange(periods), clusters)
    return pd.DataFrame(
        {
            "cluster": np.array(sample.clusters)[rows],
            "period": np.array(sample.periods)[columns],
            "treated": columns >= sample.start[rows],
            "n": np.rint(count[rows * periods + columns]).astype(np.int64),
        }
    )


def tabulate_means(sample: ClusterSample) -> pd.DataFrame:
    """Tabulate the mean with and without by period: `period, treated, mean, clusters, n`."""
    sizes, side = _sizes(sample), sample.treated.astype(np.int64)
    cells, cell = np.unique(sample.period * 2 + side, return_inverse=True)
    total = np.bincount(cell, sizes)
    pairs = np.unique(cell * len(sample.clusters) + sample.cluster) // len(sample.clusters)
    return pd.DataFrame(
        {
            "period": np.array(sample.periods)[cells // 2],
            "treated": cells % 2 == 1,
            "mean": np.bincount(cell, sizes * sample.responses.outcome) / total,
            "clusters": np.bincount(pairs),
            "n": np.rint(total).astype(np.int64),
        }
    )


def tabulate_clusters(sample: ClusterSample) -> pd.DataFrame:
    """Count clusters by start, beside how many the trial has and needs.

    `start` is empty for clusters that never start; `fewest` counts all clusters in steps, or
    those of the smaller side, and `enough` says whether they are as many as `needed`.
    """
    starts, counts = np.unique(sample.start, return_counts=True)
    return pd.DataFrame(
        {
            "kind": sample.kind,
            "start": [[*sample.periods, ""][s] for s in starts],
            "clusters": counts,
            "fewest": sample.fewest,
            "needed": sample.needed,
            "enough": sample.fewest >= sample.needed,
        }
    )


def tabulate_variance(model: TrialModel, fit: MixedModelFit, level: float) -> pd.DataFrame:
    """Tabulate variances and what follows from them: `term, estimate, conf_low, conf_high, label`.

    Where rows are means of unknown spread, two answers' correlation is not known; that of two
    periods' averages is.
    """
    people = model.cells.rows > len(model.cells.weight)
    rows = [(n, Share(fit.component(n), np.nan, np.nan)) for n in COMPONENTS[fit.structure]]
    rows[0] = ("residual" if people else "left_over", rows[0][1])
    if people:
        rows.append(("icc", estimate_icc(fit, level=level)))
        if fit.structure == "nested_exchangeable":
            found = estimate_autocorrelation(fit, level=level)
            rows.append(("cluster_autocorrelation", found))
    elif fit.structure == "exchangeable" and np.ptp(model.cells.weight) == 0:
        rows.append(("correlation_of_periods", estimate_icc(fit, level=level)))
    return pd.DataFrame(
        {
            "term": [name for name, _ in rows],
            "estimate": [share.estimate for _, share in rows],
            "conf_low": [share.conf_low for _, share in rows],
            "conf_high": [share.conf_high for _, share in rows],
            "level": level,
            "label": [LABELS[name] for name, _ in rows],
        }
    )


def _sizes(sample: ClusterSample) -> Floats:
    """Answers behind each row, where known; otherwise one a row."""
    responses = sample.responses
    given = responses.size if responses.weight is None else responses.weight
    return np.ones(len(responses.outcome)) if given is None else given
