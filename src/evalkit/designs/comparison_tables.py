"""What a weighted comparison shows beside its estimate: balance, overlap, and what rows are worth.

Sources: Austin 2009, Statistics in Medicine 28:3083-3107 (standardised differences; 0.1 as a sign
of imbalance); Kish 1965 (effective numbers).
"""

import numpy as np
import pandas as pd

from evalkit.designs.comparison_sample import ComparisonSample
from evalkit.fits.weighting import effective_number
from evalkit.inference.arrays import Flags, Floats
from evalkit.results.words import counted, listed, number
from evalkit.study.schemas.weighted_comparison import WeightedComparison

UNLIKE = 0.1
"""Difference in standard deviations from which on a cause counts as unlike."""

WHOM = {
    "overlap": "those who, by what was measured, could have been in either group",
    "treated": "those who had the intervention",
    "everyone": "everyone in the data",
    "matched": "those with the intervention who found a match near enough",
}


def make_tables(
    sample: ComparisonSample, weights: Floats, score: Floats
) -> dict[str, pd.DataFrame]:
    """Make the tables `balance`, `sample` and `overlap`."""
    return {
        "balance": _tabulate_balance(sample, weights),
        "sample": _tabulate_sample(sample, weights),
        "overlap": _tabulate_overlap(sample, score),
    }


def _tabulate_balance(sample: ComparisonSample, weights: Floats) -> pd.DataFrame:
    """Standardised differences of each cause, before and after, by the spread before."""
    treated, prior = sample.treated, sample.prior
    spread = np.sqrt(
        np.mean([_variance(sample.causes, prior, group) for group in (treated, ~treated)], axis=0)
    )
    spread = np.where(spread > 0, spread, 1.0)
    before, after = (_means(sample.causes, w, treated) for w in (prior, weights))
    return pd.DataFrame(
        {
            "cause": sample.names,
            "treated_before": before[0],
            "untreated_before": before[1],
            "treated_after": after[0],
            "untreated_after": after[1],
            "difference_before": (before[0] - before[1]) / spread,
            "difference_after": (after[0] - after[1]) / spread,
        }
    )


def _means(causes: Floats, weights: Floats, treated: Flags) -> list[Floats]:
    return [np.average(causes[g], weights=weights[g], axis=0) for g in (treated, ~treated)]


def _variance(causes: Floats, weights: Floats, group: Flags) -> Floats:
    mean = np.average(causes[group], weights=weights[group], axis=0)
    return np.average((causes[group] - mean) ** 2, weights=weights[group], axis=0)


def _tabulate_sample(sample: ComparisonSample, weights: Floats) -> pd.DataFrame:
    rows = []
    for name, group in (("treated", sample.treated), ("untreated", ~sample.treated)):
        used = group & (weights > 0)
        rows.append(
            {
                "group": name,
                "n": int(group.sum()),
                "used": int(used.sum()),
                "effective_n": effective_number(weights[used]),
                "clusters": len(np.unique(sample.cluster[group])),
            }
        )
    return pd.DataFrame(rows)


def _tabulate_overlap(sample: ComparisonSample, score: Floats) -> pd.DataFrame:
    """Rows of each group by tenths of the chance of treatment."""
    tenth = np.minimum((score * 10).astype(int), 9)
    counts = [np.bincount(tenth[g], minlength=10) for g in (sample.treated, ~sample.treated)]
    low = np.arange(10) / 10
    columns = {"score_from": low, "score_to": low + 0.1}
    return pd.DataFrame({**columns, "treated": counts[0], "untreated": counts[1]})


def make_remarks(
    sample: ComparisonSample,
    weights: Floats,
    tables: dict[str, pd.DataFrame],
    few: int,
    parameters: WeightedComparison,
) -> tuple[str, ...]:
    """Say whom the answer is about, how alike the groups became, and how errors were made."""
    balance, groups = tables["balance"], tables["sample"].set_index("group")
    unlike = [str(c) for c in balance.loc[balance["difference_after"].abs() > UNLIKE, "cause"]]
    worth = groups["effective_n"]
    remarks = [
        f"The answer is about {WHOM[_whom(parameters)]}.",
        "The groups are alike only in what was measured: a cause that was not could make all of "
        "the difference.",
        f"Made alike, the groups are worth {number(worth['treated'], 0)} rows with the "
        f"intervention and {number(worth['untreated'], 0)} without, of "
        f"{groups['n']['treated']:,} and {groups['n']['untreated']:,}.",
        _error_in_words(sample, few, parameters),
    ]
    if unlike:
        remarks.append(
            f"Still unlike by more than {UNLIKE:g} standard deviations: {listed(unlike)}."
        )
    lost = int((sample.treated & (weights == 0)).sum())
    if lost:
        remarks.append(f"{counted(lost, 'row')} with the intervention found no match.")
    if sample.left_out:
        remarks.append(f"{counted(sample.left_out, 'row')} with a missing value left out.")
    return tuple(remarks)


def _whom(parameters: WeightedComparison) -> str:
    own = {"overlap_weights": "overlap", "matching": "matched"}
    return own.get(parameters.method, parameters.effect_for)


def _error_in_words(sample: ComparisonSample, few: int, parameters: WeightedComparison) -> str:
    clustered = sample.clusters < len(sample.outcome)
    if parameters.method == "matching":
        way = "the matched rows' influence by cluster" if clustered else "Abadie and Imbens's"
        return f"Errors are {way}, the chance of treatment taken as known."
    if sample.clusters < few:
        return (
            f"Errors are the jackknife over {counted(sample.clusters, 'cluster')}, the weights "
            "fitted anew each time."
        )
    by = counted(sample.clusters, "cluster") if clustered else "row"
    return f"Errors are by {by} and contain those of fitting the weights."
