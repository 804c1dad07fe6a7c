"""What better experience costs: cost per gain, net benefit, and how sure it is worth the money.

Cost per gain is a ratio, whose interval is Fieller's (1954), unbounded where the gain may be
none, its degrees of freedom those of the error of cost less ratio x gain. So the net benefit,
gain x willingness to pay - cost, is the sounder summary (Stinnett and Mullahy 1998, Medical
Decision Making 18:S68-S80), and the acceptability curve the chance that it is above zero
(Fenwick, O'Brien and Briggs 2004, Health Economics 13:405-415). No price of an experience point
is agreed, so the curve and the break-even price are shown, never one verdict. Draws come from
`joint_differences`: clusters whole, cost and effect together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.joint_differences import JointDifferences
from evalkit.inference.arrays import Floats

QUADRANTS = {
    (False, True): "better and cheaper",
    (True, True): "better and dearer",
    (False, False): "worse and cheaper",
    (True, False): "worse and dearer",
}


@dataclass(frozen=True, slots=True)
class CostPerGain:
    """Cost of `unit` of gain, its interval, and the dearer half of the plane it lies in.

    `conf_low` and `conf_high` are NaN where the gain may be none, so that any cost is possible.
    """

    estimate: float
    conf_low: float
    conf_high: float
    quadrant: str
    level: float
    unit: float


def fit_cost_per_gain(
    found: JointDifferences,
    cost: str,
    effect: str,
    *,
    unit: float = 0.1,
    higher_is_better: bool = True,
    level: float = 0.95,
) -> CostPerGain:
    """Estimate what `unit` of gain in `effect` costs, by name of outcome in `found`.

    Read it only where the intervention is better and dearer: elsewhere the same number stands
    for opposite things, and `quadrant` says which. Raises AnalysisError for a gain of exactly 0.
    """
    (dear, gain), cov = _gains(found, cost, effect, higher_is_better)
    if gain == 0:
        raise AnalysisError("cost per gain: there is no gain. Show the costs and effects apart.")
    sign = 1.0 if higher_is_better else -1.0
    df = found.df({cost: 1.0, effect: -sign * dear / gain})
    low, high = _fieller(dear, gain, cov, float(stats.t.ppf(0.5 + level / 2, df)))
    quadrant = QUADRANTS[(dear > 0, gain > 0)]
    return CostPerGain(unit * dear / gain, unit * low, unit * high, quadrant, level, unit)


def tabulate_acceptability(
    found: JointDifferences,
    cost: str,
    effect: str,
    prices: Sequence[float],
    *,
    unit: float = 0.1,
    higher_is_better: bool = True,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a price of `unit` of gain: net benefit, interval, and the chance it is worth it."""
    sign = 1.0 if higher_is_better else -1.0
    rows = []
    for price in prices:
        mix = {effect: sign * price / unit, cost: -1.0}
        benefit, low, high = found.interval(mix, level)
        rows.append((price, benefit, low, high, float(np.mean(found.redrawn(mix) > 0))))
    return pd.DataFrame(
        rows, columns=["price", "net_benefit", "conf_low", "conf_high", "probability"]
    )


def tabulate_quadrants(
    found: JointDifferences, cost: str, effect: str, *, higher_is_better: bool = True
) -> pd.DataFrame:
    """One row a quadrant of the plane of cost and effect: the share of resamples there."""
    _, draws = found.pair(cost, effect)
    dearer, better = draws[:, 0] > 0, draws[:, 1] * (1 if higher_is_better else -1) > 0
    shares = [float(np.mean((dearer == d) & (better == b))) for d, b in QUADRANTS]
    return pd.DataFrame({"quadrant": list(QUADRANTS.values()), "probability": shares})


def tabulate_consequences(
    found: JointDifferences,
    means: Mapping[str, tuple[float, float]],
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row an outcome: its mean with and without the intervention, the difference, its interval.

    `means` holds for each outcome the mean with and the mean without.
    """
    rows = []
    for name in found.names:
        difference, low, high = found.interval({name: 1.0}, level)
        rows.append((name, *means[name], difference, low, high))
    columns = ["outcome", "with", "without", "difference", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns)


def _gains(
    found: JointDifferences, cost: str, effect: str, higher_is_better: bool
) -> tuple[tuple[float, float], Floats]:
    """Extra cost and gain, and the covariance of their draws (2, 2)."""
    estimate, draws = found.pair(cost, effect)
    sign = np.array([1.0, 1.0 if higher_is_better else -1.0])
    cov = np.cov(draws * sign, rowvar=False)
    return (float(estimate[0]), float(sign[1] * estimate[1])), np.asarray(cov, dtype=float)


def _fieller(dear: float, gain: float, cov: Floats, quantile: float) -> tuple[float, float]:
    """Ratios r with |dear - r gain| within its error; NaN where they are not an interval."""
    q2 = quantile**2
    a = gain**2 - q2 * cov[1, 1]
    b = dear * gain - q2 * cov[0, 1]
    c = dear**2 - q2 * cov[0, 0]
    if a <= 0:
        return float("nan"), float("nan")
    half = float(np.sqrt(max(b**2 - a * c, 0.0)))
    return float((b - half) / a), float((b + half) / a)
