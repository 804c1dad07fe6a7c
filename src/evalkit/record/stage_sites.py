"""Stage each site's effect and all of them pooled, with their figure."""

from dataclasses import replace

from evalkit.designs.by_site import BySite
from evalkit.record.design_specs import estimates_spec, keep_columns
from evalkit.record.stage_design import effect_options
from evalkit.record.staging import Staging
from evalkit.record.tables import TableSpec
from evalkit.study.schemas.design_study import DesignStudy

NAME, TITLE = "sites", "Each site, and all of them pooled"
_WORDS = (
    "In no order of merit: a site's own estimate is mostly noise, and is also shown drawn towards "
    "the others. Sites are pooled by random effects with Hartung and Knapp's interval; the last "
    "row is where the effect in a new site like these would lie. A site without an estimate was "
    "too small for the design."
)


def stage_sites(staging: Staging, found: BySite | None) -> None:
    """Stage the sites; nothing where the study names none."""
    if found is None:
        return
    parameters = staging.parameters_of(DesignStudy)
    staging.table(sites_spec(parameters, found), keep_columns(found.table))
    staging.figure(NAME, chart="sites", table=NAME, title=TITLE, options=effect_options(parameters))


def sites_spec(parameters: DesignStudy, found: BySite) -> TableSpec:
    """The table of sites, of which other tables publish how many rows there are in all.

    One hidden count would follow from those and the rest.
    """
    spec = estimates_spec(NAME, TITLE, parameters, found.table, _WORDS)
    return replace(spec, totals_elsewhere=("term",))
