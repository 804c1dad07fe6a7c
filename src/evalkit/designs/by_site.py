"""Each site as a study of its own, and all of them pooled: where it worked, and in a new site.

Compares: what the design compares, within each site (a trust, a region) by itself.
Estimates: each site's effect; the average effect over sites like these; how far sites truly differ;
and the interval in which the effect in a new site would lie. A site's own effect is also shown
drawn towards the others, as far as its own noise warrants.
Must hold: what the design needs, in every site; sites are independent, and a new one is like them.
Uncertainty: random effects (REML) with Hartung and Knapp's interval (`fits.pooling`); the sites'
errors, from the design itself, count as known, which few clusters in a site make unsure.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.pooling import Pooled, fit_pooled
from evalkit.fits.site_shrinkage import shrink_sites
from evalkit.results import Result
from evalkit.study.schemas.design_study import DesignStudy

Estimate = Callable[[pd.DataFrame, DesignStudy], Result]

FEWEST_SITES = 3
SITE, TOGETHER, NEW = "site", "pooled", "new_site"
LABELS = {TOGETHER: "All sites, pooled", NEW: "A new site like these"}
_KEPT = ("estimate", "std_error", "conf_low", "conf_high", "df")


@dataclass(frozen=True, slots=True)
class BySite:
    """The sites' table, what they give pooled, and how many there are.

    `table` has a row a site in order of name (`term` is `site`), without an estimate where the site
    was too small for the design, then the pooled effect and a new site's interval; `drawn`,
    `drawn_low` and `drawn_high` are the site's effect drawn towards the others. `without_site` is
    how many rows name none.
    """

    table: pd.DataFrame
    pooled: Pooled
    sites: int
    without_site: int

    @property
    def too_small(self) -> int:
        """Number of sites that the design could not estimate."""
        return self.sites - self.pooled.sites


def estimate_by_site(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate
) -> BySite | None:
    """Estimate each site by itself and pool them; None where the study names no sites.

    Raises AnalysisError where fewer than three sites can be estimated with an error.
    """
    if parameters.pool_by is None:
        return None
    site = table[parameters.pool_by]
    names = sorted(site.dropna().astype(str).unique())
    rows = [_row(name, table[site.astype(str) == name], parameters, estimate) for name in names]
    sites = pd.DataFrame(rows).drop(columns="refused")
    usable = (sites["std_error"] > 0).to_numpy(bool)
    if usable.sum() < FEWEST_SITES:
        refused = sorted({str(row["refused"]) for row in rows if row["refused"]})
        raise AnalysisError(
            f"pool_by: {int(usable.sum())} of {len(names)} sites can be estimated by themselves, "
            f"and pooling needs at least {FEWEST_SITES}. Give pool_by as null, or larger sites."
            f"{' One was refused so: ' if refused else ''}{''.join(refused[:1])}"
        )
    sites.loc[~usable, list(_KEPT)] = np.nan
    sites.loc[~usable, "method"] = "not_estimated"
    level = parameters.confidence_level
    effects = sites.loc[usable, "estimate"].to_numpy(float)
    variances = sites.loc[usable, "std_error"].to_numpy(float) ** 2
    pooled = fit_pooled(effects, variances, level=level)
    drawn = shrink_sites(effects, variances, pooled)
    for name, values in (
        ("drawn", drawn.estimate),
        ("drawn_low", drawn.conf_low),
        ("drawn_high", drawn.conf_high),
    ):
        sites.loc[usable, name] = values
    both = pd.concat([sites, _together(pooled, int(sites["n"].sum()))], ignore_index=True)
    shown = both.assign(level=level, outcome="outcome", facet=parameters.outcome_facet, group="all")
    return BySite(shown, pooled, len(names), int(site.isna().sum()))


def _row(
    name: str, own: pd.DataFrame, parameters: DesignStudy, estimate: Estimate
) -> dict[str, object]:
    """Estimate one site; where the design refuses it, why, and its numbers are missing."""
    shared: dict[str, object] = {
        "term": SITE,
        "label": name,
        "n": int(own["outcome"].notna().sum()),
        "clusters": int(own["cluster"].nunique()),
    }
    try:
        found = estimate(own, parameters).headline
    except AnalysisError as fault:
        missing = dict.fromkeys(_KEPT, np.nan)
        return shared | missing | {"method": "not_estimated", "refused": str(fault)}
    numbers = {key: float(found[key]) for key in _KEPT}
    return shared | numbers | {"method": found["method"], "refused": ""}


def _together(pooled: Pooled, rows: int) -> pd.DataFrame:
    """The pooled effect, and where a new site's would lie; both rest on the rows of all sites."""
    effect, new = pooled.effect, pooled.predicted
    shared = {"n": rows, "estimate": effect.estimate, "df": effect.df, "method": "random_effects"}
    return pd.DataFrame(
        [
            shared
            | {"term": TOGETHER, "label": LABELS[TOGETHER], "std_error": effect.std_error}
            | {"conf_low": effect.conf_low, "conf_high": effect.conf_high},
            shared | {"term": NEW, "label": LABELS[NEW], "conf_low": new[0], "conf_high": new[1]},
        ]
    )
