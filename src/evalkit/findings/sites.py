"""What the sites say together, in one plain remark of the finding: pooled, and in a new site."""

from dataclasses import replace

import pandas as pd

from evalkit.designs.by_site import BySite
from evalkit.results import Finding
from evalkit.results.words import counted, decimals_for, interval, number, values_table
from evalkit.study.schemas.design_study import DesignStudy

_WHOLE = ("sites", "sites_pooled", "sites_too_small", "rows_without_a_site", "share_between_sites")


def add_sites(finding: Finding, found: BySite | None, parameters: DesignStudy) -> Finding:
    """Add to what the finding means how large the effect is over sites; None adds nothing."""
    if found is None:
        return finding
    told = summarise_sites(found)
    fine = [name for name in told if name not in _WHOLE]
    places = decimals_for(*(told[name] for name in fine if name != "spread_of_sites"))
    values = values_table(told, dict.fromkeys(fine, places) | dict.fromkeys(_WHOLE, 0))
    meaning = (*finding.meaning, _tell(found, told, places, finding, parameters))
    both = pd.concat([finding.values, values], ignore_index=True)
    return replace(finding, meaning=meaning, values=both)


def summarise_sites(found: BySite) -> dict[str, float]:
    """Return the numbers of the sites' sentence by name."""
    pooled, effect = found.pooled, found.pooled.effect
    return {
        "sites": float(found.sites),
        "sites_pooled": float(pooled.sites),
        "sites_too_small": float(found.too_small),
        "rows_without_a_site": float(found.without_site),
        "pooled_over_sites": effect.estimate,
        "pooled_over_sites_low": effect.conf_low,
        "pooled_over_sites_high": effect.conf_high,
        "new_site_low": pooled.predicted[0],
        "new_site_high": pooled.predicted[1],
        "spread_of_sites": pooled.tau2**0.5,
        "share_between_sites": 100 * pooled.i2,
    }


def _tell(
    found: BySite,
    told: dict[str, float],
    places: int,
    finding: Finding,
    parameters: DesignStudy,
) -> str:
    effect, unit = found.pooled.effect, parameters.outcome_unit
    what = "effect" if finding.claim in ("improved", "worsened") else "difference"
    held = interval(effect.conf_low, effect.conf_high, effect.level, places)
    low, high = (number(told[f"new_site_{end}"], places) for end in ("low", "high"))
    return (
        f"Estimated by itself at each of {counted(found.pooled.sites, 'site')} and pooled, the "
        f"{what} is {number(effect.estimate, places)} {unit} ({held}). The {what} in a new site "
        f"like these would lie between {low} and {high} {unit}. {_tell_spread(told, places, unit)}"
        f"{_tell_left_out(found)}"
    )


def _tell_spread(told: dict[str, float], places: int, unit: str) -> str:
    """Say how far sites truly differ, or that nothing shows that they do."""
    if told["share_between_sites"] == 0:
        return "Their estimates differ by no more than chance would make."
    return (
        f"Sites truly differ by about {number(told['spread_of_sites'], places)} {unit} (standard "
        f"deviation); of how their estimates differ, {number(told['share_between_sites'], 0)}% is "
        "more than chance would make."
    )


def _tell_left_out(found: BySite) -> str:
    """Count the sites and the rows that are in no estimate; the table of sites names the sites."""
    said = ""
    if found.too_small:
        said += (
            f" Of {counted(found.sites, 'site')}, {found.too_small} could not be estimated and "
            f"{'is' if found.too_small == 1 else 'are'} left out; the table of sites names them."
        )
    if found.without_site:
        said += f" {counted(found.without_site, 'row')} without a site left out."
    return said
