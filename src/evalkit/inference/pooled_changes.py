"""Inference that takes all clusters' changes to vary alike, for one or two changed clusters.

Each cluster's residual change is one number (or one vector, for effects by period); their
spread is pooled over the changed and the unchanged, with two degrees of freedom fewer than
clusters. In a balanced panel this is Student's t-test of the clusters' changes (Donald and Lang
2007, Review of Economics and Statistics 89:221-233). It cannot see whether the changed vary more.
"""

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import ClusterMoments, inverse_root, solve_moments


def hand_out(as_if: ClusterMoments, codes: Ints, size: int) -> ClusterMoments:
    """Set the first `size` columns to nought in clusters whose code (clusters,) is 0.

    In `as_if` those columns hold the exposure of every cluster as if it were changed.
    """
    scale = np.ones((len(codes), as_if.total.shape[1]))
    scale[:, :size] = codes[:, None]
    total = as_if.total * scale[:, :, None] * scale[:, None, :]
    return ClusterMoments(total, as_if.n, as_if.absorbed)


def pooled_covariance(as_if: ClusterMoments, codes: Ints, size: int) -> Floats:
    """Covariance (size, size) of the first coefficients, with clusters - 2 degrees of freedom."""
    handed = hand_out(as_if, codes, size)
    fit = solve_moments(handed)
    exposure, others = slice(0, size), slice(size, len(fit.coef))
    coef = np.where(codes[:, None] * np.ones(size) > 0, fit.coef[:size], 0.0)
    total = as_if.total
    scores = total[:, exposure, -1] - total[:, exposure, others] @ fit.coef[others]
    scores -= np.einsum("gij,gj->gi", total[:, exposure, exposure], coef)
    inverse = np.linalg.pinv(total[:, exposure, exposure], hermitian=True)
    changes = np.einsum("gij,gj->gi", inverse, scores)
    spread = changes.T @ changes / (len(codes) - 2)
    reach = _reach(as_if, handed, size)
    return np.tensordot(reach @ spread, reach, axes=([0, 2], [0, 2]))


def _reach(as_if: ClusterMoments, handed: ClusterMoments, size: int) -> Floats:
    """How a change in each cluster moves the coefficients, (clusters, size, size)."""
    exposure, others = slice(0, size), slice(size, as_if.total.shape[1] - 1)
    summed = handed.total.sum(axis=0)
    root = inverse_root(summed[others, others])
    taken = root @ (root.T @ summed[others, exposure])
    left = summed[exposure, exposure] - summed[exposure, others] @ taken
    crossed = handed.total[:, exposure, exposure] - taken.T @ as_if.total[:, others, exposure]
    inverse = inverse_root(left)
    return np.asarray(inverse @ inverse.T @ crossed)
