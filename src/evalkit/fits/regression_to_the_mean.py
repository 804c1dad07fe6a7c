"""Regression to the mean: by how much units chosen for an extreme result change by chance alone.

Units chosen because their mean X over the decisive periods lies in the lowest (or highest)
`share` of all were partly unlucky (or lucky) in those periods. Their change U, in the same result
or in one that goes with it, the mean after the start less that before it, is expected to be
    -Cov(U, X) / s * C,   C = phi(z) / share,  z = Phi^-1(1 - share),
where s is the spread of X over all units (Davis 1976, American Journal of Epidemiology
104:493-498; Barnett, van der Pols and Dobson 2005, International Journal of Epidemiology
34:215-220). The spread of the chosen alone gives s, being that of a normal tail (Johnson, Kotz
and Balakrishnan 1994, section 13.10).
The covariance follows from how far two periods of a unit differ, whatever its level: half the
variance of their difference (Diggle, Heagerty, Liang and Zeger 2002, section 3.4), or the
covariance of two results' differences, here
    at_once + lasting * (1 - 0.7^h)
for periods h apart, fitted to pairs of periods on one side of the start. So luck may last: 0.5 or
0.85 in place of 0.7 fit and expect much the same. With fewer than four distances to fit,
`lasting` is nought. Being chosen takes from the spread of differences that go with X; how much
follows from the fit itself (Pearson 1903, Philosophical Transactions A 200:1-66).
Each figure is also given with half of each cluster's weight taken out in turn, for a jackknife
between the usual one, which a few units in a tail make far too wide, and the infinitesimal one
(Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6).
Must hold: levels and luck are about normal, and unrelated; luck fades alike in all units; exactly
the stated share was chosen.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Flags, Floats, Ints

LASTS = 0.7
TAKEN_OUT = 0.5
"""Share of a cluster's weight that is taken out in turn."""
FEWEST_DISTANCES = 4
"""Distances between periods from which luck that lasts is told from luck at once."""
FURTHEST = 12
"""Periods further apart than this tell nothing that those at this distance do not."""
ROUNDS = 4
"""Refits after which what being chosen took from the spread changes no more."""


@dataclass(frozen=True, slots=True)
class Tail:
    """A normal tail that holds `share`: how far out its mean is, and its variance, of one's own."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Luck:
    """How far two periods of a unit differ by chance: of all, and with less of each cluster.

    Both (clusters + 1,), NaN where no side of the start has two periods; `lasts` says whether
    luck that lasts was fitted.
    """

    at_once: Floats
    lasting: Floats
    lasts: bool

    def of(self, faded: Floats) -> Floats:
        """Luck of which `faded` is gone, [at once, lasting], (..., clusters + 1)."""
        return np.asarray(np.multiply.outer(faded[..., 0], self.at_once)) + np.multiply.outer(
            faded[..., 1], self.lasting
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of the periods (periods,), whether after the start, and whether they were decisive."""

    times: Ints
    after: Flags
    decisive: Flags

    def faded(self, one: Flags | list[int]) -> Floats:
        """How much of [luck at once, lasting luck] is gone from the decisive to other periods."""
        apart = np.abs(self.times[one][:, None] - self.times[self.decisive])
        return np.array([np.mean(apart > 0), np.mean(1 - LASTS**apart)])


def normal_tail(share: float) -> Tail:
    """Describe the tail of the standard normal that holds `share` of it."""
    from scipy.special import ndtri

    cut = float(ndtri(1 - share))
    mean = float(np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi)) / share
    return Tail(mean, 1 + cut * mean - mean**2)


def expect_regression(luck: Luck, whole: Floats, share: float, timing: Timing) -> Floats:
    """Expect by how much chosen units move back, in absolute size, (clusters + 1,).

    `whole` is the variance, over all units, of the mean by which some were chosen.
    """
    covariance = luck.of(timing.faded(timing.after) - timing.faded(~timing.after))
    back = _ratio(covariance, np.sqrt(whole)) * normal_tail(share).mean
    return np.where(whole == 0, 0.0, back)


def whole_variance(decisive: Floats, cluster: Ints, share: float) -> Floats:
    """Variance over all units from the means (units,) of the chosen, (clusters + 1,)."""
    squares, free = _products_of_each(decisive[:, None], decisive[:, None], cluster)
    return np.asarray(_ratio(squares[:, 0], free[:, 0]) / normal_tail(share).variance)


def luck_of(correlation: float, whole: Floats, decisive: int) -> Luck:
    """Luck of a period where the `correlation` of two periods, over all units, is known."""
    level = correlation + (1 - correlation) / decisive
    return Luck((1 - correlation) / level * whole, np.zeros(len(whole)), lasts=False)


def fit_luck(
    values: Floats,
    chosen_by: Floats,
    cluster: Ints,
    timing: Timing,
    whole: Floats,
    share: float,
) -> Luck:
    """Fit how far two periods of `values` (units, periods) differ, as `chosen_by` differs too.

    NaN where no two periods lie on one side of the start. `whole` is the `whole_variance` of
    what units were chosen by. What all units share in a period is taken out.
    """
    own = _differences(chosen_by, chosen_by, cluster, timing)
    narrowed = _ratio((1 - normal_tail(share).variance) / 2 * own.free, whole + 0 * own.free)
    luck = own.fit(0.0)
    for _ in range(ROUNDS):
        luck = own.fit(own.explain(luck, luck) * narrowed)
    if values is chosen_by:
        return luck
    crossed = _differences(values, chosen_by, cluster, timing)
    shared = crossed.fit(0.0)
    for _ in range(ROUNDS):
        shared = crossed.fit(crossed.explain(shared, luck) * narrowed)
    return shared


