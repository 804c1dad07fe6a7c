"""Which untreated units are given the part of the treated, one placebo after another.

Where units lie in clusters (wards in trusts), those of one cluster share what happens to it. A
placebo then takes the part of as many clusters as have treated units, since that is what differs
by itself between one choice and another, and no unit of those clusters is among its donors.
"""

from itertools import combinations
from math import comb

import numpy as np

from evalkit.inference.arrays import Flags, Ints


def draw_groups(donors: Ints, size: int, draws: int, rng: np.random.Generator) -> Ints:
    """Groups of `size` of the rows `donors`, each once if `draws` suffices; (groups, size)."""
    if len(donors) <= size:
        return np.empty((0, size), dtype=np.int64)
    if comb(len(donors), size) <= draws:
        return np.array(list(combinations(donors, size)), dtype=np.int64)
    drawn = [np.sort(rng.choice(donors, size, replace=False)) for _ in range(draws)]
    return np.array(drawn, dtype=np.int64)


def draw_cluster_groups(
    treated: Flags, cluster: Ints, draws: int, rng: np.random.Generator
) -> Ints:
    """Rows of untreated clusters as many as have treated units; (groups, most units), -1 for none.

    From each come, by lot, as many units as a treated cluster has treated ones, or all that there
    are. Each choice of clusters is made once if `draws` suffices.
    """
    codes = np.unique(cluster[treated])
    others = np.setdiff1d(cluster, codes)
    wanted = [int(treated[cluster == code].sum()) for code in codes]
    chosen = draw_groups(others.astype(np.int64), len(codes), draws, rng)
    groups = []
    for clusters in chosen:
        parts = []
        for code, most in zip(clusters, rng.permutation(wanted), strict=True):
            rows = np.flatnonzero(cluster == code)
            parts.append(rng.choice(rows, min(int(most), len(rows)), replace=False))
        groups.append(np.sort(np.concatenate(parts)))
    width = max((len(group) for group in groups), default=0)
    padded = np.full((len(groups), width), -1, dtype=np.int64)
    for place, group in enumerate(groups):
        padded[place, : len(group)] = group
    return padded


def split_by_placebo(group: Ints, treated: Flags, cluster: Ints | None) -> tuple[Flags, Flags]:
    """Whether each unit takes the part of the treated, and whether it is in use at all; (units,).

    The treated themselves are not, nor are other units of the placebo's clusters.
    """
    part = np.zeros(len(treated), dtype=bool)
    part[group[group >= 0]] = True
    if cluster is None:
        return part, np.asarray(~treated)
    beside = np.isin(cluster, cluster[part]) & ~part
    return part, np.asarray(~treated & ~beside)
