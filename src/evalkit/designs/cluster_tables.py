"""What a cluster trial shows beside its effects: the roll-out, means, and how clusters hang."""

import numpy as np
import pandas as pd

from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_rows import as_row
from evalkit.designs.cluster_sample import ClusterSample
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.fits.variance_shares import Share, estimate_autocorrelation, estimate_icc
from evalkit.fits.variance_structures import COMPONENTS
from evalkit.inference.estimates import Estimate

LABELS = {
    "residual": "Variance between answers of one cluster and period",
    "left_over": "Variance that clusters and periods leave",
    "cluster": "Variance between clusters",
    "cluster_period": "Variance between periods of one cluster",
    "icc": "Correlation of two answers of one cluster and period",
    "cluster_autocorrelation": "Share of that which outlasts the period",
    "correlation_of_periods": "Correlation of two periods' averages of one cluster",
}

SIDES = ("not yet with it", "with it")


def tabulate_growth(found: Estimate, sample: ClusterSample, method: str) -> pd.DataFrame:
    """Tabulate how the effect changes from the first period since the start to the last."""
    row = as_row("growth", method, found, "Last period since the start less the first")
    shared = {"level": found.level, "n": sample.responses.count}
    names = ["label", "estimate", "conf_low", "conf_high", "level", "n", "df", "p_value"]
    return pd.DataFrame([row | shared])[names]


def tabulate_odds(found: Estimate) -> pd.DataFrame:
    """Tabulate the ratio of odds with the intervention to odds without: `label, ratio, ...`."""
    row = {"label": "Odds with the intervention over odds without", "ratio": found.estimate}
    ends = {"ratio_low": found.conf_low, "ratio_high": found.conf_high, "level": found.level}
    return pd.DataFrame([row | ends | {"df": found.df, "p_value": found.p_value}])


def tabulate_rollout(sample: ClusterSample) -> pd.DataFrame:
    """Tabulate each cluster and period, those without an answer too: `cluster, period, treated, n`.

    Clusters stand in the order of their starts.
    """
    clusters, periods = len(sample.clusters), len(sample.periods)
    cell = sample.cluster * periods + sample.period
    count = np.bincount(cell, sample.responses.answers, minlength=clusters * periods)
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
    """Average what people answered, with and without it: `group, period, clusters, mean, base`."""
    answers, side = sample.responses.answers, sample.treated.astype(np.int64)
    periods = len(sample.periods)
    cells, cell = np.unique(side * periods + sample.period, return_inverse=True)
    counted = answers if sample.responses.total is None else sample.responses.total
    total = np.bincount(cell, counted)
    pairs = np.unique(cell * len(sample.clusters) + sample.cluster) // len(sample.clusters)
    return pd.DataFrame(
        {
            "group": np.array(SIDES)[cells // periods],
            "period": np.array(sample.periods)[cells % periods],
            "clusters": np.bincount(pairs),
            "mean": np.bincount(cell, counted * sample.responses.outcome) / total,
            "base": np.rint(np.bincount(cell, answers)).astype(np.int64),
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
            "kind": "in steps" if sample.kind == "stepped_wedge" else "at once",
            "start": [[*sample.periods, ""][s] for s in starts],
            "clusters": counts,
            "fewest": sample.fewest,
            "needed": sample.needed,
            "enough": sample.fewest >= sample.needed,
        }
    )


def tabulate_variance(model: TrialModel, fit: MixedModelFit, level: float) -> pd.DataFrame:
    """Tabulate variances and what follows from them: `label, value, interval_low, ...`.

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
            "label": [LABELS[name] for name, _ in rows],
            "value": [share.estimate for _, share in rows],
            "interval_low": [share.conf_low for _, share in rows],
            "interval_high": [share.conf_high for _, share in rows],
            "level": level,
            "term": [name for name, _ in rows],
        }
    )
