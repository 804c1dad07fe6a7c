"""Synthetic control: a mixture of untreated units that resembled the treated before the start.

Weights match the outcomes of all periods before the start, without other predictors; of several
treated units the mean is matched. Placebos give the part of the treated to others, to earlier
starts, and leave out one donor at a time.
What must hold: complete outcomes; donors untouched by the intervention.
Sources: Abadie, Diamond and Hainmueller 2010, Journal of the American Statistical Association
105:493-505; Abadie 2021, Journal of Economic Literature 59:391-425; Kaul and others 2022, Journal
of Business & Economic Statistics 40:1362-1376 (why no other predictors beside all outcomes).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.fits.placebo_groups import draw_cluster_groups, draw_groups, split_by_placebo
from evalkit.fits.simplex_weights import Solver, fit_frank_wolfe_weights, fit_simplex_weights
from evalkit.inference.arrays import Flags, Floats, Ints

SMALL_WEIGHT = 1e-3
"""A donor below this weight is not left out in turn: nothing would change."""


@dataclass(frozen=True, slots=True)
class SyntheticControlFit:
    """Weights (units,), zero for the treated; the treated mean and its synthetic (periods,)."""

    weights: Floats
    observed: Floats
    synthetic: Floats
    start: int

    @property
    def gap(self) -> Floats:
        """Observed less synthetic, by period."""
        return self.observed - self.synthetic

    @property
    def effect(self) -> float:
        """Mean gap from the start on."""
        return float(self.gap[self.start :].mean())

    @property
    def pre_rmspe(self) -> float:
        """Root mean squared gap before the start."""
        return float(np.sqrt(np.mean(self.gap[: self.start] ** 2)))

    @property
    def post_rmspe(self) -> float:
        """Root mean squared gap from the start on."""
        return float(np.sqrt(np.mean(self.gap[self.start :] ** 2)))

    @property
    def rmspe_ratio(self) -> float:
        """How many times larger the gap is after the start than before."""
        return self.post_rmspe / max(self.pre_rmspe, 1e-12)


@dataclass(frozen=True, slots=True)
class Placebos:
    """Gaps (placebos, periods) where untreated units are given the part of the treated.

    `groups` (placebos, treated) holds the rows of each placebo's units, -1 where it has fewer.
    """

    groups: Ints
    gaps: Floats
    start: int

    @property
    def effects(self) -> Floats:
        """Mean gap of each placebo."""
        return np.asarray(self.gaps[:, self.start :].mean(axis=1))

    @property
    def pre_rmspes(self) -> Floats:
        """Root mean squared gap of each placebo before the start."""
        return np.asarray(np.sqrt(np.mean(self.gaps[:, : self.start] ** 2, axis=1)))

    @property
    def rmspe_ratios(self) -> Floats:
        """Ratio of gaps after and before the start, of each placebo."""
        after = np.sqrt(np.mean(self.gaps[:, self.start :] ** 2, axis=1))
        return np.asarray(after / np.maximum(self.pre_rmspes, 1e-12))

    def keep_matched(self, largest: float) -> "Placebos":
        """Keep those with a gap before the start no larger than `largest` (root mean square)."""
        kept = self.pre_rmspes <= largest
        return Placebos(self.groups[kept], self.gaps[kept], self.start)


def fit_synthetic_control(
    outcomes: Floats, treated: Flags, start: int, *, solver: Solver = "exact"
) -> SyntheticControlFit:
    """Match the mean of the treated rows of `outcomes` (units, periods) before column `start`.

    `solver` "frank_wolfe" repeats the figures of R's synthdid, which stops short of the minimum.
    """
    observed = outcomes[treated].mean(axis=0)
    donors = outcomes[~treated]
    before, target = donors[:, :start].T, observed[:start]
    if solver == "exact":
        chosen = fit_simplex_weights(before, target)
    else:
        noise = float(np.diff(donors[:, :start], axis=1).std(ddof=1))
        chosen = fit_frank_wolfe_weights(before, target, (1e-6 * noise) ** 2 * start, 1e-5 * noise)
    weights = np.zeros(len(outcomes))
    weights[~treated] = chosen
    return SyntheticControlFit(weights, observed, weights @ outcomes, start)


def fit_placebos(
    outcomes: Floats,
    treated: Flags,
    start: int,
    draws: int,
    rng: np.random.Generator,
    cluster: Ints | None = None,
) -> Placebos:
    """Give the part of the treated to each group of as many untreated, or to `draws` of them.

    The treated are left out, so that no placebo leans on a unit that the intervention changed.
    There is none where the untreated do not outnumber the treated. With codes of clusters (units,)
    a placebo takes as many clusters as have treated units, and leans on other clusters only.
    """
    if cluster is None:
        groups = draw_groups(np.flatnonzero(~treated), int(treated.sum()), draws, rng)
    else:
        groups = draw_cluster_groups(treated, cluster, draws, rng)
    gaps = np.empty((len(groups), outcomes.shape[1]))
    for place, group in enumerate(groups):
        part, kept = split_by_placebo(group, treated, cluster)
        gaps[place] = fit_synthetic_control(outcomes[kept], part[kept], start).gap
    return Placebos(groups, gaps, start)


def fit_earlier_starts(
    outcomes: Floats, treated: Flags, start: int
) -> tuple[SyntheticControlFit, ...]:
    """Pretend an earlier start, at each period of the later half before the true one."""
    before = outcomes[:, :start]
    return tuple(
        fit_synthetic_control(before, treated, early) for early in range((start + 1) // 2, start)
    )


def fit_without_each_donor(
    outcomes: Floats, treated: Flags, start: int, weights: Floats
) -> dict[int, SyntheticControlFit]:
    """Fit again without each donor that has weight; keyed by the row of the donor left out."""
    left_out: dict[int, SyntheticControlFit] = {}
    if (~treated).sum() < 2:
        return left_out
    for row in np.flatnonzero(weights > SMALL_WEIGHT):
        kept = np.arange(len(outcomes)) != row
        left_out[int(row)] = fit_synthetic_control(outcomes[kept], treated[kept], start)
    return left_out