@dataclass(frozen=True, slots=True)
class _Differences:
    """Half the summed products of differences by distance (d, clusters + 1), and their freedom.

    `told` (d, 2, 2) says how much of [luck at once, lasting luck] of two results the differences
    at a distance share with what was decisive, on average.
    """

    faded: Floats
    products: Floats
    free: Floats
    told: Floats

    def fit(self, lost: Floats | float) -> Luck:
        """Fit luck by distance, after giving back what was `lost` by being chosen."""
        return _fit_line(self.faded, self.products + np.nan_to_num(lost), self.free)

    def explain(self, one: Luck, other: Luck) -> Floats:
        """Product of what differences of two results have in common with the decisive mean."""
        first, second = (np.stack([luck.at_once, luck.lasting]) for luck in (one, other))
        return np.asarray(np.einsum("dij,ig,jg->dg", self.told, first, second))


def _differences(one: Floats, other: Floats, cluster: Ints, timing: Timing) -> _Differences:
    pairs = _pairs(timing)
    distances = sorted(pairs)
    clusters = int(cluster.max()) + 1
    products, free = np.zeros((2, len(distances), clusters + 1))
    told = np.zeros((len(distances), 2, 2))
    for place, distance in enumerate(distances):
        first, second = np.array(pairs[distance]).T
        ends = [values[:, second] - values[:, first] for values in (one, other)]
        found = _products_of_each(ends[0], ends[1], cluster)
        products[place], free[place] = found[0].sum(axis=1) / 2, found[1].sum(axis=1)
        moved = np.array([timing.faded([j]) - timing.faded([i]) for i, j in pairs[distance]])
        told[place] = moved.T @ moved / len(moved)
    used = free[:, 0] > 0
    faded = 1 - LASTS ** np.array(distances, dtype=float)[used]
    return _Differences(faded, products[used], free[used], told[used])


def _fit_line(faded: Floats, squares: Floats, free: Floats) -> Luck:
    """Least squares through the half variances by distance, weighted by degrees of freedom."""
    lasts = len(faded) >= FEWEST_DISTANCES
    column = faded[:, None]
    weight, product = free.sum(axis=0), (free * column).sum(axis=0)
    along, summed = (free * column**2).sum(axis=0), squares.sum(axis=0)
    spread = weight * along - product**2
    slope = weight * (squares * column).sum(axis=0) - product * summed
    lasting = _ratio(slope, spread) if lasts else np.zeros_like(weight)
    return Luck(_ratio(summed - lasting * product, weight), lasting, lasts)


def _pairs(timing: Timing) -> dict[int, list[tuple[int, int]]]:
    """Pairs of periods on one side of the start, by how far they lie apart."""
    found: dict[int, list[tuple[int, int]]] = {}
    for side in (np.flatnonzero(~timing.after), np.flatnonzero(timing.after)):
        for place, first in enumerate(side):
            for second in side[place + 1 :]:
                apart = int(timing.times[second] - timing.times[first])
                found.setdefault(apart, []).append((int(first), int(second)))
    return {apart: at for apart, at in found.items() if apart <= FURTHEST or apart == min(found)}


def _products_of_each(one: Floats, other: Floats, cluster: Ints) -> tuple[Floats, Floats]:
    """Products about the means of columns (units, k), and degrees of freedom, (clusters + 1, k)."""
    known = np.isfinite(one) & np.isfinite(other)
    first, second = _centred(one, known), _centred(other, known)
    count, left, right, product = (
        _with_less_of_each(part, cluster)
        for part in (known.astype(float), first, second, first * second)
    )
    about = product - left * right / np.maximum(count, 1)
    return np.where(count > 1, about, 0.0), np.maximum(count - 1, 0)


def _centred(values: Floats, known: Flags) -> Floats:
    filled = np.where(known, values, 0.0)
    return np.where(known, filled - filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)


def _with_less_of_each(part: Floats, cluster: Ints) -> Floats:
    """Column sums of `part` (units, k) over all clusters, then with less of each in turn."""
    clusters = int(cluster.max()) + 1
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(clusters))
    summed = np.add.reduceat(part[order], starts, axis=0)
    whole = summed.sum(axis=0, keepdims=True)
    return np.concatenate([whole, whole - TAKEN_OUT * summed])


def jackknife_error(values: Floats) -> float:
    """Standard error of `values` (clusters + 1,): of all, and with less of each in turn.

    Of a mean it is the usual error, whatever is taken out.
    """
    clusters = len(values) - 1
    away = values[1:] - values[1:].mean()
    scale = (clusters - TAKEN_OUT) / (clusters * TAKEN_OUT)
    return float(scale * np.sqrt(clusters / (clusters - 1) * np.sum(away**2)))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    missing = np.full(np.shape(top), np.nan)
    return np.asarray(np.divide(top, bottom, out=missing, where=bottom > 0))
