"""Which inference an effect stands on, chosen from the data by one rule and said in words.

Ordinary clustered intervals cover too little when few clusters are on one side (MacKinnon and
Webb 2018, Econometrics Journal 21:114-135). Coverage of 95% intervals, 4,000 simulated balanced
panels each, changes by cluster varying alike | twice as much where there was the change:

    changed of all   Satterthwaite df   plain t(G - 1)   CR2            permutation
    2 of 10          1.5                83% | 74%        99% | 97%      95% | 88%
    2 of 20          1.2                76% | 67%        100% | 97%     95% | 89%
    3 of 20          2.8                85% | 81%        97% | 95%      95% | 91%
    3 of 10          3.9                90% | 86%        96% | 93%      95% | 91%
    4 of 40          3.7                86% | 83%        97% | 95%      96% | 93%
    5 of 10          8.0                93% | 92%        95% | 94%      95% | 94%

So CR2 from 3.5 degrees of freedom on, where it covers as stated in both; below, where it grows
two to three times too wide, permutation, which needs the changed to vary as the others do.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Ints
from evalkit.inference.assignments import count_assignments, list_assignments
from evalkit.inference.cluster_moments import ClusterMoments, MomentFit, solve_moments
from evalkit.inference.clustered import (
    FEW_CLUSTERS,
    SmallSampleFit,
    moment_covariance,
    reduce_bias,
)
from evalkit.inference.estimates import make_estimate
from evalkit.inference.permutation import permute
from evalkit.inference.pooled_changes import pooled_covariance
from evalkit.inference.wild_bootstrap import bootstrap_wild

Method = Literal["cr2", "clustered", "permutation", "pooled_changes", "wild_bootstrap"]

SMALLEST_DF = 3.5
"""Satterthwaite degrees of freedom from which CR2 covers as stated without being very wide."""
MANY_CLUSTERS = 200
ENOUGH_DF = 30.0
"""Above so many clusters, with so many degrees of freedom, CR2 and CR1 agree, and CR1 is quick."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """An exposure's effect on an outcome, by cross-products of clusters.

    `moments` holds [exposure, other regressors, outcome]; `changed` the clusters with any
    exposure. Where each cluster is wholly changed or wholly not, `codes` (clusters,) says which
    by 1 and 0, and `as_if` has the exposure of every cluster as if it were changed.
    """

    moments: ClusterMoments
    changed: int
    unchanged: int
    as_if: ClusterMoments | None = None
    codes: Ints | None = None

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.moments.total)

    @property
    def lone(self) -> bool:
        """Whether one cluster is alone on its side, where nothing then shows how far it varies."""
        return min(self.changed, self.unchanged) < 2

    @property
    def ways(self) -> int:
        """Number of ways to hand the change to as many clusters; 1 where that cannot be done."""
        return 1 if self.codes is None else count_assignments(self.codes)


@dataclass(frozen=True, slots=True)
class Inference:
    """The inference of one effect: how it was made, its numbers, and why, in words.

    Beside a permutation's interval stand the error and degrees of freedom of pooled changes, which
    suppose the same; a wild bootstrap has no degrees of freedom.
    """

    method: Method
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    df: float
    remark: str


def choose_method(contrast: Contrast, df: float, level: float) -> Method:
    """Choose by clusters, changed clusters and Satterthwaite's `df` of the effect.

    A cluster that is alone on its side leaves no residual there, which `df` does not see.
    """
    if df >= SMALLEST_DF and not contrast.lone:
        many = contrast.clusters > MANY_CLUSTERS and df >= ENOUGH_DF
        return "clustered" if many else "cr2"
    if _smallest_p(contrast) <= 1 - level:
        return "permutation"
    return "pooled_changes" if contrast.lone and contrast.codes is not None else "cr2"


def infer(
    contrast: Contrast,
    rng: np.random.Generator,
    *,
    method: Method | None = None,
    level: float = 0.95,
    draws: int = 999,
) -> Inference:
    """Infer the effect by `method`, or by the one that the rule chooses.

    Raises AnalysisError where the method asked for needs clusters wholly changed or unchanged.
    """
    fit = solve_moments(contrast.moments)
    reduced = _reduce(fit, always=contrast.clusters <= MANY_CLUSTERS or method == "cr2")
    chosen = method or choose_method(contrast, float(reduced.df[0]), level)
    if chosen == "wild_bootstrap":
        return _by_bootstrap(contrast, rng, level, draws)
    if chosen == "permutation":
        return _by_permutation(contrast, rng, level, draws)
    error, df = float(reduced.std_error[0]), float(reduced.df[0])
    if chosen == "clustered":
        error, df = float(np.sqrt(moment_covariance(fit)[0, 0])), contrast.clusters - 1.0
    if chosen == "pooled_changes":
        error, df = _pooled(contrast)
    return _by_t(contrast, chosen, float(fit.coef[0]), error, df, level)


def _reduce(fit: MomentFit, *, always: bool) -> SmallSampleFit:
    """Correct the error for few clusters; its degrees of freedom alone where that is enough."""
    if not always:
        quick = reduce_bias(fit, size=1, power=0.0)
        if not quick.df[0] < ENOUGH_DF:
            return quick
    return reduce_bias(fit, size=1)


def _pooled(contrast: Contrast) -> tuple[float, float]:
    as_if, codes = _whole(contrast, "pooled_changes")
    return float(np.sqrt(pooled_covariance(as_if, codes, 1)[0, 0])), contrast.clusters - 2.0


def _by_t(
    contrast: Contrast, method: Method, estimate: float, error: float, df: float, level: float
) -> Inference:
    made = make_estimate(estimate, error, df=df, level=level)
    numbers = (made.estimate, made.std_error, made.conf_low, made.conf_high, made.p_value, df)
    return Inference(method, *numbers, explain_t(contrast, method, df))


def _by_bootstrap(
    contrast: Contrast, rng: np.random.Generator, level: float, draws: int
) -> Inference:
    wild = bootstrap_wild(contrast.moments, rng, draws=draws, level=level)
    remark = (
        f"The interval is a wild cluster bootstrap over {contrast.clusters} clusters "
        f"({wild.draws} {'patterns of signs, all there are' if wild.enumerated else 'draws'})."
    )
    found = (wild.estimate, wild.std_error, wild.conf_low, wild.conf_high, wild.p_value)
    return Inference("wild_bootstrap", *found, np.nan, remark)


def _by_permutation(
    contrast: Contrast, rng: np.random.Generator, level: float, draws: int
) -> Inference:
    as_if, codes = _whole(contrast, "permutation")
    none = np.zeros((len(codes), as_if.total.shape[1] + 1, as_if.total.shape[1] + 1))
    none[:, 1:, 1:] = as_if.total
    levels = ClusterMoments(none, as_if.n, as_if.absorbed)
    found = permute(levels, list_assignments(codes, draws, rng), level=level)
    ways = f"all {found.ways}" if found.enumerated else f"{found.ways - 1} drawn"
    remark = (
        f"{contrast.changed} of {contrast.clusters} clusters had the change. The interval comes "
        f"from setting the result beside {ways} ways in which {contrast.changed} of them could "
        "have had it. It covers as stated if clusters would have varied alike without the change; "
        "if those that had it vary more than the others, it is too narrow."
    )
    error, df = _pooled(contrast)
    numbers = (found.estimate, error, found.conf_low, found.conf_high, found.p_value, df)
    return Inference("permutation", *numbers, remark)


def _whole(contrast: Contrast, method: Method) -> tuple[ClusterMoments, Ints]:
    if contrast.as_if is None or contrast.codes is None:
        raise AnalysisError(
            f"inference ({method}): some clusters hold both units that had the change and units "
            "that had not, so whole clusters cannot be compared. Use cr2."
        )
    return contrast.as_if, contrast.codes


def explain_t(contrast: Contrast, method: Method, df: float) -> str:
    """Say in words how an interval by Student's t was made, and when it covers too little."""
    clusters, changed = contrast.clusters, contrast.changed
    counted = f"{changed} of {clusters} clusters had the change"
    if method == "pooled_changes":
        return (
            f"{counted}. Nothing in the data shows by how much a single cluster's results vary "
            "on their own, so the interval takes it to vary as the others do."
        )
    if method == "clustered":
        narrow = clusters < FEW_CLUSTERS or df < SMALLEST_DF
        return f"The interval has errors clustered over {clusters} clusters" + (
            "; with so few it is known to be too narrow." if narrow else "."
        )
    if df < SMALLEST_DF:
        return (
            f"{counted}, too few for any interval to cover exactly as stated. The one shown (CR2 "
            f"errors, {df:.1f} degrees of freedom) errs on the wide side."
        )
    return (
        f"The interval has errors clustered over {clusters} clusters ({changed} with the change), "
        f"corrected for their number (CR2 errors, {df:.1f} degrees of freedom)."
    )


def _smallest_p(contrast: Contrast) -> float:
    """Smallest p-value that permutation can reach; halves of equal size are mirror images."""
    mirrored = 2 if contrast.changed == contrast.unchanged else 1
    return mirrored / contrast.ways
