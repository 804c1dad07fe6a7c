"""What a weighted comparison shows beside its estimate: balance, overlap, and what rows are worth.

Every row rests on all rows of a group or of both, and the chance of treatment is told by its
quantiles, so that no cell is about a few people.
Sources: Austin 2009, Statistics in Medicine 28:3083-3107 (standardised differences; 0.1 as a sign
of imbalance); Kish 1965 (effective numbers).
"""

import numpy as np
import pandas as pd

from evalkit.designs.comparison_sample import ComparisonSample
from evalkit.fits.weighting import effective_number
from evalkit.inference.arrays import Flags, Floats

GROUPS = {"treated": "with it", "untreated": "without it"}
QUANTILES = {"lowest": 0.05, "low": 0.25, "middle": 0.5, "high": 0.75, "highest": 0.95}


def make_tables(
    sample: ComparisonSample, weights: Floats, score: Floats
) -> dict[str, pd.DataFrame]:
    """Make the tables `balance`, `groups_compared`, `sample` and `overlap`."""
    return {
        "balance": _tabulate_balance(sample, weights),
        "groups_compared": _tabulate_groups(sample, weights),
        "sample": _tabulate_sample(sample, weights),
        "overlap": _tabulate_overlap(sample, score),
    }


def _tabulate_balance(sample: ComparisonSample, weights: Floats) -> pd.DataFrame:
    """Standardised differences of each cause, before and after, by the spread before.

    The causes that differed most come first.
    """
    treated, prior = sample.treated, sample.prior
    spread = np.sqrt(
        np.mean([_variance(sample.causes, prior, group) for group in (treated, ~treated)], axis=0)
    )
    spread = np.where(spread > 0, spread, 1.0)
    before, after = (np.subtract(*_means(sample.causes, w, treated)) for w in (prior, weights))
    order = np.argsort(-np.abs(before / spread), kind="stable")
    return pd.DataFrame(
        {
            "cause": [_plain(sample.names[at]) for at in order],
            "difference_before": (before / spread)[order],
            "difference_after": (after / spread)[order],
            "n": len(treated),
        }
    )


def _tabulate_groups(sample: ComparisonSample, weights: Floats) -> pd.DataFrame:
    """Averages of each cause in each group, as they are and by their weights."""
    treated = sample.treated
    before, after = (_means(sample.causes, w, treated) for w in (sample.prior, weights))
    counts = (int(treated.sum()), int((~treated).sum()))
    return pd.DataFrame(
        [
            {
                "cause": _plain(name),
                "group": group,
                "average": before[at][column],
                "average_compared": after[at][column],
                "n": counts[at],
            }
            for column, name in enumerate(sample.names)
            for at, group in enumerate(GROUPS.values())
        ]
    )


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _means(causes: Floats, weights: Floats, treated: Flags) -> list[Floats]:
    return [np.average(causes[g], weights=weights[g], axis=0) for g in (treated, ~treated)]


def _variance(causes: Floats, weights: Floats, group: Flags) -> Floats:
    mean = np.average(causes[group], weights=weights[group], axis=0)
    return np.average((causes[group] - mean) ** 2, weights=weights[group], axis=0)


def _tabulate_sample(sample: ComparisonSample, weights: Floats) -> pd.DataFrame:
    """Rows of each group, what they are worth once weighted, and the share of rows that is."""
    rows = []
    for name, group in zip(GROUPS.values(), (sample.treated, ~sample.treated), strict=True):
        worth = effective_number(weights[group & (weights > 0)])
        rows.append(
            {
                "group": name,
                "n": int(group.sum()),
                "effective_n": worth,
                "worth_percent": 100 * worth / group.sum(),
                "clusters": len(np.unique(sample.cluster[group])),
            }
        )
    return pd.DataFrame(rows)


def _tabulate_overlap(sample: ComparisonSample, score: Floats) -> pd.DataFrame:
    """Quantiles of the chance of treatment by what was measured, in each group, in per cent."""
    rows = []
    for name, group in zip(GROUPS.values(), (sample.treated, ~sample.treated), strict=True):
        values = 100 * np.quantile(score[group], list(QUANTILES.values()))
        rows.append({"group": name, **dict(zip(QUANTILES, values, strict=True))})
    counts = [int(sample.treated.sum()), int((~sample.treated).sum())]
    return pd.DataFrame(rows).assign(n=counts)
