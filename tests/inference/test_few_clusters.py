"""The rule that chooses inference: what it chooses, what it says, and that intervals cover."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.inference.cluster_moments import make_cluster_moments
from evalkit.inference.few_clusters import Contrast, infer
from evalkit.inference.pooled_changes import hand_out, pooled_covariance

RUNS = 400
LOWEST, HIGHEST = 0.92, 0.985
"""With 400 runs, three errors around 93% and 97% would be wider; a wrong method covers 83%."""


def contrast_of(changes: Floats, changed: int) -> Contrast:
    """Set the first `changed` of clusters against the others, one number a cluster."""
    clusters = len(changes)
    as_if = make_cluster_moments(changes, np.ones((clusters, 2)), np.arange(clusters))
    codes = (np.arange(clusters) < changed).astype(np.int64)
    return Contrast(hand_out(as_if, codes, 1), changed, clusters - changed, as_if, codes)


def draw(rng: np.random.Generator, clusters: int = 10) -> Floats:
    """Return changes that vary alike."""
    return np.asarray(rng.normal(size=clusters))


@pytest.mark.parametrize(
    ("clusters", "changed", "method", "words"),
    [
        (40, 20, "cr2", "corrected for their number"),
        (10, 3, "cr2", "corrected for their number"),
        (10, 2, "permutation", "all 45 ways"),
        (20, 3, "permutation", "all 1140 ways"),
        (80, 2, "permutation", "999 drawn ways"),
        (30, 1, "permutation", "all 30 ways"),
        (10, 1, "pooled_changes", "vary as the others do"),
        (5, 4, "pooled_changes", "vary as the others do"),
        (6, 2, "cr2", "errs on the wide side"),
        (300, 100, "clustered", "clustered over 300 clusters"),
    ],
)
def test_rule(clusters: int, changed: int, method: str, words: str) -> None:
    """Each number of clusters and of changed clusters gets its method, and its words."""
    rng = np.random.default_rng(1)
    found = infer(contrast_of(draw(rng, clusters), changed), rng)
    assert found.method == method
    assert words in found.remark


def test_pooled_changes_are_students_t() -> None:
    """Taking changes to vary alike gives the two-sample t-test of the clusters' changes."""
    changes = draw(np.random.default_rng(2))
    found = infer(contrast_of(changes, 3), np.random.default_rng(0), method="pooled_changes")
    by_hand = stats.ttest_ind(changes[:3], changes[3:])
    assert found.p_value == pytest.approx(by_hand.pvalue)
    assert found.conf_low == pytest.approx(by_hand.confidence_interval().low)
    assert found.df == 8


def test_pooled_covariance_of_two_outcomes_by_hand() -> None:
    """With two effects at once each variance is that of its own t-test."""
    rng = np.random.default_rng(3)
    changes = rng.normal(size=(8, 2))
    outcome = changes.ravel()
    which = np.tile(np.eye(2), (8, 1))
    cluster = np.repeat(np.arange(8), 2)
    as_if = make_cluster_moments(outcome, np.column_stack([which, which]), cluster)
    codes = (np.arange(8) < 3).astype(np.int64)
    found = pooled_covariance(as_if, codes, 2)
    for at in (0, 1):
        squares = sum(np.sum((c - c.mean()) ** 2) for c in (changes[:3, at], changes[3:, at]))
        assert found[at, at] == pytest.approx(squares / 6 * (1 / 3 + 1 / 5))


WORLDS: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "alike": lambda rng, g: rng.normal(size=g),
    "unequal sizes": lambda rng, g: rng.normal(size=g) * np.sqrt(0.3 + np.exp(-rng.normal(size=g))),
    "long tails": lambda rng, g: rng.standard_t(3, size=g),
}


@pytest.mark.parametrize("world", list(WORLDS))
@pytest.mark.parametrize(("clusters", "changed"), [(10, 2), (10, 3), (10, 5), (12, 1)])
def test_intervals_cover(world: str, clusters: int, changed: int) -> None:
    """The interval that the rule chooses holds the truth about as often as it says."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(RUNS):
        found = infer(contrast_of(WORLDS[world](rng, clusters), changed), rng)
        held += found.conf_low <= 0 <= found.conf_high
    assert LOWEST <= held / RUNS <= HIGHEST


def test_the_ordinary_interval_would_not_cover() -> None:
    """With 2 of 10 changed the plain clustered interval holds the truth in about 83%."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(RUNS):
        found = infer(contrast_of(draw(rng), 2), rng, method="clustered")
        held += found.conf_low <= 0 <= found.conf_high
    assert held / RUNS < 0.88


def test_mixed_clusters_are_not_permuted() -> None:
    """Where clusters hold changed and unchanged units, permuting whole clusters is refused."""
    rng = np.random.default_rng(6)
    x = np.column_stack([np.tile([0.0, 1.0], 5), np.ones(10)])
    moments = make_cluster_moments(rng.normal(size=10), x, np.repeat(np.arange(5), 2))
    mixed = Contrast(moments, changed=5, unchanged=5)
    assert infer(mixed, rng).method == "cr2"
    with pytest.raises(AnalysisError, match=r"permutation.*hold both units"):
        infer(mixed, rng, method="permutation")
