"""Facets: the primary comparison for each part of experience, side by side.

Compares, estimates, must hold, uncertainty: as `lagged_panel`, one outcome at a time. The facets
are answered by the same patients, so their intervals are not independent.
"""

import pandas as pd

from evalkit.designs.lagged_panel import as_table, estimate_primary
from evalkit.results import Result
from evalkit.study.schema import FACETS, StaffWellbeing


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate the primary comparison for the outcome and each facet the panel holds."""
    rows = [estimate_primary(panel, parameters, "outcome") | {"label": "Overall"}]
    facets: list[str] = [parameters.outcome_facet]
    for facet in FACETS:
        if facet in panel:
            rows.append(estimate_primary(panel, parameters, facet) | {"label": facet.capitalize()})
            facets.append(facet)
    if parameters.outcome_facet != "overall":
        rows[0]["label"] = f"{parameters.outcome_facet.capitalize()} (primary)"
    table = as_table(rows, parameters, outcome="outcome", facet="overall")
    table["facet"] = facets
    return Result("facets", table, {"facet": parameters.outcome_facet})
