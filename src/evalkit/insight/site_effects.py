"""What changed at each site, pooled over sites: with the programme, and without it.

A site's change is its mean after the start less before, with an error clustered by unit and period
(so that people of one ward and month may be alike); sites without the programme change at the
earliest start. A random-effects regression of sites' changes on having the programme (REML, Hartung
and Knapp) gives the difference; each site's own change is drawn towards that of its kind as far as
its noise warrants. Must hold: without the programme both kinds would have changed alike.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.pooling import Pooled, fit_meta_regression, fit_pooled
from evalkit.fits.site_shrinkage import shrink_sites
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.estimates import Estimate

EFFECT = "programme"
WITH, WITHOUT = "with the programme", "without it"
FEWEST_SITES = 3


@dataclass(frozen=True, slots=True)
class SiteEffects:
    """Each site's change, the two pooled changes, and their difference, the effect.

    `without_one` has the effect with each site left out in turn.
    """

    sites: pd.DataFrame
    pooled: pd.DataFrame
    effect: Estimate
    tau2: float
    i2: float
    without_one: pd.DataFrame


def estimate_sites(answers: pd.DataFrame, units: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Estimate each site's change of `outcome`: `site, kind, before, after, change, std_error`.

    `answers` has `unit, site, period`; `units` has `unit, start` (empty where it never began).
    Raises AnalysisError where units of one site began at different times, or nothing did.
    """
    starts = _start_of_sites(answers, units)
    began = starts.dropna()
    if began.empty or began.size == starts.size:
        raise AnalysisError(
            f"sites: {began.size} of {starts.size} began, so there is nothing to compare. "
            "Give sites with the programme and without it, or leave the answers out."
        )
    known = answers[answers[outcome].notna()]
    rows = []
    for site, own in known.groupby("site", sort=True):
        start = starts.get(site)
        after = (own["period"] >= (start if isinstance(start, str) else began.min())).to_numpy(bool)
        fit = _fit_change(own, outcome, after)
        if fit is not None:
            kind = WITH if isinstance(start, str) else WITHOUT
            rows.append((site, kind, int((~after).sum()), int(after.sum()), *fit))
    return pd.DataFrame(rows, columns=["site", "kind", "before", "after", "change", "std_error"])


def pool_sites(sites: pd.DataFrame, level: float = 0.95) -> SiteEffects:
    """Pool the sites of both kinds and estimate their difference.

    Raises AnalysisError for fewer than three sites of a kind.
    """
    with_it = (sites["kind"] == WITH).to_numpy(float)
    if min(with_it.sum(), len(sites) - with_it.sum()) < FEWEST_SITES:
        raise AnalysisError(
            f"sites: {int(with_it.sum())} with the programme and {int(len(sites) - with_it.sum())} "
            f"without it have answers before and after; {FEWEST_SITES} of each are the fewest. "
            "Give more sites, or leave the answers out."
        )
    fit = _fit_difference(sites, level)
    kinds = {
        kind: fit_pooled(*_numbers(sites[sites["kind"] == kind]), level=level)
        for kind in (WITH, WITHOUT)
    }
    left = [_fit_difference(sites.drop(index=at), level).coefficients[EFFECT] for at in sites.index]
    without_one = pd.DataFrame(
        {
            "site": sites["site"],
            "estimate": [e.estimate for e in left],
            "conf_low": [e.conf_low for e in left],
            "conf_high": [e.conf_high for e in left],
        }
    )
    return SiteEffects(
        _shrink(sites, kinds, level),
        _tabulate_pooled(kinds, fit, level),
        fit.coefficients[EFFECT],
        fit.tau2,
        fit.i2,
        without_one,
    )


def _start_of_sites(answers: pd.DataFrame, units: pd.DataFrame) -> "pd.Series[str]":
    where = answers[["unit", "site"]].drop_duplicates().merge(units, on="unit", how="left")
    mixed = int((where.fillna("never").groupby("site")["start"].nunique().ge(2)).sum())
    if mixed:
        raise AnalysisError(
            f"sites: in {mixed} sites units began at different times, so that a site has no one "
            "change. Map the role `site` to what began as a whole."
        )
    first: pd.Series[str] = where.groupby("site")["start"].first()
    return first


def _fit_change(own: pd.DataFrame, outcome: str, after: np.ndarray) -> tuple[float, float] | None:
    """Fit a site's change and its error; None where it has no answers before or after."""
    if min(after.sum(), (~after).sum()) < 2:
        return None
    regressors = np.column_stack([np.ones(len(own)), after.astype(float)])
    cluster = pd.factorize(own["unit"].astype(str) + "|" + own["period"].astype(str))[0]
    weight = np.ones(len(own))
    fit = fit_weighted(own[outcome].to_numpy(float), regressors, weight, cluster=cluster)
    error = fit.error_of(np.array([0.0, 1.0]))
    return (float(fit.coef[1]), error) if error > 0 else None


def _numbers(sites: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return sites["change"].to_numpy(float), sites["std_error"].to_numpy(float) ** 2


def _fit_difference(sites: pd.DataFrame, level: float) -> Pooled:
    with_it = (sites["kind"] == WITH).to_numpy(float)
    regressors = np.column_stack([np.ones(len(sites)), with_it]).astype(float)
    return fit_meta_regression(*_numbers(sites), regressors, ("without", EFFECT), level=level)


def _shrink(sites: pd.DataFrame, kinds: dict[str, Pooled], level: float) -> pd.DataFrame:
    """Add each site's own interval and its change drawn towards its kind's."""
    parts = []
    for kind, pooled in kinds.items():
        own = sites[sites["kind"] == kind]
        drawn = shrink_sites(*_numbers(own), pooled)
        parts.append(
            own.assign(
                drawn=drawn.estimate,
                drawn_low=drawn.conf_low,
                drawn_high=drawn.conf_high,
                kept=drawn.kept,
                level=level,
            )
        )
    return pd.concat(parts, ignore_index=True)


def _tabulate_pooled(kinds: dict[str, Pooled], fit: Pooled, level: float) -> pd.DataFrame:
    rows = [(f"Change {kind}", p.effect, p.tau2, p.i2, p.sites) for kind, p in kinds.items()]
    rows.append(("Difference", fit.coefficients[EFFECT], fit.tau2, fit.i2, fit.sites))
    return pd.DataFrame(
        {
            "label": [label for label, *_ in rows],
            "estimate": [e.estimate for _, e, *_ in rows],
            "conf_low": [e.conf_low for _, e, *_ in rows],
            "conf_high": [e.conf_high for _, e, *_ in rows],
            "spread": [float(np.sqrt(tau2)) for _, _, tau2, _, _ in rows],
            "share_between": [100 * i2 for *_, i2, _ in rows],
            "sites": [sites for *_, sites in rows],
            "level": level,
        }
    )
