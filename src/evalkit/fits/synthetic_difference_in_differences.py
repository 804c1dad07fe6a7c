"""Synthetic difference-in-differences: weights for units and for periods, and a difference.

Unit weights make the untreated run parallel to the treated before the start (a constant distance
is allowed), period weights make the time before resemble the time after; the effect is the
difference-in-differences under both. With even weights it is plain difference-in-differences.
What must hold: complete outcomes, one start; errors by placebo need as much spread in the treated
as in the untreated.
Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021, American Economic Review
111:4088-4118 (algorithm 1; placebo, algorithm 4; jackknife, algorithm 3).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.fits.placebo_groups import draw_cluster_groups, split_by_placebo
from evalkit.fits.simplex_weights import Solver, fit_frank_wolfe_weights, fit_simplex_weights
from evalkit.inference.arrays import Flags, Floats, Ints

Weighting = Literal["synthetic", "even"]


@dataclass(frozen=True, slots=True)
class SyntheticDifferenceFit:
    """Weights of units (units,), zero for the treated, and of periods (before the start,).

    `observed` (periods,) is the treated mean and `synthetic` the weighted untreated, moved by the
    constant distance between the two before the start.
    """

    unit_weights: Floats
    period_weights: Floats
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
        """Root mean squared distance from running parallel before the start."""
        return float(self.gap[: self.start].std())


def fit_synthetic_difference(
    outcomes: Floats,
    treated: Flags,
    start: int,
    *,
    weighting: Weighting = "synthetic",
    solver: Solver = "exact",
) -> SyntheticDifferenceFit:
    """Fit unit and period weights to `outcomes` (units, periods), treated from column `start`.

    `solver` "frank_wolfe" repeats the figures of R's synthdid, which stops short of the minimum.
    """
    donors, observed = outcomes[~treated], outcomes[treated].mean(axis=0)
    count, periods = donors.shape
    if weighting == "even":
        units, times = np.full(count, 1 / count), np.full(start, 1 / start)
    else:
        noise = float(np.diff(donors[:, :start], axis=1).std(ddof=1))
        size = (treated.sum() * (periods - start)) ** 0.25
        units = _fit(donors[:, :start].T, observed[:start], size, noise, solver)
        times = _fit(donors[:, :start], donors[:, start:].mean(axis=1), 1e-6, noise, solver)
    weights = np.zeros(len(outcomes))
    weights[~treated] = units
    synthetic = weights @ outcomes
    distance = times @ (observed - synthetic)[:start]
    return SyntheticDifferenceFit(weights, times, observed, synthetic + distance, start)


def _fit(columns: Floats, target: Floats, size: float, noise: float, solver: Solver) -> Floats:
    """Weights of `columns` with a free constant and the ridge (size x noise)^2 a row."""
    ridge = (size * noise) ** 2 * len(target)
    centred, aim = columns - columns.mean(axis=0), target - target.mean()
    if solver == "exact":
        return fit_simplex_weights(centred, aim, ridge)
    return fit_frank_wolfe_weights(centred, aim, ridge, 1e-5 * noise)


def placebo_effects(
    outcomes: Floats,
    treated: Flags,
    start: int,
    draws: int,
    rng: np.random.Generator,
    *,
    weighting: Weighting = "synthetic",
    solver: Solver = "exact",
    cluster: Ints | None = None,
) -> Floats:
    """Effects of nothing: untreated groups as large as the treated, against the other untreated.

    One treated unit takes every untreated once; more take `draws` groups at random. Their standard
    deviation is the placebo error. Needs more untreated than treated units. With codes of clusters
    (units,) placebos are clusters: see `placebo_groups`.
    """
    donors, size = np.flatnonzero(~treated), int(treated.sum())
    groups: Ints | list[Ints]
    if cluster is not None:
        groups = draw_cluster_groups(treated, cluster, draws, rng)
    elif size == 1:
        groups = [donors[[row]] for row in range(len(donors))]
    else:
        groups = [donors[rng.choice(len(donors), size, replace=False)] for _ in range(draws)]
    effects = []
    for group in groups:
        part, kept = split_by_placebo(group, treated, cluster)
        fit = fit_synthetic_difference(
            outcomes[kept], part[kept], start, weighting=weighting, solver=solver
        )
        effects.append(fit.effect)
    return np.array(effects)


def jackknife_error(
    outcomes: Floats, treated: Flags, fit: SyntheticDifferenceFit, cluster: Ints | None = None
) -> float:
    """Standard error by leaving out one unit (or cluster of units) at a time, weights held.

    Weights are shared out again among the units left. NaN with one treated unit or cluster, and
    where one has all the weight.
    """
    codes = np.arange(len(outcomes)) if cluster is None else cluster
    named = np.unique(codes)
    if len(np.unique(codes[treated])) < 2 or np.isclose(
        np.bincount(codes, fit.unit_weights).max(), 1
    ):
        return np.nan
    start, count = fit.start, len(named)
    change = outcomes[:, start:].mean(axis=1) - outcomes[:, :start] @ fit.period_weights
    effects = np.empty(count)
    for place, code in enumerate(named):
        kept = codes != code
        weights = fit.unit_weights[kept]
        effects[place] = change[kept][treated[kept]].mean() - weights @ change[kept] / weights.sum()
    spread = np.sum((effects - effects.mean()) ** 2)
    return float(np.sqrt((count - 1) / count * spread))
