"""The moments that a model of factors implies, its distance from those seen, and its slopes.

Parameters lie in one vector: loadings and intercepts (once, or by group), log unique variances by
group, and factors' covariances and means. Used by `confirmatory_factors`, which see.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints

FAR = 1e6
"""Distance of a point whose covariance is none."""
_SMALL_STEP = 1e-5
_LARGEST_LOG = 50.0
"""Log of a unique variance, in either direction, beyond which a search that leaps is held."""


@dataclass(frozen=True, slots=True)
class Moments:
    """People (g,), means (g, p) and covariances (g, p, p; over n) of the items by group."""

    n: Floats
    means: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Implied:
    """What a point of the search says: its parts by group, and the moments they imply."""

    loadings: Floats
    intercepts: Floats
    unique: Floats
    factor_cov: Floats
    factor_means: Floats
    means: Floats
    covariance: Floats


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part lies in the vector of parameters. `places` names slices and their shapes."""

    factor: Ints
    groups: int
    equal_loadings: bool
    equal_intercepts: bool
    places: dict[str, tuple[int, tuple[int, ...]]]
    size: int

    @property
    def factors(self) -> int:
        """How many factors there are."""
        return int(self.factor.max()) + 1

    @property
    def moments(self) -> int:
        """How many means and covariances are to be told; means not where they are free."""
        p = len(self.factor)
        return self.groups * (p * (p + 1) // 2) + (self.groups * p if self.equal_intercepts else 0)

    def take(self, point: Floats, name: str) -> Floats:
        """One part of a point, in its shape."""
        start, shape = self.places[name]
        return point[start : start + int(np.prod(shape))].reshape(shape)

    def start(self, moments: Moments) -> Floats:
        """A point to search from: each item half its factor's, factors half alike."""
        point = np.zeros(self.size)
        spread = np.sqrt(np.diagonal(moments.covariance, axis1=1, axis2=2))
        parts = {
            "loadings": 0.7 * (spread.mean(axis=0)[None] if self.equal_loadings else spread),
            "unique": np.log(0.5 * spread**2),
            "covariances": np.full(self.places["covariances"][1], 0.4),
        }
        if self.equal_intercepts:
            parts["intercepts"] = moments.n @ moments.means / moments.n.sum()
        for name, values in parts.items():
            start, shape = self.places[name]
            point[start : start + int(np.prod(shape))] = np.ravel(values)
        return point

    def mean_errors(self, point: Floats, moments: Moments) -> Floats:
        """Standard errors (g, k) of factors' means from the expected information; 0 where fixed."""
        errors = np.zeros((self.groups, self.factors))
        if not self.equal_intercepts:
            return errors
        variance = np.diag(np.linalg.pinv(_information(point, self, moments)))
        errors[1:] = np.sqrt(self.take(variance, "factor_means"))
        return errors


def make_layout(factor: Ints, groups: int, step: str) -> Layout:
    """Lay out the parameters of a step: which are one for all groups, and which by group."""
    p, k = len(factor), int(factor.max()) + 1
    equal_loadings, equal_intercepts = step != "configural", step == "scalar"
    shapes: dict[str, tuple[int, ...]] = {
        "loadings": (1 if equal_loadings else groups, p),
        "unique": (groups, p),
        "covariances": (groups, k * (k - 1) // 2),
        "variances": (groups - 1 if equal_loadings else 0, k),
    }
    if equal_intercepts:
        shapes |= {"intercepts": (p,), "factor_means": (groups - 1, k)}
    places, at = {}, 0
    for name, shape in shapes.items():
        places[name] = (at, shape)
        at += int(np.prod(shape))
    return Layout(factor, groups, equal_loadings, equal_intercepts, places, at)


def unpack(point: Floats, layout: Layout, moments: Moments) -> Implied:
    """Read a point: loadings, factors and what they imply, by group."""
    g, p, k = layout.groups, len(layout.factor), layout.factors
    loadings = np.broadcast_to(layout.take(point, "loadings"), (g, p))
    factor_cov = _factor_cov(point, layout)
    unique = np.exp(np.clip(layout.take(point, "unique"), -_LARGEST_LOG, _LARGEST_LOG))
    pattern = _pattern(loadings, layout.factor, k)
    covariance = pattern @ factor_cov @ pattern.transpose(0, 2, 1)
    covariance[:, np.arange(p), np.arange(p)] += unique
    factor_means = np.zeros((g, k))
    if layout.equal_intercepts:
        factor_means[1:] = layout.take(point, "factor_means")
        intercepts = np.broadcast_to(layout.take(point, "intercepts"), (g, p))
        means = intercepts + loadings * factor_means[:, layout.factor]
    else:
        means = intercepts = moments.means
    return Implied(
        np.array(loadings),
        np.array(intercepts),
        unique,
        factor_cov,
        factor_means,
        means,
        covariance,
    )


def discrepancy(point: Floats, layout: Layout, moments: Moments) -> tuple[float, Floats]:
    """Likelihood distance of the implied from the seen moments, and its slope (size,)."""
    model = unpack(point, layout, moments)
    if not np.isfinite(model.covariance).all():
        return FAR, np.zeros(layout.size)
    spreads = np.linalg.eigvalsh(model.covariance)
    if not (spreads > 0).all():
        # not by the determinant's sign: two negative ones make it positive
        return FAR, np.zeros(layout.size)
    logs = np.log(spreads).sum(axis=1)
    inverse = np.linalg.inv(model.covariance)
    apart = moments.means - model.means
    seen = moments.covariance + apart[:, :, None] * apart[:, None, :]
    seen_logs = np.linalg.slogdet(moments.covariance)[1]
    share = moments.n / moments.n.sum()
    traces = np.einsum("gij,gji->g", inverse, seen)
    distance = float(share @ (logs - seen_logs + traces - apart.shape[1]))
    in_covariance = share[:, None, None] * (inverse - inverse @ seen @ inverse)
    in_mean = -2 * share[:, None] * np.einsum("gij,gj->gi", inverse, apart)
    return distance, _slopes(in_covariance, in_mean, model, layout)


def _slopes(in_covariance: Floats, in_mean: Floats, model: Implied, layout: Layout) -> Floats:
    """Carry slopes in the moments over to the parameters."""
    k, factor = layout.factors, layout.factor
    pattern = _pattern(model.loadings, factor, k)
    rows = np.arange(len(factor))
    slope = np.zeros(layout.size)

    def put(name: str, values: Floats) -> None:
        start, shape = layout.places[name]
        slope[start : start + int(np.prod(shape))] = np.ravel(values)

    by_pattern = 2 * in_covariance @ pattern @ model.factor_cov
    in_loadings = by_pattern[:, rows, factor] + in_mean * model.factor_means[:, factor]
    put("loadings", in_loadings.sum(axis=0) if layout.equal_loadings else in_loadings)
    put("unique", np.diagonal(in_covariance, axis1=1, axis2=2) * model.unique)
    in_factors = pattern.transpose(0, 2, 1) @ in_covariance @ pattern
    lower = np.tril_indices(k, -1)
    put("covariances", 2 * in_factors[:, lower[0], lower[1]])
    if layout.equal_loadings:
        variances = np.diagonal(model.factor_cov, axis1=1, axis2=2)
        put("variances", (np.diagonal(in_factors, axis1=1, axis2=2) * variances)[1:])
    if layout.equal_intercepts:
        put("intercepts", in_mean.sum(axis=0))
        put("factor_means", np.einsum("gpk,gp->gk", pattern, in_mean)[1:])
    return slope


def _factor_cov(point: Floats, layout: Layout) -> Floats:
    """Covariances of factors (g, k, k): spread 1 in the first group, or in all where loadings are
    free."""
    g, k = layout.groups, layout.factors
    found = np.broadcast_to(np.eye(k), (g, k, k)).copy()
    if layout.equal_loadings:
        found[1:, np.arange(k), np.arange(k)] = np.exp(layout.take(point, "variances"))
    low, high = np.tril_indices(k, -1)
    covariances = layout.take(point, "covariances")
    found[:, low, high] = covariances
    found[:, high, low] = covariances
    return found


def _pattern(loadings: Floats, factor: Ints, k: int) -> Floats:
    """Loadings as matrices (g, p, k), zero but for each item's own factor."""
    g, p = loadings.shape
    found = np.zeros((g, p, k))
    found[:, np.arange(p), factor] = loadings
    return found


def _information(point: Floats, layout: Layout, moments: Moments) -> Floats:
    """Expected information (size, size), the moments' slopes by central differences."""
    covariances, means = [], []
    for at in range(layout.size):
        step = np.zeros(layout.size)
        step[at] = _SMALL_STEP
        up, down = (unpack(point + s * step, layout, moments) for s in (1, -1))
        covariances.append((up.covariance - down.covariance) / (2 * _SMALL_STEP))
        means.append((up.means - down.means) / (2 * _SMALL_STEP))
    inverse = np.linalg.inv(unpack(point, layout, moments).covariance)
    moved = np.einsum("gij,agjk->agik", inverse, np.stack(covariances))
    spread = np.einsum("g,agij,bgji->ab", moments.n, moved, moved) / 2
    shift = np.stack(means)
    return np.asarray(spread + np.einsum("g,agi,gij,bgj->ab", moments.n, shift, inverse, shift))
