"""The difference between two groups in each period, from the last period before the start.

Errors are those of the headline's kind: by cluster, CR2 with Satterthwaite's t where clusters are
few, or those of all clusters' changes where very few are on one side. The band holds for all
periods at once (sup-t; Montiel Olea and Plagborg-Moller 2019, Journal of Applied Econometrics
34:1-17).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.two_groups import TwoGroups
from evalkit.fits.two_way_effects import by_event_time, expose
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import FEW_CLUSTERS, moment_covariance, reduce_bias
from evalkit.inference.few_clusters import ENOUGH_DF, Inference, Method
from evalkit.inference.pooled_changes import pooled_covariance
from evalkit.inference.simultaneous import sup_t
from evalkit.results.words import counted

BAND_DRAWS = 5
"""Draws of a band for each draw that was asked for: a quantile needs more than a mean does."""


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Differences `coef` at `events` (e,), periods since the start, with intervals and band.

    Where nothing shows how far one varies, its interval is missing. `critical` is the number of
    errors that the band reaches to each side.
    """

    events: Ints
    coef: Floats
    cov: Floats
    df: Floats
    low: Floats
    high: Floats
    p_value: Floats
    critical: float
    method: str

    def columns(self) -> dict[str, list[object]]:
        """Columns of the tidy table of estimates, a row for each period but the reference."""
        error = np.sqrt(np.diag(self.cov))
        numbers = {
            "estimate": self.coef,
            "std_error": error,
            "conf_low": self.low,
            "conf_high": self.high,
            "p_value": self.p_value,
            "df": self.df,
            "band_low": np.where(error > 0, self.coef - self.critical * error, np.nan),
            "band_high": np.where(error > 0, self.coef + self.critical * error, np.nan),
        }
        return {name: values.tolist() for name, values in numbers.items()} | {
            "term": ["event"] * len(error),
            "period": [str(event) for event in self.events],
            "label": [_label(int(event)) for event in self.events],
            "method": [self.method] * len(error),
        }

    def wide_covariance(self) -> pd.DataFrame:
        """Covariance of the differences: `period`, then a column for each period."""
        names = [str(event) for event in self.events]
        return pd.DataFrame({"period": names} | dict(zip(names, self.cov, strict=True)))


def fit_event_study(
    groups: TwoGroups,
    headline: Inference,
    rng: np.random.Generator,
    *,
    level: float,
    draws: int,
) -> EventStudy:
    """Fit one difference a period, the last before the start being nought."""
    from scipy.special import stdtr, stdtrit

    panel = groups.panel
    since = panel.times - groups.start
    reference = int(since[since < 0].max())
    events = since[since != reference]
    exposure = by_event_time(panel.times, panel.start, events, reference)
    coef, cov, df, method = _fit(groups, exposure, events, reference, headline)
    varies = np.diag(cov) > 0
    cov = np.where(varies & varies[:, None], cov, 0.0)
    error = np.sqrt(np.diag(cov))
    half = np.where(error > 0, stdtrit(df, 0.5 + level / 2) * error, np.nan)
    ratio = np.divide(-np.abs(coef), error, where=error > 0, out=np.full(len(coef), np.nan))
    p_value = 2 * stdtr(df, ratio)
    band = sup_t(coef, cov, rng, level=level, df=float(np.min(df)), draws=BAND_DRAWS * draws)
    low, high = coef - half, coef + half
    return EventStudy(events, coef, cov, df, low, high, p_value, band.critical, method)


def _fit(
    groups: TwoGroups, exposure: Floats, events: Ints, reference: int, headline: Inference
) -> tuple[Floats, Floats, Floats, Method]:
    """Coefficients, covariance, degrees of freedom and kind of error of the differences."""
    panel, contrast, size = groups.panel, groups.contrast, len(events)
    fit = solve_moments(expose(panel, exposure))
    coef = fit.coef[:size]
    if headline.method in ("permutation", "pooled_changes") and contrast.codes is not None:
        start = np.full(len(panel.start), float(groups.start))
        as_if = expose(panel, by_event_time(panel.times, start, events, reference))
        cov = pooled_covariance(as_if, contrast.codes, size)
        return coef, cov, np.full(size, contrast.clusters - 2.0), "pooled_changes"
    many = contrast.clusters > FEW_CLUSTERS and headline.df >= ENOUGH_DF
    if many or headline.method == "clustered":
        cov = moment_covariance(fit)[:size, :size]
        return coef, cov, np.full(size, headline.df), "clustered"
    reduced = reduce_bias(fit, size=size)
    return coef, reduced.cov, np.maximum(reduced.df, 1.0), "cr2"


def _label(event: int) -> str:
    if event == 0:
        return "First period with it"
    side = "after the first with it" if event > 0 else "before the first with it"
    return f"{counted(abs(event), 'period')} {side}"
