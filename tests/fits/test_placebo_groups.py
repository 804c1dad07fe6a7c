"""Placebos by clusters: whose part is given to whom, and who is left out meanwhile."""

import numpy as np

from evalkit.fits.placebo_groups import draw_cluster_groups, split_by_placebo
from evalkit.fits.synthetic_control import fit_placebos

CLUSTER = np.array([0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3])
TREATED = np.array([True, True, False] + [False] * 8)


def test_each_other_cluster_takes_the_part_once() -> None:
    """Two of three units are treated: two of each other cluster, or the one that it has."""
    groups = draw_cluster_groups(TREATED, CLUSTER, 99, np.random.default_rng(1))
    taken = [group[group >= 0] for group in groups]
    assert [len(group) for group in taken] == [2, 1, 2]
    assert [set(CLUSTER[group]) for group in taken] == [{1}, {2}, {3}]
    assert len(draw_cluster_groups(TREATED, CLUSTER, 2, np.random.default_rng(1))) == 2
    assert (
        draw_cluster_groups(TREATED, np.minimum(CLUSTER, 0), 9, np.random.default_rng(1)).size == 0
    )


def test_nobody_leans_on_its_own_cluster_or_on_the_treated() -> None:
    """Of the placebo's cluster only its units are in use; without clusters all untreated are."""
    part, kept = split_by_placebo(np.array([3, 5]), TREATED, CLUSTER)
    assert np.flatnonzero(part).tolist() == [3, 5]
    assert np.flatnonzero(kept).tolist() == [2, 3, 5, 6, 7, 8, 9, 10]
    assert split_by_placebo(np.array([3, 5]), TREATED, None)[1].tolist() == (~TREATED).tolist()


def test_a_placebo_is_not_matched_by_its_sibling() -> None:
    """Twins in a cluster would match each other without a gap; matched by others they do not."""
    rng = np.random.default_rng(2)
    outcomes = np.repeat(rng.normal(size=(6, 9)), 2, axis=0)
    treated, cluster = np.arange(12) == 0, np.arange(12) // 2
    alone = fit_placebos(outcomes, treated, 6, 99, np.random.default_rng(1))
    by_cluster = fit_placebos(outcomes, treated, 6, 99, np.random.default_rng(1), cluster)
    assert np.abs(alone.gaps[1:]).max() < 1e-6
    assert np.abs(by_cluster.gaps).max(axis=1).min() > 0.1
