"""Mediation across levels: how much of what goes with an exposure goes by way of a mediator?

Compares: in a panel, each unit with itself: the mediator `mediator_lag` periods after the
exposure (path a), and the outcome `outcome_lag` periods after the mediator with the exposure
held fixed (path b). With people's answers, the exposure is the unit's, and path b compares
people of the same unit and period with each other (2-1-1).
Estimates: indirect (a x b), direct and total association per step of the exposure, and the share
carried. Units compared with each other stand apart and are never the headline; nor is the
reverse path, from the outcome by way of the mediator to the exposure later. What goes with the
exposure a period after the outcome, earlier exposure held fixed, should be nothing.
Must hold for more than association: nothing unmeasured moves mediator and outcome, nor exposure
and either (sequential ignorability). It cannot be proved; the sensitivity table says how strong
an unmeasured cause of both must be. So this design permits no causal verb.
Uncertainty: percentiles of paths drawn about the estimate, each with CR2 errors and its own
degrees of freedom (above 200 clusters CR1); whole clusters resampled stand beside, which by
themselves give intervals that are too narrow, the more so with few clusters or people in them.
Sources: Imai, Keele and Yamamoto 2010 (Statistical Science 25:51-71); Zhang, Zyphur and Preacher
2009 (Organizational Research Methods 12:695-719); Cole and Maxwell 2003 (Journal of Abnormal
Psychology 112:558-577) for lags.
"""

import pandas as pd

from evalkit.designs.cross_lagged_waves import tabulate_cross_lagged
from evalkit.designs.mediation_comparisons import (
    Comparison,
    compare_between,
    compare_lead,
    compare_reverse,
    compare_within,
    panel_of,
    resample,
)
from evalkit.designs.mediation_remarks import make_remarks, say_rows
from evalkit.designs.mediation_rows import Series, read_series
from evalkit.designs.mediation_tables import (
    Row,
    list_lead,
    list_parts,
    list_resampled,
    list_share,
    tabulate_estimates,
    tabulate_mediator_error,
    tabulate_paths,
    tabulate_sensitivity,
    tabulate_vanishing,
)
from evalkit.designs.outcome_rates import say_rates
from evalkit.results import Result
from evalkit.study.schemas.mediation import Mediation


def estimate(table: pd.DataFrame, parameters: Mediation) -> Result:
    """Estimate the paths and their parts; `primary` is the indirect part within units.

    Raises AnalysisError where nothing can be compared: see `mediation_rows`.
    """
    series = read_series(table, parameters)
    headline, panel = compare_within(series, parameters), panel_of(series, parameters)
    method = f"{headline.name}_{headline.sure}"
    rows = _list_rows(headline, method, series, panel, parameters)
    estimates = tabulate_estimates(rows, method)
    tables = _tabulate(headline, rows, panel, parameters)
    return Result(
        "mediation",
        estimates,
        {"term": "indirect", "method": method},
        tables=tables,
        remarks=(
            *make_remarks(headline, rows, tables, say_rates(table, parameters), parameters),
            *say_rows(series, parameters),
        ),
    )


def _list_rows(
    headline: Comparison, method: str, series: Series, panel: Series, parameters: Mediation
) -> list[Row]:
    resampled = resample(headline, parameters)
    rows = [
        *list_parts(headline, method, parameters),
        *list_share(headline, method, parameters),
        *list_resampled(resampled, f"{headline.name}_{resampled.sure}", parameters),
    ]
    between = compare_between(series, parameters)
    rows += list_parts(between, between.name, parameters) if between else []
    reverse, lead = compare_reverse(panel, parameters), compare_lead(panel, parameters)
    rows += list_parts(reverse, "reverse", parameters) if reverse else []
    return rows + (list_lead(lead, parameters) if lead else [])


def _tabulate(
    headline: Comparison, rows: list[Row], panel: Series, parameters: Mediation
) -> dict[str, pd.DataFrame]:
    tables = {
        "paths": tabulate_paths(rows),
        "sensitivity": tabulate_sensitivity(headline, parameters),
        "vanishing": tabulate_vanishing(headline, parameters),
    }
    if parameters.data_rows == "panel":
        tables["mediator_error"] = tabulate_mediator_error(headline, panel.mediator, parameters)
    return tables


def tabulate_waves(table: pd.DataFrame, parameters: Mediation) -> pd.DataFrame:
    """Fit each pair of exposure, mediator and outcome wave by wave: see `cross_lagged_waves`."""
    panel = panel_of(read_series(table, parameters), parameters)
    measures = {
        parameters.exposure_name: panel.exposure,
        parameters.mediator_name: panel.mediator,
        parameters.outcome_name: panel.outcome,
    }
    return tabulate_cross_lagged(measures, panel.unit, panel.time, parameters.confidence_level)
