"""Each site's effect drawn towards the pooled one, as far as its own sampling noise warrants.

Empirical Bayes: the best linear prediction given the variance between sites (Raudenbush and Bryk
1985, Journal of Educational Statistics 10:75-98). The error carries that of the pooled effect and
that of the variance between sites (Prasad and Rao 1990, JASA 85:163-171; Datta and Lahiri 2000,
Statistica Sinica 10:613-627). Use for sites' effects and for trusts' scores alike.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalkit.fits.pooling import Pooled
from evalkit.inference.arrays import Floats


@dataclass(frozen=True, slots=True)
class ShrunkSites:
    """Predicted true effect of each site (k,), its error and interval, and the share kept.

    `kept` is the share of a site's own distance from the pooled effect that is believed.
    """

    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    kept: Floats


def shrink_sites(estimates: Floats, variances: Floats, pooled: Pooled) -> ShrunkSites:
    """Shrink `estimates` (k,) with sampling `variances` (k,) towards the effect of `pooled`."""
    centre = pooled.effect
    kept = pooled.tau2 / (pooled.tau2 + variances)
    shrunk = centre.estimate + kept * (estimates - centre.estimate)
    total = pooled.tau2 + variances
    unsure = variances**2 / total**3 * 2 / np.sum(total**-2.0)
    error = np.sqrt(kept * variances + (1 - kept) ** 2 * centre.std_error**2 + 2 * unsure)
    law = stats.norm() if np.isinf(centre.df) else stats.t(centre.df)
    half = float(law.ppf(0.5 + centre.level / 2)) * error
    return ShrunkSites(shrunk, error, shrunk - half, shrunk + half, kept)
